//! One service for one database: a lock file beside it, held for as long as the process lives.

use std::{
    ffi::OsString,
    fs::{File, OpenOptions},
    io::{Read, Seek, Write},
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
};

use rustix::fs::{FlockOperation, flock};

/// The lock on a database. The system lets go of it when the process ends, however that happens, so the file itself may stay.
#[derive(Debug)]
pub struct InstanceLock {
    _file: File,
}

/// Why the lock could not be had.
#[derive(Debug, thiserror::Error)]
pub enum LockProblem {
    /// Another process holds it.
    #[error("another ostiary serves this database (pid {pid}, lock {path})")]
    Held {
        /// Its process id, as it wrote it down.
        pid: String,
        /// The lock file.
        path: PathBuf,
    },
    /// The file system said no.
    #[error("{path}: {source}")]
    Io {
        /// The lock file.
        path: PathBuf,
        /// What it said.
        source: std::io::Error,
    },
}

impl InstanceLock {
    /// Takes the lock of a database, without waiting.
    pub fn take(database: &Path) -> Result<Self, LockProblem> {
        let mut name = OsString::from(database.as_os_str());
        name.push(".lock");
        let path = PathBuf::from(name);
        let io = |source| LockProblem::Io { path: path.clone(), source };
        // Not truncated on opening: until the lock is ours, the process id in it is somebody else's.
        let mut file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o600)
            .open(&path)
            .map_err(io)?;
        match flock(&file, FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => {}
            Err(rustix::io::Errno::WOULDBLOCK) => {
                let mut pid = String::new();
                (&mut file).take(32).read_to_string(&mut pid).map_err(io)?;
                let pid = pid.trim();
                return Err(LockProblem::Held {
                    pid: if pid.is_empty() { "unknown" } else { pid }.to_owned(),
                    path,
                });
            }
            Err(errno) => return Err(io(errno.into())),
        }
        file.set_len(0).and_then(|()| file.rewind()).map_err(io)?;
        writeln!(file, "{}", std::process::id()).map_err(io)?;
        Ok(Self { _file: file })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lock_is_held_by_one_and_free_when_dropped() {
        let folder = tempfile::tempdir().unwrap();
        let database = folder.path().join("a.db");
        let first = InstanceLock::take(&database).unwrap();
        let Err(LockProblem::Held { pid, .. }) = InstanceLock::take(&database) else { panic!("taken twice") };
        assert_eq!(pid, std::process::id().to_string());
        drop(first);
        InstanceLock::take(&database).unwrap();
    }
}

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
    #[error(
        "another ostiary serves this database (process {pid}, which holds the lock {path}): end it first, \
         or start this one with --standby, so that it takes over when the other has ended"
    )]
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
        let path = lock_file(database);
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
                return Err(LockProblem::Held { pid: process_id(&mut file), path });
            }
            Err(errno) => return Err(io(errno.into())),
        }
        file.set_len(0).and_then(|()| file.rewind()).map_err(io)?;
        writeln!(file, "{}", std::process::id()).map_err(io)?;
        Ok(Self { _file: file })
    }

    /// The process id of the service that holds the lock of a database, if one does. Makes no file: one that is made by
    /// another user would keep the service out.
    pub fn holder(database: &Path) -> Option<String> {
        let mut file = File::open(lock_file(database)).ok()?;
        let free = flock(&file, FlockOperation::NonBlockingLockShared);
        (free == Err(rustix::io::Errno::WOULDBLOCK)).then(|| process_id(&mut file))
    }
}

fn lock_file(database: &Path) -> PathBuf {
    let mut name = OsString::from(database.as_os_str());
    name.push(".lock");
    PathBuf::from(name)
}

fn process_id(file: &mut File) -> String {
    let mut pid = String::new();
    // It is for people only: what cannot be read is said to be unknown.
    let read = file.take(32).read_to_string(&mut pid);
    let pid = pid.trim();
    if read.is_err() || pid.is_empty() { "unknown" } else { pid }.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lock_is_held_by_one_and_free_when_dropped() {
        let folder = tempfile::tempdir().unwrap();
        let database = folder.path().join("a.db");
        assert_eq!(InstanceLock::holder(&database), None);
        assert!(!folder.path().join("a.db.lock").exists(), "asking makes no file");
        let first = InstanceLock::take(&database).unwrap();
        assert_eq!(InstanceLock::holder(&database), Some(std::process::id().to_string()));
        let Err(LockProblem::Held { pid, .. }) = InstanceLock::take(&database) else { panic!("taken twice") };
        assert_eq!(pid, std::process::id().to_string());
        drop(first);
        assert_eq!(InstanceLock::holder(&database), None);
        InstanceLock::take(&database).unwrap();
    }
}

//! Unix sockets that nobody but their owner and its group may connect to.

use std::{
    fs::{self, DirBuilder, Permissions},
    io::{self, ErrorKind},
    os::unix::{
        fs::{DirBuilderExt as _, FileTypeExt as _, PermissionsExt as _},
        net::UnixStream as StdUnixStream,
    },
    path::{Path, PathBuf},
};

use tokio::net::UnixListener;

/// The file of a listening socket; it goes when this is dropped.
#[derive(Debug)]
pub struct SocketFile(PathBuf);

/// Listens at a path. A file that an earlier run left behind is taken away; one that somebody listens at, or that is no socket, is left.
pub fn listen(path: &Path) -> io::Result<(UnixListener, SocketFile)> {
    if fs::symlink_metadata(path).is_ok_and(|found| found.file_type().is_socket()) {
        match StdUnixStream::connect(path) {
            Ok(_) => return Err(io::Error::new(ErrorKind::AddrInUse, "somebody listens there")),
            Err(error) if error.kind() == ErrorKind::ConnectionRefused => fs::remove_file(path)?,
            Err(error) => return Err(error),
        }
    }
    // A new socket has the rights that the umask leaves: it gets its own where nobody can reach it, and only then its place.
    let mut hidden = path.as_os_str().to_owned();
    hidden.push(format!(".{}", std::process::id()));
    let hidden = PathBuf::from(hidden);
    DirBuilder::new().mode(0o700).create(&hidden)?;
    let bound = bind_in(&hidden, path);
    let removed = fs::remove_dir(&hidden);
    let listener = bound?;
    let file = SocketFile(path.to_owned());
    removed?;
    Ok((listener, file))
}

fn bind_in(folder: &Path, path: &Path) -> io::Result<UnixListener> {
    let inside = folder.join("s");
    let listener = UnixListener::bind(&inside)?;
    let placed = fs::set_permissions(&inside, Permissions::from_mode(0o660)).and_then(|()| {
        // Not over anything: a rename would replace a file of somebody else.
        fs::hard_link(&inside, path).map_err(|error| match error.kind() {
            ErrorKind::AlreadyExists => {
                io::Error::new(ErrorKind::AddrInUse, "something that is no socket is there")
            }
            _ => error,
        })
    });
    fs::remove_file(&inside)?;
    placed.map(|()| listener)
}

impl Drop for SocketFile {
    fn drop(&mut self) {
        // It may have been taken away already.
        let _ = fs::remove_file(&self.0);
    }
}

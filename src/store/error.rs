//! What can go wrong: when the database is opened, and later.

use std::path::PathBuf;

use rusqlite::ErrorCode;

/// Why a database could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// Made by a newer version of the broker.
    #[error(
        "{path}: the database has schema version {found}, this ostiary knows versions up to {known}; install the newer ostiary again"
    )]
    Newer {
        /// The file.
        path: PathBuf,
        /// Version in the file.
        found: u32,
        /// Newest version known here.
        known: u32,
    },
    /// The file belongs to another program; it has not been touched.
    #[error("{path}: the file is not a database of ostiary; name another file in the configuration")]
    Foreign {
        /// The file.
        path: PathBuf,
    },
    /// The file could not be made, or a thread for it could not be started.
    #[error("{path}: {source}")]
    System {
        /// The file.
        path: PathBuf,
        /// What the operating system said.
        source: std::io::Error,
    },
    /// Anything that SQLite said.
    #[error("{path}: {source}")]
    Sqlite {
        /// The file.
        path: PathBuf,
        /// What SQLite said.
        source: rusqlite::Error,
    },
}

/// A fault of the store. People are told to try again later.
#[derive(Debug, Clone, thiserror::Error)]
pub enum StoreError {
    /// The database cannot be written or read at the moment: disk full, read-only, I/O error, locked by another program.
    #[error("the database is not available: {0}")]
    Unavailable(String),
    /// A stored value that cannot be what was stored.
    #[error("table {table}, column {column}, row {row}: the stored value is damaged")]
    Inconsistent {
        /// Table.
        table: &'static str,
        /// Column.
        column: &'static str,
        /// Row key.
        row: i64,
    },
    /// The queue of the writer or of the readers is full.
    #[error("the database has more work than it can do")]
    Busy,
    /// The store has been closed.
    #[error("the database is closed")]
    Closed,
}

/// What an operation fails with, before it is known whether the connection can go on being used.
#[derive(Debug)]
pub(super) enum Fault {
    /// SQLite refused.
    Sqlite(rusqlite::Error),
    /// A stored value that cannot be what was stored.
    Damaged { table: &'static str, column: &'static str, row: i64 },
}

/// What may help after a fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Remedy {
    /// To wait: a full disk gets room again.
    Wait,
    /// A new connection. After an I/O error, or when the file was read-only as it was opened, the one at hand stays useless for ever.
    NewConnection,
    /// To close every connection of this process before any is opened again. SQLite keeps the locks of a file once for all connections of a
    /// process (`os_unix.c`): one whose release the system refused is held until the last of them is closed.
    AllNew,
}

impl Fault {
    /// What may help.
    pub(super) fn remedy(&self) -> Remedy {
        match self {
            Self::Sqlite(error) => remedy(error),
            Self::Damaged { .. } => Remedy::Wait,
        }
    }
}

/// See [`Fault::remedy`].
pub(super) fn remedy(error: &rusqlite::Error) -> Remedy {
    match error.sqlite_error_code() {
        Some(
            ErrorCode::ReadOnly
            | ErrorCode::SystemIoFailure
            | ErrorCode::CannotOpen
            | ErrorCode::DatabaseCorrupt
            | ErrorCode::NotADatabase
            | ErrorCode::PermissionDenied
            | ErrorCode::SchemaChanged
            | ErrorCode::InternalMalfunction,
        ) => Remedy::NewConnection,
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked | ErrorCode::FileLockingProtocolFailed) => {
            Remedy::AllNew
        }
        _ => Remedy::Wait,
    }
}

impl From<rusqlite::Error> for Fault {
    fn from(error: rusqlite::Error) -> Self {
        Self::Sqlite(error)
    }
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        Self::Unavailable(error.to_string())
    }
}

impl From<Fault> for StoreError {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::Sqlite(error) => error.into(),
            Fault::Damaged { table, column, row } => Self::Inconsistent { table, column, row },
        }
    }
}

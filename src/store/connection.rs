//! Opening connections: the settings that every one of them has, and the check that the file is ours.

use std::{fs::OpenOptions, io, os::unix::fs::OpenOptionsExt, path::Path, thread, time::Duration};

use rusqlite::{Connection, ErrorCode, OpenFlags, ffi};

use super::{error::OpenError, schema, types::StoreSettings};

/// Statements that a connection keeps prepared.
const STATEMENTS: usize = 64;

/// Makes the file if there is none, readable by its owner only, and brings its schema up to date.
pub(super) fn prepare(path: &Path) -> Result<(), OpenError> {
    match OpenOptions::new().write(true).create_new(true).mode(0o600).open(path) {
        Ok(_) => {}
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
        Err(source) => return Err(OpenError::System { path: path.to_owned(), source }),
    }
    let sqlite = |source: rusqlite::Error| match source.sqlite_error_code() {
        Some(ErrorCode::NotADatabase) => OpenError::Foreign { path: path.to_owned() },
        _ => OpenError::Sqlite { path: path.to_owned(), source },
    };
    let mut connection = open(path).map_err(sqlite)?;
    match schema::bring_up_to_date(&mut connection).map_err(sqlite)? {
        schema::State::Current => Ok(()),
        schema::State::Newer(found) => {
            Err(OpenError::Newer { path: path.to_owned(), found, known: schema::VERSION })
        }
        schema::State::Foreign => Err(OpenError::Foreign { path: path.to_owned() }),
    }
}

/// The connection that writes.
pub(super) fn writer(settings: &StoreSettings) -> rusqlite::Result<Connection> {
    let connection = common(&settings.path, settings.cache_kib)?;
    // A sealed letter or a hash that was deleted must not lie about in free pages.
    // Names and hashes fall on pages at random: folding in the log every 16 MiB instead of every 4 writes a page less often
    // (an eighth of the processor time of a registration).
    connection.execute_batch(
        "PRAGMA secure_delete = ON; PRAGMA foreign_keys = ON; PRAGMA wal_autocheckpoint = 4000;",
    )?;
    Ok(connection)
}

/// A connection that reads.
pub(super) fn reader(settings: &StoreSettings) -> rusqlite::Result<Connection> {
    let connection = common(&settings.path, settings.cache_kib / 2)?;
    connection.execute_batch("PRAGMA query_only = ON;")?;
    Ok(connection)
}

fn common(path: &Path, cache_kib: u32) -> rusqlite::Result<Connection> {
    let connection = open(path)?;
    // The file may have been exchanged since the start, by a backup that was put back for example.
    if schema::state(&connection)? != schema::State::Current {
        return Err(rusqlite::Error::SqliteFailure(
            ffi::Error::new(ffi::SQLITE_SCHEMA),
            Some("the file is not the database that was opened at the start".to_owned()),
        ));
    }
    if journal_mode(&connection)? != "wal" {
        return Err(rusqlite::Error::SqliteFailure(
            ffi::Error::new(ffi::SQLITE_CANTOPEN),
            Some("the file system does not carry a write-ahead log".to_owned()),
        ));
    }
    // FULL: a commit is on the disk before anybody hears of it. Temporary data stays in memory: savepoints are many and small.
    connection.execute_batch(&format!(
        "PRAGMA synchronous = FULL; PRAGMA temp_store = MEMORY; PRAGMA journal_size_limit = 67108864;
         PRAGMA cache_size = -{};",
        cache_kib.max(256)
    ))?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS);
    Ok(connection)
}

/// Switches to a write-ahead log. The switch needs the file for itself and, unlike everything else, does not wait for it.
fn journal_mode(connection: &Connection) -> rusqlite::Result<String> {
    let mut attempts = 100;
    loop {
        match connection.query_row("PRAGMA journal_mode = WAL", [], |row| row.get(0)) {
            Err(error) if error.sqlite_error_code() == Some(ErrorCode::DatabaseBusy) && attempts > 0 => {
                attempts -= 1;
                thread::sleep(Duration::from_millis(20));
            }
            outcome => return outcome,
        }
    }
}

/// A connection with nothing done to the file yet.
pub(super) fn open(path: &Path) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.execute_batch("PRAGMA busy_timeout = 5000; PRAGMA trusted_schema = OFF;")?;
    Ok(connection)
}

//! A look at a database file without touching it, for `ostiary check`.

use std::path::Path;

use rusqlite::{Connection, ErrorCode, OpenFlags};

use super::{error::OpenError, schema};

/// What a database file is like.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inspection {
    /// Version of its schema.
    pub version: u32,
    /// Version that this broker works with.
    pub known: u32,
    /// What SQLite's quick check complains about, at most ten lines; empty for a sound file.
    pub damage: Vec<String>,
}

/// Looks at a database file: whose it is, its version, its soundness. Reads all of it, which takes seconds for millions of
/// accounts; a running broker is not held up.
pub fn inspect(path: &Path) -> Result<Inspection, OpenError> {
    let sqlite = |source: rusqlite::Error| match source.sqlite_error_code() {
        Some(ErrorCode::NotADatabase) => OpenError::Foreign { path: path.to_owned() },
        _ => OpenError::Sqlite { path: path.to_owned(), source },
    };
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags).map_err(sqlite)?;
    connection.execute_batch("PRAGMA busy_timeout = 5000; PRAGMA trusted_schema = OFF;").map_err(sqlite)?;
    let owner: i32 =
        connection.query_row("PRAGMA application_id", [], |row| row.get(0)).map_err(sqlite)?;
    let version: u32 = connection.query_row("PRAGMA user_version", [], |row| row.get(0)).map_err(sqlite)?;
    let tables: u32 =
        connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0)).map_err(sqlite)?;
    if owner != schema::APPLICATION_ID && tables > 0 {
        return Err(OpenError::Foreign { path: path.to_owned() });
    }
    if version > schema::VERSION {
        return Err(OpenError::Newer { path: path.to_owned(), found: version, known: schema::VERSION });
    }
    let damage = quick_check(&connection).map_err(sqlite)?;
    Ok(Inspection { version, known: schema::VERSION, damage })
}

fn quick_check(connection: &Connection) -> rusqlite::Result<Vec<String>> {
    let mut statement = connection.prepare("PRAGMA quick_check(10)")?;
    let lines = statement.query_map([], |row| row.get::<_, String>(0))?;
    lines.filter(|line| !matches!(line, Ok(line) if line == "ok")).collect()
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::store::{Store, StoreSettings};

    #[test]
    fn a_new_database_is_sound_and_a_foreign_or_newer_one_is_told() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.db");
        drop(Store::open(&StoreSettings { path: path.clone(), readers: 1, cache_kib: 256 }).unwrap());
        let found = inspect(&path).unwrap();
        assert_eq!((found.version, found.damage), (found.known, Vec::new()));

        Connection::open(&path).unwrap().execute_batch("PRAGMA user_version = 4000").unwrap();
        assert!(matches!(inspect(&path), Err(OpenError::Newer { found: 4000, .. })));

        let other = folder.path().join("other.db");
        Connection::open(&other).unwrap().execute_batch("CREATE TABLE cats (name)").unwrap();
        assert!(matches!(inspect(&other), Err(OpenError::Foreign { .. })));
        let text = folder.path().join("text.db");
        fs::write(&text, "not a database, only some words that are long enough to be looked at").unwrap();
        assert!(matches!(inspect(&text), Err(OpenError::Foreign { .. })));
    }
}

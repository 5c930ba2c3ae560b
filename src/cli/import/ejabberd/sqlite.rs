//! ejabberd's SQLite file, opened for reading only.

use std::{
    path::Path,
    sync::mpsc::{SyncSender, sync_channel},
    thread,
};

use anyhow::Context as _;
use rusqlite::{Connection, OpenFlags};

use super::row::{Cells, Row};
use crate::cli::ending::Ending;

/// Rows that are read ahead.
const AHEAD: usize = 1000;

/// The rows of the table, and how many they are.
pub fn rows(path: &Path) -> Result<(impl Iterator<Item = anyhow::Result<Row>> + use<>, u64), Ending> {
    let unreadable = || format!("cannot read {}", path.display());
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags).with_context(unreadable)?;
    connection
        .execute_batch("PRAGMA trusted_schema = OFF; PRAGMA busy_timeout = 5000;")
        .with_context(unreadable)?;
    let has = |column: &str| {
        let sql = "SELECT count(*) > 0 FROM pragma_table_info('users') WHERE name = ?1";
        connection.query_row(sql, [column], |row| row.get::<_, bool>(0)).with_context(unreadable)
    };
    if !has("username")? || !has("iterationcount")? {
        return Err(Ending::Usage(format!(
            "{} has no table of accounts of ejabberd (users, with username and iterationcount)",
            path.display()
        )));
    }
    let (host, kind) = (has("server_host")?, has("type")?);
    let count = connection
        .query_row("SELECT count(*) FROM users", [], |row| row.get::<_, i64>(0))
        .with_context(unreadable)?;
    let sql = format!(
        "SELECT {}, username, password, serverkey, salt, iterationcount, {} FROM users ORDER BY 1, 2, 7",
        if host { "server_host" } else { "NULL" },
        if kind { "type" } else { "NULL" },
    );
    // A statement borrows its connection, so both live in a thread of their own.
    let (sender, rows) = sync_channel(AHEAD);
    let what = unreadable();
    thread::Builder::new().name("ejabberd-rows".to_owned()).spawn(move || {
        if let Err(error) = send(&connection, &sql, &sender) {
            // Nobody is left to tell when this is not taken.
            let _ = sender.send(Err(anyhow::Error::from(error).context(what)));
        }
    })?;
    Ok((rows.into_iter(), u64::try_from(count).unwrap_or_default()))
}

fn send(
    connection: &Connection,
    sql: &str,
    sender: &SyncSender<anyhow::Result<Row>>,
) -> rusqlite::Result<()> {
    let mut statement = connection.prepare(sql)?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let text = |index| row.get::<_, Option<String>>(index).map(Option::unwrap_or_default);
        // What no number of rounds can be is found unfit as none.
        let number = |number: i64| u64::try_from(number).unwrap_or_default();
        let cells = Cells {
            password: text(2)?.into(),
            server_key: text(3)?.into(),
            salt: text(4)?.into(),
            iterations: number(row.get(5)?),
            kind: row.get::<_, Option<i64>>(6)?.map(number),
        };
        let row = Row { domain: row.get(0)?, username: text(1)?, secret: cells.secret() };
        if sender.send(Ok(row)).is_err() {
            // Nobody wants the rest.
            break;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret as _;

    use super::{super::row::Secret, *};

    fn read(schema: &str) -> Result<Vec<(String, String)>, String> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("ejabberd.db");
        Connection::open(&path).unwrap().execute_batch(schema).unwrap();
        let (rows, count) = rows(&path).map_err(|ending| ending.to_string())?;
        let rows: Vec<Row> = rows.collect::<Result<_, _>>().map_err(|error| format!("{error:#}"))?;
        assert_eq!(count, rows.len() as u64);
        let row = |row: &Row| {
            let what = match &row.secret {
                Secret::Password(password) => password.expose_secret().to_owned(),
                Secret::Keys(keys) => keys.mechanism.clone(),
            };
            (format!("{}@{}", row.username, row.domain.as_deref().unwrap_or("-")), what)
        };
        Ok(rows.iter().map(row).collect())
    }

    #[test]
    fn each_schema_that_ejabberd_has_had_is_read() {
        let old = "CREATE TABLE users (username text PRIMARY KEY, password text NOT NULL, serverkey text NOT NULL DEFAULT '',
            salt text NOT NULL DEFAULT '', iterationcount integer NOT NULL DEFAULT 0, created_at timestamp);
            INSERT INTO users VALUES ('bob', 'AQI=', 'AQI=', 'AQI=', 4096, NULL), ('alice', 'a password', '', '', 0, NULL);";
        let pair = |name: &str, what: &str| (name.to_owned(), what.to_owned());
        assert_eq!(read(old), Ok(vec![pair("alice@-", "a password"), pair("bob@-", "SCRAM-SHA-1")]));
        let newest = "CREATE TABLE users (username text NOT NULL, server_host text NOT NULL, type smallint NOT NULL, password text NOT NULL,
            serverkey text NOT NULL, salt text NOT NULL, iterationcount integer NOT NULL, PRIMARY KEY (server_host, username, type));
            INSERT INTO users VALUES ('bob', 'a.example', 3, 'AQI=', 'AQI=', 'AQI=', 4096), ('bob', 'b.example', 1, 'x', '', '', 0),
                ('bob', 'a.example', 2, 'AQI=', 'AQI=', 'AQI=', 4096);";
        assert_eq!(
            read(newest),
            Ok(vec![
                pair("bob@a.example", "SCRAM-SHA-1"),
                pair("bob@a.example", "SCRAM-SHA-256"),
                pair("bob@b.example", "x")
            ])
        );
        assert!(read("CREATE TABLE others (x)").unwrap_err().contains("no table of accounts of ejabberd"));
        let bad = "CREATE TABLE users (username, password, serverkey, salt, iterationcount); INSERT INTO users VALUES (x'ff', 'x', '', '', 'many')";
        assert!(read(bad).unwrap_err().contains("cannot read"));
    }
}

//! The schema and its versions. How to change it: `schema/README.md`.

use rusqlite::{Connection, TransactionBehavior};

/// `PRAGMA application_id` of every Ostiary database: the letters `Osti`.
pub const APPLICATION_ID: i32 = 0x4f73_7469;

/// The schema as a new database gets it.
pub const WHOLE: &str = include_str!("../../schema/ostiary.sql");

/// The steps from each version to the next, starting from an empty file.
pub const MIGRATIONS: &[(u32, &str)] = &[
    (1, include_str!("../../schema/migrations/0001_initial.sql")),
    (2, include_str!("../../schema/migrations/0002_spent.sql")),
    (3, include_str!("../../schema/migrations/0003_api_keys.sql")),
    (4, include_str!("../../schema/migrations/0004_recoveries.sql")),
    (5, include_str!("../../schema/migrations/0005_invitations.sql")),
    (6, include_str!("../../schema/migrations/0006_branches.sql")),
    (7, include_str!("../../schema/migrations/0007_invitation_letters.sql")),
    (8, include_str!("../../schema/migrations/0008_tokens.sql")),
    (9, include_str!("../../schema/migrations/0009_email_changes.sql")),
    (10, include_str!("../../schema/migrations/0010_phones.sql")),
    (11, include_str!("../../schema/migrations/0011_signed_logins.sql")),
    (12, include_str!("../../schema/migrations/0012_leaving.sql")),
    (13, include_str!("../../schema/migrations/0013_imports.sql")),
    (14, include_str!("../../schema/migrations/0014_requests.sql")),
];

/// The version that this broker works with.
pub const VERSION: u32 = MIGRATIONS[MIGRATIONS.len() - 1].0;

/// Whose file it is, and whether its schema is the one we know.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum State {
    /// Ours, of [`VERSION`].
    Current,
    /// Ours, made by a newer broker.
    Newer(u32),
    /// Somebody else's, or (for [`state`] alone) one that has to be brought up to date first.
    Foreign,
}

/// Makes the schema in an empty file, takes the missing steps in an older one, and leaves every other file alone.
pub(super) fn bring_up_to_date(connection: &mut Connection) -> rusqlite::Result<State> {
    let found = state(connection)?;
    if found == State::Current || matches!(found, State::Newer(_)) {
        return Ok(found);
    }
    // Dropping a table to rebuild it would delete the rows that refer to it; references are checked before the commit instead.
    connection.execute_batch("PRAGMA foreign_keys = OFF;")?;
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    // Another process may have been quicker; only what is read under the lock counts.
    let (application, version) = stamp(&transaction)?;
    if application == APPLICATION_ID {
        for (_, step) in MIGRATIONS.iter().filter(|(to, _)| *to > version) {
            transaction.execute_batch(step)?;
        }
    } else if application == 0 && version == 0 && is_empty(&transaction)? {
        transaction.execute_batch(WHOLE)?;
    } else {
        return Ok(State::Foreign);
    }
    if version < VERSION {
        transaction.pragma_update(None, "application_id", APPLICATION_ID)?;
        transaction.pragma_update(None, "user_version", VERSION)?;
    }
    transaction.prepare("PRAGMA foreign_key_check")?.query([])?.next()?.map_or(Ok(()), |row| {
        let table: String = row.get(0)?;
        Err(rusqlite::Error::SqliteFailure(
            rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_CONSTRAINT_FOREIGNKEY),
            Some(format!("rows of table {table} refer to rows that are not there")),
        ))
    })?;
    transaction.commit()?;
    state(connection)
}

/// Reads whose file it is, and changes nothing.
pub(super) fn state(connection: &Connection) -> rusqlite::Result<State> {
    let (application, version) = stamp(connection)?;
    Ok(match version {
        _ if application != APPLICATION_ID => State::Foreign,
        VERSION => State::Current,
        newer if newer > VERSION => State::Newer(newer),
        _ => State::Foreign,
    })
}

fn stamp(connection: &Connection) -> rusqlite::Result<(i32, u32)> {
    let number = |pragma| connection.pragma_query_value(None, pragma, |row| row.get::<_, i64>(0));
    let narrow = |value: i64| rusqlite::Error::IntegralValueOutOfRange(0, value);
    let (application, version) = (number("application_id")?, number("user_version")?);
    Ok((
        i32::try_from(application).map_err(|_| narrow(application))?,
        u32::try_from(version).map_err(|_| narrow(version))?,
    ))
}

fn is_empty(connection: &Connection) -> rusqlite::Result<bool> {
    connection.query_row("SELECT count(*) = 0 FROM sqlite_schema", [], |row| row.get(0))
}

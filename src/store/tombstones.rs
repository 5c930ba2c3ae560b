//! The tombstones table: names of deleted accounts that nobody may have yet. `accounts::create` asks it in its own statement.

use jiff::Timestamp;
use rusqlite::params;

use crate::accounts::{Domain, Username};

use super::{
    error::Fault,
    transaction::{Transaction, stored},
};

/// Keeps a name from others.
pub(super) fn put(
    tx: &Transaction<'_>,
    domain: &Domain,
    username: &Username,
    until: Timestamp,
) -> Result<(), Fault> {
    // One whose time is over may still lie there.
    tx.execute(
        "INSERT OR REPLACE INTO tombstones (domain, username, until) VALUES (?1, ?2, ?3)",
        params![domain.as_str(), username.as_str(), stored(until)],
    )?;
    Ok(())
}

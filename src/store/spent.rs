//! The spent table: things that may be used once, and have been.

use rusqlite::params;

use super::{
    error::Fault,
    transaction::{Transaction, stored},
    types::Spending,
};

/// Notes a use; `false` when there has been one.
pub(super) fn spend(tx: &Transaction<'_>, spending: &Spending) -> Result<bool, Fault> {
    let noted = tx.execute(
        "INSERT INTO spent (hash, expires_at) VALUES (?1, ?2) ON CONFLICT (hash) DO NOTHING",
        params![spending.hash.as_bytes(), stored(spending.expires_at)],
    )?;
    Ok(noted > 0)
}

/// Whether there has been a use.
pub(super) fn is_spent(tx: &Transaction<'_>, spending: &Spending) -> Result<bool, Fault> {
    let found =
        tx.one("spent", "SELECT 1 FROM spent WHERE hash = ?1", params![spending.hash.as_bytes()], |_| Ok(()));
    Ok(found?.is_some())
}

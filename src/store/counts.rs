//! How full the tables are, without going through them.

use super::{Store, error::Fault, transaction::Transaction, types::Counts};

impl Store {
    /// Changes that are in the queue of the thread that writes, or under its hands.
    pub fn changes_waiting(&self) -> u64 {
        self.threads.bells.waiting()
    }
}

/// Counts accounts, letters and notices.
pub(super) fn counts(tx: &Transaction<'_>) -> Result<Counts, Fault> {
    let accounts = |state: &str| {
        let sql = "SELECT 0, count FROM account_counts WHERE state = ?1";
        tx.one("account_counts", sql, [state], |cells| cells.count(1, "count")).map(Option::unwrap_or_default)
    };
    let rows =
        |table, sql| tx.one(table, sql, [], |cells| cells.count(1, "id")).map(Option::unwrap_or_default);
    let letters: u64 = rows("outbox", "SELECT 0, count(*) FROM outbox")?;
    let letters_waiting = rows("outbox", "SELECT 0, count(*) FROM outbox WHERE parked_at IS NULL")?;
    Ok(Counts {
        pending: accounts("pending")?,
        active: accounts("active")?,
        suspended: accounts("suspended")?,
        letters_waiting,
        letters_parked: letters.saturating_sub(letters_waiting),
        notices: rows("notices", "SELECT 0, count(*) FROM notices")?,
    })
}

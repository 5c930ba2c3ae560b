//! Purging what has run out, in small portions: the writer does nothing else meanwhile.

use jiff::{SignedDuration, Timestamp};
use rusqlite::params;

use super::{
    audit,
    error::Fault,
    transaction::{Transaction, stored},
};

/// How long audit entries are kept, if the operator says nothing else: a year and a bit.
pub const AUDIT_KEPT: SignedDuration = SignedDuration::from_hours(400 * 24);

/// How long the operator can find out about a letter that never went through.
const PARKED_KEPT: SignedDuration = SignedDuration::from_hours(30 * 24);

/// How long the operator can look at an invitation whose time is over.
const INVITATION_KEPT: SignedDuration = SignedDuration::from_hours(30 * 24);

/// No letter is put off for longer (`delivery/retry.rs` takes minutes).
const LONGEST_PAUSE: SignedDuration = SignedDuration::from_hours(2);

/// What one round of purging did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Purged {
    /// Pending accounts whose time was over.
    pub accounts: u32,
    /// Tombstones whose time was over.
    pub tombstones: u32,
    /// Invitations that ended long ago.
    pub invitations: u32,
    /// Letters that could no longer be sent in time, and parked letters that were kept long enough.
    pub letters: u32,
    /// Audit entries that were kept long enough.
    pub audit: u32,
    /// Things used once that are too old to be used again.
    pub spent: u32,
    /// Proofs for a new password whose time was over.
    pub recoveries: u32,
    /// Wishes for another address whose time was over.
    pub email_changes: u32,
    /// Letters that were put off until a time that only a wrong clock can have named; they are due again.
    pub recalled: u32,
}

impl Purged {
    /// Whether a kind reached `limit`, so that more of it may be waiting.
    pub fn reached(&self, limit: u32) -> bool {
        let Self {
            accounts,
            tombstones,
            invitations,
            letters,
            audit,
            spent,
            recoveries,
            email_changes,
            recalled,
        } = *self;
        [accounts, tombstones, invitations, letters, audit, spent, recoveries, email_changes, recalled]
            .into_iter()
            .any(|count| count >= limit)
    }
}

/// Purges at most `limit` rows of each kind.
pub(super) fn purge(
    tx: &Transaction<'_>,
    at: Timestamp,
    audit_kept: SignedDuration,
    limit: u32,
) -> Result<Purged, Fault> {
    Ok(Purged {
        accounts: accounts(tx, at, limit)?,
        tombstones: tombstones(tx, at, limit)?,
        invitations: invitations(tx, at, limit)?,
        letters: letters(tx, at, limit)?,
        audit: audit_entries(tx, before(at, audit_kept), limit)?,
        spent: spent(tx, at, limit)?,
        recoveries: recoveries(tx, at, limit)?,
        email_changes: email_changes(tx, at, limit)?,
        recalled: recall(tx, at, limit)?,
    })
}

/// Letters and verification go with the account, by reference.
fn accounts(tx: &Transaction<'_>, at: Timestamp, limit: u32) -> Result<u32, Fault> {
    let lapsed = tx.all(
        "accounts",
        "SELECT id, username || '@' || domain FROM accounts WHERE expires_at <= ?1 ORDER BY expires_at LIMIT ?2",
        params![stored(at), limit],
        |cells| Ok((cells.get::<i64>(0, "id")?, cells.get::<String>(1, "username")?)),
    )?;
    for (id, address) in &lapsed {
        tx.execute("DELETE FROM accounts WHERE id = ?1", params![id])?;
        audit::put_own(tx, at, address, audit::EXPIRED)?;
    }
    Ok(count(lapsed.len()))
}

fn tombstones(tx: &Transaction<'_>, at: Timestamp, limit: u32) -> Result<u32, Fault> {
    let gone = tx.execute(
        "DELETE FROM tombstones WHERE (domain, username) IN
             (SELECT domain, username FROM tombstones WHERE until <= ?1 ORDER BY until LIMIT ?2)",
        params![stored(at), limit],
    )?;
    Ok(count(gone))
}

fn invitations(tx: &Transaction<'_>, at: Timestamp, limit: u32) -> Result<u32, Fault> {
    let gone = tx.execute(
        "DELETE FROM invitations WHERE id IN
             (SELECT id FROM invitations WHERE expires_at <= ?1 ORDER BY expires_at LIMIT ?2)",
        params![stored(before(at, INVITATION_KEPT)), limit],
    )?;
    Ok(count(gone))
}

fn letters(tx: &Transaction<'_>, at: Timestamp, limit: u32) -> Result<u32, Fault> {
    let gone = tx.execute(
        "DELETE FROM outbox WHERE id IN
             (SELECT id FROM outbox WHERE expires_at <= ?1 AND (parked_at IS NULL OR parked_at <= ?2)
              ORDER BY expires_at LIMIT ?3)",
        params![stored(at), stored(before(at, PARKED_KEPT)), limit],
    )?;
    Ok(count(gone))
}

/// Letters of a time when the clock was ahead would wait until it is there again.
fn recall(tx: &Transaction<'_>, at: Timestamp, limit: u32) -> Result<u32, Fault> {
    let latest = at.checked_add(LONGEST_PAUSE).unwrap_or(Timestamp::MAX);
    let recalled = tx.execute(
        "UPDATE outbox SET not_before = ?1 WHERE id IN
             (SELECT id FROM outbox WHERE parked_at IS NULL AND not_before > ?2 LIMIT ?3)",
        params![stored(at), stored(latest), limit],
    )?;
    if recalled > 0 {
        tx.letter_written();
    }
    Ok(count(recalled))
}

/// Entries are written in the order of time, so the oldest ones have the lowest keys: no index is needed, and no long search.
fn audit_entries(tx: &Transaction<'_>, before: Timestamp, limit: u32) -> Result<u32, Fault> {
    let gone = tx.execute(
        "DELETE FROM audit WHERE id IN
             (SELECT id FROM (SELECT id, at FROM audit ORDER BY id LIMIT ?2) WHERE at < ?1)",
        params![stored(before), limit],
    )?;
    Ok(count(gone))
}

fn spent(tx: &Transaction<'_>, at: Timestamp, limit: u32) -> Result<u32, Fault> {
    let gone = tx.execute(
        "DELETE FROM spent WHERE hash IN (SELECT hash FROM spent WHERE expires_at <= ?1 ORDER BY expires_at LIMIT ?2)",
        params![stored(at), limit],
    )?;
    Ok(count(gone))
}

fn recoveries(tx: &Transaction<'_>, at: Timestamp, limit: u32) -> Result<u32, Fault> {
    let gone = tx.execute(
        "DELETE FROM recoveries WHERE account_id IN
             (SELECT account_id FROM recoveries WHERE link_expires_at <= ?1 ORDER BY link_expires_at LIMIT ?2)",
        params![stored(at), limit],
    )?;
    Ok(count(gone))
}

fn email_changes(tx: &Transaction<'_>, at: Timestamp, limit: u32) -> Result<u32, Fault> {
    let gone = tx.execute(
        "DELETE FROM email_changes WHERE account_id IN
             (SELECT account_id FROM email_changes WHERE code_expires_at <= ?1 ORDER BY code_expires_at LIMIT ?2)",
        params![stored(at), limit],
    )?;
    Ok(count(gone))
}

fn before(at: Timestamp, by: SignedDuration) -> Timestamp {
    at.checked_sub(by).unwrap_or(Timestamp::MIN)
}

fn count(rows: usize) -> u32 {
    u32::try_from(rows).unwrap_or(u32::MAX)
}

//! The outbox table: letters that are committed with the change they tell about and sent later.

use jiff::Timestamp;
use rusqlite::params;

use crate::accounts::{AccountId, Channel, Domain};

use super::{
    error::Fault,
    transaction::{Transaction, stored},
    types::{Actor, Dispatch, NewLetter, OutboxLetter},
};

/// Characters of an error text that are kept.
const ERROR_LENGTH: usize = 500;

/// Puts a letter into the outbox; it is due at once.
pub(super) fn put(
    tx: &Transaction<'_>,
    account: AccountId,
    letter: &NewLetter,
    actor: &Actor,
    at: Timestamp,
) -> Result<(), Fault> {
    insert(tx, (Some(account.0), None), letter, actor, at)
}

/// Puts the letter that brings an invitation into the outbox, in the place of one that has not been sent yet.
pub(super) fn put_invitation(
    tx: &Transaction<'_>,
    invitation: i64,
    letter: &NewLetter,
    actor: &Actor,
    at: Timestamp,
) -> Result<(), Fault> {
    insert(tx, (None, Some(invitation)), letter, actor, at)
}

fn insert(
    tx: &Transaction<'_>,
    (account, invitation): (Option<i64>, Option<i64>),
    letter: &NewLetter,
    actor: &Actor,
    at: Timestamp,
) -> Result<(), Fault> {
    tx.execute(
        "INSERT INTO outbox
             (account_id, invitation_id, message_id, kind, sealed, not_before, created_at, expires_at, channel, request)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?6, ?7, ?8, ?9)",
        params![
            account,
            invitation,
            letter.message_id,
            letter.kind,
            letter.sealed,
            stored(at),
            stored(letter.expires_at),
            letter.channel.as_str(),
            actor.request.map(|request| request.to_string()),
        ],
    )?;
    tx.letter_written();
    Ok(())
}

/// Drops every letter about an account that goes one way.
pub(super) fn drop_letters_of(
    tx: &Transaction<'_>,
    account: AccountId,
    channel: Channel,
) -> Result<(), Fault> {
    tx.execute(
        "DELETE FROM outbox WHERE account_id = ?1 AND channel = ?2",
        params![account.0, channel.as_str()],
    )?;
    Ok(())
}

/// Drops the letters that ask for a proof that is no longer needed.
pub(super) fn drop_proof_letters_of(
    tx: &Transaction<'_>,
    account: AccountId,
    channel: Channel,
) -> Result<(), Fault> {
    tx.execute(
        "DELETE FROM outbox WHERE account_id = ?1 AND channel = ?2 AND kind IN ('verify', 'verify-phone')",
        params![account.0, channel.as_str()],
    )?;
    Ok(())
}

/// Drops the letters that ask for a new password.
pub(super) fn drop_recovery_letters_of(tx: &Transaction<'_>, account: AccountId) -> Result<(), Fault> {
    tx.execute(
        "DELETE FROM outbox WHERE account_id = ?1 AND kind IN ('recover', 'recover-by-phone')",
        params![account.0],
    )?;
    Ok(())
}

/// Drops the letters that ask for the proof of another address.
pub(super) fn drop_change_letters_of(tx: &Transaction<'_>, account: AccountId) -> Result<(), Fault> {
    tx.execute("DELETE FROM outbox WHERE account_id = ?1 AND kind = 'change-email'", params![account.0])?;
    Ok(())
}

/// The letters that are due to go one way, those that have waited longest first.
pub(super) fn due(
    tx: &Transaction<'_>,
    channel: Channel,
    at: Timestamp,
    limit: u32,
) -> Result<Vec<OutboxLetter>, Fault> {
    tx.all(
        "outbox",
        "SELECT o.id, coalesce(a.domain, i.domain), o.message_id, o.kind, o.sealed, o.attempts, o.created_at, o.expires_at, o.request
         FROM outbox o LEFT JOIN accounts a ON a.id = o.account_id LEFT JOIN invitations i ON i.id = o.invitation_id
         WHERE o.parked_at IS NULL AND o.channel = ?3 AND o.not_before <= ?1 ORDER BY o.not_before, o.id LIMIT ?2",
        params![stored(at), limit, channel.as_str()],
        |cells| {
            Ok(OutboxLetter {
                id: cells.get(0, "id")?,
                domain: cells.parse(1, "account_id", |text| Domain::parse(text).ok())?,
                message_id: cells.get(2, "message_id")?,
                kind: cells.get(3, "kind")?,
                sealed: cells.get(4, "sealed")?,
                attempts: cells.get(5, "attempts")?,
                created_at: cells.time(6, "created_at")?,
                expires_at: cells.time(7, "expires_at")?,
                request: cells.get(8, "request")?,
            })
        },
    )
}

/// When the next letter is due to go one way.
pub(super) fn next_at(tx: &Transaction<'_>, channel: Channel) -> Result<Option<Timestamp>, Fault> {
    tx.one(
        "outbox",
        "SELECT id, not_before FROM outbox WHERE parked_at IS NULL AND channel = ?1 ORDER BY not_before LIMIT 1",
        params![channel.as_str()],
        |cells| cells.time(1, "not_before"),
    )
}

/// Notes what became of an attempt. The letter may have been dropped in the meantime.
pub(super) fn dispatched(
    tx: &Transaction<'_>,
    letter: i64,
    outcome: &Dispatch,
    at: Timestamp,
) -> Result<(), Fault> {
    match outcome {
        Dispatch::Sent => tx.execute("DELETE FROM outbox WHERE id = ?1", params![letter])?,
        Dispatch::Retry { at: not_before, error } => tx.execute(
            "UPDATE outbox SET attempts = attempts + 1, not_before = ?2, last_error = ?3 WHERE id = ?1",
            params![letter, stored(*not_before), shortened(error)],
        )?,
        Dispatch::Parked { error } => tx.execute(
            "UPDATE outbox SET attempts = attempts + 1, parked_at = ?2, last_error = ?3, sealed = x'' WHERE id = ?1",
            params![letter, stored(at), shortened(error)],
        )?,
    };
    Ok(())
}

fn shortened(error: &str) -> String {
    error.chars().take(ERROR_LENGTH).collect()
}

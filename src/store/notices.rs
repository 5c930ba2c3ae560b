//! The notices table: changes that the XMPP servers still have to be told, in order.

use jiff::Timestamp;
use rusqlite::params;

use crate::accounts::{AccountEvent, Domain, Notice, Username};

use super::{
    error::Fault,
    transaction::{Transaction, stored},
};

/// Writes a notice.
pub(super) fn put(
    tx: &Transaction<'_>,
    domain: &Domain,
    username: &Username,
    event: AccountEvent,
    keep: Option<&str>,
    text: Option<&str>,
    at: Timestamp,
) -> Result<(), Fault> {
    tx.execute(
        "INSERT INTO notices (domain, username, event, keep, text, created_at, inviter)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, CASE WHEN ?3 = 'activated' THEN
             (SELECT inviter FROM accounts WHERE domain = ?1 AND username = ?2) END)",
        params![domain.as_str(), username.as_str(), event.as_str(), keep, text, stored(at)],
    )?;
    tx.notice_written();
    Ok(())
}

/// The oldest notices for a domain after the given one.
pub(super) fn after(
    tx: &Transaction<'_>,
    domain: &Domain,
    after: i64,
    limit: u32,
) -> Result<Vec<Notice>, Fault> {
    tx.all(
        "notices",
        "SELECT id, username, event, keep, text, inviter FROM notices WHERE domain = ?1 AND id > ?2 ORDER BY id LIMIT ?3",
        params![domain.as_str(), after, limit],
        |cells| {
            Ok(Notice {
                id: cells.get(0, "id")?,
                domain: domain.clone(),
                username: cells.parse(1, "username", |text| Username::prepare(text).ok())?,
                event: cells.parse(2, "event", AccountEvent::from_word)?,
                keep: cells.get(3, "keep")?,
                text: cells.get(4, "text")?,
                inviter: cells.get(5, "inviter")?,
            })
        },
    )
}

/// Forgets a notice that the server has acted on.
pub(super) fn told(tx: &Transaction<'_>, notice: i64) -> Result<(), Fault> {
    tx.execute("DELETE FROM notices WHERE id = ?1", params![notice])?;
    Ok(())
}

//! The audit table: who did what to which account.
//!
//! The words of actions are those below and those of [`AccountEvent`](crate::accounts::AccountEvent).

use jiff::Timestamp;
use rusqlite::params;

use crate::accounts::{ApiKeyId, Domain, RequestId, Username};

use super::{
    error::Fault,
    transaction::{Cells, Transaction, stored},
    types::{Actor, AuditEntry, NewAccount},
};

/// An account was made.
pub(super) const REGISTERED: &str = "registered";
/// An account was taken over from another server.
pub(super) const IMPORTED: &str = "imported";
/// A password was changed.
pub(super) const PASSWORD_CHANGED: &str = "password-changed";
/// The address of an account that has to prove more was proven.
pub(super) const EMAIL_PROVEN: &str = "email-proven";
/// The phone number of an account that has to prove more was proven.
pub(super) const PHONE_PROVEN: &str = "phone-proven";
/// A pending account was not proven in time.
pub(super) const EXPIRED: &str = "expired";
/// The owner asked for the account to be deleted.
pub(super) const DELETION_ASKED: &str = "deletion-asked";
/// Another code and link were sent.
pub(super) const VERIFICATION_RESENT: &str = "verification-resent";
/// Another code and link were sent, to a corrected address.
pub(super) const EMAIL_CORRECTED: &str = "email-corrected";
/// Another code was sent, to a corrected phone number.
pub(super) const PHONE_CORRECTED: &str = "phone-corrected";

/// An API key was made.
pub(super) const KEY_CREATED: &str = "key-created";
/// An API key got another limit.
pub(super) const KEY_LIMITED: &str = "key-limited";
/// An API key was revoked.
pub(super) const KEY_REVOKED: &str = "key-revoked";
/// A code and link for a new password were sent.
pub(super) const RECOVERY_ASKED: &str = "recovery-asked";
/// A code was sent to an address that is to take the place of the one there is.
pub(super) const EMAIL_CHANGE_ASKED: &str = "email-change-asked";
/// The address is another one.
pub(super) const EMAIL_CHANGED: &str = "email-changed";
/// A branch was made.
pub(super) const BRANCH_CREATED: &str = "branch-created";
/// A branch got new secrets.
pub(super) const BRANCH_ROTATED: &str = "branch-rotated";
/// A branch was revoked.
pub(super) const BRANCH_REVOKED: &str = "branch-revoked";
/// An invitation was made.
pub(super) const INVITED: &str = "invited";
/// An invitation was taken back.
pub(super) const REVOKED: &str = "revoked";
/// An account was made with an invitation.
pub(super) const USED: &str = "used";

/// What stands in the place of a front where the broker acted by itself.
const BROKER: &str = "broker";

/// Front, client and request.
type Who<'a> = (&'a str, Option<&'a str>, Option<RequestId>);

fn who(actor: &Actor) -> Who<'_> {
    (actor.front.as_str(), actor.client.as_deref(), actor.request)
}

/// Writes what an actor did.
pub(super) fn put(
    tx: &Transaction<'_>,
    at: Timestamp,
    actor: &Actor,
    domain: &Domain,
    username: &Username,
    action: &'static str,
) -> Result<(), Fault> {
    let account = format!("{username}@{domain}");
    insert(tx, at, who(actor), &account, action, None)
}

/// Writes that an account was made, and with which key.
pub(super) fn put_registered(tx: &Transaction<'_>, new: &NewAccount) -> Result<(), Fault> {
    let account = format!("{}@{}", new.username, new.domain);
    let actor = who(&new.actor);
    insert(tx, new.created_at, actor, &account, REGISTERED, new.api_key.as_ref())
}

/// Writes what an actor did to an API key.
pub(super) fn put_key(
    tx: &Transaction<'_>,
    at: Timestamp,
    actor: &Actor,
    domain: &Domain,
    key: &ApiKeyId,
    action: &'static str,
) -> Result<(), Fault> {
    let actor = who(actor);
    insert(tx, at, actor, domain.as_str(), action, Some(key))
}

/// Writes what an actor did to something that is no account.
pub(super) fn put_about(
    tx: &Transaction<'_>,
    at: Timestamp,
    actor: &Actor,
    subject: &str,
    action: &'static str,
) -> Result<(), Fault> {
    insert(tx, at, who(actor), subject, action, None)
}

/// Writes what the broker did by itself.
pub(super) fn put_own(
    tx: &Transaction<'_>,
    at: Timestamp,
    account: &str,
    action: &'static str,
) -> Result<(), Fault> {
    insert(tx, at, (BROKER, None, None), account, action, None)
}

fn insert(
    tx: &Transaction<'_>,
    at: Timestamp,
    (front, client, request): Who<'_>,
    account: &str,
    action: &str,
    key: Option<&ApiKeyId>,
) -> Result<(), Fault> {
    tx.execute(
        "INSERT INTO audit (at, front, client, account, action, api_key, request) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        params![stored(at), front, client, account, action, key.map(ApiKeyId::as_str), request.map(|request| request.to_string())],
    )?;
    Ok(())
}

/// The newest entries, of one account or of all.
pub(super) fn newest(
    tx: &Transaction<'_>,
    account: Option<&str>,
    limit: u32,
) -> Result<Vec<AuditEntry>, Fault> {
    match account {
        Some(account) => tx.all(
            "audit",
            "SELECT id, at, front, client, account, action, api_key, request FROM audit WHERE account = ?1 ORDER BY id DESC LIMIT ?2",
            params![account, limit],
            read,
        ),
        None => tx.all(
            "audit",
            "SELECT id, at, front, client, account, action, api_key, request FROM audit ORDER BY id DESC LIMIT ?1",
            params![limit],
            read,
        ),
    }
}

/// The newest entries about one API key.
pub(super) fn newest_of_key(
    tx: &Transaction<'_>,
    key: &ApiKeyId,
    limit: u32,
) -> Result<Vec<AuditEntry>, Fault> {
    tx.all(
        "audit",
        "SELECT id, at, front, client, account, action, api_key, request FROM audit WHERE api_key = ?1 ORDER BY id DESC LIMIT ?2",
        params![key.as_str(), limit],
        read,
    )
}

fn read(cells: &Cells<'_>) -> Result<AuditEntry, Fault> {
    Ok(AuditEntry {
        at: cells.time(1, "at")?,
        front: cells.get(2, "front")?,
        client: cells.get(3, "client")?,
        account: cells.get(4, "account")?,
        action: cells.get(5, "action")?,
        api_key: cells.get(6, "api_key")?,
        request: cells.get(7, "request")?,
    })
}

//! What happens to an account after it was made: activated, suspended, resumed, deleted.

use jiff::Timestamp;
use rusqlite::params;

use crate::accounts::{Account, AccountEvent, AccountState, Channel, Domain, Username};

use super::{
    accounts, audit,
    error::Fault,
    notices, tombstones,
    transaction::{Transaction, stored},
    types::{Actor, Change, Changed},
    verifications,
};

/// Changes an account, with its notice and audit entry.
pub(super) fn change(
    tx: &Transaction<'_>,
    domain: &Domain,
    username: &Username,
    change: &Change,
    at: Timestamp,
    actor: &Actor,
) -> Result<Changed, Fault> {
    use AccountState::{Active, Pending, Suspended};

    let Some(account) = accounts::find(tx, domain, username)? else { return Ok(Changed::NoSuchAccount) };
    let (state, event, words) = match (change, account.state) {
        (Change::Delete { even_suspended: false, .. }, Suspended) => {
            return Ok(Changed::WrongState(Suspended));
        }
        (Change::Delete { keep_name_until, .. }, _) => {
            return delete(tx, account, *keep_name_until, at, actor);
        }
        (Change::Activate, Pending) => (Active, AccountEvent::Activated, None),
        (Change::Suspend(words), Active) => (Suspended, AccountEvent::Suspended, words.as_deref()),
        (Change::Resume, Suspended) => (Active, AccountEvent::Resumed, None),
        (Change::Activate | Change::Resume, Active) | (Change::Suspend(_), Suspended) => {
            return Ok(Changed::Already(account));
        }
        (Change::Activate, Suspended) | (Change::Suspend(_) | Change::Resume, Pending) => {
            return Ok(Changed::WrongState(account.state));
        }
    };
    set_state(tx, &account, state, event, words, at, actor)?;
    Ok(accounts::find_by_id(tx, account.id)?.map_or(Changed::NoSuchAccount, Changed::Done))
}

/// Puts an account into another state and tells so. One that becomes active has nothing left to prove.
pub(super) fn set_state(
    tx: &Transaction<'_>,
    account: &Account,
    state: AccountState,
    event: AccountEvent,
    words: Option<&str>,
    at: Timestamp,
    actor: &Actor,
) -> Result<(), Fault> {
    let suspension = words.filter(|_| state == AccountState::Suspended);
    // Tokens do not come back to life with an account that is resumed.
    let ends_tokens = i64::from(state == AccountState::Suspended);
    tx.execute(
        "UPDATE accounts SET state = ?2, suspension = ?3, activated_at = coalesce(activated_at, ?4), expires_at = NULL,
                             token_epoch = token_epoch + ?5
         WHERE id = ?1",
        params![account.id.0, state.as_str(), suspension, stored(at), ends_tokens],
    )?;
    if account.state == AccountState::Pending {
        for channel in [Channel::Mail, Channel::Sms] {
            verifications::forget(tx, account.id, channel)?;
        }
    }
    notices::put(tx, &account.domain, &account.username, event, None, words, at)?;
    audit::put(tx, at, actor, &account.domain, &account.username, event.as_str())
}

/// Deletes an account with all its rows; letters and verification go by reference.
fn delete(
    tx: &Transaction<'_>,
    account: Account,
    keep_name_until: Timestamp,
    at: Timestamp,
    actor: &Actor,
) -> Result<Changed, Fault> {
    tx.execute("DELETE FROM accounts WHERE id = ?1", params![account.id.0])?;
    // Nobody has ever been reachable by the name of a pending account, so nobody can be mistaken for its holder.
    if account.state != AccountState::Pending && keep_name_until > at {
        tombstones::put(tx, &account.domain, &account.username, keep_name_until)?;
    }
    notices::put(tx, &account.domain, &account.username, AccountEvent::Deleted, None, None, at)?;
    audit::put(tx, at, actor, &account.domain, &account.username, AccountEvent::Deleted.as_str())?;
    Ok(Changed::Done(account))
}

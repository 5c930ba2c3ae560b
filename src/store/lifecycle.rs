//! What happens to an account after it was made: activated, suspended, resumed, deleted.

use jiff::Timestamp;
use rusqlite::params;

use crate::accounts::{Account, AccountEvent, AccountState, Channel, Domain, Username};

use super::{
    accounts, audit,
    error::Fault,
    notices, outbox, tombstones,
    transaction::{Transaction, stored},
    types::{Actor, NewLetter},
    verifications,
};

/// What the operator or the person does to an account.
#[derive(Debug, Clone)]
pub enum Change {
    /// Makes a pending account active without a proof.
    Activate,
    /// Keeps it from logging in; the words are for the person.
    Suspend(Option<String>),
    /// Lets it log in again.
    Resume,
    /// Deletes it and keeps its name from others until the given moment.
    Delete {
        /// Whether a suspended account may be deleted, too.
        even_suspended: bool,
        /// End of the tombstone.
        keep_name_until: Timestamp,
    },
    /// Its owner wants it to be deleted later; nobody can log in until then.
    Leave {
        /// When.
        delete_at: Timestamp,
        /// The letter that tells it.
        letter: Option<NewLetter>,
    },
    /// Its owner wants to keep it after all.
    Stay,
}

/// What became of a change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Changed {
    /// Done; the account as it was before for a deletion, as it is now otherwise.
    Done(Account),
    /// Nothing to do: it is in that state already.
    Already(Account),
    /// The change does not fit the state that the account is in (such as resuming a pending account).
    WrongState(AccountState),
    /// No such account.
    NoSuchAccount,
}

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
            return delete(tx, account, *keep_name_until, at, Some(actor));
        }
        (Change::Leave { delete_at, letter }, Active) => {
            return leave(tx, &account, *delete_at, letter.as_ref(), at, actor);
        }
        (Change::Stay, Suspended) if account.delete_at.is_some() => (Active, AccountEvent::Resumed, None),
        (Change::Activate, Pending) => (Active, AccountEvent::Activated, None),
        (Change::Suspend(words), Active) => (Suspended, AccountEvent::Suspended, words.as_deref()),
        (Change::Resume, Suspended) => (Active, AccountEvent::Resumed, None),
        (Change::Activate | Change::Resume | Change::Stay, Active) | (Change::Suspend(_), Suspended) => {
            return Ok(Changed::Already(account));
        }
        (Change::Activate | Change::Stay | Change::Leave { .. }, Suspended)
        | (Change::Suspend(_) | Change::Resume | Change::Stay | Change::Leave { .. }, Pending) => {
            return Ok(Changed::WrongState(account.state));
        }
    };
    set_state(tx, &account, state, event, words, at, actor)?;
    Ok(accounts::find_by_id(tx, account.id)?.map_or(Changed::NoSuchAccount, Changed::Done))
}

/// Keeps an account from logging in until it is deleted.
fn leave(
    tx: &Transaction<'_>,
    account: &Account,
    delete_at: Timestamp,
    letter: Option<&NewLetter>,
    at: Timestamp,
    actor: &Actor,
) -> Result<Changed, Fault> {
    audit::put(tx, at, actor, &account.domain, &account.username, audit::DELETION_ASKED)?;
    set_state(tx, account, AccountState::Suspended, AccountEvent::Suspended, None, at, actor)?;
    tx.execute("UPDATE accounts SET delete_at = ?2 WHERE id = ?1", params![account.id.0, stored(delete_at)])?;
    if let Some(letter) = letter {
        outbox::put(tx, account.id, letter, actor, at)?;
    }
    Ok(accounts::find_by_id(tx, account.id)?.map_or(Changed::NoSuchAccount, Changed::Done))
}

/// Deletes an account, if that is what its owner wanted and the time has come; whether it did.
pub(super) fn delete_left(
    tx: &Transaction<'_>,
    domain: &Domain,
    username: &Username,
    keep_name_until: Timestamp,
    at: Timestamp,
) -> Result<bool, Fault> {
    let account = accounts::find(tx, domain, username)?;
    let Some(account) = account.filter(|account| account.delete_at.is_some_and(|due| due <= at)) else {
        return Ok(false);
    };
    delete(tx, account, keep_name_until, at, None)?;
    Ok(true)
}

/// The accounts whose time to be deleted has come.
pub(super) fn leaving(
    tx: &Transaction<'_>,
    at: Timestamp,
    limit: u32,
) -> Result<Vec<(Domain, Username)>, Fault> {
    tx.all(
        "accounts",
        "SELECT id, domain, username FROM accounts WHERE delete_at <= ?1 ORDER BY delete_at LIMIT ?2",
        params![stored(at), limit],
        |cells| {
            let domain = cells.parse(1, "domain", |text| Domain::parse(text).ok())?;
            Ok((domain, cells.parse(2, "username", |text| Username::prepare(text).ok())?))
        },
    )
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
        "UPDATE accounts SET state = ?2, suspension = ?3, activated_at = coalesce(activated_at, ?4), expires_at = NULL, delete_at = NULL,
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

/// Deletes an account with all its rows (without an actor, because its time has come); letters and verification go by reference.
fn delete(
    tx: &Transaction<'_>,
    account: Account,
    keep_name_until: Timestamp,
    at: Timestamp,
    actor: Option<&Actor>,
) -> Result<Changed, Fault> {
    tx.execute("DELETE FROM accounts WHERE id = ?1", params![account.id.0])?;
    // Nobody has ever been reachable by the name of a pending account, so nobody can be mistaken for its holder.
    if account.state != AccountState::Pending && keep_name_until > at {
        tombstones::put(tx, &account.domain, &account.username, keep_name_until)?;
    }
    notices::put(tx, &account.domain, &account.username, AccountEvent::Deleted, None, None, at)?;
    let action = AccountEvent::Deleted.as_str();
    match actor {
        Some(actor) => audit::put(tx, at, actor, &account.domain, &account.username, action)?,
        None => audit::put_own(tx, at, &account.address(), action)?,
    }
    Ok(Changed::Done(account))
}

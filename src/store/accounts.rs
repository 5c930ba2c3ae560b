//! The accounts table: making, looking up, listing, and new credentials.

use jiff::Timestamp;
use rusqlite::{ToSql, params, params_from_iter};

use crate::accounts::{
    Account, AccountEvent, AccountId, AccountState, ApiKeyId, Domain, Email, Invitation, LanguageTag,
    PasswordHash, Phone, Username,
};

use super::{
    api_keys::{self, Admission},
    audit, branches, email_changes,
    error::Fault,
    imports, invitations, notices, outbox, recoveries, spent,
    transaction::{Cells, Transaction, stored},
    types::{AccountFilter, Creation, LoginLookup, NewAccount, NewCredentials, Replaced, StoredCredentials},
    verifications,
};

/// The columns that [`read`] takes, of a table that the query calls `a`; others may follow from [`NEXT_COLUMN`] on.
macro_rules! account_columns {
    () => {
        "a.id, a.domain, a.username, a.state, a.suspension, a.email, a.email_verified_at, a.language, \
         a.created_at, a.activated_at, a.expires_at, a.api_key, a.phone, a.phone_verified_at, a.delete_at"
    };
}
pub(super) use account_columns;

/// Index of the first column after those of [`account_columns`].
pub(super) const NEXT_COLUMN: usize = 15;

/// Makes an account with all that belongs to it.
pub(super) fn create(tx: &Transaction<'_>, new: &NewAccount) -> Result<Creation, Fault> {
    if let Some(key) = &new.api_key {
        match api_keys::admits(tx, key, &new.domain)? {
            Admission::Open => {}
            Admission::Exhausted => return Ok(Creation::KeyExhausted),
            Admission::Revoked => return Ok(Creation::KeyRevoked),
        }
    }
    if let Some(spending) = &new.spends
        && spent::is_spent(tx, spending)?
    {
        return Ok(Creation::AlreadySpent);
    }
    if let Some(member) = &new.member {
        if !branches::admits(tx, member.branch, &new.domain)? {
            return Ok(Creation::BranchRevoked);
        }
        if let Some(email) = &new.email
            && email_owner(tx, &new.domain, &email.key())?.is_some()
        {
            return Ok(Creation::AddressInUse);
        }
    }
    let invitation = match admitted_by(tx, new)? {
        Ok(invitation) => invitation,
        Err(refused) => return Ok(refused),
    };
    let invitation = invitation.as_ref();
    // Nearly always the name is free. If not, its holder may be a pending account whose time is over.
    let made = insert(tx, new, invitation)?
        || (lapse(tx, &new.domain, &new.username, new.created_at)? && insert(tx, new, invitation)?);
    if !made {
        return Ok(Creation::NameTaken);
    }
    let id = AccountId(tx.last_key());
    if let Some(spending) = &new.spends {
        spent::spend(tx, spending)?;
    }
    if let Some(key) = &new.api_key {
        api_keys::count(tx, key, new.created_at)?;
    }
    if let Some(invitation) = invitation {
        use_up(tx, new, id, invitation)?;
    }
    if let Some(member) = &new.member {
        branches::put_member(tx, id, member, new.created_at)?;
        if let Some(email) = &new.email {
            prove_email(tx, id, email, true, new.created_at)?;
        }
    }
    if let (AccountState::Pending, Some(verification)) = (new.state, &new.verification) {
        verifications::put(tx, id, verification, new.created_at)?;
    }
    if let (AccountState::Pending, Some(verification)) = (new.state, &new.phone_verification) {
        verifications::put_phone(tx, id, verification, new.created_at)?;
    }
    for letter in &new.letters {
        outbox::put(tx, id, letter, &new.actor, new.created_at)?;
    }
    if new.state == AccountState::Active {
        let at = new.created_at;
        notices::put(tx, &new.domain, &new.username, AccountEvent::Activated, None, None, at)?;
    }
    audit::put_registered(tx, new)?;
    Ok(Creation::Created(id))
}

/// The invitation that lets an account in, if it needs one; looked at before anything is written, since an answer undoes nothing.
fn admitted_by(
    tx: &Transaction<'_>,
    new: &NewAccount,
) -> Result<Result<Option<Invitation>, Creation>, Fault> {
    let Some(used) = &new.invitation else { return Ok(Ok(None)) };
    let Some(invitation) = invitations::admitting(tx, &used.token, &new.domain, used.asked)? else {
        return Ok(Err(Creation::NotInvited));
    };
    if invitation.username.as_ref().is_some_and(|name| *name != new.username) {
        return Ok(Err(Creation::NotInvited));
    }
    if let Some(email) = &invitation.email
        && used.email_unique
        && email_owner(tx, &new.domain, &email.key())?.is_some()
    {
        return Ok(Err(Creation::AddressInUse));
    }
    Ok(Ok(Some(invitation)))
}

/// Counts the use of an invitation, and takes over an address that it is bound to.
fn use_up(
    tx: &Transaction<'_>,
    new: &NewAccount,
    id: AccountId,
    invitation: &Invitation,
) -> Result<(), Fault> {
    invitations::count_use(tx, invitation.id)?;
    if let (Some(email), Some(used)) = (&invitation.email, &new.invitation) {
        prove_email(tx, id, email, used.email_unique, new.created_at)?;
    }
    let subject = invitations::subject(invitation.id);
    audit::put_about(tx, new.created_at, &new.actor, &subject, audit::USED)
}

/// Writes down that an account's address is proven.
pub(super) fn prove_email(
    tx: &Transaction<'_>,
    id: AccountId,
    email: &Email,
    unique: bool,
    at: Timestamp,
) -> Result<(), Fault> {
    tx.execute(
        "UPDATE accounts SET email = ?2, email_verified_at = ?3, proven_email = ?4, proven_slot = ?5 WHERE id = ?1",
        params![id.0, email.as_str(), stored(at), email.key(), if unique { 0 } else { id.0 }],
    )?;
    Ok(())
}

/// Writes down that an account's phone number is proven.
pub(super) fn prove_phone(tx: &Transaction<'_>, id: AccountId, at: Timestamp) -> Result<(), Fault> {
    tx.execute("UPDATE accounts SET phone_verified_at = ?2 WHERE id = ?1", params![id.0, stored(at)])?;
    Ok(())
}

fn insert(tx: &Transaction<'_>, new: &NewAccount, invitation: Option<&Invitation>) -> Result<bool, Fault> {
    let pending = new.state == AccountState::Pending;
    let inserted = tx.execute(
        "INSERT INTO accounts (domain, username, state, email, language, password_hash, sealed_scram, created_at,
                               activated_at, expires_at, api_key, inviter, invitation, phone, sealed_login)
         SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15
         WHERE NOT EXISTS (SELECT 1 FROM tombstones WHERE domain = ?1 AND username = ?2 AND until > ?8)
             AND NOT EXISTS (SELECT 1 FROM invitations WHERE domain = ?1 AND username = ?2 AND expires_at > ?8
                             AND revoked_at IS NULL AND used < uses AND id IS NOT ?13)
         ON CONFLICT (domain, username) DO NOTHING",
        params![
            new.domain.as_str(),
            new.username.as_str(),
            new.state.as_str(),
            new.email.as_ref().map(Email::as_str),
            new.language.as_str(),
            new.password_hash.as_phc(),
            new.sealed_scram,
            stored(new.created_at),
            (!pending).then(|| stored(new.created_at)),
            new.expires_at.filter(|_| pending).map(stored),
            new.api_key.as_ref().map(ApiKeyId::as_str),
            invitation.filter(|invitation| invitation.subscribe).and_then(|invitation| invitation.inviter.as_deref()),
            invitation.map(|invitation| invitation.id),
            new.phone.as_ref().map(Phone::as_str),
            new.sealed_login,
        ],
    )?;
    Ok(inserted == 1)
}

/// Purges the pending account of that name if its time is over; whether it did.
pub(super) fn lapse(
    tx: &Transaction<'_>,
    domain: &Domain,
    username: &Username,
    at: Timestamp,
) -> Result<bool, Fault> {
    let lapsed = tx.execute(
        "DELETE FROM accounts WHERE domain = ?1 AND username = ?2 AND expires_at <= ?3",
        params![domain.as_str(), username.as_str(), stored(at)],
    )?;
    if lapsed == 1 {
        audit::put_own(tx, at, &format!("{username}@{domain}"), audit::EXPIRED)?;
    }
    Ok(lapsed == 1)
}

/// Reads [`account_columns`].
pub(super) fn read(cells: &Cells<'_>) -> Result<Account, Fault> {
    Ok(Account {
        id: AccountId(cells.get(0, "id")?),
        domain: cells.parse(1, "domain", |text| Domain::parse(text).ok())?,
        username: cells.parse(2, "username", |text| Username::prepare(text).ok())?,
        state: cells.parse(3, "state", AccountState::from_word)?,
        suspension: cells.get(4, "suspension")?,
        email: cells.parse_optional(5, "email", |text| Email::parse(text).ok())?,
        email_verified_at: cells.time_optional(6, "email_verified_at")?,
        language: cells.parse(7, "language", LanguageTag::parse)?,
        created_at: cells.time(8, "created_at")?,
        activated_at: cells.time_optional(9, "activated_at")?,
        expires_at: cells.time_optional(10, "expires_at")?,
        api_key: cells.parse_optional(11, "api_key", ApiKeyId::parse)?,
        phone: cells.parse_optional(12, "phone", |text| Phone::parse(text).ok())?,
        phone_verified_at: cells.time_optional(13, "phone_verified_at")?,
        delete_at: cells.time_optional(14, "delete_at")?,
    })
}

/// Looks an account up.
pub(super) fn find(
    tx: &Transaction<'_>,
    domain: &Domain,
    username: &Username,
) -> Result<Option<Account>, Fault> {
    tx.one(
        "accounts",
        concat!("SELECT ", account_columns!(), " FROM accounts a WHERE a.domain = ?1 AND a.username = ?2"),
        params![domain.as_str(), username.as_str()],
        read,
    )
}

/// Looks an account up by its key.
pub(super) fn find_by_id(tx: &Transaction<'_>, id: AccountId) -> Result<Option<Account>, Fault> {
    tx.one(
        "accounts",
        concat!("SELECT ", account_columns!(), " FROM accounts a WHERE a.id = ?1"),
        params![id.0],
        read,
    )
}

/// Who has proven an address; the first one, where it may prove several accounts.
pub(super) fn email_owner(
    tx: &Transaction<'_>,
    domain: &Domain,
    email: &str,
) -> Result<Option<Username>, Fault> {
    tx.one(
        "accounts",
        "SELECT id, username FROM accounts WHERE domain = ?1 AND proven_email = ?2 ORDER BY proven_slot LIMIT 1",
        params![domain.as_str(), email],
        |cells| cells.parse(1, "username", |text| Username::prepare(text).ok()),
    )
}

/// The credentials of an account.
pub(super) fn credentials(
    tx: &Transaction<'_>,
    domain: &Domain,
    username: &Username,
) -> Result<Option<StoredCredentials>, Fault> {
    tx.one(
        "accounts",
        "SELECT id, state, suspension, password_hash, sealed_scram, token_epoch, sealed_login, delete_at
         FROM accounts WHERE domain = ?1 AND username = ?2",
        params![domain.as_str(), username.as_str()],
        |cells| {
            Ok(StoredCredentials {
                id: AccountId(cells.get(0, "id")?),
                state: cells.parse(1, "state", AccountState::from_word)?,
                suspension: cells.get(2, "suspension")?,
                password_hash: cells.get::<Option<String>>(3, "password_hash")?.map(PasswordHash::new),
                sealed_scram: cells.get(4, "sealed_scram")?,
                token_epoch: cells.get(5, "token_epoch")?,
                sealed_login: cells.get(6, "sealed_login")?,
                delete_at: cells.time_optional(7, "delete_at")?,
            })
        },
    )
}

/// The credentials of an account, if there is one, and what those of accounts that were taken over look like. Both are asked for whether
/// there is an account or not, so that it takes the same time.
pub(super) fn login(
    tx: &Transaction<'_>,
    domain: &Domain,
    username: &Username,
) -> Result<LoginLookup, Fault> {
    Ok(LoginLookup { credentials: credentials(tx, domain, username)?, looks: imports::looks(tx, domain)? })
}

/// Replaces the credentials; whether there was something to replace.
pub(super) fn set_credentials(tx: &Transaction<'_>, new: &NewCredentials) -> Result<bool, Fault> {
    let (verifier, keys) = match &new.replaces {
        Replaced::Anything => (None, None),
        Replaced::Verifier(hash) => (Some(hash.as_phc()), None),
        Replaced::Keys(sealed) => (None, Some(sealed)),
    };
    let replaced = tx.execute(
        "UPDATE accounts SET password_hash = ?3, sealed_scram = ?4, token_epoch = token_epoch + ?6, sealed_login = ?7
         WHERE domain = ?1 AND username = ?2 AND (?5 IS NULL OR password_hash = ?5)
             AND (?8 IS NULL OR (password_hash IS NULL AND sealed_scram = ?8))",
        params![
            new.domain.as_str(),
            new.username.as_str(),
            new.password_hash.as_phc(),
            new.sealed_scram,
            verifier,
            i64::from(new.changed),
            new.sealed_login,
            keys,
        ],
    )?;
    if replaced == 1 && new.changed {
        let event = AccountEvent::PasswordChanged;
        // Whoever can read the letters must not undo it with a code that was asked for before.
        if let Some(account) = find(tx, &new.domain, &new.username)? {
            recoveries::forget(tx, account.id)?;
            // Nor may somebody who has just lost the password take the account along.
            email_changes::forget(tx, account.id)?;
        }
        notices::put(tx, &new.domain, &new.username, event, new.keep.as_deref(), None, new.at)?;
        audit::put(tx, new.at, &new.actor, &new.domain, &new.username, audit::PASSWORD_CHANGED)?;
    }
    Ok(replaced == 1)
}

/// Lists accounts in the order of their domains and names.
pub(super) fn list(tx: &Transaction<'_>, filter: &AccountFilter) -> Result<Vec<Account>, Fault> {
    let mut sql = concat!("SELECT ", account_columns!(), " FROM accounts a WHERE true").to_owned();
    let mut values: Vec<Box<dyn ToSql>> = Vec::new();
    if let Some(domain) = &filter.domain {
        sql.push_str(" AND a.domain = ?");
        values.push(Box::new(domain.as_str().to_owned()));
    }
    if let Some(state) = filter.state {
        sql.push_str(" AND a.state = ?");
        values.push(Box::new(state.as_str()));
    }
    if let Some((domain, username)) = &filter.after {
        // On one domain, the plain comparison lets the index lead straight to the page.
        if filter.domain.as_ref() == Some(domain) {
            sql.push_str(" AND a.username > ?");
        } else {
            sql.push_str(" AND (a.domain, a.username) > (?, ?)");
            values.push(Box::new(domain.as_str().to_owned()));
        }
        values.push(Box::new(username.as_str().to_owned()));
    }
    if let Some(search) = &filter.search {
        sql.push_str(" AND (instr(a.username, ?) OR instr(lower(a.email), ?))");
        values.push(Box::new(search.to_lowercase()));
        values.push(Box::new(search.to_lowercase()));
    }
    sql.push_str(" ORDER BY a.domain, a.username LIMIT ?");
    values.push(Box::new(filter.limit));
    tx.all("accounts", &sql, params_from_iter(values), read)
}

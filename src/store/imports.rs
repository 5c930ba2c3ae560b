//! Accounts taken over from another server, many in one operation.

use jiff::Timestamp;
use rusqlite::params;

use crate::accounts::{AccountState, Domain, Email, LanguageTag, PasswordHash, ScramLook, Username};

use super::{
    accounts, audit,
    error::Fault,
    transaction::{Transaction, stored},
    types::Actor,
};

/// Looks that are remembered of one domain; servers make two or three. Every login reads them.
const MOST_LOOKS: u32 = 16;

/// An account of another server.
#[derive(Debug, Clone)]
pub struct NewImport {
    /// The domain.
    pub domain: Domain,
    /// The name; UNIQUE decides.
    pub username: Username,
    /// The words to its owner, for an account that may not log in.
    pub suspension: Option<String>,
    /// The address that the other server knew, unproven.
    pub email: Option<Email>,
    /// The person's language.
    pub language: LanguageTag,
    /// The verifier, where the password itself is known.
    pub password_hash: Option<PasswordHash>,
    /// The sealed SCRAM keys.
    pub sealed_scram: Option<Vec<u8>>,
    /// What checks logins that are signed with the password, sealed.
    pub sealed_login: Option<Vec<u8>>,
    /// What keys look like that came from elsewhere.
    pub look: Option<ScramLook>,
}

/// What becomes of an account that is taken over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Importation {
    /// It is here now, or would be.
    Imported,
    /// There is an account of that name.
    ThereAlready,
    /// An account of that name was deleted here, and the name is kept from others for a while.
    Deleted,
    /// The name is kept for somebody who is invited.
    KeptForInvited,
}

/// Takes accounts over; nobody is told and no letter is sent. The answers are in the order of the accounts.
pub(super) fn import(
    tx: &Transaction<'_>,
    new: &[NewImport],
    at: Timestamp,
    actor: &Actor,
) -> Result<Vec<Importation>, Fault> {
    new.iter().map(|account| import_one(tx, account, at, actor)).collect()
}

fn import_one(
    tx: &Transaction<'_>,
    new: &NewImport,
    at: Timestamp,
    actor: &Actor,
) -> Result<Importation, Fault> {
    let foreseen = foresee_one(tx, &new.domain, &new.username, at)?;
    if foreseen != Importation::Imported {
        return Ok(foreseen);
    }
    accounts::lapse(tx, &new.domain, &new.username, at)?;
    let state = if new.suspension.is_some() { AccountState::Suspended } else { AccountState::Active };
    tx.execute(
        "INSERT INTO accounts (domain, username, state, suspension, email, language, password_hash, sealed_scram, sealed_login,
                               created_at, activated_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?10)",
        params![
            new.domain.as_str(),
            new.username.as_str(),
            state.as_str(),
            new.suspension,
            new.email.as_ref().map(Email::as_str),
            new.language.as_str(),
            new.password_hash.as_ref().map(PasswordHash::as_phc),
            new.sealed_scram,
            new.sealed_login,
            stored(at),
        ],
    )?;
    if let Some(look) = &new.look {
        count_look(tx, &new.domain, look)?;
    }
    audit::put(tx, at, actor, &new.domain, &new.username, audit::IMPORTED)?;
    Ok(Importation::Imported)
}

/// What would become of accounts of these names, in their order. Changes nothing.
pub(super) fn foresee(
    tx: &Transaction<'_>,
    names: &[(Domain, Username)],
    at: Timestamp,
) -> Result<Vec<Importation>, Fault> {
    names.iter().map(|(domain, username)| foresee_one(tx, domain, username, at)).collect()
}

fn foresee_one(
    tx: &Transaction<'_>,
    domain: &Domain,
    username: &Username,
    at: Timestamp,
) -> Result<Importation, Fault> {
    let there = |sql| {
        let place = params![domain.as_str(), username.as_str(), stored(at)];
        tx.one("accounts", sql, place, |_| Ok(())).map(|row| row.is_some())
    };
    // A pending account whose time is over holds its name no longer.
    if there(
        "SELECT id FROM accounts WHERE domain = ?1 AND username = ?2 AND (expires_at IS NULL OR expires_at > ?3)",
    )? {
        return Ok(Importation::ThereAlready);
    }
    if there("SELECT 0 FROM tombstones WHERE domain = ?1 AND username = ?2 AND until > ?3")? {
        return Ok(Importation::Deleted);
    }
    if there(
        "SELECT id FROM invitations WHERE domain = ?1 AND username = ?2 AND expires_at > ?3
             AND revoked_at IS NULL AND used < uses",
    )? {
        return Ok(Importation::KeptForInvited);
    }
    Ok(Importation::Imported)
}

fn count_look(tx: &Transaction<'_>, domain: &Domain, look: &ScramLook) -> Result<(), Fault> {
    let look = look.stored();
    let seen = tx.execute(
        "UPDATE imported_looks SET accounts = accounts + 1 WHERE domain = ?1 AND look = ?2",
        params![domain.as_str(), look],
    )?;
    if seen == 0 {
        tx.execute(
            "INSERT INTO imported_looks (domain, look, accounts)
             SELECT ?1, ?2, 1 WHERE (SELECT count(*) FROM imported_looks WHERE domain = ?1) < ?3",
            params![domain.as_str(), look, MOST_LOOKS],
        )?;
    }
    Ok(())
}

/// What the keys of accounts that were taken over look like on a domain, and how many do.
pub(super) fn looks(tx: &Transaction<'_>, domain: &Domain) -> Result<Vec<(ScramLook, u64)>, Fault> {
    tx.all(
        "imported_looks",
        "SELECT 0, look, accounts FROM imported_looks WHERE domain = ?1 ORDER BY look",
        params![domain.as_str()],
        |cells| Ok((cells.parse(1, "look", ScramLook::from_stored)?, cells.count(2, "accounts")?)),
    )
}

//! The table of addresses that are to take the place of others.

use jiff::Timestamp;
use rusqlite::params;

use crate::accounts::{AccountId, AccountState, Domain, Email, ProofHash, Username};

use super::{
    Store, StoreError, accounts, audit,
    error::Fault,
    outbox,
    transaction::{Transaction, stored},
    types::{Actor, NewLetter},
};

/// A wish for another address, and the letter that asks for its proof.
#[derive(Debug, Clone)]
pub struct NewEmailChange {
    /// The domain.
    pub domain: Domain,
    /// The account.
    pub username: Username,
    /// The new address.
    pub email: Email,
    /// Hash of the code.
    pub code: ProofHash,
    /// How many codes may be tried.
    pub tries: u32,
    /// When the code stops working.
    pub code_expires_at: Timestamp,
    /// The letter to the new address.
    pub letter: NewLetter,
    /// Now.
    pub at: Timestamp,
    /// Who asks.
    pub actor: Actor,
}

/// A code that is to prove the new address.
#[derive(Debug, Clone)]
pub struct EmailChangeProof {
    /// The domain.
    pub domain: Domain,
    /// The account.
    pub username: Username,
    /// Hash of the code.
    pub code: ProofHash,
    /// Whether an address may prove one account only.
    pub unique: bool,
    /// Now.
    pub at: Timestamp,
    /// Who brings it.
    pub actor: Actor,
}

/// What such a code was worth; tries are counted in the same transaction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EmailChanged {
    /// The address is another one now.
    Done {
        /// The new one.
        new: Email,
        /// The one before, which is to be told.
        old: Option<Email>,
    },
    /// Not the right one.
    Wrong {
        /// Tries left.
        tries_left: u32,
    },
    /// Too late, or after too many tries.
    Expired,
    /// The address has been proven for another account in the meantime.
    AddressInUse,
    /// Nothing waits for a code.
    Unknown,
}

impl Store {
    /// Puts a wish for another address, and its letter, in place of the old one; `false` for an account that is not active.
    pub async fn start_email_change(&self, new: NewEmailChange) -> Result<bool, StoreError> {
        self.write(move |tx| start(tx, &new)).await
    }

    /// Holds a code against what waits for it; with the right one the address is another one. The letter to the old address, which `letter` makes of both, is
    /// written with it.
    pub async fn finish_email_change(
        &self,
        proof: EmailChangeProof,
        letter: impl Fn(&Email, &Email) -> NewLetter + Send + 'static,
    ) -> Result<EmailChanged, StoreError> {
        self.write(move |tx| finish(tx, &proof, &letter)).await
    }
}

fn start(tx: &Transaction<'_>, new: &NewEmailChange) -> Result<bool, Fault> {
    let account = accounts::find(tx, &new.domain, &new.username)?;
    let Some(account) = account.filter(|account| account.state == AccountState::Active) else {
        return Ok(false);
    };
    forget(tx, account.id)?;
    tx.execute(
        "INSERT INTO email_changes (account_id, email, code_hash, tries_left, code_expires_at) VALUES (?1, ?2, ?3, ?4, ?5)",
        params![account.id.0, new.email.as_str(), new.code.as_bytes(), new.tries, stored(new.code_expires_at)],
    )?;
    outbox::put(tx, account.id, &new.letter, &new.actor, new.at)?;
    audit::put(tx, new.at, &new.actor, &new.domain, &new.username, audit::EMAIL_CHANGE_ASKED)?;
    Ok(true)
}

fn finish(
    tx: &Transaction<'_>,
    proof: &EmailChangeProof,
    letter: &impl Fn(&Email, &Email) -> NewLetter,
) -> Result<EmailChanged, Fault> {
    let account = accounts::find(tx, &proof.domain, &proof.username)?;
    let Some(account) = account.filter(|account| account.state == AccountState::Active) else {
        return Ok(EmailChanged::Unknown);
    };
    let waiting = tx.one(
        "email_changes",
        "SELECT account_id, email, code_hash, tries_left, code_expires_at FROM email_changes WHERE account_id = ?1",
        params![account.id.0],
        |cells| {
            Ok((
                cells.parse(1, "email", |text| Email::parse(text).ok())?,
                ProofHash::from_bytes(cells.get(2, "code_hash")?),
                cells.get::<u32>(3, "tries_left")?,
                cells.time(4, "code_expires_at")?,
            ))
        },
    )?;
    let Some((email, code, tries_left, code_expires_at)) = waiting else { return Ok(EmailChanged::Unknown) };
    if tries_left == 0 || code_expires_at <= proof.at {
        return Ok(EmailChanged::Expired);
    }
    if !code.matches(&proof.code) {
        let tries_left = tries_left - 1;
        tx.execute(
            "UPDATE email_changes SET tries_left = ?2 WHERE account_id = ?1",
            params![account.id.0, tries_left],
        )?;
        return Ok(EmailChanged::Wrong { tries_left });
    }
    let owner = accounts::email_owner(tx, &proof.domain, &email.key())?;
    if proof.unique && owner.is_some_and(|owner| owner != account.username) {
        return Ok(EmailChanged::AddressInUse);
    }
    forget(tx, account.id)?;
    accounts::prove_email(tx, account.id, &email, proof.unique, proof.at)?;
    if let Some(old) = &account.email {
        outbox::put(tx, account.id, &letter(old, &email), &proof.actor, proof.at)?;
    }
    audit::put(tx, proof.at, &proof.actor, &proof.domain, &proof.username, audit::EMAIL_CHANGED)?;
    Ok(EmailChanged::Done { new: email, old: account.email })
}

/// A wish that nobody has any more: there is another one, it was granted, or the password was changed.
pub(super) fn forget(tx: &Transaction<'_>, account: AccountId) -> Result<(), Fault> {
    tx.execute("DELETE FROM email_changes WHERE account_id = ?1", params![account.0])?;
    outbox::drop_change_letters_of(tx, account)
}

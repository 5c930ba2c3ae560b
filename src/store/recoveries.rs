//! The recoveries table: proofs that let somebody who forgot a password set a new one.

use jiff::Timestamp;
use rusqlite::params;

use crate::accounts::{Account, AccountId, AccountState, ProofHash, Verdict, Verification};

use super::{
    accounts::{self, NEXT_COLUMN, account_columns},
    audit,
    error::Fault,
    outbox,
    transaction::{Cells, Transaction, stored},
    types::{NewCredentials, NewRecovery, ProofAttempt, Recovery},
};

macro_rules! waiting {
    () => {
        concat!(
            "SELECT ",
            account_columns!(),
            ", r.code_hash, r.link_hash, r.tries_left, r.code_expires_at, r.link_expires_at
             FROM recoveries r JOIN accounts a ON a.id = r.account_id WHERE a.state = 'active' AND "
        )
    };
}

/// Puts a recovery and its letter in place of the old ones; `false` for an account that cannot be recovered: not active, or
/// without a proven contact.
pub(super) fn start(tx: &Transaction<'_>, new: &NewRecovery) -> Result<bool, Fault> {
    let account = accounts::find(tx, &new.domain, &new.username)?;
    let Some(account) = account.filter(|account| {
        let by_mail = account.email_verified_at.is_some() && account.email.is_some();
        let by_phone = account.phone_verified_at.is_some() && account.phone.is_some();
        account.state == AccountState::Active && (by_mail || by_phone)
    }) else {
        return Ok(false);
    };
    let proof = &new.proof;
    tx.execute(
        "INSERT OR REPLACE INTO recoveries
             (account_id, code_hash, link_hash, tries_left, code_expires_at, link_expires_at, made_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        params![
            account.id.0,
            proof.code.as_bytes(),
            proof.link.as_bytes(),
            proof.tries_left,
            stored(proof.code_expires_at),
            stored(proof.link_expires_at),
            stored(new.at),
        ],
    )?;
    outbox::drop_recovery_letters_of(tx, account.id)?;
    outbox::put(tx, account.id, &new.letter, &new.actor, new.at)?;
    audit::put(tx, new.at, &new.actor, &new.domain, &new.username, audit::RECOVERY_ASKED)?;
    Ok(true)
}

/// Holds a proof against what waits for it and counts the try. Changes nothing else.
pub(super) fn check(tx: &Transaction<'_>, attempt: &ProofAttempt, at: Timestamp) -> Result<Recovery, Fault> {
    let Some((account, proof)) = find(tx, attempt)? else { return Ok(Recovery::Unknown) };
    // What has run out is as good as gone, or it would tell for longer than its letter that there is an account.
    if proof.link_expires_at <= at || (proof.code_expires_at <= at && is_code(attempt)) {
        return Ok(Recovery::Unknown);
    }
    match verdict(&proof, attempt, at) {
        Verdict::Proven => Ok(Recovery::Proven(account)),
        Verdict::Expired => Ok(Recovery::Expired),
        Verdict::Wrong { tries_left } => {
            tx.execute(
                "UPDATE recoveries SET tries_left = ?2 WHERE account_id = ?1",
                params![account.id.0, tries_left],
            )?;
            Ok(Recovery::Wrong { tries_left })
        }
    }
}

/// Sets the new credentials if the proof still holds, and uses it up.
pub(super) fn complete(
    tx: &Transaction<'_>,
    attempt: &ProofAttempt,
    new: &NewCredentials,
) -> Result<bool, Fault> {
    let Some((account, proof)) = find(tx, attempt)? else { return Ok(false) };
    if verdict(&proof, attempt, new.at) != Verdict::Proven || account.username != new.username {
        return Ok(false);
    }
    forget(tx, account.id)?;
    accounts::set_credentials(tx, new)
}

/// The account that a link is for.
pub(super) fn link_account(
    tx: &Transaction<'_>,
    hash: ProofHash,
    at: Timestamp,
) -> Result<Option<Account>, Fault> {
    let found = find(tx, &ProofAttempt::Link { hash })?;
    Ok(found.filter(|(_, proof)| proof.link_expires_at > at).map(|(account, _)| account))
}

/// A code or link that nobody needs any more: the password was changed in another way.
pub(super) fn forget(tx: &Transaction<'_>, account: AccountId) -> Result<(), Fault> {
    tx.execute("DELETE FROM recoveries WHERE account_id = ?1", params![account.0])?;
    outbox::drop_recovery_letters_of(tx, account)
}

fn is_code(attempt: &ProofAttempt) -> bool {
    matches!(attempt, ProofAttempt::Code { .. })
}

fn verdict(proof: &Verification, attempt: &ProofAttempt, at: Timestamp) -> Verdict {
    match attempt {
        ProofAttempt::Code { hash, .. } => proof.check_code(hash, at),
        ProofAttempt::Link { hash } => proof.check_link(hash, at),
    }
}

fn find(tx: &Transaction<'_>, attempt: &ProofAttempt) -> Result<Option<(Account, Verification)>, Fault> {
    match attempt {
        ProofAttempt::Code { domain, username, .. } => tx.one(
            "accounts",
            concat!(waiting!(), "a.domain = ?1 AND a.username = ?2"),
            params![domain.as_str(), username.as_str()],
            read,
        ),
        ProofAttempt::Link { hash } => {
            tx.one("accounts", concat!(waiting!(), "r.link_hash = ?1"), params![hash.as_bytes()], read)
        }
    }
}

fn read(cells: &Cells<'_>) -> Result<(Account, Verification), Fault> {
    let account = accounts::read(cells)?;
    let cells = cells.of("recoveries");
    let proof = Verification {
        code: ProofHash::from_bytes(cells.get(NEXT_COLUMN, "code_hash")?),
        link: ProofHash::from_bytes(cells.get(NEXT_COLUMN + 1, "link_hash")?),
        tries_left: cells.get(NEXT_COLUMN + 2, "tries_left")?,
        code_expires_at: cells.time(NEXT_COLUMN + 3, "code_expires_at")?,
        link_expires_at: cells.time(NEXT_COLUMN + 4, "link_expires_at")?,
    };
    Ok((account, proof))
}

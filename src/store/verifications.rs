//! The verifications table: proofs, tries, and new letters for those who wait.

use jiff::Timestamp;
use rusqlite::params;

use crate::accounts::{
    Account, AccountEvent, AccountId, AccountState, Domain, ProofHash, Username, Verdict, Verification,
};

use super::{
    accounts::{self, NEXT_COLUMN, account_columns},
    audit,
    error::Fault,
    lifecycle, outbox,
    transaction::{Cells, Transaction, stored},
    types::{Actor, NewVerification, ProofAttempt, Replacement, Verified},
};

macro_rules! waiting {
    () => {
        concat!(
            "SELECT ",
            account_columns!(),
            ", v.code_hash, v.link_hash, v.tries_left, v.code_expires_at, v.link_expires_at
             FROM verifications v JOIN accounts a ON a.id = v.account_id WHERE "
        )
    };
}

/// Writes what an account has to prove, in place of what it had to prove before.
pub(super) fn put(
    tx: &Transaction<'_>,
    account: AccountId,
    verification: &Verification,
    at: Timestamp,
) -> Result<(), Fault> {
    tx.execute(
        "INSERT OR REPLACE INTO verifications
             (account_id, code_hash, link_hash, tries_left, code_expires_at, link_expires_at, made_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        params![
            account.0,
            verification.code.as_bytes(),
            verification.link.as_bytes(),
            verification.tries_left,
            stored(verification.code_expires_at),
            stored(verification.link_expires_at),
            stored(at),
        ],
    )?;
    Ok(())
}

/// Holds a proof against what waits for it, counts the try, and activates the account.
pub(super) fn verify(
    tx: &Transaction<'_>,
    attempt: &ProofAttempt,
    unique: bool,
    at: Timestamp,
    actor: &Actor,
) -> Result<Verified, Fault> {
    let waiting = match attempt {
        ProofAttempt::Code { domain, username, .. } => of_account(tx, domain, username)?,
        ProofAttempt::Link { hash } => of_link(tx, hash)?,
    };
    let Some((account, verification)) = waiting else { return Ok(Verified::Unknown) };
    if account.expires_at.is_some_and(|end| end <= at) {
        return Ok(Verified::Expired);
    }
    let verdict = match attempt {
        ProofAttempt::Code { hash, .. } => verification.check_code(hash, at),
        ProofAttempt::Link { hash } => verification.check_link(hash, at),
    };
    match verdict {
        Verdict::Proven => prove(tx, &account, unique, at, actor),
        Verdict::Expired => Ok(Verified::Expired),
        Verdict::Wrong { tries_left } => {
            tx.execute(
                "UPDATE verifications SET tries_left = ?2 WHERE account_id = ?1",
                params![account.id.0, tries_left],
            )?;
            Ok(Verified::Wrong { tries_left })
        }
    }
}

fn prove(
    tx: &Transaction<'_>,
    account: &Account,
    unique: bool,
    at: Timestamp,
    actor: &Actor,
) -> Result<Verified, Fault> {
    if let Some(email) = &account.email {
        // The index refuses a second account too; but it cannot see one that proved the address while that was allowed.
        if unique && accounts::email_owner(tx, &account.domain, &email.key())?.is_some() {
            return Ok(Verified::AddressInUse);
        }
        accounts::prove_email(tx, account.id, email, unique, at)?;
    }
    lifecycle::set_state(tx, account, AccountState::Active, AccountEvent::Activated, None, at, actor)?;
    Ok(accounts::find_by_id(tx, account.id)?.map_or(Verified::Unknown, Verified::Activated))
}

/// The account that a link is for.
pub(super) fn link_account(tx: &Transaction<'_>, hash: &ProofHash) -> Result<Option<Account>, Fault> {
    Ok(of_link(tx, hash)?.map(|(account, _)| account))
}

/// Puts a new verification and its letter in place of the old ones.
pub(super) fn replace(tx: &Transaction<'_>, new: &NewVerification) -> Result<Replacement, Fault> {
    let found = tx.one(
        "accounts",
        "SELECT a.id, coalesce(v.made_at, a.created_at)
         FROM accounts a LEFT JOIN verifications v ON v.account_id = a.id
         WHERE a.domain = ?1 AND a.username = ?2 AND a.state = 'pending'
             AND (a.expires_at IS NULL OR a.expires_at > ?3)",
        params![new.domain.as_str(), new.username.as_str(), stored(new.at)],
        |cells| Ok((AccountId(cells.get(0, "id")?), cells.of("verifications").time(1, "made_at")?)),
    )?;
    let Some((account, made_at)) = found else { return Ok(Replacement::NotPending) };
    // A proof from the future was made before the clock was set back, and says nothing about the cooldown.
    let cooldown = new.at.duration_since(new.not_since);
    if made_at.duration_since(new.at).abs() < cooldown {
        return Ok(Replacement::TooSoon);
    }
    if let Some(email) = &new.email {
        tx.execute("UPDATE accounts SET email = ?2 WHERE id = ?1", params![account.0, email.as_str()])?;
    }
    put(tx, account, &new.verification, new.at)?;
    outbox::drop_letters_of(tx, account)?;
    outbox::put(tx, account, &new.letter, new.at)?;
    let action = if new.email.is_some() { audit::EMAIL_CORRECTED } else { audit::VERIFICATION_RESENT };
    audit::put(tx, new.at, &new.actor, &new.domain, &new.username, action)?;
    Ok(Replacement::Replaced)
}

fn of_account(
    tx: &Transaction<'_>,
    domain: &Domain,
    username: &Username,
) -> Result<Option<(Account, Verification)>, Fault> {
    tx.one(
        "accounts",
        concat!(waiting!(), "a.domain = ?1 AND a.username = ?2 AND a.state = 'pending'"),
        params![domain.as_str(), username.as_str()],
        read,
    )
}

fn of_link(tx: &Transaction<'_>, hash: &ProofHash) -> Result<Option<(Account, Verification)>, Fault> {
    tx.one(
        "accounts",
        concat!(waiting!(), "v.link_hash = ?1 AND a.state = 'pending'"),
        params![hash.as_bytes()],
        read,
    )
}

fn read(cells: &Cells<'_>) -> Result<(Account, Verification), Fault> {
    let account = accounts::read(cells)?;
    let cells = cells.of("verifications");
    let verification = Verification {
        code: ProofHash::from_bytes(cells.get(NEXT_COLUMN, "code_hash")?),
        link: ProofHash::from_bytes(cells.get(NEXT_COLUMN + 1, "link_hash")?),
        tries_left: cells.get(NEXT_COLUMN + 2, "tries_left")?,
        code_expires_at: cells.time(NEXT_COLUMN + 3, "code_expires_at")?,
        link_expires_at: cells.time(NEXT_COLUMN + 4, "link_expires_at")?,
    };
    Ok((account, verification))
}

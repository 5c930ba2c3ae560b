//! The tables of verifications: proofs, tries, and new letters for those who wait.

use jiff::Timestamp;
use rusqlite::params;

use crate::accounts::{
    Account, AccountEvent, AccountId, AccountState, Channel, Domain, PhoneVerification, ProofHash, Username,
    Verdict, Verification,
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
            ", v.code_hash, v.link_hash, v.tries_left, v.code_expires_at, v.link_expires_at,
               p.code_hash, p.tries_left, p.code_expires_at
             FROM accounts a LEFT JOIN verifications v ON v.account_id = a.id
                  LEFT JOIN phone_verifications p ON p.account_id = a.id
             WHERE a.state = 'pending' AND "
        )
    };
}

/// A pending account and what it has to prove.
struct Waiting {
    account: Account,
    email: Option<Verification>,
    phone: Option<PhoneVerification>,
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

/// The same for its phone number.
pub(super) fn put_phone(
    tx: &Transaction<'_>,
    account: AccountId,
    verification: &PhoneVerification,
    at: Timestamp,
) -> Result<(), Fault> {
    tx.execute(
        "INSERT OR REPLACE INTO phone_verifications (account_id, code_hash, tries_left, code_expires_at, made_at)
         VALUES (?1, ?2, ?3, ?4, ?5)",
        params![
            account.0,
            verification.code.as_bytes(),
            verification.tries_left,
            stored(verification.code_expires_at),
            stored(at),
        ],
    )?;
    Ok(())
}

/// Forgets what was to be proven one way, and what was to be sent for it.
pub(super) fn forget(tx: &Transaction<'_>, account: AccountId, channel: Channel) -> Result<(), Fault> {
    let sql = match channel {
        Channel::Mail => "DELETE FROM verifications WHERE account_id = ?1",
        Channel::Sms => "DELETE FROM phone_verifications WHERE account_id = ?1",
    };
    tx.execute(sql, params![account.0])?;
    outbox::drop_proof_letters_of(tx, account, channel)
}

/// Holds a proof against what waits for it, counts the try, and activates the account that has nothing left to prove.
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
    let Some(Waiting { account, email, phone }) = waiting else { return Ok(Verified::Unknown) };
    if account.expires_at.is_some_and(|end| end <= at) {
        return Ok(Verified::Expired);
    }
    let (both, verdicts) = (email.is_some() && phone.is_some(), verdicts(attempt, email, phone, at));
    if let Some((channel, _)) = verdicts.iter().find(|(_, verdict)| *verdict == Verdict::Proven) {
        let proof = Proof { channel: *channel, is_last: !both };
        return prove(tx, &account, proof, unique, at, actor);
    }
    let mut outcome = if verdicts.is_empty() { Verified::Unknown } else { Verified::Expired };
    for (channel, verdict) in verdicts {
        let Verdict::Wrong { tries_left } = verdict else { continue };
        count_try(tx, account.id, channel, tries_left)?;
        let most = match outcome {
            Verified::Wrong { tries_left: other } => other.max(tries_left),
            _ => tries_left,
        };
        outcome = Verified::Wrong { tries_left: most };
    }
    Ok(outcome)
}

/// What a proof is worth for each contact that it may be for.
fn verdicts(
    attempt: &ProofAttempt,
    email: Option<Verification>,
    phone: Option<PhoneVerification>,
    at: Timestamp,
) -> Vec<(Channel, Verdict)> {
    let (by_mail, by_sms) = match attempt {
        ProofAttempt::Code { hash, channel, .. } => (
            email.filter(|_| *channel != Some(Channel::Sms)).map(|email| email.check_code(hash, at)),
            phone.filter(|_| *channel != Some(Channel::Mail)).map(|phone| phone.check_code(hash, at)),
        ),
        ProofAttempt::Link { hash } => (email.map(|email| email.check_link(hash, at)), None),
    };
    let by_mail = by_mail.map(|verdict| (Channel::Mail, verdict));
    by_mail.into_iter().chain(by_sms.map(|verdict| (Channel::Sms, verdict))).collect()
}

fn count_try(
    tx: &Transaction<'_>,
    account: AccountId,
    channel: Channel,
    tries_left: u32,
) -> Result<(), Fault> {
    let sql = match channel {
        Channel::Mail => "UPDATE verifications SET tries_left = ?2 WHERE account_id = ?1",
        Channel::Sms => "UPDATE phone_verifications SET tries_left = ?2 WHERE account_id = ?1",
    };
    tx.execute(sql, params![account.0, tries_left])?;
    Ok(())
}

/// What a right proof is for.
#[derive(Clone, Copy)]
struct Proof {
    channel: Channel,
    /// Whether the account has nothing else to prove.
    is_last: bool,
}

fn prove(
    tx: &Transaction<'_>,
    account: &Account,
    proof: Proof,
    unique: bool,
    at: Timestamp,
    actor: &Actor,
) -> Result<Verified, Fault> {
    match (proof.channel, &account.email) {
        (Channel::Mail, Some(email)) => {
            // The index refuses a second account too; but it cannot see one that proved the address while that was allowed.
            if unique && accounts::email_owner(tx, &account.domain, &email.key())?.is_some() {
                return Ok(Verified::AddressInUse);
            }
            accounts::prove_email(tx, account.id, email, unique, at)?;
        }
        (Channel::Mail, None) => {}
        (Channel::Sms, _) => accounts::prove_phone(tx, account.id, at)?,
    }
    if proof.is_last {
        lifecycle::set_state(tx, account, AccountState::Active, AccountEvent::Activated, None, at, actor)?;
    } else {
        forget(tx, account.id, proof.channel)?;
        let action = match proof.channel {
            Channel::Mail => audit::EMAIL_PROVEN,
            Channel::Sms => audit::PHONE_PROVEN,
        };
        audit::put(tx, at, actor, &account.domain, &account.username, action)?;
    }
    let proven = if proof.is_last { Verified::Activated } else { Verified::Further };
    Ok(accounts::find_by_id(tx, account.id)?.map_or(Verified::Unknown, proven))
}

/// The account that a link is for.
pub(super) fn link_account(tx: &Transaction<'_>, hash: &ProofHash) -> Result<Option<Account>, Fault> {
    Ok(of_link(tx, hash)?.map(|waiting| waiting.account))
}

/// Puts new verifications and their letters in place of the old ones.
pub(super) fn replace(tx: &Transaction<'_>, new: &NewVerification) -> Result<Replacement, Fault> {
    // What has been proven already is not corrected.
    let found = tx.one(
        "accounts",
        "SELECT a.id, coalesce(nullif(max(coalesce(v.made_at, 0), coalesce(p.made_at, 0)), 0), a.created_at)
         FROM accounts a LEFT JOIN verifications v ON v.account_id = a.id
              LEFT JOIN phone_verifications p ON p.account_id = a.id
         WHERE a.domain = ?1 AND a.username = ?2 AND a.state = 'pending'
             AND (a.expires_at IS NULL OR a.expires_at > ?3)
             AND NOT (?4 AND a.email_verified_at IS NOT NULL) AND NOT (?5 AND a.phone_verified_at IS NOT NULL)",
        params![
            new.domain.as_str(),
            new.username.as_str(),
            stored(new.at),
            new.verification.is_some(),
            new.phone_verification.is_some(),
        ],
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
    if let Some(phone) = &new.phone {
        tx.execute("UPDATE accounts SET phone = ?2 WHERE id = ?1", params![account.0, phone.as_str()])?;
    }
    if let Some(verification) = &new.verification {
        put(tx, account, verification, new.at)?;
        outbox::drop_letters_of(tx, account, Channel::Mail)?;
    }
    if let Some(verification) = &new.phone_verification {
        put_phone(tx, account, verification, new.at)?;
        outbox::drop_letters_of(tx, account, Channel::Sms)?;
    }
    for letter in &new.letters {
        outbox::put(tx, account, letter, &new.actor, new.at)?;
    }
    let corrected =
        [(new.email.is_some(), audit::EMAIL_CORRECTED), (new.phone.is_some(), audit::PHONE_CORRECTED)];
    let mut actions: Vec<_> = corrected.iter().filter(|(done, _)| *done).map(|(_, action)| *action).collect();
    if actions.is_empty() {
        actions.push(audit::VERIFICATION_RESENT);
    }
    for action in actions {
        audit::put(tx, new.at, &new.actor, &new.domain, &new.username, action)?;
    }
    Ok(Replacement::Replaced)
}

fn of_account(tx: &Transaction<'_>, domain: &Domain, username: &Username) -> Result<Option<Waiting>, Fault> {
    tx.one(
        "accounts",
        concat!(waiting!(), "a.domain = ?1 AND a.username = ?2"),
        params![domain.as_str(), username.as_str()],
        read,
    )
}

fn of_link(tx: &Transaction<'_>, hash: &ProofHash) -> Result<Option<Waiting>, Fault> {
    tx.one("accounts", concat!(waiting!(), "v.link_hash = ?1"), params![hash.as_bytes()], read)
}

fn read(cells: &Cells<'_>) -> Result<Waiting, Fault> {
    let account = accounts::read(cells)?;
    let cells = cells.of("verifications");
    let email = match cells.get::<Option<[u8; 32]>>(NEXT_COLUMN, "code_hash")? {
        None => None,
        Some(code) => Some(Verification {
            code: ProofHash::from_bytes(code),
            link: ProofHash::from_bytes(cells.get(NEXT_COLUMN + 1, "link_hash")?),
            tries_left: cells.get(NEXT_COLUMN + 2, "tries_left")?,
            code_expires_at: cells.time(NEXT_COLUMN + 3, "code_expires_at")?,
            link_expires_at: cells.time(NEXT_COLUMN + 4, "link_expires_at")?,
        }),
    };
    let cells = cells.of("phone_verifications");
    let phone = match cells.get::<Option<[u8; 32]>>(NEXT_COLUMN + 5, "code_hash")? {
        None => None,
        Some(code) => Some(PhoneVerification {
            code: ProofHash::from_bytes(code),
            tries_left: cells.get(NEXT_COLUMN + 6, "tries_left")?,
            code_expires_at: cells.time(NEXT_COLUMN + 7, "code_expires_at")?,
        }),
    };
    Ok(Waiting { account, email, phone })
}

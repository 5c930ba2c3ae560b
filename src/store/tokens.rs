//! Tokens that people are logged in with, and codes that come with an address instead of a name. Of a token itself nothing is kept:
//! whether it still counts is seen from its account, and one that was logged out is in the spent table until its time is over.

use jiff::Timestamp;
use rusqlite::params;

use super::{
    Lane, Store, StoreError,
    accounts::{self, NEXT_COLUMN, account_columns},
    error::Fault,
    spent,
    transaction::{Transaction, stored},
    types::{Actor, ProofAttempt, Spending, Verified},
    verifications,
};
use crate::accounts::{Account, Contact, Domain, ProofHash, Username};

/// Pending accounts of one address whose codes are looked at; each costs a wrong code one of its tries.
const MOST_OF_ADDRESS: u32 = 5;

/// The account that a token is for.
#[derive(Debug, Clone)]
pub struct TokenHolder {
    /// The account.
    pub account: Account,
    /// Tokens of an earlier epoch have ended.
    pub epoch: i64,
    /// Whether this token was logged out.
    pub ended: bool,
}

/// A code that comes with the address or number it was sent to, instead of a name.
#[derive(Debug, Clone)]
pub struct AddressProof {
    /// The domain.
    pub domain: Domain,
    /// The address or number.
    pub contact: Contact,
    /// Written where no account waits for a code, so that it takes the same time.
    pub decoy: Spending,
    /// Whether an address may prove one account only.
    pub unique: bool,
    /// Now.
    pub at: Timestamp,
    /// Who gives it.
    pub actor: Actor,
}

impl Store {
    /// The account that a token is for. `token` is the hash that the token was [spent](Store::spend) with, if it was logged out.
    pub async fn token_holder(
        &self,
        domain: &Domain,
        username: &Username,
        token: ProofHash,
    ) -> Result<Option<TokenHolder>, StoreError> {
        let (domain, username) = (domain.clone(), username.clone());
        self.read(Lane::Lookup, move |tx| holder(tx, &domain, &username, &token)).await
    }

    /// Holds a code against the pending accounts that gave this address or number, the newest first. `hash` makes the hash of the code for each.
    pub async fn verify_address(
        &self,
        proof: AddressProof,
        hash: impl Fn(&Username) -> ProofHash + Send + 'static,
    ) -> Result<Verified, StoreError> {
        self.write(move |tx| {
            let AddressProof { domain, contact, decoy, unique, at, actor } = &proof;
            let mut outcome = Verified::Unknown;
            for username in pending_with(tx, domain, contact, *at)? {
                let hash = hash(&username);
                let channel = Some(contact.channel());
                let attempt = ProofAttempt::Code { domain: domain.clone(), username, hash, channel };
                outcome = verifications::verify(tx, &attempt, *unique, *at, actor)?;
                if matches!(outcome, Verified::Activated(_) | Verified::Further(_) | Verified::AddressInUse) {
                    break;
                }
            }
            if matches!(outcome, Verified::Unknown | Verified::Expired) {
                spent::spend(tx, decoy)?;
            }
            Ok(outcome)
        })
        .await
    }
}

fn holder(
    tx: &Transaction<'_>,
    domain: &Domain,
    username: &Username,
    token: &ProofHash,
) -> Result<Option<TokenHolder>, Fault> {
    tx.one(
        "accounts",
        concat!(
            "SELECT ",
            account_columns!(),
            ", a.token_epoch, EXISTS (SELECT 1 FROM spent WHERE hash = ?3)
             FROM accounts a WHERE a.domain = ?1 AND a.username = ?2"
        ),
        params![domain.as_str(), username.as_str(), token.as_bytes()],
        |cells| {
            Ok(TokenHolder {
                account: accounts::read(cells)?,
                epoch: cells.get(NEXT_COLUMN, "token_epoch")?,
                ended: cells.of("spent").get(NEXT_COLUMN + 1, "hash")?,
            })
        },
    )
}

fn pending_with(
    tx: &Transaction<'_>,
    domain: &Domain,
    contact: &Contact,
    at: Timestamp,
) -> Result<Vec<Username>, Fault> {
    let (sql, contact) = match contact {
        Contact::Email(email) => (
            "SELECT id, username FROM accounts
             WHERE domain = ?1 AND lower(email) = ?2 AND state = 'pending' AND expires_at > ?3 ORDER BY id DESC LIMIT ?4",
            email.key(),
        ),
        Contact::Phone(phone) => (
            "SELECT id, username FROM accounts
             WHERE domain = ?1 AND phone = ?2 AND state = 'pending' AND expires_at > ?3 ORDER BY id DESC LIMIT ?4",
            phone.to_string(),
        ),
    };
    tx.all("accounts", sql, params![domain.as_str(), contact, stored(at), MOST_OF_ADDRESS], |cells| {
        cells.parse(1, "username", |text| Username::prepare(text).ok())
    })
}

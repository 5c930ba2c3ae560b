//! What goes into the operations of the store and what comes out.

use std::path::PathBuf;

use jiff::Timestamp;

use super::{branches::BranchMember, invitations::InvitationUse};
use crate::accounts::{
    Account, AccountId, AccountState, ApiKey, ApiKeyId, Channel, Domain, Email, Front, KeyOwner, LanguageTag,
    Origin, PasswordHash, Phone, PhoneVerification, ProofHash, Refusal, RequestId, ScramLook, Username,
    Verification,
};

/// Where the database is and how much memory it may use.
#[derive(Debug, Clone)]
pub struct StoreSettings {
    /// The database file; made if it is not there.
    pub path: PathBuf,
    /// Threads that read in parallel.
    pub readers: usize,
    /// Page cache of the writer, in KiB; each reader has half of it.
    pub cache_kib: u32,
}

/// Who made a change, for the audit table.
#[derive(Debug, Clone)]
pub struct Actor {
    /// Through which front.
    pub front: Front,
    /// The client: its address or JID.
    pub client: Option<String>,
    /// The request that it was made with.
    pub request: Option<RequestId>,
}

/// A letter to be written into the outbox with the change that it tells about.
#[derive(Debug, Clone)]
pub struct NewLetter {
    /// Makes repeated sends recognisable; also the place that the letter is sealed for.
    pub message_id: String,
    /// The word of its kind.
    pub kind: &'static str,
    /// Which way it goes.
    pub channel: Channel,
    /// The sealed letter.
    pub sealed: Vec<u8>,
    /// When sending it no longer makes sense.
    pub expires_at: Timestamp,
}

/// A new account with everything that is written in the same transaction.
#[derive(Debug, Clone)]
pub struct NewAccount {
    /// The domain.
    pub domain: Domain,
    /// The name; UNIQUE decides.
    pub username: Username,
    /// `Pending` or `Active`.
    pub state: AccountState,
    /// The address given.
    pub email: Option<Email>,
    /// The phone number given.
    pub phone: Option<Phone>,
    /// The person's language.
    pub language: LanguageTag,
    /// The verifier.
    pub password_hash: PasswordHash,
    /// The sealed SCRAM keys; `None` where SCRAM is off.
    pub sealed_scram: Option<Vec<u8>>,
    /// What checks logins that are signed with the password, sealed; `None` where the operator does not want them.
    pub sealed_login: Option<Vec<u8>>,
    /// How the address has to be proven; only for a pending account.
    pub verification: Option<Verification>,
    /// How the phone number has to be proven; only for a pending account.
    pub phone_verification: Option<PhoneVerification>,
    /// The letters to send.
    pub letters: Vec<NewLetter>,
    /// Now.
    pub created_at: Timestamp,
    /// When a pending account lapses.
    pub expires_at: Option<Timestamp>,
    /// What is used up by it and may be used once: the CAPTCHA challenge that was solved.
    pub spends: Option<Spending>,
    /// The API key that it is made with; counts as one of its accounts.
    pub api_key: Option<ApiKeyId>,
    /// The invitation that lets it in.
    pub invitation: Option<InvitationUse>,
    /// The branch that makes it and vouches for the address.
    pub member: Option<BranchMember>,
    /// Who registers.
    pub actor: Actor,
}

/// The use of something that may be used once.
#[derive(Debug, Clone, Copy)]
pub struct Spending {
    /// Keyed hash of the kind of thing and of its identifier.
    pub hash: ProofHash,
    /// From when on the thing itself is too old to be used.
    pub expires_at: Timestamp,
}

/// What became of a new account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Creation {
    /// Made.
    Created(AccountId),
    /// The name belongs to an account or to a tombstone, or is kept for somebody who is invited.
    NameTaken,
    /// What it was to use up had been used before.
    AlreadySpent,
    /// The API key has no account left.
    KeyExhausted,
    /// The API key was revoked, or is none of this domain.
    KeyRevoked,
    /// The invitation does not let this account in, or no longer does.
    NotInvited,
    /// The address that the invitation is bound to, or that the branch vouches for, proves another account.
    AddressInUse,
    /// The branch was revoked, or is none of this domain.
    BranchRevoked,
}

/// A new API key.
#[derive(Debug, Clone)]
pub struct NewApiKey {
    /// Its public name.
    pub id: ApiKeyId,
    /// The domain that it makes accounts on.
    pub domain: Domain,
    /// Whom it is given to.
    pub owner: KeyOwner,
    /// The sealed secret.
    pub sealed_secret: Vec<u8>,
    /// How many accounts of it there may be at the same time.
    pub limit: u32,
    /// Now.
    pub at: Timestamp,
    /// Who makes it.
    pub actor: Actor,
}

/// An API key with its secret.
#[derive(Debug, Clone)]
pub struct StoredApiKey {
    /// The key.
    pub key: ApiKey,
    /// The sealed secret.
    pub sealed_secret: Vec<u8>,
}

/// What the operator does to an API key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyChange {
    /// Sets how many accounts of it there may be at the same time.
    Limit(u32),
    /// Ends it for good.
    Revoke,
}

/// The credentials on file, for a login.
#[derive(Debug, Clone)]
pub struct StoredCredentials {
    /// The account.
    pub id: AccountId,
    /// Whether it may log in.
    pub state: AccountState,
    /// The operator's words, when suspended.
    pub suspension: Option<String>,
    /// When it is deleted, because its owner asked for that.
    pub delete_at: Option<Timestamp>,
    /// Its verifier; `None` for an account that was taken over, until its first login with the password itself.
    pub password_hash: Option<PasswordHash>,
    /// Its sealed SCRAM keys.
    pub sealed_scram: Option<Vec<u8>>,
    /// What checks logins that are signed with the password, sealed; `None` where the operator does not want them.
    pub sealed_login: Option<Vec<u8>>,
    /// Tokens of an earlier epoch have ended.
    pub token_epoch: i64,
}

impl StoredCredentials {
    /// Why the account may not log in; `None` if it may.
    pub fn refusal(&self) -> Option<Refusal> {
        match (self.state, self.delete_at) {
            (AccountState::Active, _) => None,
            (AccountState::Pending, _) => Some(Refusal::AccountPending),
            (AccountState::Suspended, Some(at)) => Some(Refusal::AccountLeaving { at }),
            (AccountState::Suspended, None) => {
                Some(Refusal::AccountSuspended { reason: self.suspension.clone() })
            }
        }
    }
}

/// New credentials for an account.
#[derive(Debug, Clone)]
pub struct NewCredentials {
    /// The domain.
    pub domain: Domain,
    /// The account.
    pub username: Username,
    /// The verifier.
    pub password_hash: PasswordHash,
    /// The sealed SCRAM keys; `None` where SCRAM is off.
    pub sealed_scram: Option<Vec<u8>>,
    /// What checks logins that are signed with the password, sealed; `None` where the operator does not want them.
    pub sealed_login: Option<Vec<u8>>,
    /// What must still be on file.
    pub replaces: Replaced,
    /// `true` when the password is another one: sessions are told. `false` when the same password was hashed anew.
    pub changed: bool,
    /// The session that stays open.
    pub keep: Option<String>,
    /// Now.
    pub at: Timestamp,
    /// Who changes it.
    pub actor: Actor,
}

/// What new credentials may take the place of. A password that is hashed anew at a login names what it was checked against, or a change
/// made meanwhile would be undone.
#[derive(Debug, Clone)]
pub enum Replaced {
    /// Whatever is there.
    Anything,
    /// This verifier.
    Verifier(PasswordHash),
    /// These sealed SCRAM keys, of an account without verifier.
    Keys(Vec<u8>),
}

/// What a login has to be held against.
#[derive(Debug, Clone)]
pub struct LoginLookup {
    /// The credentials of the account, if there is one.
    pub credentials: Option<StoredCredentials>,
    /// What the keys of accounts that were taken over look like on this domain, and how many do.
    pub looks: Vec<(ScramLook, u64)>,
}

/// A proof to be held against what waits for it.
#[derive(Debug, Clone)]
pub enum ProofAttempt {
    /// A code for a named account.
    Code {
        /// The domain.
        domain: Domain,
        /// The account.
        username: Username,
        /// Hash of the code.
        hash: ProofHash,
        /// What it came by, if that is known; else it is held against everything that waits.
        channel: Option<Channel>,
    },
    /// A link.
    Link {
        /// Hash of the token.
        hash: ProofHash,
    },
}

/// What a proof was worth; tries are counted in the same transaction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verified {
    /// The contact is proven and the account active.
    Activated(Account),
    /// The contact is proven, and the account waits for the proof of another one.
    Further(Account),
    /// Not the right one.
    Wrong {
        /// Tries left.
        tries_left: u32,
    },
    /// Too late, or after too many tries.
    Expired,
    /// The address has been proven for another account in the meantime.
    AddressInUse,
    /// Nothing waits for this proof.
    Unknown,
}

/// A proof that lets somebody set a new password, and its letter.
#[derive(Debug, Clone)]
pub struct NewRecovery {
    /// The domain.
    pub domain: Domain,
    /// The account.
    pub username: Username,
    /// What has to be proven.
    pub proof: Verification,
    /// The letter.
    pub letter: NewLetter,
    /// Now.
    pub at: Timestamp,
    /// Who asks.
    pub actor: Actor,
}

/// What a proof for a new password was worth; tries are counted in the same transaction.
#[expect(clippy::large_enum_variant, reason = "one value for each proof, looked at once")]
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Recovery {
    /// The right one, for this account.
    Proven(Account),
    /// Not the right one.
    Wrong {
        /// Tries left.
        tries_left: u32,
    },
    /// After too many tries.
    Expired,
    /// Nothing waits for this proof, or no longer.
    Unknown,
}

/// A new verification and its letter for a pending account, in place of the old one.
#[derive(Debug, Clone)]
pub struct NewVerification {
    /// The domain.
    pub domain: Domain,
    /// The account.
    pub username: Username,
    /// The corrected address, if it changed.
    pub email: Option<Email>,
    /// The corrected phone number, if it changed.
    pub phone: Option<Phone>,
    /// How the address has to be proven now; `None` leaves that as it is.
    pub verification: Option<Verification>,
    /// How the phone number has to be proven now; `None` leaves that as it is.
    pub phone_verification: Option<PhoneVerification>,
    /// The letters.
    pub letters: Vec<NewLetter>,
    /// Refuse if the last letter was made after this moment.
    pub not_since: Timestamp,
    /// Now.
    pub at: Timestamp,
    /// Who asks.
    pub actor: Actor,
}

/// What became of a request for another letter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Replacement {
    /// The new letter is in the outbox; the old code and link no longer work, an unsent old letter is dropped.
    Replaced,
    /// The last letter is too fresh.
    TooSoon,
    /// No pending account of that name.
    NotPending,
}

/// Which accounts to list, in the order of their names.
#[derive(Debug, Clone, Default)]
pub struct AccountFilter {
    /// Only this domain.
    pub domain: Option<Domain>,
    /// Only this state.
    pub state: Option<AccountState>,
    /// Only names or addresses that contain this text.
    pub search: Option<String>,
    /// Only names after this account.
    pub after: Option<(Domain, Username)>,
    /// At most so many.
    pub limit: u32,
}

/// A letter that waits in the outbox.
#[derive(Debug, Clone)]
pub struct OutboxLetter {
    /// Key.
    pub id: i64,
    /// The account's domain.
    pub domain: Domain,
    /// See [`NewLetter`].
    pub message_id: String,
    /// See [`NewLetter`].
    pub kind: String,
    /// See [`NewLetter`].
    pub sealed: Vec<u8>,
    /// Attempts so far.
    pub attempts: u32,
    /// When it was made.
    pub created_at: Timestamp,
    /// When sending it no longer makes sense.
    pub expires_at: Timestamp,
    /// The request that it follows from, where that is known.
    pub request: Option<String>,
}

/// What became of an attempt to send.
#[derive(Debug, Clone)]
pub enum Dispatch {
    /// Handed over; the row goes.
    Sent,
    /// Failed for now; not before the given moment.
    Retry {
        /// When to try again.
        at: Timestamp,
        /// What went wrong, without the recipient's address.
        error: String,
    },
    /// Will never go through; kept for the operator, its content wiped.
    Parked {
        /// What went wrong, without the recipient's address.
        error: String,
    },
}

/// One line of the audit table.
#[derive(Debug, Clone, serde::Serialize)]
pub struct AuditEntry {
    /// When.
    pub at: Timestamp,
    /// Through which front.
    pub front: String,
    /// The client: its address or JID.
    pub client: Option<String>,
    /// Whose account, as `name@domain`; the domain alone for what concerns an API key as a whole.
    pub account: String,
    /// What was done: `registered`, `activated`, `password-changed`, ...
    pub action: String,
    /// The API key that it was done with or done to.
    pub api_key: Option<String>,
    /// The request that it was done with, as the log has it.
    pub request: Option<String>,
}

/// How full the tables are.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize)]
pub struct Counts {
    /// Accounts that wait for a proof.
    pub pending: u64,
    /// Accounts that can log in.
    pub active: u64,
    /// Accounts suspended by the operator.
    pub suspended: u64,
    /// Letters that wait to be sent.
    pub letters_waiting: u64,
    /// Letters that will never go through.
    pub letters_parked: u64,
    /// Changes that a server has not been told yet.
    pub notices: u64,
}

impl From<&Origin> for Actor {
    fn from(origin: &Origin) -> Self {
        Self { front: origin.front, client: origin.client(), request: origin.request }
    }
}

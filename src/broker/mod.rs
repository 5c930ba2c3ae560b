//! The use cases: one file each, one public method each. They take typed values, ask the rules in `accounts`, write once
//! through `store`, and return an outcome that each front renders.

use std::{sync::Arc, time::Duration};

use crate::{
    accounts::{
        Account, AccountState, Domain, DomainPolicy, Email, Keyring, LinkToken, Notice, Origin, Refusal,
        ScramKeys, Username, form::RawForm,
    },
    clock::Clock,
    random::Random,
    store::{AccountFilter, AuditEntry, Counts, Store},
};

/// Everything a broker is built from; `cli/serve.rs` builds it.
#[derive(Debug)]
pub struct BrokerParts {
    /// The database.
    pub store: Store,
    /// The keys that live outside of it.
    pub keyring: Keyring,
    /// The domains served; the first is the default of fronts that name none.
    pub domains: Vec<DomainPolicy>,
    /// How passwords are derived.
    pub hashing: HashingSettings,
    /// How much one client may ask for.
    pub limits: LimitSettings,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Randomness.
    pub random: Arc<dyn Random>,
}

/// How passwords are derived, and how much of it at a time.
#[derive(Debug, Clone)]
pub struct HashingSettings {
    /// Argon2id memory in KiB.
    pub memory_kib: u32,
    /// Argon2id passes.
    pub passes: u32,
    /// PBKDF2 rounds of the SCRAM keys; `None` switches SCRAM off.
    pub scram_iterations: Option<u32>,
    /// Threads; each keeps `memory_kib` while it has work.
    pub threads: usize,
    /// Derivations that may wait; beyond it is refused.
    pub queue: usize,
}

/// How much one client may ask for.
#[derive(Debug, Clone)]
pub struct LimitSettings {
    /// Registrations that one client may make in an hour.
    pub registrations_per_hour: u32,
    /// Wrong passwords and codes that one client may give in a minute.
    pub wrong_proofs_per_minute: u32,
    /// Letters that may go to one address in an hour.
    pub letters_per_hour: u32,
}

/// The use cases. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Broker {}

/// Why a use case did not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// An expected "no": tell the person.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// Something broke: log it once, tell the person to try again later.
    #[error("{0:#}")]
    Fault(anyhow::Error),
}

/// What a use case gives.
pub type Outcome<T> = Result<T, Failure>;

/// A new account.
#[derive(Debug, Clone)]
pub struct Registered {
    /// Its name, prepared.
    pub username: Username,
    /// Its domain.
    pub domain: Domain,
    /// `Pending` or `Active`.
    pub state: AccountState,
    /// Where the letter goes, when pending.
    pub email: Option<Email>,
}

/// What a server needs for a SCRAM login.
#[derive(Debug, Clone)]
pub struct ScramCredentials {
    /// The name, prepared.
    pub username: Username,
    /// Whether the account may log in (told only after the proof).
    pub state: AccountState,
    /// The operator's words, when suspended.
    pub suspension: Option<String>,
    /// One entry for each mechanism; empty where SCRAM is off.
    pub keys: Vec<ScramKeys>,
}

/// What a person brings to prove a contact.
#[derive(Debug, Clone)]
pub enum ProofInput {
    /// A code, as typed, for an account, as typed.
    Code {
        /// The domain.
        domain: Domain,
        /// The name as typed.
        username: String,
        /// The code as typed.
        code: String,
    },
    /// The token of a link.
    Link(LinkToken),
}

#[expect(
    clippy::todo,
    clippy::unused_async,
    unused_variables,
    clippy::needless_pass_by_value,
    reason = "the rooms are being furnished"
)]
impl Broker {
    /// Puts the parts together and starts the hashing threads.
    pub fn new(parts: BrokerParts) -> Self {
        todo!()
    }
    /// The policy of a domain, if it is served.
    pub fn policy(&self, domain: &Domain) -> Option<&DomainPolicy> {
        todo!()
    }
    /// The domains served; the first is the default.
    pub fn domains(&self) -> impl Iterator<Item = &DomainPolicy> {
        std::iter::empty()
    }
    /// Makes an account, pending where a contact must be proven.
    pub async fn register(&self, origin: &Origin, domain: &Domain, form: RawForm) -> Outcome<Registered> {
        todo!()
    }
    /// Proves a contact; gives the account, now active.
    pub async fn verify(&self, origin: &Origin, proof: ProofInput) -> Outcome<Account> {
        todo!()
    }
    /// Which pending account a link is for, without using the link up.
    pub async fn look_at_link(&self, origin: &Origin, token: &LinkToken) -> Outcome<Account> {
        todo!()
    }
    /// Sends the letter again. Unknown and active accounts get the same answer as pending ones.
    pub async fn resend(&self, origin: &Origin, domain: &Domain, username: &str) -> Outcome<()> {
        todo!()
    }
    /// Corrects the address of a pending account, whose password is asked for, and sends a new letter there.
    pub async fn correct_email(
        &self,
        origin: &Origin,
        domain: &Domain,
        username: &str,
        password: &str,
        email: &str,
    ) -> Outcome<()> {
        todo!()
    }
    /// Checks a password. `Ok` only for an account that may log in.
    pub async fn authenticate(
        &self,
        origin: &Origin,
        domain: &Domain,
        username: &str,
        password: &str,
    ) -> Outcome<Username> {
        todo!()
    }
    /// The SCRAM keys of an account; made-up ones for a name without account, in the same time.
    pub async fn scram_credentials(&self, domain: &Domain, username: &str) -> Outcome<ScramCredentials> {
        todo!()
    }
    /// Whether an account exists. For the server and the operator only.
    pub async fn account_exists(&self, domain: &Domain, username: &str) -> Outcome<bool> {
        todo!()
    }
    /// What is on file about an account. For its owner and the operator.
    pub async fn account(&self, domain: &Domain, username: &str) -> Outcome<Account> {
        todo!()
    }
    /// Sets a new password for the account of a logged-in person, or by the operator.
    pub async fn change_password(
        &self,
        origin: &Origin,
        domain: &Domain,
        username: &str,
        password: &str,
    ) -> Outcome<()> {
        todo!()
    }
    /// Deletes the account of a logged-in person, or by the operator.
    pub async fn remove(&self, origin: &Origin, domain: &Domain, username: &str) -> Outcome<Account> {
        todo!()
    }
    /// Makes an account active at once, by the operator; the policy for names and passwords holds, the one for contacts does not.
    pub async fn add(&self, origin: &Origin, domain: &Domain, form: RawForm) -> Outcome<Registered> {
        todo!()
    }
    /// Makes a pending account active without a proof, by the operator.
    pub async fn activate(&self, origin: &Origin, domain: &Domain, username: &str) -> Outcome<Account> {
        todo!()
    }
    /// Keeps an account from logging in, by the operator.
    pub async fn suspend(
        &self,
        origin: &Origin,
        domain: &Domain,
        username: &str,
        reason: Option<String>,
    ) -> Outcome<Account> {
        todo!()
    }
    /// Lets a suspended account log in again, by the operator.
    pub async fn resume(&self, origin: &Origin, domain: &Domain, username: &str) -> Outcome<Account> {
        todo!()
    }
    /// Lists accounts, for the operator.
    pub async fn accounts(&self, filter: AccountFilter) -> Outcome<Vec<Account>> {
        todo!()
    }
    /// The newest audit entries, for the operator.
    pub async fn audit(&self, account: Option<&str>, limit: u32) -> Outcome<Vec<AuditEntry>> {
        todo!()
    }
    /// Counts accounts, letters and notices.
    pub async fn counts(&self) -> Outcome<Counts> {
        todo!()
    }
    /// The next account changes to tell the server of a domain, after the given notice; waits until there is one.
    pub async fn next_notices(&self, domain: &Domain, after: i64) -> Outcome<Vec<Notice>> {
        todo!()
    }
    /// Forgets a notice that the server has acted on.
    pub async fn notice_told(&self, notice: &Notice) -> Outcome<()> {
        todo!()
    }
    /// Purges what has run out, round after round, until everything is done. Called on a timer.
    pub async fn purge(&self) -> Outcome<()> {
        todo!()
    }
    /// How long the derivations of one password take on an idle thread, measured now; for the benchmark and `check`.
    pub async fn derivation_time(&self) -> Outcome<Duration> {
        todo!()
    }
}

//! The use cases: one file each, one public method each. They take typed values, ask the rules in `accounts`, write once
//! through `store`, and return an outcome that each front renders.
//!
//! A person's way: `register`, `verify` (or `resend`, `correct_contact`), `authenticate` and `credentials` (the two ways to
//! log in), `log_in_signed` (a third one, off by default), `tokens` (to stay logged in), `change_password`, `change_email`, `recover`, `on_file`, `remove`,
//! `own_account` (the same on a page, with a token), `leave` (a deletion that can be taken back). The operator's: `operate`, `api_keys`,
//! `branches` (whose programs register people, too), `invitations`, `import` and `export`. Programs': `create_with_key`, `web_form`, `verify_address`. By themselves:
//! `notices`, `purge`. What they share: `admission` (what lets a registration in), `captcha`, `signed_forms` (a key's signature),
//! `hashing` (the costly work), `strength` (a hint about a password), `limits`, `letters` (a new proof and its letter), `tries`.
//!
//! **What outsiders can learn.** Which e-mail addresses have an account: nothing, neither by answers nor by time. Which names
//! have one: only by registering, which cannot be had without "this name is taken", and which is limited by client; a login, a
//! code, a resend give the same answers for a name without account.

mod admission;
mod api_keys;
mod authenticate;
mod branches;
mod breached;
pub mod captcha;
mod change_email;
mod change_password;
mod correct_contact;
mod create_with_key;
mod credentials;
mod export;
mod hashing;
mod import;
mod invitations;
mod invite_address;
mod leave;
mod letters;
mod limits;
mod log_in_signed;
mod notices;
mod on_file;
mod operate;
mod own_account;
mod purge;
mod recover;
mod register;
mod remove;
mod resend;
mod shown;
mod signed_forms;
mod strength;
mod tokens;
mod tries;
mod verify;
mod verify_address;
mod web_form;

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

pub use self::{
    admission::{Offer, Submitted},
    branches::{BranchClaim, ProvenBranch},
    breached::{BreachedList, ListProblem},
    captcha::{CaptchaOffer, CaptchaService, ServiceVerdict, WebCaptcha},
    correct_contact::Correction,
    create_with_key::{KeyApplication, MadeWithKey},
    invitations::{InvitationWish, Inviting, NewlyInvited, Presented, Ticket},
    on_file::OnFile,
    tokens::{Bearer, Token},
    web_form::{WebForm, WebFormApplication, WebFormProof},
};

use self::{
    captcha::Painter,
    hashing::{HashingPool, ScramSeal},
    limits::Limits,
    log_in_signed::LoginSeal,
    shown::ShownInvitations,
    signed_forms::Offers,
    tries::TriesElsewhere,
};
use crate::{
    accounts::{
        AccountId, AccountState, Domain, DomainPolicy, Email, Front, Keyring, LinkToken, Origin, Phone,
        ProofKey, Refusal, ScramKeys, SealKey, TokenKey, Username, WebFormGate, challenge::ChallengeKey,
    },
    clock::Clock,
    random::Random,
    store::{Store, StoreError},
};

/// How much work may go on after its answer was given; beyond it, it is left undone until the next occasion.
const BACKGROUND_PLACES: usize = 16;

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
    /// The CAPTCHA service of somebody else, where there is one.
    pub captcha_service: Option<Arc<dyn CaptchaService>>,
    /// Which CAPTCHA stands before the web form of the Agent API.
    pub web_form_gate: WebFormGate,
    /// Passwords that nobody may choose, because others have lost them.
    pub breached: Option<BreachedList>,
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
    /// Derivations that may wait, for logins and for everything else each; beyond it is refused.
    pub queue: usize,
}

/// How much one client may ask for.
#[derive(Debug, Clone)]
pub struct LimitSettings {
    /// Registrations that one client may make in an hour.
    pub registrations_per_hour: u32,
    /// The same in a day.
    pub registrations_per_day: u32,
    /// Registrations that may be made with one API key in an hour.
    pub registrations_per_key_per_hour: u32,
    /// The same in a day.
    pub registrations_per_key_per_day: u32,
    /// Wrong passwords and codes that one client may give in a minute.
    pub wrong_proofs_per_minute: u32,
    /// The same in a day.
    pub wrong_proofs_per_day: u32,
    /// Letters that may go to one address in an hour.
    pub letters_per_hour: u32,
    /// The same in a day.
    pub letters_per_day: u32,
    /// Letters that may go to all addresses of one domain in an hour.
    pub letters_to_domain_per_hour: u32,
    /// Text messages that may go to one number in an hour.
    pub sms_per_hour: u32,
    /// The same in a day.
    pub sms_per_day: u32,
    /// Text messages that may go to one block of ten thousand numbers in a day.
    pub sms_to_block_per_day: u32,
    /// Text messages that may be sent in all in a day.
    pub sms_in_all_per_day: u32,
}

/// The use cases. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Broker {
    parts: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    store: Store,
    domains: Vec<DomainPolicy>,
    /// PBKDF2 rounds of new SCRAM keys; `None` where SCRAM is off.
    scram_iterations: Option<u32>,
    hashing: HashingPool,
    limits: Limits,
    tries: TriesElsewhere,
    recovery_tries: TriesElsewhere,
    /// Makes CAPTCHA challenges.
    challenges: ChallengeKey,
    /// Draws their pictures, where a domain has pictures.
    painter: Option<Painter>,
    captcha_service: Option<Arc<dyn CaptchaService>>,
    web_form_gate: WebFormGate,
    breached: Option<BreachedList>,
    scram_seal: ScramSeal,
    login_seal: LoginSeal,
    /// Seals letters for the outbox; the place is the message id.
    letter_seal: SealKey,
    /// Seals the secrets of API keys; the place is the key's public name.
    key_seal: SealKey,
    /// Proves the tokens of forms, and hashes the nonces of signatures.
    forms: ProofKey,
    /// Which domains offer forms to sign.
    offers: Offers,
    /// Hashes codes and link tokens.
    proofs: ProofKey,
    /// Hashes codes and link tokens for a new password.
    recovery_proofs: ProofKey,
    /// Hashes codes for another address.
    change_proofs: ProofKey,
    /// Hashes the secrets of branches.
    branch_proofs: ProofKey,
    /// Hashes the tokens of invitations.
    invitations: ProofKey,
    /// Invitations shown at the component's own address.
    shown: ShownInvitations,
    /// Seals tickets; the place is the domain.
    ticket_seal: SealKey,
    /// Signs tokens.
    token_key: TokenKey,
    /// Ties tokens to their account and its epoch, and hashes those that are logged out.
    token_proofs: ProofKey,
    /// Makes up SCRAM keys for names without account.
    made_up: ProofKey,
    clock: Arc<dyn Clock>,
    random: Arc<dyn Random>,
    /// Places for work that goes on after the answer.
    background: Arc<Semaphore>,
}

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
    /// Its key in the store.
    pub id: AccountId,
    /// When it was made.
    pub created_at: Timestamp,
    /// `Pending` or `Active`.
    pub state: AccountState,
    /// Where the letter goes, when pending.
    pub email: Option<Email>,
    /// Where the text message goes, when pending.
    pub phone: Option<Phone>,
}

/// What a server needs for a SCRAM login.
#[derive(Debug, Clone)]
pub struct ScramCredentials {
    /// The name, prepared.
    pub username: Username,
    /// Whether the account may log in (told only after the proof).
    pub state: AccountState,
    /// Why it may not log in, when it may not.
    pub refusal: Option<Refusal>,
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

impl Broker {
    /// Puts the parts together and starts the hashing threads.
    pub fn new(parts: BrokerParts) -> Self {
        let BrokerParts {
            store,
            keyring,
            domains,
            hashing,
            limits,
            captcha_service,
            web_form_gate,
            breached,
            clock,
            random,
        } = parts;
        Self {
            parts: Arc::new(Inner {
                store,
                painter: captcha::painter(&domains, web_form_gate),
                captcha_service,
                web_form_gate,
                breached,
                domains,
                scram_iterations: hashing.scram_iterations,
                hashing: HashingPool::start(&hashing, &random),
                limits: Limits::new(limits, Arc::clone(&clock)),
                tries: TriesElsewhere::default(),
                recovery_tries: TriesElsewhere::default(),
                challenges: ChallengeKey::new(&keyring),
                scram_seal: ScramSeal::new(&keyring, &*random),
                login_seal: LoginSeal::new(keyring.seal_key("login keys"), &*random),
                letter_seal: keyring.seal_key("letters"),
                key_seal: keyring.seal_key("API keys"),
                forms: keyring.proof_key("signed forms"),
                offers: Offers::default(),
                proofs: keyring.proof_key("verification"),
                recovery_proofs: keyring.proof_key("recovery"),
                change_proofs: keyring.proof_key("another address"),
                branch_proofs: keyring.proof_key("branches"),
                invitations: keyring.proof_key("invitations"),
                shown: ShownInvitations::default(),
                ticket_seal: keyring.seal_key("tickets"),
                token_key: keyring.token_key("agent"),
                token_proofs: keyring.proof_key("tokens of accounts"),
                made_up: keyring.proof_key("made-up scram"),
                clock,
                random,
                background: Arc::new(Semaphore::new(BACKGROUND_PLACES)),
            }),
        }
    }

    /// The policy of a domain, if it is served.
    pub fn policy(&self, domain: &Domain) -> Option<&DomainPolicy> {
        self.domains().find(|policy| policy.domain == *domain)
    }

    /// The domains served; the first is the default.
    pub fn domains(&self) -> impl Iterator<Item = &DomainPolicy> {
        self.parts.domains.iter()
    }

    fn served(&self, domain: &Domain) -> Result<&DomainPolicy, Refusal> {
        self.policy(domain).ok_or(Refusal::UnknownDomain)
    }

    /// The time.
    pub fn now(&self) -> Timestamp {
        self.parts.clock.now()
    }

    /// A place for work that goes on after the answer has been given, if there is one left; it is held for as long as the work
    /// lasts.
    fn background_place(&self) -> Option<OwnedSemaphorePermit> {
        Arc::clone(&self.parts.background).try_acquire_owned().ok()
    }
}

impl Failure {
    /// The word that it is counted under.
    fn word(&self) -> &'static str {
        match self {
            Self::Refused(_) => "refused",
            Self::Fault(_) => "fault",
        }
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Busy => Refusal::Busy { retry_after: hashing::BUSY_FOR }.into(),
            StoreError::Unavailable(_) | StoreError::Inconsistent { .. } | StoreError::Closed => {
                Self::Fault(error.into())
            }
        }
    }
}

/// Whether the operator asks: on the command line, or on the server's own behalf (`docs/link.md` §3.4) and not for a session.
fn by_operator(origin: &Origin) -> bool {
    match origin.front {
        Front::Cli => true,
        Front::Server => origin.session.is_none() && origin.jid.is_none(),
        Front::Component | Front::Web => false,
    }
}

/// The name of an account that must exist, as typed.
fn existing_name(origin: &Origin, username: &str) -> Result<Username, Refusal> {
    Username::prepare(username).map_err(|_| nobody(origin))
}

/// "There is no such account", in the words for who asks.
fn nobody(origin: &Origin) -> Refusal {
    if by_operator(origin) { Refusal::NoSuchAccount } else { Refusal::NotRegistered }
}

/// `duration` after `now`; the end of time where there is none.
fn after(now: Timestamp, duration: SignedDuration) -> Timestamp {
    now.checked_add(duration).unwrap_or(Timestamp::MAX)
}

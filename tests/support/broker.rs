//! A broker over a real database in a temporary folder, with a clock that the test moves and repeatable randomness.

#![expect(clippy::unwrap_used, clippy::panic, reason = "this is part of tests")]
#![allow(dead_code, reason = "each test file uses another part of this")]

use std::{sync::Arc, time::Duration};

use jiff::{SignedDuration, Timestamp};
use ostiary::{
    accounts::{
        Account, Channel, Domain, DomainPolicy, Front, Keyring, Letter, LetterKind, LinkToken, Origin,
        Refusal, Username, WebFormGate,
        form::{Field, RawForm},
    },
    broker::{
        BreachedList, Broker, BrokerParts, CaptchaService, Failure, HashingSettings, LimitSettings, Outcome,
        ProofInput, Registered,
    },
    clock::{Clock, ManualClock},
    random::SeededRandom,
    store::{Dispatch, Store, StoreSettings},
};
use secrecy::ExposeSecret;
use tempfile::TempDir;

/// The password that every account of a story has unless it says otherwise.
pub const PASSWORD: &str = "correct horse battery";

/// What a story changes about the usual broker.
#[derive(Debug, Clone)]
pub struct Plan {
    pub domains: Vec<DomainPolicy>,
    pub hashing: HashingSettings,
    pub limits: LimitSettings,
    pub web_form_gate: WebFormGate,
    pub captcha_service: Option<Arc<dyn CaptchaService>>,
    pub breached: Option<BreachedList>,
}

/// A broker and what surrounds it.
#[derive(Debug)]
pub struct House {
    pub broker: Broker,
    pub store: Store,
    pub clock: Arc<ManualClock>,
    pub keyring: Keyring,
    pub plan: Plan,
    _folder: TempDir,
}

/// The domain of the stories.
pub fn domain() -> Domain {
    Domain::parse("chat.example").unwrap()
}

/// A name, prepared.
pub fn name(text: &str) -> Username {
    Username::prepare(text).unwrap()
}

/// Somebody with a browser.
pub fn web(address: &str) -> Origin {
    Origin { address: Some(address.parse().unwrap()), ..Origin::of(Front::Web) }
}

/// A logged-in person, through the server's module.
pub fn session(jid: &str) -> Origin {
    let bare = jid.split('/').next().map(str::to_owned);
    Origin { jid: bare, session: Some(jid.to_owned()), ..Origin::of(Front::Server) }
}

/// The operator.
pub fn operator() -> Origin {
    Origin::of(Front::Cli)
}

/// A filled-in form; empty values are left out.
pub fn form(username: &str, password: &str, email: &str) -> RawForm {
    let mut form = RawForm::default();
    form.set(Field::Username, username.to_owned());
    form.set(Field::Password, password.to_owned());
    form.set(Field::Email, email.to_owned());
    form
}

/// The refusal in an outcome; fails for anything else.
pub fn refusal<T: std::fmt::Debug>(outcome: Outcome<T>) -> Refusal {
    match outcome {
        Err(Failure::Refused(refusal)) => refusal,
        other => panic!("no refusal: {other:?}"),
    }
}

/// Waits until `seen` says yes; fails after ten seconds.
pub async fn eventually<F: Future<Output = bool>>(what: &str, mut seen: impl FnMut() -> F) {
    for _ in 0..500 {
        if seen().await {
            return;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("never seen: {what}");
}

impl Default for Plan {
    fn default() -> Self {
        Self {
            domains: vec![DomainPolicy::new(domain())],
            hashing: HashingSettings {
                memory_kib: 64,
                passes: 1,
                scram_iterations: Some(64),
                threads: 2,
                queue: 64,
            },
            limits: LimitSettings {
                registrations_per_hour: 1000,
                registrations_per_day: 1_000_000,
                registrations_per_key_per_hour: 1000,
                registrations_per_key_per_day: 1_000_000,
                wrong_proofs_per_minute: 1000,
                wrong_proofs_per_day: 1_000_000,
                letters_per_hour: 1000,
                letters_per_day: 1_000_000,
                letters_to_domain_per_hour: 1_000_000,
                sms_per_hour: 1000,
                sms_per_day: 1_000_000,
                sms_to_block_per_day: 1_000_000,
                sms_in_all_per_day: 1_000_000,
            },
            web_form_gate: WebFormGate::OwnCaptcha,
            captcha_service: None,
            breached: None,
        }
    }
}

impl Plan {
    /// The usual broker with another policy.
    pub fn with(change: impl FnOnce(&mut DomainPolicy)) -> Self {
        let mut plan = Self::default();
        change(&mut plan.domains[0]);
        plan
    }
}

impl House {
    /// The usual broker.
    pub fn new() -> Self {
        Self::planned(Plan::default())
    }

    /// A broker as planned.
    pub fn planned(plan: Plan) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let settings = StoreSettings { path: folder.path().join("ostiary.db"), readers: 2, cache_kib: 1024 };
        let store = Store::open(&settings).unwrap();
        let clock = Arc::new(ManualClock::new("2026-11-21T12:00:00Z".parse().unwrap()));
        let keyring = Keyring::new([7; 32]);
        let broker = build(&store, &clock, &keyring, &plan, 1);
        Self { broker, store, clock, keyring, plan, _folder: folder }
    }

    /// Another broker over the same database: after a restart with other settings.
    pub fn restarted(&self, plan: &Plan) -> Broker {
        build(&self.store, &self.clock, &self.keyring, plan, 2)
    }

    /// Lets time pass.
    pub fn pass(&self, time: SignedDuration) {
        self.clock.advance(time);
    }

    /// The time.
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Registers with the usual password.
    pub async fn register(&self, username: &str, email: &str) -> Outcome<Registered> {
        self.broker.register(&web("192.0.2.1"), &domain(), form(username, PASSWORD, email).into()).await
    }

    /// Registers and proves the address.
    pub async fn settle(&self, username: &str, email: &str) {
        self.register(username, email).await.unwrap();
        let link = link(&self.letter().await);
        self.broker.verify(&web("192.0.2.1"), ProofInput::Link(link)).await.unwrap();
    }

    /// Asks for a letter with a new password, and waits for it.
    pub async fn recovery_letter(&self, username: &str) -> Letter {
        self.broker.ask_recovery(&web("192.0.2.1"), &domain(), username).await.unwrap();
        eventually("the letter", || async { self.store.counts().await.unwrap().letters_waiting == 1 }).await;
        self.letter().await
    }

    /// Sets a new password with a code.
    pub async fn recover(&self, username: &str, code: &str, password: &str) -> Outcome<Account> {
        let proof =
            ProofInput::Code { domain: domain(), username: username.to_owned(), code: code.to_owned() };
        self.broker.recover(&web("192.0.2.1"), proof, password).await
    }

    /// Types a code.
    pub async fn type_code(&self, username: &str, code: &str) -> Outcome<Account> {
        let proof =
            ProofInput::Code { domain: domain(), username: username.to_owned(), code: code.to_owned() };
        self.broker.verify(&web("192.0.2.1"), proof).await
    }

    /// Logs in with a password.
    pub async fn log_in(&self, username: &str, password: &str) -> Outcome<Username> {
        self.broker.authenticate(&web("192.0.2.1"), &domain(), username, password).await
    }

    /// The letters and then the text messages that wait, opened, as if they were sent now.
    pub async fn letters(&self) -> Vec<Letter> {
        let key = self.keyring.seal_key("letters");
        let mut letters = Vec::new();
        let mut due = self.store.due_letters(Channel::Mail, self.now(), 1000).await.unwrap();
        due.extend(self.store.due_letters(Channel::Sms, self.now(), 1000).await.unwrap());
        for waiting in due {
            let plain = key.open(&waiting.message_id, &waiting.sealed).unwrap();
            let letter = Letter::from_bytes(plain).unwrap();
            assert_eq!(letter.kind.as_str(), waiting.kind);
            let (_, domain) = waiting.message_id.split_once('@').unwrap();
            assert_eq!(domain, waiting.domain.as_str());
            self.store.dispatch(waiting.id, Dispatch::Sent, self.now()).await.unwrap();
            letters.push(letter);
        }
        letters
    }

    /// The one letter that waits.
    pub async fn letter(&self) -> Letter {
        let mut letters = self.letters().await;
        assert_eq!(letters.len(), 1, "{letters:?}");
        letters.remove(0)
    }
}

/// The code in a letter.
pub fn code(letter: &Letter) -> String {
    match &letter.kind {
        LetterKind::Verify { code, .. }
        | LetterKind::VerifyPhone { code, .. }
        | LetterKind::Recover { code, .. }
        | LetterKind::RecoverByPhone { code, .. } => code.expose_secret().to_owned(),
        other => panic!("no code in {other:?}"),
    }
}

/// A code that is not the one in the letter.
pub fn wrong_code(letter: &Letter) -> String {
    let right: u32 = code(letter).parse().unwrap();
    format!("{:06}", (right + 1) % 1_000_000)
}

/// The link in a letter.
pub fn link(letter: &Letter) -> LinkToken {
    match &letter.kind {
        LetterKind::Verify { link_token, .. } | LetterKind::Recover { link_token, .. } => {
            LinkToken::parse(link_token.expose_secret()).unwrap()
        }
        other => panic!("no link in {other:?}"),
    }
}

fn build(store: &Store, clock: &Arc<ManualClock>, keyring: &Keyring, plan: &Plan, seed: u64) -> Broker {
    Broker::new(BrokerParts {
        captcha_service: plan.captcha_service.clone(),
        web_form_gate: plan.web_form_gate,
        breached: plan.breached.clone(),
        store: store.clone(),
        keyring: keyring.clone(),
        domains: plan.domains.clone(),
        hashing: plan.hashing.clone(),
        limits: plan.limits.clone(),
        clock: Arc::clone(clock) as Arc<dyn Clock>,
        random: Arc::new(SeededRandom::new(seed)),
    })
}

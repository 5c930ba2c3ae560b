//! A database with letters in it, and the worker that sends them.

use std::{collections::HashMap, sync::Arc, time::Duration};

use jiff::{SignedDuration, Timestamp};
use ostiary::{
    accounts::{
        AccountState, Channel, Code, Contact, Domain, Email, Front, Keyring, LanguageTag, Letter, LetterKind,
        LinkToken, PasswordHash, Phone, Username,
    },
    clock::{Clock, SystemClock},
    delivery::{Courier, MailSettings, Sender, SmsCourier, SmsSettings, Worker},
    random::OsRandom,
    store::{Actor, Counts, Creation, NewAccount, NewLetter, Store, StoreSettings},
    text::Texts,
};
use tokio::{task::JoinHandle, time::sleep};
use tokio_util::sync::CancellationToken;

pub struct Outbox {
    pub store: Store,
    folder: tempfile::TempDir,
}

/// A running worker.
pub struct Running {
    pub cancel: CancellationToken,
    pub task: JoinHandle<()>,
}

impl Outbox {
    pub fn new() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        Self { store: open(&folder), folder }
    }

    /// Closes the database and opens it again, as after a crash.
    pub async fn reopened(self) -> Self {
        self.store.close().await;
        Self { store: open(&self.folder), folder: self.folder }
    }

    /// A pending account with its letter; gives the letter's Message-ID.
    pub async fn put(&self, name: &str, language: &str) -> String {
        self.put_expiring(name, language, SignedDuration::from_mins(30)).await
    }

    pub async fn put_expiring(&self, name: &str, language: &str, lifetime: SignedDuration) -> String {
        let letter = Letter {
            to: Contact::Email(Email::parse(&format!("{name}@example.org")).expect("an address")),
            language: LanguageTag::parse(language).expect("a tag"),
            username: Some(Username::prepare(name).expect("a name")),
            domain: domain(),
            kind: LetterKind::verify(
                &Code::from_number(4711),
                &LinkToken::from_bytes([5; 16]),
                SystemClock.now() + lifetime,
            ),
        };
        let id = format!("{name}@letters.chat.example");
        let sealed = keyring().seal_key("letters").seal(&id, [7; 24], &letter.to_bytes());
        self.put_sealed(name, id, sealed, SystemClock.now() + lifetime).await
    }

    /// A pending account with a text message to a number.
    pub async fn put_sms(&self, name: &str, number: &str) {
        let expires_at = SystemClock.now() + SignedDuration::from_mins(30);
        let letter = Letter {
            to: Contact::Phone(Phone::parse(number).expect("a number")),
            language: LanguageTag::parse("en").expect("a tag"),
            username: Some(Username::prepare(name).expect("a name")),
            domain: domain(),
            kind: LetterKind::verify_phone(&Code::from_number(4711), expires_at),
        };
        let id = format!("{name}@messages.chat.example");
        let sealed = keyring().seal_key("letters").seal(&id, [7; 24], &letter.to_bytes());
        self.put_row(
            name,
            NewLetter { message_id: id, kind: "verify-phone", channel: Channel::Sms, sealed, expires_at },
        )
        .await;
    }

    /// An account with a letter of any content.
    pub async fn put_sealed(
        &self,
        name: &str,
        message_id: String,
        sealed: Vec<u8>,
        expires_at: Timestamp,
    ) -> String {
        let kind = "verify";
        let channel = Channel::Mail;
        self.put_row(name, NewLetter { message_id: message_id.clone(), kind, channel, sealed, expires_at })
            .await;
        message_id
    }

    async fn put_row(&self, name: &str, letter: NewLetter) {
        let account = NewAccount {
            domain: domain(),
            username: Username::prepare(name).expect("a name"),
            state: AccountState::Pending,
            email: Email::parse(&format!("{name}@example.org")).ok(),
            language: LanguageTag::default(),
            password_hash: PasswordHash::new("$argon2id$v=19$m=8,t=1,p=1$c2FsdHNhbHQ$aGFzaA".to_owned()),
            sealed_scram: None,
            sealed_login: None,
            verification: None,
            phone: None,
            phone_verification: None,
            letters: vec![letter],
            created_at: SystemClock.now(),
            expires_at: Some(SystemClock.now() + SignedDuration::from_hours(48)),
            spends: None,
            api_key: None,
            invitation: None,
            member: None,
            actor: Actor { front: Front::Cli, client: None, request: None },
        };
        let made = self.store.create_account(account).await.expect("the store works");
        assert!(matches!(made, Creation::Created(_)), "{made:?}");
    }

    /// Sends text messages.
    pub fn work_by_sms(&self, courier: SmsCourier) -> Running {
        let settings =
            SmsSettings { retry_first: Duration::from_millis(200), retry_most: Duration::from_secs(1) };
        let (store, texts) = (self.store.clone(), Arc::new(Texts::new()));
        let (clock, random) = (Arc::new(SystemClock), Arc::new(OsRandom));
        let worker = Worker::for_sms(store, &keyring(), texts, courier, settings, clock, random);
        let cancel = CancellationToken::new();
        Running { task: tokio::spawn(worker.run(cancel.clone())), cancel }
    }

    pub fn work(&self, courier: Courier) -> Running {
        let settings = MailSettings {
            from: "nobody@chat.example".parse().expect("a mailbox"),
            senders: HashMap::from([(
                domain(),
                Sender {
                    from: "Türsteher <broker@chat.example>".parse().expect("a mailbox"),
                    service_name: "Plauderstübchen".to_owned(),
                },
            )]),
            reply_to: Some("help@chat.example".parse().expect("a mailbox")),
            base_url: "https://accounts.chat.example/".parse().expect("a URL"),
            retry_first: Duration::from_millis(200),
            retry_most: Duration::from_secs(1),
        };
        let worker = Worker::new(
            self.store.clone(),
            &keyring(),
            Arc::new(Texts::new()),
            courier,
            settings,
            Arc::new(SystemClock),
            Arc::new(OsRandom),
        );
        let cancel = CancellationToken::new();
        Running { task: tokio::spawn(worker.run(cancel.clone())), cancel }
    }

    pub async fn counts(&self) -> Counts {
        self.store.counts().await.expect("the store works")
    }

    /// Waits until so many letters wait and so many are parked.
    pub async fn settles_at(&self, waiting: u64, parked: u64) {
        until("the outbox settles", async || {
            let counts = self.counts().await;
            (counts.letters_waiting, counts.letters_parked) == (waiting, parked)
        })
        .await;
    }
}

impl Running {
    /// Ends the worker as the program does.
    pub async fn end(self) {
        self.cancel.cancel();
        tokio::time::timeout(Duration::from_secs(8), self.task)
            .await
            .expect("the worker ends in time")
            .expect("the worker does not panic");
    }

    /// Ends the worker in the middle of whatever it does.
    pub async fn kill(self) {
        self.task.abort();
        let _ = self.task.await;
    }
}

pub async fn until(what: &str, mut check: impl AsyncFnMut() -> bool) {
    for _ in 0..1000 {
        if check().await {
            return;
        }
        sleep(Duration::from_millis(20)).await;
    }
    panic!("did not happen within 20 s: {what}");
}

pub fn keyring() -> Keyring {
    Keyring::new([3; 32])
}

fn domain() -> Domain {
    Domain::parse("chat.example").expect("a domain")
}

fn open(folder: &tempfile::TempDir) -> Store {
    let settings = StoreSettings { path: folder.path().join("ostiary.db"), readers: 1, cache_kib: 1024 };
    Store::open(&settings).expect("the store opens")
}

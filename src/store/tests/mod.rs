//! The operations on real files, and what all tests of them have at hand.

mod accounts;
mod api_keys;
mod durability;
mod faults;
mod imports;
mod invitations;
mod letters_and_notices;
mod lifecycle;
mod opening;
mod phones;
mod purging;
mod spending;
mod tokens;
mod verifications;

use jiff::SignedDuration;
use tempfile::TempDir;

use super::*;
use crate::accounts::{
    AccountEvent, AccountId, AccountState, Channel, Front, LanguageTag, PasswordHash, ProofKey, Verification,
};

/// A store in a folder of its own.
pub(super) struct House {
    pub(super) folder: TempDir,
    pub(super) store: Store,
}

impl std::ops::Deref for House {
    type Target = Store;
    fn deref(&self) -> &Store {
        &self.store
    }
}

pub(super) fn house() -> House {
    let folder = TempDir::new().unwrap();
    let store = Store::open(&settings(folder.path())).unwrap();
    House { folder, store }
}

pub(super) fn settings(folder: &Path) -> StoreSettings {
    StoreSettings { path: folder.join("ostiary.db"), readers: 2, cache_kib: 1024 }
}

impl House {
    /// Another handle on the same file, as the command line has beside a running server.
    pub(super) fn beside(&self) -> Store {
        Store::open(&settings(self.folder.path())).unwrap()
    }

    /// A connection past the store, to look at rows or to damage them.
    pub(super) fn sqlite(&self) -> rusqlite::Connection {
        connection::open(&settings(self.folder.path()).path).unwrap()
    }

    pub(super) fn number(&self, sql: &str) -> i64 {
        self.sqlite().query_row(sql, [], |row| row.get(0)).unwrap()
    }

    pub(super) async fn find(&self, username: &str) -> Option<Account> {
        self.store.account(&domain(), &name(username)).await.unwrap()
    }

    pub(super) async fn change(&self, username: &str, change: Change, minute: i64) -> Changed {
        self.store.change_account(&domain(), &name(username), change, at(minute), actor()).await.unwrap()
    }

    pub(super) async fn code(&self, username: &str, code: &str, minute: i64) -> Verified {
        let hash = proof(code);
        let attempt = ProofAttempt::Code { domain: domain(), username: name(username), hash, channel: None };
        self.store.verify(attempt, true, at(minute), actor()).await.unwrap()
    }

    pub(super) async fn link(&self, link: &str, minute: i64) -> Verified {
        self.store.verify(ProofAttempt::Link { hash: proof(link) }, true, at(minute), actor()).await.unwrap()
    }

    pub(super) async fn events(&self) -> Vec<(String, AccountEvent)> {
        let notices = self.store.notices(&domain(), 0, 100).await.unwrap();
        notices.into_iter().map(|notice| (notice.username.to_string(), notice.event)).collect()
    }

    /// What was done to an account, oldest first.
    pub(super) async fn actions(&self, account: &str) -> Vec<String> {
        let mut entries = self.store.audit(Some(account), 100).await.unwrap();
        entries.reverse();
        entries.into_iter().map(|entry| entry.action).collect()
    }
}

/// So many minutes after the beginning of the story.
pub(super) fn at(minutes: i64) -> Timestamp {
    Timestamp::from_second(1_800_000_000 + minutes * 60).unwrap()
}

pub(super) fn domain() -> Domain {
    Domain::parse("chat.example").unwrap()
}

pub(super) fn name(username: &str) -> Username {
    Username::prepare(username).unwrap()
}

pub(super) fn proof(text: &str) -> ProofHash {
    ProofKey::new([1; 32]).hash(&[text])
}

pub(super) fn actor() -> Actor {
    Actor { front: Front::Web, client: Some("192.0.2.1".to_owned()), request: None }
}

/// The code is `<text>-code`, the link `<text>-link`, both from `minute` on for 30 minutes and 24 hours.
pub(super) fn verification(text: &str, minute: i64) -> Verification {
    Verification {
        code: proof(&format!("{text}-code")),
        link: proof(&format!("{text}-link")),
        tries_left: 5,
        code_expires_at: at(minute + 30),
        link_expires_at: at(minute + 24 * 60),
    }
}

pub(super) fn letter(text: &str, minute: i64) -> NewLetter {
    NewLetter {
        channel: Channel::Mail,
        message_id: format!("{text}@mail"),
        kind: "verify",
        sealed: vec![7; 40],
        expires_at: at(minute + 30),
    }
}

/// A registration in minute 0 that waits for a proof until two days later.
pub(super) fn pending(username: &str) -> NewAccount {
    NewAccount {
        domain: domain(),
        username: name(username),
        state: AccountState::Pending,
        email: Some(Email::parse(&format!("{username}@Mail.example")).unwrap()),
        language: LanguageTag::default(),
        password_hash: PasswordHash::new(format!("hash of {username}")),
        sealed_scram: Some(vec![9; 60]),
        sealed_login: None,
        verification: Some(verification(username, 0)),
        phone_verification: None,
        letters: vec![letter(username, 0)],
        phone: None,
        created_at: at(0),
        expires_at: Some(at(48 * 60)),
        spends: None,
        api_key: None,
        invitation: None,
        member: None,
        actor: actor(),
    }
}

/// A registration in minute 0 that is active at once.
pub(super) fn active(username: &str) -> NewAccount {
    NewAccount {
        state: AccountState::Active,
        verification: None,
        phone_verification: None,
        letters: Vec::new(),
        phone: None,
        expires_at: None,
        ..pending(username)
    }
}

/// The key of an account that must have been made.
pub(super) fn made(creation: Creation) -> AccountId {
    match creation {
        Creation::Created(id) => id,
        other => panic!("not made: {other:?}"),
    }
}

pub(super) const A_DAY: SignedDuration = SignedDuration::from_hours(24);

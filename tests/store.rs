//! The store beside the rest of the process: what it says in the log.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test ends at what it does not expect")]

use std::{
    io,
    sync::{Arc, Mutex},
};

use ostiary::{
    accounts::{AccountState, Domain, Front, LanguageTag, PasswordHash, Username},
    store::{Actor, NewAccount, Store, StoreError, StoreSettings},
};
use rusqlite::Connection;

#[tokio::test]
async fn a_fault_that_lasts_is_said_once_when_it_begins_and_once_when_it_is_over() {
    let log = Log::default();
    let writer = log.clone();
    let subscriber = tracing_subscriber::fmt().with_ansi(false).with_writer(move || writer.clone()).finish();
    tracing::subscriber::set_global_default(subscriber).expect("the only test of this program");

    let folder = tempfile::TempDir::new().unwrap();
    let settings = StoreSettings { path: folder.path().join("ostiary.db"), readers: 2, cache_kib: 1024 };
    let store = Store::open(&settings).unwrap();
    store.create_account(account("first")).await.unwrap();
    assert_eq!(log.lines(), Vec::<String>::new());

    let other = Connection::open(&settings.path).unwrap();
    for _ in 0..2 {
        other
            .execute_batch(
                "CREATE TRIGGER broken BEFORE INSERT ON audit BEGIN SELECT raise(FAIL, 'nothing goes'); END",
            )
            .unwrap();
        for number in 0..20 {
            let refused = store.create_account(account(&format!("user{number}"))).await;
            assert!(matches!(refused, Err(StoreError::Unavailable(_))), "{refused:?}");
        }
        let begun = log.lines();
        assert_eq!(begun.len(), 1, "{begun:#?}");
        assert!(begun[0].contains("ERROR") && begun[0].contains("cannot be written"), "{begun:?}");
        assert!(begun[0].contains("nothing goes") && begun[0].contains("ostiary.db"), "{begun:?}");

        other.execute_batch("DROP TRIGGER broken").unwrap();
        // Neither reading nor a change that touches nothing shows that it is over.
        store.notice_told(4711).await.unwrap();
        store.counts().await.unwrap();
        assert_eq!(log.lines().len(), 1);
        let name = format!("after{}", store.counts().await.unwrap().active);
        store.create_account(account(&name)).await.unwrap();
        store.create_account(account(&format!("{name}-too"))).await.unwrap();
        let over = log.lines();
        assert_eq!(over.len(), 2, "{over:#?}");
        assert!(over[1].contains("INFO") && over[1].contains("can be written again"), "{over:?}");
        log.0.lock().unwrap().clear();
    }
    store.close().await;
    assert_eq!(log.lines(), Vec::<String>::new());
}

fn account(username: &str) -> NewAccount {
    NewAccount {
        domain: Domain::parse("chat.example").unwrap(),
        username: Username::prepare(username).unwrap(),
        state: AccountState::Active,
        email: None,
        language: LanguageTag::default(),
        password_hash: PasswordHash::new("hash".to_owned()),
        sealed_scram: None,
        verification: None,
        letter: None,
        created_at: jiff::Timestamp::UNIX_EPOCH,
        expires_at: None,
        actor: Actor { front: Front::Cli, client: None },
    }
}

/// Everything that was logged.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Log {
    fn lines(&self) -> Vec<String> {
        let log = self.0.lock().unwrap();
        String::from_utf8_lossy(&log).lines().map(str::to_owned).collect()
    }
}

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

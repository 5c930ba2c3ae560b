//! The store as the rest of the process and the operating system meet it: what it says in the log, what it does when
//! writing fails.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test ends at what it does not expect")]

use std::{
    fs, io,
    process::Command,
    sync::{Arc, Mutex},
};

use ostiary::{
    accounts::{AccountState, Domain, Front, LanguageTag, PasswordHash, Username},
    store::{AccountFilter, Actor, NewAccount, Store, StoreError, StoreSettings},
};
use rusqlite::Connection;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use tokio::task::JoinSet;

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

/// Runs itself once more in a process of its own, since the limit and the signal hold for a whole process.
#[test]
fn when_the_file_cannot_grow_nothing_acknowledged_is_lost_and_it_ends_by_itself() {
    const INSIDE: &str = "OSTIARY_TEST_INSIDE";
    if std::env::var_os(INSIDE).is_some() {
        return tokio::runtime::Builder::new_multi_thread()
            .build()
            .unwrap()
            .block_on(write_against_a_limit());
    }
    let status = Command::new("sh")
        .args(["-c", "trap '' XFSZ; exec \"$@\"", "sh"])
        .arg(std::env::current_exe().unwrap())
        .args(["--exact", "when_the_file_cannot_grow_nothing_acknowledged_is_lost_and_it_ends_by_itself"])
        .env(INSIDE, "1")
        .status()
        .unwrap();
    assert!(status.success(), "{status}");
}

async fn write_against_a_limit() {
    let folder = tempfile::TempDir::new().unwrap();
    let settings = StoreSettings { path: folder.path().join("ostiary.db"), readers: 2, cache_kib: 1024 };
    let store = Store::open(&settings).unwrap();
    store.create_account(account("first")).await.unwrap();
    let log_size = fs::metadata(folder.path().join("ostiary.db-wal")).unwrap().len();
    let unlimited = getrlimit(Resource::Fsize);

    let (mut there, mut refused) = (vec!["first".to_owned()], Vec::new());
    for round in 1..4 {
        let limit = Rlimit { current: Some(log_size + round * 100_000), ..unlimited };
        setrlimit(Resource::Fsize, limit).unwrap();
        let mut tasks = JoinSet::new();
        for number in 0..500 {
            let (store, name) = (store.clone(), format!("user{round}-{number}"));
            let new = NewAccount { sealed_scram: Some(vec![7; 2000]), ..account(&name) };
            tasks.spawn(async move { (store.create_account(new).await, name) });
        }
        let before = refused.len();
        while let Some(task) = tasks.join_next().await {
            match task.unwrap() {
                (Ok(_), name) => there.push(name),
                (Err(StoreError::Unavailable(_)), name) => refused.push(name),
                (Err(other), _) => panic!("{other}"),
            }
        }
        assert!(refused.len() > before, "the limit was not reached");
        assert_eq!(store.counts().await.unwrap().active, there.len() as u64, "reads go on");
        setrlimit(Resource::Fsize, unlimited).unwrap();
        let name = format!("after{round}");
        store.create_account(account(&name)).await.unwrap();
        there.push(name);
    }
    store.close().await;

    let store = Store::open(&settings).unwrap();
    let filter = AccountFilter { limit: 10_000, ..AccountFilter::default() };
    let mut found: Vec<_> =
        store.accounts(filter).await.unwrap().iter().map(|account| account.username.to_string()).collect();
    found.sort();
    there.sort();
    assert_eq!(found, there);
    let check: String = Connection::open(&settings.path)
        .unwrap()
        .query_row("PRAGMA integrity_check", [], |row| row.get(0))
        .unwrap();
    assert_eq!(check, "ok");
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
        sealed_login: None,
        verification: None,
        phone_verification: None,
        letters: Vec::new(),
        phone: None,
        created_at: jiff::Timestamp::UNIX_EPOCH,
        expires_at: None,
        spends: None,
        api_key: None,
        invitation: None,
        member: None,
        actor: Actor { front: Front::Cli, client: None, request: None },
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

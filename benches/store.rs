//! What the store does in a second: `cargo bench --bench store [-- SECONDS]`. The file lies where `TMPDIR` says.
//!
//! Whole registrations (account, verification, letter, audit entry; every fourth one active at once, with a notice instead),
//! each durable before its answer, and look-ups of credentials, apart and together.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a measurement that ends at what it does not expect"
)]

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Duration,
};

use hdrhistogram::Histogram;
use jiff::{SignedDuration, Timestamp};
use ostiary::{
    accounts::{
        AccountState, Channel, Domain, Email, Front, LanguageTag, PasswordHash, ProofKey, Username,
        Verification,
    },
    store::{Actor, Creation, NewAccount, NewLetter, Store, StoreSettings},
};
use tokio::{task::JoinSet, time::Instant};

/// Requests under way at the same time, as many as the component lets wait.
const CLIENTS: u64 = 256;

#[tokio::main(worker_threads = 2)]
async fn main() {
    let seconds = std::env::args().find_map(|argument| argument.parse().ok()).unwrap_or(3);
    let folder = tempfile::TempDir::new().unwrap();
    let settings = StoreSettings { path: folder.path().join("bench.db"), readers: 2, cache_kib: 65_536 };
    let load = Load {
        store: Store::open(&settings).unwrap(),
        key: ProofKey::new([1; 32]),
        domain: Domain::parse("chat.example").unwrap(),
        start: Timestamp::from_second(1_800_000_000).unwrap(),
        next: Arc::default(),
    };
    println!("{:<44} {:>10} {:>9} {:>9} {:>9}", "clients, what", "a second", "p50 us", "p99 us", "max us");
    for clients in [1, 16, CLIENTS] {
        load.run("registrations", clients, 0, seconds).await;
    }
    for clients in [1, 16, CLIENTS] {
        load.run("look-ups", 0, clients, seconds).await;
    }
    load.run("together", CLIENTS / 4, CLIENTS, seconds).await;
    println!("{:?}", load.store.counts().await.unwrap());
    load.store.close().await;
}

#[derive(Clone)]
struct Load {
    store: Store,
    key: ProofKey,
    domain: Domain,
    start: Timestamp,
    next: Arc<AtomicU64>,
}

impl Load {
    async fn run(&self, title: &str, registering: u64, looking_up: u64, seconds: u64) {
        let over = Arc::new(AtomicBool::new(false));
        let known = self.next.load(Ordering::Relaxed).max(1);
        let times = [(); 2].map(|()| Arc::new(Mutex::new(Histogram::<u64>::new(3).unwrap())));
        let mut tasks = JoinSet::new();
        for client in 0..registering + looking_up {
            let (load, over) = (self.clone(), Arc::clone(&over));
            let kind = usize::from(client >= registering);
            let times = Arc::clone(&times[kind]);
            tasks.spawn(async move {
                let mut own = Histogram::<u64>::new(3).unwrap();
                let mut number = client * 7919;
                while !over.load(Ordering::Relaxed) {
                    let begun = Instant::now();
                    if kind == 0 {
                        load.register().await;
                    } else {
                        number = (number.wrapping_mul(6_364_136_223_846_793_005) + 1) >> 1;
                        load.look_up(number % known).await;
                    }
                    own.record(u64::try_from(begun.elapsed().as_micros()).unwrap()).unwrap();
                }
                times.lock().unwrap().add(own).unwrap();
            });
        }
        let begun = Instant::now();
        tokio::time::sleep(Duration::from_secs(seconds)).await;
        over.store(true, Ordering::Relaxed);
        while tasks.join_next().await.is_some() {}
        let elapsed = u64::try_from(begun.elapsed().as_millis()).unwrap();
        for (what, clients, times) in
            [("registrations", registering, &times[0]), ("look-ups", looking_up, &times[1])]
        {
            let times = times.lock().unwrap();
            if clients > 0 {
                println!(
                    "{:<44} {:>10} {:>9} {:>9} {:>9}",
                    format!("{title}: {clients}, {what}"),
                    times.len() * 1000 / elapsed,
                    times.value_at_quantile(0.5),
                    times.value_at_quantile(0.99),
                    times.max(),
                );
            }
        }
    }

    async fn register(&self) {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        let at = self.start + SignedDuration::from_millis(i64::try_from(number / 8).unwrap());
        let name = Self::name(number);
        let pending = !number.is_multiple_of(4);
        let hash = |what| self.key.hash(&[what, name.as_str()]);
        let new = NewAccount {
            domain: self.domain.clone(),
            email: Some(Email::parse(&format!("{name}@mail.example")).unwrap()),
            state: if pending { AccountState::Pending } else { AccountState::Active },
            language: LanguageTag::default(),
            password_hash: PasswordHash::new("$argon2id$v=19$m=19456,t=2,p=1$".to_owned() + &"x".repeat(66)),
            sealed_scram: Some(vec![7; 400]),
            sealed_login: None,
            verification: pending.then(|| Verification {
                code: hash("code"),
                link: hash("link"),
                tries_left: 5,
                code_expires_at: at + SignedDuration::from_mins(30),
                link_expires_at: at + SignedDuration::from_hours(24),
            }),
            phone: None,
            phone_verification: None,
            letters: Vec::from_iter(pending.then(|| NewLetter {
                message_id: format!("{number:032x}@chat.example"),
                kind: "verify",
                channel: Channel::Mail,
                sealed: vec![9; 300],
                expires_at: at + SignedDuration::from_mins(30),
            })),
            created_at: at,
            expires_at: pending.then(|| at + SignedDuration::from_hours(48)),
            spends: None,
            api_key: None,
            invitation: None,
            member: None,
            actor: Actor { front: Front::Component, client: Some("192.0.2.1".to_owned()), request: None },
            username: name,
        };
        assert!(matches!(self.store.create_account(new).await.unwrap(), Creation::Created(_)));
    }

    async fn look_up(&self, number: u64) {
        // The last ones may still be under way.
        let _ = self.store.credentials(&self.domain, &Self::name(number)).await.unwrap();
    }

    /// Names in no order, as people choose them.
    fn name(number: u64) -> Username {
        let scattered = number.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        Username::prepare(&format!("u{scattered:016x}")).unwrap()
    }
}

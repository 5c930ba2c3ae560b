//! Accounts of another server: they log in as before, and nobody can tell who they are.

#![expect(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a test ends at what it does not expect, and measures real time"
)]

mod support;

use std::time::{Duration, Instant};

use ostiary::{
    accounts::{
        AccountState, Email, ForeignAccount, ForeignKeys, ForeignSecret, Mechanism, ReadyAccount, Refusal,
        Salt, ScramKeys,
    },
    broker::HashingSettings,
    store::Importation,
};
use secrecy::SecretString;
use support::broker::{House, PASSWORD, Plan, domain, eventually, name, operator, refusal, web};

/// Keys as Prosody keeps them.
fn prosody_keys(password: &str, iterations: u32) -> ForeignKeys {
    let salt = b"0b2a4c6e-1f3d-4a5b-8c7d-9e0f1a2b3c4d";
    let keys = ScramKeys::derive(Mechanism::ScramSha1, password, Salt::new(salt).unwrap(), iterations);
    ForeignKeys {
        mechanism: "SCRAM-SHA-1".to_owned(),
        iterations: iterations.into(),
        salt: salt.to_vec(),
        stored_key: keys.stored_key.clone(),
        server_key: keys.server_key.clone(),
    }
}

fn foreign(username: &str, secret: ForeignSecret) -> ForeignAccount {
    ForeignAccount {
        domain: "chat.example".to_owned(),
        username: username.to_owned(),
        secret,
        is_disabled: false,
        email: None,
    }
}

fn with_keys(username: &str) -> ForeignAccount {
    foreign(username, ForeignSecret::Keys(vec![prosody_keys(PASSWORD, 4096)]))
}

async fn import(house: &House, accounts: Vec<ForeignAccount>) -> Vec<Importation> {
    let ready: Vec<ReadyAccount> =
        accounts.into_iter().map(|account| house.broker.fit_to_import(account).unwrap()).collect();
    let foreseen = house.broker.foresee_import(&ready).await.unwrap();
    let done = house.broker.import(&operator(), ready).await.unwrap();
    assert_eq!(foreseen, done, "what a dry run says is what happens");
    done
}

#[tokio::test]
async fn an_imported_account_keeps_its_keys_until_its_first_login_with_the_password_adds_the_rest() {
    let house = House::new();
    assert_eq!(import(&house, vec![with_keys("Admin")]).await, [Importation::Imported]);
    let found = house.broker.scram_credentials(&domain(), "admin").await.unwrap();
    assert_eq!((found.state, found.keys.len()), (AccountState::Active, 1));
    assert_eq!(found.keys[0].stored_key, prosody_keys(PASSWORD, 4096).stored_key);
    let stored = async || house.store.credentials(&domain(), &name("admin")).await.unwrap().unwrap();
    assert!(stored().await.password_hash.is_none());

    assert_eq!(refusal(house.log_in("admin", "wrong password").await), Refusal::WrongPassword);
    assert!(stored().await.password_hash.is_none(), "only the right password adds anything");
    house.log_in("admin", PASSWORD).await.unwrap();
    eventually("the verifier", async || stored().await.password_hash.is_some()).await;
    let found = house.broker.scram_credentials(&domain(), "admin").await.unwrap();
    assert_eq!(found.keys.iter().map(|keys| keys.mechanism).collect::<Vec<_>>(), Mechanism::ALL);
    house.log_in("admin", PASSWORD).await.unwrap();
    assert_eq!(refusal(house.log_in("admin", "wrong password").await), Refusal::WrongPassword);
}

#[tokio::test]
async fn a_password_that_was_changed_meanwhile_is_not_undone_by_a_login() {
    let house = House::new();
    import(&house, vec![with_keys("alice")]).await;
    let changed = "another fine password";
    house.broker.change_password(&operator(), &domain(), "alice", changed, None).await.unwrap();
    assert_eq!(refusal(house.log_in("alice", PASSWORD).await), Refusal::WrongPassword);
    house.log_in("alice", changed).await.unwrap();
}

#[tokio::test]
async fn where_the_password_is_known_everything_is_derived_from_it() {
    let house = House::new();
    let password = ForeignSecret::Password(SecretString::from("short"));
    import(&house, vec![foreign("alice", password)]).await;
    let stored = house.store.credentials(&domain(), &name("alice")).await.unwrap().unwrap();
    assert!(stored.password_hash.is_some());
    assert_eq!(house.broker.scram_credentials(&domain(), "alice").await.unwrap().keys.len(), 2);
    house.log_in("alice", "short").await.unwrap();
}

#[tokio::test]
async fn neither_the_server_nor_anybody_else_is_told_and_the_audit_table_knows() {
    let house = House::new();
    let disabled =
        ForeignAccount { is_disabled: true, email: Some("bob@mail.example".to_owned()), ..with_keys("bob") };
    import(&house, vec![with_keys("alice"), disabled]).await;
    let counts = house.store.counts().await.unwrap();
    assert_eq!((counts.active, counts.suspended), (1, 1));
    assert_eq!((counts.notices, counts.letters_waiting), (0, 0));
    let history = house.broker.audit(Some("alice@chat.example"), 10).await.unwrap();
    assert_eq!(history.iter().map(|entry| entry.action.as_str()).collect::<Vec<_>>(), ["imported"]);
    let bob = house.broker.account(&domain(), "bob").await.unwrap();
    assert_eq!((bob.state, bob.email_verified_at), (AccountState::Suspended, None));
    let email = Email::parse("bob@mail.example").unwrap();
    assert_eq!((bob.email.as_ref(), bob.suspension.is_some()), (Some(&email), true));
    assert_eq!(house.store.email_owner(&domain(), &email).await.unwrap(), None, "nobody proved it");
    assert!(matches!(refusal(house.log_in("bob", PASSWORD).await), Refusal::AccountSuspended { .. }));
}

#[tokio::test]
async fn what_is_here_stays_as_it_is_and_who_was_deleted_does_not_come_back() {
    let house = House::new();
    house.settle("alice", "alice@example.org").await;
    house.settle("bob", "bob@example.org").await;
    house.broker.remove(&operator(), &domain(), "bob", None).await.unwrap();
    let outcomes = import(&house, ["alice", "bob", "carol"].map(with_keys).to_vec()).await;
    assert_eq!(outcomes, [Importation::ThereAlready, Importation::Deleted, Importation::Imported]);
    assert_eq!(
        house.broker.account(&domain(), "alice").await.unwrap().email_verified_at.map(|_| ()),
        Some(())
    );
    let again = import(&house, ["alice", "bob", "carol"].map(with_keys).to_vec()).await;
    assert_eq!(again, [Importation::ThereAlready, Importation::Deleted, Importation::ThereAlready]);
}

#[tokio::test]
async fn names_without_account_look_like_the_imported_ones_as_well_as_like_the_others() {
    let house = House::new();
    house.settle("old", "old@example.org").await;
    let look = async |username: String| {
        let found = house.broker.scram_credentials(&domain(), &username).await.unwrap();
        let of = |keys: &ScramKeys| (keys.mechanism, keys.iterations, keys.salt.as_bytes().len());
        found.keys.iter().map(of).collect::<Vec<_>>()
    };
    let own = look("old".to_owned()).await;
    for number in 0..20 {
        assert_eq!(look(format!("nobody{number}")).await, own, "nothing was imported yet");
    }
    import(&house, vec![with_keys("alice")]).await;
    let imported = look("alice".to_owned()).await;
    assert_eq!(imported, [(Mechanism::ScramSha1, 4096, 36)]);
    let mut seen = [0, 0];
    for number in 0..100 {
        let nobody = look(format!("nobody{number}")).await;
        assert!(nobody == own || nobody == imported, "{nobody:?}");
        assert_eq!(look(format!("nobody{number}")).await, nobody, "the same at every question");
        seen[usize::from(nobody == imported)] += 1;
    }
    assert!(seen.iter().all(|count| (25..=75).contains(count)), "{seen:?}");
}

/// The rounds are so many here that they would be seen beside the Argon2id.
#[tokio::test]
async fn a_login_of_an_imported_account_takes_as_long_as_that_of_a_name_that_looks_like_one() {
    let hashing = HashingSettings { memory_kib: 4096, passes: 1, ..Plan::default().hashing };
    let house = House::planned(Plan { hashing, ..Plan::default() });
    let rounds = 40_000;
    let slow = ForeignSecret::Keys(vec![prosody_keys(PASSWORD, rounds)]);
    import(&house, vec![foreign("alice", slow)]).await;
    house.settle("bob", "bob@example.org").await;
    let mut alike = Vec::new();
    let mut others = Vec::new();
    for number in 0..20 {
        let nobody = format!("nobody{number}");
        let keys = house.broker.scram_credentials(&domain(), &nobody).await.unwrap().keys;
        if keys[0].iterations == rounds { alike.push(nobody) } else { others.push(nobody) }
    }
    let mut times = [Duration::MAX; 4];
    // The least of several rounds: whatever else the machine does makes a login longer, never shorter. On a busy machine more are needed until
    // all four have had a quiet moment; a difference that is real stays.
    for round in 0..50 {
        for (at, user) in
            ["alice", &alike[round % alike.len()], "bob", &others[round % others.len()]].iter().enumerate()
        {
            let start = Instant::now();
            let origin = web(&format!("192.0.2.{round}"));
            let refused = house.broker.authenticate(&origin, &domain(), user, "wrong password").await;
            assert_eq!(refusal(refused), Refusal::WrongPassword);
            times[at] = times[at].min(start.elapsed());
        }
        if round >= 4 && about_equal(times[0], times[1]) && about_equal(times[2], times[3]) {
            break;
        }
        house.pass(jiff::SignedDuration::from_hours(24));
    }
    assert!(about_equal(times[0], times[1]) && about_equal(times[2], times[3]), "{times:?}");
    let [imported, _, usual, _] = times.map(|time| time.as_secs_f64());
    assert!(imported > usual * 1.5, "the rounds are to be seen, or this test proves nothing: {times:?}");
}

/// Whether two times differ by less than three tenths.
fn about_equal(one: Duration, other: Duration) -> bool {
    (one.as_secs_f64() / other.as_secs_f64() - 1.0).abs() < 0.3
}

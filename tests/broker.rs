//! Stories on the use cases, over a real database.

mod support;

use std::time::Duration;

use jiff::SignedDuration;
use ostiary::{
    accounts::{
        AccountEvent, AccountState, ContactPolicy, Domain, Mechanism, Refusal, RegistrationMode, ScramKeys,
    },
    broker::{Correction, HashingSettings, ProofInput},
    store::AccountFilter,
};

use support::broker::{
    House, PASSWORD, Plan, code, domain, eventually, form, link, name, operator, refusal, session, web,
    wrong_code,
};

#[tokio::test]
async fn somebody_registers_proves_the_address_by_code_and_logs_in() {
    let house = House::new();
    let registered = house.register("Alice", "alice@example.org").await.unwrap();
    assert_eq!((registered.username.as_str(), registered.state), ("alice", AccountState::Pending));
    assert_eq!(refusal(house.log_in("alice", PASSWORD).await), Refusal::AccountPending);

    let letter = house.letter().await;
    assert_eq!((letter.to.as_str(), letter.username.as_ref()), ("alice@example.org", Some(&name("alice"))));
    let account = house.type_code(" ALICE ", &code(&letter)).await.unwrap();
    assert_eq!(account.state, AccountState::Active);
    assert_eq!(account.email_verified_at, Some(house.now()));

    assert_eq!(house.log_in("Alice", PASSWORD).await.unwrap(), name("alice"));
    assert_eq!(refusal(house.log_in("alice", "wrong").await), Refusal::WrongPassword);
}

#[tokio::test]
async fn the_link_shows_the_account_first_and_proves_once() {
    let house = House::new();
    house.register("alice", "alice@example.org").await.unwrap();
    let token = link(&house.letter().await);
    let origin = web("192.0.2.1");
    for _ in 0..2 {
        let account = house.broker.look_at_link(&origin, &token).await.unwrap();
        assert_eq!((account.username.as_str(), account.state), ("alice", AccountState::Pending));
    }
    let account = house.broker.verify(&origin, ProofInput::Link(token.clone())).await.unwrap();
    assert_eq!(account.state, AccountState::Active);
    let again = house.broker.verify(&origin, ProofInput::Link(token)).await;
    assert_eq!(refusal(again), Refusal::WrongCode { tries_left: None });
}

#[tokio::test]
async fn the_scram_keys_prove_the_password_and_are_kept_sealed() {
    let house = House::new();
    house.settle("alice", "alice@example.org").await;
    let found = house.broker.scram_credentials(&domain(), "ALICE").await.unwrap();
    assert_eq!((found.username.as_str(), found.state), ("alice", AccountState::Active));
    assert_eq!(found.keys.iter().map(|keys| keys.mechanism).collect::<Vec<_>>(), Mechanism::ALL);
    for keys in &found.keys {
        let derived = ScramKeys::derive(keys.mechanism, PASSWORD, keys.salt.clone(), keys.iterations);
        assert!(derived == *keys, "{keys:?}");
    }
    let stored = house.store.credentials(&domain(), &name("alice")).await.unwrap().unwrap();
    let sealed = stored.sealed_scram.unwrap();
    assert!(!sealed.windows(12).any(|bytes| bytes == &found.keys[0].salt.as_bytes()[..12]));
}

#[tokio::test]
async fn an_account_without_a_contact_to_prove_is_active_at_once() {
    let house = House::planned(Plan::with(|policy| policy.email = ContactPolicy::Optional));
    let registered = house.register("alice", "").await.unwrap();
    assert_eq!(registered.state, AccountState::Active);
    assert!(house.letters().await.is_empty());
    house.log_in("alice", PASSWORD).await.unwrap();
    let registered = house.register("bob", "bob@example.org").await.unwrap();
    assert_eq!(registered.state, AccountState::Pending, "an address that was given must be proven");
}

#[tokio::test]
async fn bad_fields_a_closed_door_and_an_unknown_domain_are_refused() {
    let house = House::new();
    let Refusal::Invalid(errors) = refusal(house.register("al ice", "nonsense").await) else { panic!() };
    assert_eq!(errors.len(), 2);
    let elsewhere = Domain::parse("other.example").unwrap();
    let outcome =
        house.broker.register(&web("192.0.2.1"), &elsewhere, form("alice", PASSWORD, "").into()).await;
    assert_eq!(refusal(outcome), Refusal::UnknownDomain);

    let house = House::planned(Plan::with(|policy| policy.registration = RegistrationMode::Closed));
    assert_eq!(refusal(house.register("alice", "a@example.org").await), Refusal::RegistrationClosed);
}

#[tokio::test]
async fn wrong_codes_are_counted_down_and_then_only_a_new_letter_helps() {
    let house = House::new();
    house.register("alice", "alice@example.org").await.unwrap();
    let letter = house.letter().await;
    assert_eq!(refusal(house.type_code("alice", "abc").await), Refusal::WrongCode { tries_left: None });
    for tries_left in [4, 3, 2, 1, 0] {
        let outcome = house.type_code("alice", &wrong_code(&letter)).await;
        assert_eq!(refusal(outcome), Refusal::WrongCode { tries_left: Some(tries_left) });
    }
    assert_eq!(refusal(house.type_code("alice", &code(&letter)).await), Refusal::CodeExpired);

    house.pass(SignedDuration::from_mins(2));
    house.broker.resend(&web("192.0.2.1"), &domain(), "alice").await.unwrap();
    eventually("another letter", async || house.store.counts().await.unwrap().letters_waiting == 1).await;
    let another = house.letter().await;
    assert_ne!(code(&another), code(&letter));
    house.type_code("alice", &code(&another)).await.unwrap();
}

#[tokio::test]
async fn codes_and_links_stop_working_in_time() {
    let house = House::new();
    house.register("alice", "alice@example.org").await.unwrap();
    let letter = house.letter().await;
    house.pass(SignedDuration::from_mins(31));
    assert_eq!(refusal(house.type_code("alice", &code(&letter)).await), Refusal::CodeExpired);
    house.pass(SignedDuration::from_hours(24));
    let late = house.broker.verify(&web("192.0.2.1"), ProofInput::Link(link(&letter))).await;
    assert_eq!(refusal(late), Refusal::CodeExpired);
}

#[tokio::test]
async fn another_letter_can_be_had_after_the_cooldown_for_every_name_alike() {
    let house = House::new();
    house.settle("active", "active@example.org").await;
    house.register("pending", "pending@example.org").await.unwrap();
    house.letter().await;
    house.pass(SignedDuration::from_mins(2));
    for username in ["pending", "active", "nobody"] {
        let resend = || async { house.broker.resend(&web("192.0.2.1"), &domain(), username).await };
        resend().await.unwrap();
        let Refusal::TooMany { retry_after } = refusal(resend().await) else { panic!("{username}") };
        assert_eq!(retry_after, Duration::from_secs(60), "{username}");
    }
    eventually("a letter", async || house.store.counts().await.unwrap().letters_waiting == 1).await;
    assert_eq!(house.letter().await.to.as_str(), "pending@example.org");
}

#[tokio::test]
async fn a_mistyped_address_is_corrected_by_who_knows_the_password() {
    let house = House::new();
    house.register("alice", "alcie@example.org").await.unwrap();
    let first = house.letter().await;
    let origin = web("192.0.2.1");
    let correct = async |password: &str, email: &str| {
        let correction = Correction { email, ..Correction::default() };
        house.broker.correct_contact(&origin, &domain(), "alice", password, correction).await
    };
    assert_eq!(refusal(correct("wrong", "alice@example.org").await), Refusal::WrongPassword);
    assert!(matches!(refusal(correct(PASSWORD, "nonsense").await), Refusal::Invalid(_)));
    correct(PASSWORD, "alice@example.org").await.unwrap();
    let second = house.letter().await;
    assert_eq!(second.to.as_str(), "alice@example.org");
    assert!(house.type_code("alice", &code(&first)).await.is_err(), "the first letter no longer counts");
    let account = house.type_code("alice", &code(&second)).await.unwrap();
    assert_eq!(account.email.unwrap().as_str(), "alice@example.org");
    assert_eq!(refusal(correct(PASSWORD, "other@example.org").await), Refusal::NotAllowed);
}

#[tokio::test]
async fn a_changed_password_counts_at_once_and_keeps_the_session_that_changed_it() {
    let house = House::new();
    house.settle("alice", "alice@example.org").await;
    let before = house.broker.next_notices(&domain(), 0).await.unwrap();
    let origin = session("alice@chat.example/phone");
    let change = async |password: &str| {
        house.broker.change_password(&origin, &domain(), "alice", password, None).await
    };
    assert!(matches!(refusal(change("short").await), Refusal::Invalid(_)));
    assert!(matches!(refusal(change("").await), Refusal::Invalid(_)));
    change("another fine password").await.unwrap();
    assert_eq!(refusal(house.log_in("alice", PASSWORD).await), Refusal::WrongPassword);
    house.log_in("alice", "another fine password").await.unwrap();
    for keys in house.broker.scram_credentials(&domain(), "alice").await.unwrap().keys {
        let derived =
            ScramKeys::derive(keys.mechanism, "another fine password", keys.salt.clone(), keys.iterations);
        assert!(derived == keys);
    }
    let notices = house.broker.next_notices(&domain(), before.last().unwrap().id).await.unwrap();
    assert_eq!(notices[0].event, AccountEvent::PasswordChanged);
    assert_eq!(notices[0].keep.as_deref(), Some("alice@chat.example/phone"));
}

#[tokio::test]
async fn people_do_themselves_only_what_the_operator_lets_them() {
    let house = House::planned(Plan::with(|policy| policy.self_service = false));
    house.settle("alice", "alice@example.org").await;
    let person = session("alice@chat.example/phone");
    let change = house.broker.change_password(&person, &domain(), "alice", "another password", None).await;
    assert_eq!(refusal(change), Refusal::NotAllowed);
    assert_eq!(refusal(house.broker.remove(&person, &domain(), "alice", None).await), Refusal::NotAllowed);
    house.broker.change_password(&operator(), &domain(), "alice", "another password", None).await.unwrap();
    house.broker.remove(&operator(), &domain(), "alice", None).await.unwrap();

    let stranger = session("ghost@chat.example/phone");
    let house = House::new();
    assert_eq!(
        refusal(house.broker.remove(&stranger, &domain(), "ghost", None).await),
        Refusal::NotRegistered
    );
    assert_eq!(
        refusal(house.broker.remove(&operator(), &domain(), "ghost", None).await),
        Refusal::NoSuchAccount
    );
}

#[tokio::test]
async fn a_deleted_account_is_gone_and_its_name_is_kept_for_a_while() {
    let house = House::new();
    house.settle("alice", "alice@example.org").await;
    let person = session("alice@chat.example/phone");
    let account = house.broker.remove(&person, &domain(), "alice", None).await.unwrap();
    assert_eq!(account.state, AccountState::Active, "as it was");
    assert_eq!(refusal(house.log_in("alice", PASSWORD).await), Refusal::WrongPassword);
    assert!(!house.broker.account_exists(&domain(), "alice").await.unwrap());
    assert_eq!(refusal(house.register("alice", "new@example.org").await), Refusal::NameTaken);
    house.register("alice2", "alice@example.org").await.unwrap();
    assert_eq!(house.letter().await.kind.as_str(), "verify", "the address is free at once");

    house.pass(SignedDuration::from_hours(24 * 91));
    house.broker.purge().await.unwrap();
    house.register("alice", "new@example.org").await.unwrap();
}

#[tokio::test]
async fn whoever_does_not_prove_in_time_leaves_the_name_to_others() {
    let house = House::new();
    house.settle("stays", "stays@example.org").await;
    house.register("alice", "alice@example.org").await.unwrap();
    house.register("bob", "bob@example.org").await.unwrap();
    house.pass(SignedDuration::from_hours(47));
    house.broker.purge().await.unwrap();
    assert!(house.broker.account_exists(&domain(), "bob").await.unwrap());

    house.pass(SignedDuration::from_hours(2));
    house.register("alice", "other@example.org").await.unwrap();
    house.broker.purge().await.unwrap();
    let left = house.broker.accounts(AccountFilter { limit: 10, ..AccountFilter::default() }).await.unwrap();
    let left: Vec<_> = left.iter().map(|account| account.username.as_str()).collect();
    assert_eq!(left, ["alice", "stays"]);
    assert_eq!(house.letters().await.len(), 1, "letters of the purged go with them");
}

#[tokio::test]
async fn the_operator_adds_activates_suspends_and_resumes() {
    let house = House::planned(Plan::with(|policy| policy.registration = RegistrationMode::Closed));
    let broker = &house.broker;
    let added = broker.add(&operator(), &domain(), form("carol", PASSWORD, "")).await.unwrap();
    assert_eq!(added.state, AccountState::Active);
    let again = broker.add(&operator(), &domain(), form("carol", PASSWORD, "")).await;
    assert_eq!(refusal(again), Refusal::NameTaken);
    let weak = broker.add(&operator(), &domain(), form("dave", "short", "")).await;
    assert!(matches!(refusal(weak), Refusal::Invalid(_)));

    let reason = Some("Unpaid".to_owned());
    broker.suspend(&operator(), &domain(), "carol", reason.clone()).await.unwrap();
    assert_eq!(refusal(house.log_in("carol", PASSWORD).await), Refusal::AccountSuspended { reason });
    assert_eq!(refusal(house.log_in("carol", "wrong").await), Refusal::WrongPassword);
    let found = broker.scram_credentials(&domain(), "carol").await.unwrap();
    let unpaid = Refusal::AccountSuspended { reason: Some("Unpaid".to_owned()) };
    assert_eq!((found.state, found.refusal), (AccountState::Suspended, Some(unpaid)));
    broker.resume(&operator(), &domain(), "carol").await.unwrap();
    house.log_in("carol", PASSWORD).await.unwrap();
    let ghost = broker.suspend(&operator(), &domain(), "ghost", None).await;
    assert_eq!(refusal(ghost), Refusal::NoSuchAccount);

    let house = House::new();
    house.register("alice", "alice@example.org").await.unwrap();
    house.broker.activate(&operator(), &domain(), "alice").await.unwrap();
    house.log_in("alice", PASSWORD).await.unwrap();
    let actions: Vec<_> = house.broker.audit(Some("alice@chat.example"), 10).await.unwrap();
    let actions: Vec<_> = actions.iter().map(|entry| entry.action.as_str()).collect();
    assert_eq!(actions, ["activated", "registered"], "newest first");
}

#[tokio::test]
async fn notices_wait_for_the_server_in_order_and_are_forgotten_when_told() {
    let house = House::new();
    let early = house.broker.clone();
    let waiting = tokio::spawn(async move { early.next_notices(&domain(), 0).await.unwrap() });
    tokio::time::sleep(Duration::from_millis(50)).await;
    assert!(!waiting.is_finished());
    house.settle("alice", "alice@example.org").await;
    let notices = tokio::time::timeout(Duration::from_secs(5), waiting).await.unwrap().unwrap();
    assert_eq!((notices.len(), notices[0].event), (1, AccountEvent::Activated));

    house.broker.suspend(&operator(), &domain(), "alice", Some("Unpaid".to_owned())).await.unwrap();
    house.broker.notice_told(&notices[0]).await.unwrap();
    let notices = house.broker.next_notices(&domain(), 0).await.unwrap();
    assert_eq!((notices.len(), notices[0].event), (1, AccountEvent::Suspended));
    assert_eq!(notices[0].text.as_deref(), Some("Unpaid"));
}

#[tokio::test]
async fn credentials_are_made_anew_at_a_login_when_the_parameters_changed_or_scram_came_back() {
    let plan = Plan::default();
    let without = HashingSettings { scram_iterations: None, ..plan.hashing.clone() };
    let house = House::planned(Plan { hashing: without, ..plan.clone() });
    house.settle("alice", "alice@example.org").await;
    assert!(house.broker.scram_credentials(&domain(), "alice").await.unwrap().keys.is_empty());
    assert!(house.broker.scram_credentials(&domain(), "nobody").await.unwrap().keys.is_empty());
    let notices = house.broker.next_notices(&domain(), 0).await.unwrap().len();

    let stronger = HashingSettings { memory_kib: 128, ..plan.hashing.clone() };
    let broker = house.restarted(&Plan { hashing: stronger, ..plan });
    assert!(broker.scram_credentials(&domain(), "alice").await.unwrap().keys.is_empty(), "not known yet");
    let origin = web("192.0.2.1");
    broker.authenticate(&origin, &domain(), "alice", PASSWORD).await.unwrap();
    eventually("the new keys", async || {
        broker.scram_credentials(&domain(), "alice").await.unwrap().keys.len() == 2
    })
    .await;
    let stored = house.store.credentials(&domain(), &name("alice")).await.unwrap().unwrap();
    let phc = stored.password_hash.unwrap().as_phc().to_owned();
    assert!(phc.contains("m=128"), "{phc}");
    broker.authenticate(&origin, &domain(), "alice", PASSWORD).await.unwrap();
    assert_eq!(house.broker.next_notices(&domain(), 0).await.unwrap().len(), notices, "no session is ended");
}

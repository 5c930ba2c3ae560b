//! What the use cases keep out: guessing, finding out who has an account, floods, races.

mod support;

use std::time::Duration;

use jiff::SignedDuration;
use ostiary::{
    accounts::{LetterKind, Refusal, ScramKeys},
    broker::{Failure, HashingSettings, LimitSettings},
};

use support::broker::{
    House, PASSWORD, Plan, code, domain, eventually, form, operator, refusal, web, wrong_code,
};

#[tokio::test]
async fn an_address_that_has_an_account_gets_a_letter_and_the_caller_sees_no_difference() {
    let house = House::new();
    house.settle("alice", "Alice@example.org").await;
    let used = house.register("mallory", "alice@EXAMPLE.org").await.unwrap();
    let letter = house.letter().await;
    assert_eq!(letter.to.as_str(), "alice@example.org");
    let LetterKind::AlreadyRegistered { existing } = &letter.kind else { panic!("{letter:?}") };
    assert_eq!(existing.as_str(), "alice");

    let fresh = house.register("trudy", "trudy@example.org").await.unwrap();
    let trudys = house.letter().await;
    assert_eq!(used.state, fresh.state);
    assert_eq!(refusal(house.log_in("mallory", PASSWORD).await), Refusal::AccountPending);
    for tries_left in [4, 3, 2, 1, 0] {
        let wrong = Refusal::WrongCode { tries_left: Some(tries_left) };
        assert_eq!(refusal(house.type_code("mallory", "123456").await), wrong);
        assert_eq!(refusal(house.type_code("trudy", &wrong_code(&trudys)).await), wrong);
    }

    house.pass(SignedDuration::from_mins(2));
    for username in ["mallory", "trudy"] {
        house.broker.resend(&web("192.0.2.1"), &domain(), username).await.unwrap();
    }
    eventually("two letters", async || house.store.counts().await.unwrap().letters_waiting == 2).await;
    let kinds: Vec<_> = house.letters().await.iter().map(|letter| letter.kind.as_str()).collect();
    assert!(kinds.contains(&"already-registered") && kinds.contains(&"verify"), "{kinds:?}");
}

#[tokio::test]
async fn two_who_wait_with_one_address_cannot_both_prove_it() {
    let house = House::new();
    house.register("alice", "alice@example.org").await.unwrap();
    let alices = house.letter().await;
    house.register("bob", "alice@example.org").await.unwrap();
    let bobs = house.letter().await;
    house.type_code("alice", &code(&alices)).await.unwrap();
    assert_eq!(refusal(house.type_code("bob", &code(&bobs)).await), Refusal::AddressInUse);

    let house = House::planned(Plan::with(|policy| policy.email_unique = false));
    house.settle("alice", "alice@example.org").await;
    house.settle("bob", "alice@example.org").await;
    house.log_in("bob", PASSWORD).await.unwrap();
}

#[tokio::test]
async fn one_of_many_gets_a_name() {
    let house = House::new();
    let emails: Vec<String> = (0..8).map(|n| format!("user{n}@example.org")).collect();
    let outcomes = futures::future::join_all(emails.iter().map(|email| house.register("alice", email))).await;
    let mut made = 0;
    for outcome in outcomes {
        if outcome.is_ok() {
            made += 1;
        } else {
            assert_eq!(refusal(outcome), Refusal::NameTaken);
        }
    }
    assert_eq!(made, 1);
    assert_eq!(house.letters().await.len(), 1);
}

#[tokio::test]
async fn a_name_without_account_gets_the_answers_of_one_with_an_account() {
    let house = House::new();
    house.settle("alice", "alice@example.org").await;
    house.register("pending", "pending@example.org").await.unwrap();
    let (mut logins, mut codes, mut keys) = (Vec::new(), Vec::new(), Vec::new());
    let waiting = house.letter().await;
    for username in ["alice", "nobody", "pending"] {
        logins.push(refusal(house.log_in(username, "wrong password").await));
        let mut answers = Vec::new();
        for _ in 0..6 {
            answers.push(refusal(house.type_code(username, &wrong_code(&waiting)).await));
        }
        codes.push(answers);
        let found = house.broker.scram_credentials(&domain(), username).await.unwrap();
        let again = house.broker.scram_credentials(&domain(), username).await.unwrap();
        assert!(found.keys == again.keys, "{username}: the same at every question");
        let shape = |keys: &ScramKeys| {
            (keys.mechanism, keys.iterations, keys.salt.as_bytes().len(), keys.stored_key.len())
        };
        keys.push(found.keys.iter().map(shape).collect::<Vec<_>>());
    }
    assert!(logins.iter().all(|answer| *answer == Refusal::WrongPassword), "{logins:?}");
    assert!(codes.iter().all(|answers| *answers == codes[0]), "{codes:?}");
    assert_eq!(codes[0][5], Refusal::CodeExpired);
    assert!(keys.iter().all(|shape| *shape == keys[0]), "{keys:?}");
}

#[tokio::test]
async fn a_login_takes_the_same_time_with_and_without_account() {
    let hashing = HashingSettings { memory_kib: 4096, passes: 4, ..Plan::default().hashing };
    let house = House::planned(Plan { hashing, ..Plan::default() });
    house.settle("alice", "alice@example.org").await;
    let (mut known, mut unknown) = (Vec::new(), Vec::new());
    for _ in 0..15 {
        for (username, times) in [("alice", &mut known), ("nobody", &mut unknown)] {
            let start = tokio::time::Instant::now();
            assert_eq!(refusal(house.log_in(username, "wrong password").await), Refusal::WrongPassword);
            times.push(start.elapsed());
        }
    }
    known.sort();
    unknown.sort();
    let ratio = known[7].as_secs_f64() / unknown[7].as_secs_f64();
    assert!((0.5..2.0).contains(&ratio), "{:?} against {:?}", known[7], unknown[7]);
}

#[tokio::test]
async fn one_client_is_stopped_and_others_are_not() {
    let limits = LimitSettings {
        registrations_per_hour: 2,
        wrong_proofs_per_minute: 3,
        letters_per_hour: 4,
        ..Plan::default().limits
    };
    let house = House::planned(Plan { limits, ..Plan::default() });
    let register = async |address: &str, username: &str, email: &str| {
        house.broker.register(&web(address), &domain(), form(username, PASSWORD, email).into()).await
    };
    register("192.0.2.1", "alice", "a@example.org").await.unwrap();
    for _ in 0..3 {
        let taken = register("192.0.2.1", "alice", "a@example.org").await;
        assert_eq!(
            refusal(taken),
            Refusal::NameTaken,
            "looking for a free name does not use up the registrations"
        );
    }
    let names_read_out = register("192.0.2.1", "alice", "a@example.org").await;
    assert!(matches!(refusal(names_read_out), Refusal::TooMany { .. }));
    house.pass(SignedDuration::from_mins(2));
    register("192.0.2.1", "bob", "b@example.org").await.unwrap();
    assert!(matches!(
        refusal(register("192.0.2.1", "carol", "c@example.org").await),
        Refusal::TooMany { .. }
    ));
    register("192.0.2.2", "carol", "c@example.org").await.unwrap();

    for n in 0..3 {
        let username = format!("bomb{n}");
        register(&format!("192.0.2.1{n}"), &username, "victim@example.org").await.unwrap();
    }
    register("192.0.2.20", "bomb4", "Victim@example.org").await.unwrap();
    let bombed = register("192.0.2.21", "bomb5", "victim@example.org").await;
    assert!(matches!(refusal(bombed), Refusal::TooMany { .. }), "nobody's mailbox is flooded");

    for _ in 0..3 {
        assert_eq!(refusal(house.log_in("carol", "wrong").await), Refusal::WrongPassword);
    }
    assert!(matches!(refusal(house.log_in("carol", PASSWORD).await), Refusal::TooMany { .. }));
    let elsewhere = house.broker.authenticate(&web("192.0.2.9"), &domain(), "carol", PASSWORD).await;
    assert_eq!(refusal(elsewhere), Refusal::AccountPending, "the owner still gets in from elsewhere");
}

#[tokio::test]
async fn a_flood_of_registrations_is_refused_and_logins_go_first() {
    let hashing =
        HashingSettings { memory_kib: 2048, passes: 16, threads: 1, queue: 4, ..Plan::default().hashing };
    let limits = LimitSettings { registrations_per_hour: 40, ..Plan::default().limits };
    let house = House::planned(Plan { hashing, limits, ..Plan::default() });
    house.settle("alice", "alice@example.org").await;
    let names: Vec<String> = (0..30).map(|n| format!("user{n}")).collect();
    let emails: Vec<String> = names.iter().map(|name| format!("{name}@example.org")).collect();
    let begun = tokio::time::Instant::now();
    let flood =
        futures::future::join_all(names.iter().zip(&emails).map(|(name, email)| house.register(name, email)));
    let login = async {
        tokio::time::sleep(Duration::from_millis(20)).await;
        house.log_in("alice", PASSWORD).await.unwrap();
        begun.elapsed()
    };
    let flood = async {
        let outcomes = flood.await;
        (outcomes, begun.elapsed())
    };
    let ((outcomes, all_done), logged_in) = tokio::join!(flood, login);
    assert!(logged_in < all_done, "the login did not wait for the registrations before it");
    let made = outcomes.iter().filter(|outcome| outcome.is_ok()).count();
    assert!((4..=8).contains(&made), "{made}");
    for outcome in outcomes {
        if outcome.is_err() {
            assert!(matches!(refusal(outcome), Refusal::Busy { .. }));
        }
    }
    let counts = house.broker.counts().await.unwrap();
    assert_eq!((counts.pending, counts.active), (made as u64, 1), "nothing half-made is left");
    for n in 30..50 {
        // 1 + 8 + 20 is below 40: who was refused as busy has not used up anything.
        house.register(&format!("user{n}"), &format!("user{n}@example.org")).await.unwrap();
    }
}

#[tokio::test]
async fn the_time_of_a_derivation_can_be_measured() {
    let house = House::new();
    let time = house.broker.derivation_time().await.unwrap();
    assert!(time > Duration::ZERO && time < Duration::from_secs(5), "{time:?}");
}

#[tokio::test]
async fn when_the_database_is_away_nothing_is_answered_as_done() {
    let house = House::new();
    house.settle("alice", "alice@example.org").await;
    house.store.clone().close().await;
    let faults = [
        house.register("bob", "bob@example.org").await.is_err_and(|failure| is_fault(&failure)),
        house.log_in("alice", PASSWORD).await.is_err_and(|failure| is_fault(&failure)),
        house.type_code("alice", "123456").await.is_err_and(|failure| is_fault(&failure)),
        house
            .broker
            .resend(&web("192.0.2.1"), &domain(), "alice")
            .await
            .is_err_and(|failure| is_fault(&failure)),
        house.broker.scram_credentials(&domain(), "alice").await.is_err_and(|failure| is_fault(&failure)),
        house
            .broker
            .remove(&operator(), &domain(), "alice", None)
            .await
            .is_err_and(|failure| is_fault(&failure)),
        house.broker.purge().await.is_err_and(|failure| is_fault(&failure)),
    ];
    assert_eq!(faults, [true; 7]);
}

fn is_fault(failure: &Failure) -> bool {
    matches!(failure, Failure::Fault(_))
}

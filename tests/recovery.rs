//! A forgotten password, from the letter to the new one.

mod support;

use jiff::SignedDuration;
use ostiary::{
    accounts::{AccountEvent, LetterKind, Refusal},
    broker::ProofInput,
};
use support::broker::{House, PASSWORD, Plan, code, domain, link, name, operator, refusal, web, wrong_code};

const NEW: &str = "a wholly new password";

async fn settled() -> House {
    let house = House::new();
    house.settle("alice", "alice@mail.example").await;
    house
}

/// Lets the letters that are made after the answers be made.
async fn letters_of(house: &House) -> usize {
    tokio::time::sleep(std::time::Duration::from_millis(200)).await;
    house.letters().await.len()
}

#[tokio::test]
async fn the_code_of_the_letter_sets_a_new_password_once_and_closes_every_session() {
    let house = settled().await;
    let letter = house.recovery_letter("Alice").await;
    assert!(matches!(letter.kind, LetterKind::Recover { .. }));
    assert_eq!(letter.to.as_str(), "alice@mail.example");
    assert!(house.log_in("alice", PASSWORD).await.is_ok(), "asking changes nothing");
    let account = house.recover(" ALICE ", &code(&letter), NEW).await.unwrap();
    assert_eq!(account.address(), "alice@chat.example");
    assert!(house.log_in("alice", NEW).await.is_ok());
    assert_eq!(refusal(house.log_in("alice", PASSWORD).await), Refusal::WrongPassword);
    let notices = house.store.notices(&domain(), 0, 10).await.unwrap();
    let last = notices.last().unwrap();
    assert_eq!((last.event, &last.keep), (AccountEvent::PasswordChanged, &None));
    let again = refusal(house.recover("alice", &code(&letter), "yet another password").await);
    assert!(matches!(again, Refusal::WrongCode { .. }), "{again:?}");
    let actions: Vec<_> =
        house.store.audit(None, 2).await.unwrap().into_iter().map(|entry| entry.action).collect();
    assert_eq!(actions, ["password-changed", "recovery-asked"]);
}

#[tokio::test]
async fn the_link_does_the_same_and_looking_at_it_uses_nothing_up() {
    let house = settled().await;
    let token = link(&house.recovery_letter("alice").await);
    let origin = web("192.0.2.1");
    for _ in 0..2 {
        let account = house.broker.look_at_recovery(&origin, &token).await.unwrap();
        assert_eq!(account.username, name("alice"));
    }
    house.broker.recover(&origin, ProofInput::Link(token.clone()), NEW).await.unwrap();
    assert!(house.log_in("alice", NEW).await.is_ok());
    let again = refusal(house.broker.recover(&origin, ProofInput::Link(token), NEW).await);
    assert_eq!(again, Refusal::WrongCode { tries_left: None });
}

#[tokio::test]
async fn wrong_codes_are_counted_alike_for_names_with_and_without_an_account() {
    let house = settled().await;
    let wrong = wrong_code(&house.recovery_letter("alice").await);
    house.broker.ask_recovery(&web("192.0.2.1"), &domain(), "nobody").await.unwrap();
    let mut said = [Vec::new(), Vec::new()];
    for (username, said) in ["alice", "nobody"].into_iter().zip(&mut said) {
        for _ in 0..7 {
            said.push(refusal(house.recover(username, &wrong, NEW).await));
        }
    }
    assert_eq!(said[0], said[1]);
    assert_eq!(said[0][0], Refusal::WrongCode { tries_left: Some(4) });
    assert_eq!(said[0][6], Refusal::CodeExpired);
    // And when the time of the code is over.
    house.pass(SignedDuration::from_mins(30));
    let later =
        [house.recover("alice", &wrong, NEW).await, house.recover("nobody", &wrong, NEW).await].map(refusal);
    assert_eq!(later[0], later[1]);
}

#[tokio::test]
async fn a_code_works_for_its_time_and_a_password_that_cannot_be_used_costs_no_try() {
    let house = settled().await;
    let letter = house.recovery_letter("alice").await;
    for _ in 0..10 {
        assert!(matches!(
            refusal(house.recover("alice", &code(&letter), "short").await),
            Refusal::Invalid(_)
        ));
    }
    house.pass(SignedDuration::from_mins(30));
    assert!(matches!(refusal(house.recover("alice", &code(&letter), NEW).await), Refusal::WrongCode { .. }));
    let token = link(&letter);
    house.pass(SignedDuration::from_hours(23));
    house.broker.look_at_recovery(&web("192.0.2.1"), &token).await.unwrap();
    house.pass(SignedDuration::from_hours(1));
    assert!(house.broker.recover(&web("192.0.2.1"), ProofInput::Link(token), NEW).await.is_err());
    house.broker.purge().await.unwrap();
    assert!(house.log_in("alice", PASSWORD).await.is_ok());
}

#[tokio::test]
async fn a_newer_letter_a_changed_password_or_a_suspension_end_a_code() {
    let house = settled().await;
    let old = house.recovery_letter("alice").await;
    assert!(matches!(
        refusal(house.broker.ask_recovery(&web("192.0.2.1"), &domain(), "alice").await),
        Refusal::TooMany { .. }
    ));
    house.pass(SignedDuration::from_secs(61));
    let new = house.recovery_letter("alice").await;
    assert!(house.recover("alice", &code(&old), NEW).await.is_err());
    house.broker.change_password(&operator(), &domain(), "alice", "set by the operator", None).await.unwrap();
    assert!(house.recover("alice", &code(&new), NEW).await.is_err());
    house.pass(SignedDuration::from_secs(61));
    let newest = house.recovery_letter("alice").await;
    house.broker.suspend(&operator(), &domain(), "alice", None).await.unwrap();
    assert!(house.recover("alice", &code(&newest), NEW).await.is_err());
    assert!(house.broker.look_at_recovery(&web("192.0.2.1"), &link(&newest)).await.is_err());
}

#[tokio::test]
async fn no_letter_goes_where_no_address_was_proven_and_nobody_sees_the_difference() {
    let house = House::new();
    house.register("pending", "pending@mail.example").await.unwrap();
    house.letters().await;
    for username in ["pending", "nobody", "not a name"] {
        house.broker.ask_recovery(&web("192.0.2.1"), &domain(), username).await.unwrap();
    }
    assert_eq!(letters_of(&house).await, 0);
}

#[tokio::test]
async fn a_code_that_confirms_an_address_sets_no_password() {
    let house = House::new();
    house.register("alice", "alice@mail.example").await.unwrap();
    let letter = house.letter().await;
    assert!(house.recover("alice", &code(&letter), NEW).await.is_err());
    house.type_code("alice", &code(&letter)).await.unwrap();
    let recovery = house.recovery_letter("alice").await;
    assert!(house.broker.look_at_link(&web("192.0.2.1"), &link(&recovery)).await.is_err());
}

#[tokio::test]
async fn where_people_may_not_help_themselves_there_is_no_recovery() {
    let house = House::planned(Plan::with(|policy| policy.self_service = false));
    house.settle("alice", "alice@mail.example").await;
    let refused = refusal(house.broker.ask_recovery(&web("192.0.2.1"), &domain(), "alice").await);
    assert_eq!(refused, Refusal::NotAllowed);
    assert_eq!(refusal(house.recover("alice", "123456", NEW).await), Refusal::NotAllowed);
}

//! Passwords that others have lost are refused wherever somebody chooses one.

mod support;

use std::fs;

use ostiary::{
    accounts::{FieldError, FieldProblem, Refusal, form::Field},
    broker::{BreachedList, Outcome},
};
use support::broker::{House, PASSWORD, Plan, code, domain, form, operator, refusal, session, web};

const LOST: &str = "password123456";
/// Its SHA-1, as the list has it.
const LOST_HASH: &str = "98A16C09B0759E63EF7DF53592724E8EEDDB953A";

fn is_told<T: std::fmt::Debug>(outcome: Outcome<T>) {
    let told = vec![FieldError { field: Field::Password, problem: FieldProblem::Breached }];
    assert_eq!(refusal(outcome), Refusal::Invalid(told));
}

#[tokio::test]
async fn a_password_that_others_have_lost_is_refused_at_registration_change_and_recovery() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("list.txt");
    fs::write(&file, format!("{LOST_HASH}:37359195\n")).unwrap();
    let house =
        House::planned(Plan { breached: Some(BreachedList::open(&file).unwrap()), ..Plan::default() });
    let broker = &house.broker;

    let submitted = form("ada", LOST, "ada@mail.example").into();
    is_told(broker.register(&web("192.0.2.1"), &domain(), submitted).await);
    assert!(!broker.account_exists(&domain(), "ada").await.unwrap());
    assert!(house.letters().await.is_empty());

    house.settle("ada", "ada@mail.example").await;
    let owner = session("ada@chat.example/phone");
    is_told(broker.change_password(&owner, &domain(), "ada", LOST, None).await);
    is_told(broker.change_password(&operator(), &domain(), "ada", LOST, None).await);
    let letter = house.recovery_letter("ada").await;
    is_told(house.recover("ada", &code(&letter), LOST).await);
    house.log_in("ada", PASSWORD).await.unwrap();
    house.recover("ada", &code(&letter), "a wholly new password").await.unwrap();
}

//! Phone numbers beside addresses: each is proven by itself, and the account is active when nothing is left.

use super::*;
use crate::accounts::{Channel, Contact, Phone, PhoneVerification};

fn phone() -> Phone {
    Phone::parse("+46700000000").unwrap()
}

fn by_sms(text: &str, minute: i64) -> PhoneVerification {
    PhoneVerification { code: proof(text), tries_left: 2, code_expires_at: at(minute + 30) }
}

fn message(text: &str, minute: i64) -> NewLetter {
    NewLetter { kind: "verify-phone", channel: Channel::Sms, ..letter(text, minute) }
}

/// A registration that waits for both proofs.
fn with_both(username: &str) -> NewAccount {
    NewAccount {
        phone: Some(phone()),
        phone_verification: Some(by_sms("sms", 0)),
        letters: vec![letter(username, 0), message("sms", 0)],
        ..pending(username)
    }
}

impl House {
    async fn code_by(&self, text: &str, channel: Option<Channel>, minute: i64) -> Verified {
        let attempt =
            ProofAttempt::Code { domain: domain(), username: name("alice"), hash: proof(text), channel };
        self.verify(attempt, true, at(minute), actor()).await.unwrap()
    }

    async fn waiting(&self, channel: Channel) -> usize {
        self.due_letters(channel, at(100), 10).await.unwrap().len()
    }
}

#[tokio::test]
async fn an_account_with_both_is_active_when_both_are_proven_in_any_order() {
    for first_by_mail in [true, false] {
        let house = house();
        house.create_account(with_both("alice")).await.unwrap();
        assert_eq!((house.waiting(Channel::Mail).await, house.waiting(Channel::Sms).await), (1, 1));
        let (first, second) = if first_by_mail { ("alice-code", "sms") } else { ("sms", "alice-code") };
        let Verified::Further(account) = house.code_by(first, None, 1).await else { panic!("one is left") };
        assert_eq!(account.state, AccountState::Pending);
        assert_eq!(account.email_verified_at.is_some(), first_by_mail);
        assert_eq!(account.phone_verified_at.is_some(), !first_by_mail);
        assert_eq!(
            house.waiting(Channel::Mail).await,
            usize::from(!first_by_mail),
            "what is proven needs no letter"
        );
        assert_eq!(house.waiting(Channel::Sms).await, usize::from(first_by_mail));
        assert!(house.events().await.is_empty(), "the server is not told yet");

        assert_ne!(
            house.code_by(first, None, 2).await,
            Verified::Unknown,
            "used up, and the other one waits"
        );
        let Verified::Activated(account) = house.code_by(second, None, 3).await else {
            panic!("nothing is left")
        };
        assert_eq!(account.state, AccountState::Active);
        assert!(
            account.email_verified_at.is_some()
                && account.phone_verified_at == Some(at(if first_by_mail { 3 } else { 1 }))
        );
        let (first, second) =
            if first_by_mail { ("email-proven", "activated") } else { ("phone-proven", "activated") };
        assert_eq!(house.actions("alice@chat.example").await, ["registered", first, second]);
        assert_eq!(house.number("SELECT count(*) FROM phone_verifications"), 0);
    }
}

#[tokio::test]
async fn a_number_alone_is_enough_where_nothing_else_is_asked_for() {
    let house = house();
    let new = NewAccount {
        email: None,
        verification: None,
        letters: vec![message("sms", 0)],
        ..with_both("alice")
    };
    house.create_account(new).await.unwrap();
    assert_eq!(house.code_by("wrong", None, 1).await, Verified::Wrong { tries_left: 1 });
    let Verified::Activated(account) = house.code_by("sms", None, 1).await else { panic!("proven") };
    assert_eq!((account.phone, account.phone_verified_at), (Some(phone()), Some(at(1))));
}

#[tokio::test]
async fn a_wrong_code_costs_a_try_of_each_and_one_for_a_known_way_of_that_alone() {
    let house = house();
    house.create_account(with_both("alice")).await.unwrap();
    let wrong = |tries_left| Verified::Wrong { tries_left };
    assert_eq!(house.code_by("sms", Some(Channel::Mail), 1).await, wrong(4));
    assert_eq!(house.code_by("wrong", Some(Channel::Sms), 1).await, wrong(1));
    assert_eq!(house.code_by("wrong", None, 1).await, wrong(3), "one of each; more are left for the letter");
    assert_eq!(house.code_by("sms", None, 1).await, wrong(2), "the number has none left");
    assert!(matches!(house.code_by("alice-code", None, 1).await, Verified::Further(_)));
    assert_eq!(house.code_by("sms", None, 1).await, Verified::Expired);
}

#[tokio::test]
async fn a_code_with_its_number_finds_the_account() {
    let house = house();
    house.create_account(with_both("alice")).await.unwrap();
    let give = async |code: &'static str, contact: Contact, minute: i64| {
        let decoy = Spending { hash: proof(&format!("decoy {minute}")), expires_at: at(minute) };
        let new =
            AddressProof { domain: domain(), contact, decoy, unique: true, at: at(minute), actor: actor() };
        house.verify_address(new, move |_| proof(code)).await.unwrap()
    };
    let other = Contact::Phone(Phone::parse("+46700000001").unwrap());
    assert_eq!(give("sms", other, 1).await, Verified::Unknown);
    let email = Contact::Email(Email::parse("alice@mail.example").unwrap());
    assert!(
        matches!(give("sms", email.clone(), 2).await, Verified::Wrong { .. }),
        "a code proves what it was sent to"
    );
    assert!(matches!(give("sms", Contact::Phone(phone()), 3).await, Verified::Further(_)));
    assert!(matches!(give("alice-code", email, 4).await, Verified::Activated(_)));
}

#[tokio::test]
async fn a_mistyped_number_is_corrected_until_it_is_proven() {
    let house = house();
    house.create_account(with_both("alice")).await.unwrap();
    let right = Phone::parse("+46700000099").unwrap();
    let again = |text: &str, minute| NewVerification {
        domain: domain(),
        username: name("alice"),
        email: None,
        phone: Some(right.clone()),
        verification: None,
        phone_verification: Some(by_sms(text, minute)),
        letters: vec![message(text, minute)],
        not_since: at(minute),
        at: at(minute),
        actor: actor(),
    };
    assert_eq!(house.replace_verification(again("new", 1)).await.unwrap(), Replacement::Replaced);
    assert_eq!(
        (house.waiting(Channel::Mail).await, house.waiting(Channel::Sms).await),
        (1, 1),
        "the letter stays"
    );
    assert_eq!(house.find("alice").await.unwrap().phone, Some(right.clone()));
    assert!(matches!(house.code_by("sms", Some(Channel::Sms), 2).await, Verified::Wrong { .. }));
    assert!(matches!(house.code_by("new", None, 2).await, Verified::Further(_)));
    assert_eq!(house.replace_verification(again("newer", 3)).await.unwrap(), Replacement::NotPending);
    assert_eq!(house.actions("alice@chat.example").await, ["registered", "phone-corrected", "phone-proven"]);
}

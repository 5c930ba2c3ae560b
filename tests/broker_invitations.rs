//! Stories on invitations, over a real database.

mod support;

use secrecy::ExposeSecret;

use jiff::SignedDuration;
use ostiary::{
    accounts::{
        AccountState, ContactPolicy, Domain, DomainPolicy, Email, InvitationMode, InvitationToken, Letter,
        LetterKind, Refusal, RegistrationMode, form::Field,
    },
    broker::{
        InvitationWish, LimitSettings, NewlyInvited, Outcome, Presented, Registered, Submitted, Ticket,
    },
    store::InvitationFilter,
};

use support::broker::{House, PASSWORD, Plan, domain, eventually, form, name, operator, refusal, web};

async fn invite(house: &House, wish: InvitationWish) -> NewlyInvited {
    house.broker.invite(&operator(), &domain(), wish).await.unwrap()
}

fn wish(uses: u32) -> InvitationWish {
    InvitationWish { uses, ..InvitationWish::default() }
}

async fn accept(house: &House, token: &InvitationToken) -> Outcome<Ticket> {
    house.broker.accept_invitation(&web("192.0.2.1"), &domain(), token.clone()).await
}

async fn come(house: &House, username: &str, presented: Presented) -> Outcome<Registered> {
    let submitted = Submitted { invitation: Some(presented), ..form(username, PASSWORD, "").into() };
    house.broker.register(&web("192.0.2.1"), &domain(), submitted).await
}

fn required() -> Plan {
    Plan::with(|policy| policy.invitations.mode = InvitationMode::Required)
}

#[tokio::test]
async fn somebody_invited_needs_no_address_and_is_in_at_once() {
    let house = House::new();
    assert!(matches!(refusal(house.register("ada", "").await), Refusal::Invalid(_)));
    let token = invite(&house, wish(1)).await.token;
    let ticket = accept(&house, &token).await.unwrap();
    let registered = come(&house, "ada", Presented::Ticket(ticket.clone())).await.unwrap();
    assert_eq!(registered.state, AccountState::Active);
    assert!(house.letters().await.is_empty());
    house.log_in("ada", PASSWORD).await.unwrap();
    assert_eq!(refusal(come(&house, "bea", Presented::Ticket(ticket)).await), Refusal::InvitationInvalid);
    assert_eq!(refusal(accept(&house, &token).await), Refusal::InvitationInvalid);
}

#[tokio::test]
async fn an_address_that_an_invited_person_gives_all_the_same_is_proven() {
    let house = House::new();
    let token = invite(&house, wish(1)).await.token;
    let submitted = Submitted {
        invitation: Some(Presented::Token(token)),
        ..form("ada", PASSWORD, "a@mail.example").into()
    };
    let registered = house.broker.register(&web("192.0.2.1"), &domain(), submitted).await.unwrap();
    assert_eq!(registered.state, AccountState::Pending);
    assert_eq!(house.letters().await.len(), 1);
}

#[tokio::test]
async fn the_form_for_the_invited_asks_for_what_is_still_needed() {
    let house = House::new();
    let origin = web("192.0.2.1");
    let fields = async |presented: Option<Presented>| {
        let offer = house.broker.offer(&origin, &domain(), presented.as_ref()).await.unwrap();
        offer.fields.into_iter().filter(|field| field.required).map(|field| field.field).collect::<Vec<_>>()
    };
    assert_eq!(fields(None).await, [Field::Username, Field::Password, Field::Email]);
    let token = invite(&house, wish(1)).await.token;
    assert_eq!(fields(Some(Presented::Token(token))).await, [Field::Username, Field::Password]);
    let bound = InvitationWish { username: Some("Juliet".to_owned()), ..wish(1) };
    let token = invite(&house, bound).await.token;
    let offer = house.broker.offer(&origin, &domain(), Some(&Presented::Token(token))).await.unwrap();
    assert_eq!(offer.username, Some(name("juliet")));
}

#[tokio::test]
async fn where_an_invitation_is_required_nobody_comes_without_one() {
    let house = House::planned(required());
    assert_eq!(refusal(house.register("ada", "a@mail.example").await), Refusal::InvitationRequired);
    let offer = house.broker.offer(&web("192.0.2.1"), &domain(), None).await;
    assert_eq!(refusal(offer), Refusal::InvitationRequired);
    let token = invite(&house, wish(1)).await.token;
    come(&house, "ada", Presented::Token(token)).await.unwrap();
}

#[tokio::test]
async fn closed_is_closed_for_the_invited_too_and_off_is_off() {
    let house = House::new();
    let token = invite(&house, wish(1)).await.token;
    let closed = Plan::with(|policy| policy.registration = RegistrationMode::Closed);
    let off = Plan::with(|policy| policy.invitations.mode = InvitationMode::Off);
    let submitted = || Submitted {
        invitation: Some(Presented::Token(token.clone())),
        ..form("ada", PASSWORD, "").into()
    };
    let origin = web("192.0.2.1");
    let outcome = house.restarted(&closed).register(&origin, &domain(), submitted()).await;
    assert_eq!(refusal(outcome), Refusal::RegistrationClosed);
    let switched_off = house.restarted(&off);
    let outcome = switched_off.register(&origin, &domain(), submitted()).await;
    assert!(matches!(refusal(outcome), Refusal::Invalid(_)), "the address is asked for as of everybody");
    let outcome = switched_off.accept_invitation(&origin, &domain(), token.clone()).await;
    assert_eq!(refusal(outcome), Refusal::InvitationInvalid);
    assert_eq!(refusal(switched_off.look_at_invitation(&origin, &token).await), Refusal::InvitationInvalid);
    assert_eq!(refusal(switched_off.invite(&operator(), &domain(), wish(1)).await), Refusal::InvitationsOff);
}

#[tokio::test]
async fn of_many_who_come_at_once_exactly_as_many_get_in_as_were_invited() {
    let house = House::planned(required());
    let token = invite(&house, wish(5)).await.token;
    let ticket = accept(&house, &token).await.unwrap();
    let names: Vec<String> = (0..20).map(|n| format!("guest{n}")).collect();
    let coming = names.iter().map(|name| come(&house, name, Presented::Ticket(ticket.clone())));
    let outcomes = futures::future::join_all(coming).await;
    let (inside, outside): (Vec<_>, Vec<_>) = outcomes.into_iter().partition(Result::is_ok);
    assert_eq!((inside.len(), outside.len()), (5, 15));
    for outcome in outside {
        assert_eq!(refusal(outcome), Refusal::InvitationInvalid);
    }
    assert_eq!(house.store.counts().await.unwrap().active, 5);
    let (invitation, accounts) = house.broker.invitation(1).await.unwrap();
    assert_eq!((invitation.used, accounts.len()), (5, 5));
}

#[tokio::test]
async fn what_goes_wrong_does_not_use_an_invitation_up() {
    let house = House::new();
    house.settle("taken", "taken@mail.example").await;
    let token = invite(&house, wish(1)).await.token;
    let presented = || Presented::Token(token.clone());
    assert!(matches!(refusal(come(&house, "a b", presented()).await), Refusal::Invalid(_)));
    assert_eq!(refusal(come(&house, "taken", presented()).await), Refusal::NameTaken);
    come(&house, "ada", presented()).await.unwrap();
}

#[tokio::test]
async fn an_invitation_that_expires_after_it_was_accepted_still_lets_in() {
    let house = House::new();
    let short = InvitationWish { lifetime: Some(SignedDuration::from_mins(10)), ..wish(9) };
    let token = invite(&house, short).await.token;
    let ticket = accept(&house, &token).await.unwrap();
    house.pass(SignedDuration::from_mins(11));
    assert_eq!(refusal(accept(&house, &token).await), Refusal::InvitationInvalid);
    assert_eq!(refusal(come(&house, "ada", Presented::Token(token)).await), Refusal::InvitationInvalid);
    let presented = Presented::Ticket(ticket.clone());
    house.broker.offer(&web("192.0.2.1"), &domain(), Some(&presented)).await.unwrap();
    come(&house, "bea", presented).await.unwrap();
    house.pass(SignedDuration::from_hours(24));
    let late = come(&house, "cleo", Presented::Ticket(ticket)).await;
    assert_eq!(refusal(late), Refusal::InvitationInvalid, "no stream lasts that long");
}

#[tokio::test]
async fn a_ticket_counts_on_its_domain_for_its_broker_and_not_when_it_was_changed() {
    let other = Domain::parse("other.example").unwrap();
    let mut plan = Plan::default();
    plan.domains.push(DomainPolicy { email: ContactPolicy::Off, ..DomainPolicy::new(other.clone()) });
    let house = House::planned(plan.clone());
    let token = invite(&house, wish(9)).await.token;
    let ticket = accept(&house, &token).await.unwrap();
    assert!(!ticket.expose().contains(token.expose()));
    let with = |presented| Submitted { invitation: Some(presented), ..form("ada", PASSWORD, "").into() };
    let origin = web("192.0.2.1");
    for presented in [Presented::Ticket(ticket.clone()), Presented::Token(token)] {
        let outcome = house.broker.register(&origin, &other, with(presented)).await;
        assert_eq!(refusal(outcome), Refusal::InvitationInvalid);
    }
    for text in ["", "AAAA", &ticket.expose()[1..], &ticket.expose().replace('A', "B"), "ä"] {
        if text == ticket.expose() {
            continue;
        }
        let outcome = come(&house, "ada", Presented::Ticket(Ticket::returned(text).unwrap())).await;
        assert_eq!(refusal(outcome), Refusal::InvitationInvalid, "{text}");
    }
    assert!(Ticket::returned(&"A".repeat(257)).is_none());
    let replica = house.restarted(&plan);
    let submitted = with(Presented::Ticket(ticket));
    replica.register(&origin, &domain(), submitted).await.unwrap();
}

#[tokio::test]
async fn a_name_is_for_who_was_invited_and_may_be_a_reserved_one() {
    let house = House::new();
    let bound = InvitationWish { username: Some("Support".to_owned()), ..wish(1) };
    let token = invite(&house, bound.clone()).await.token;
    let again = house.broker.invite(&operator(), &domain(), bound).await;
    assert_eq!(refusal(again), Refusal::NameTaken);
    let other = come(&house, "romeo", Presented::Token(token.clone())).await;
    assert_eq!(refusal(other), Refusal::InvitationForName(name("support")));
    come(&house, "SUPPORT", Presented::Token(token)).await.unwrap();

    let bound = InvitationWish { username: Some("juliet".to_owned()), ..wish(1) };
    invite(&house, bound).await;
    assert_eq!(refusal(house.register("juliet", "j@mail.example").await), Refusal::NameTaken);
    house.pass(SignedDuration::from_hours(7 * 24));
    house.register("juliet", "j@mail.example").await.unwrap();
    let bad = InvitationWish { username: Some("a b".to_owned()), ..wish(1) };
    assert!(matches!(refusal(house.broker.invite(&operator(), &domain(), bad).await), Refusal::Invalid(_)));
}

#[tokio::test]
async fn the_operator_lists_and_takes_back() {
    let house = House::new();
    let first = invite(&house, InvitationWish { note: Some("for the club".to_owned()), ..wish(3) }).await;
    let second = invite(&house, wish(1)).await;
    let revoked = house.broker.revoke_invitation(&operator(), first.invitation.id).await.unwrap();
    assert_eq!(revoked.note.as_deref(), Some("for the club"));
    assert_eq!(refusal(accept(&house, &first.token).await), Refusal::InvitationInvalid);
    let list = async |only_open| {
        let filter = InvitationFilter { limit: 10, ..InvitationFilter::default() };
        let found = house.broker.invitations(filter, only_open).await.unwrap();
        found.into_iter().map(|invitation| invitation.id).collect::<Vec<_>>()
    };
    assert_eq!(list(false).await, [second.invitation.id, first.invitation.id]);
    assert_eq!(list(true).await, [second.invitation.id]);
    assert_eq!(refusal(house.broker.revoke_invitation(&operator(), 99).await), Refusal::InvitationInvalid);
}

#[tokio::test]
async fn who_guesses_tokens_is_stopped_and_who_holds_one_is_not() {
    let limits = LimitSettings {
        registrations_per_hour: 9,
        wrong_proofs_per_minute: 3,
        letters_per_hour: 9,
        ..Plan::default().limits
    };
    let house = House::planned(Plan { limits, ..Plan::default() });
    let token = invite(&house, wish(1)).await.token;
    for _ in 0..10 {
        accept(&house, &token).await.unwrap();
        house.broker.look_at_invitation(&web("192.0.2.1"), &token).await.unwrap();
    }
    let wrong = InvitationToken::from_bytes([9; 16]);
    for _ in 0..3 {
        assert_eq!(refusal(accept(&house, &wrong).await), Refusal::InvitationInvalid);
    }
    assert!(matches!(refusal(accept(&house, &wrong).await), Refusal::TooMany { .. }));
    assert!(matches!(refusal(accept(&house, &token).await), Refusal::TooMany { .. }));
}

async fn letter_of(house: &House, address: &str) -> Letter {
    house.broker.invite_address(&web("192.0.2.1"), &domain(), address, None).await.unwrap();
    eventually("the letter", async || house.store.counts().await.unwrap().letters_waiting == 1).await;
    house.letter().await
}

fn token_in(letter: &Letter) -> InvitationToken {
    match &letter.kind {
        LetterKind::Invitation { token, .. } => InvitationToken::parse(token.expose_secret()).unwrap(),
        other => panic!("no invitation: {other:?}"),
    }
}

#[tokio::test]
async fn an_address_that_is_proven_first_makes_an_account_that_is_active_at_once() {
    let house = House::new();
    let letter = letter_of(&house, " Ada@mail.example ").await;
    assert_eq!((letter.to.as_str(), letter.username.is_none()), ("Ada@mail.example", true));
    let token = token_in(&letter);
    let ticket = accept(&house, &token).await.unwrap();
    let offer =
        house.broker.offer(&web("192.0.2.1"), &domain(), Some(&Presented::Ticket(ticket.clone()))).await;
    let fields: Vec<_> = offer.unwrap().fields.into_iter().map(|field| field.field).collect();
    assert_eq!(fields, [Field::Username, Field::Password]);
    let registered = come(&house, "ada", Presented::Ticket(ticket)).await.unwrap();
    assert_eq!(registered.state, AccountState::Active);
    let account = house.broker.account(&domain(), "ada").await.unwrap();
    assert_eq!(account.email_verified_at, Some(house.now()));
    let owner = house.store.email_owner(&domain(), &Email::parse("ada@mail.example").unwrap()).await.unwrap();
    assert_eq!(owner, Some(name("ada")));
    assert_eq!(refusal(accept(&house, &token).await), Refusal::InvitationInvalid);
}

#[tokio::test]
async fn only_the_invitation_of_the_newest_letter_works() {
    let house = House::new();
    let old = token_in(&letter_of(&house, "ada@mail.example").await);
    let new = token_in(&letter_of(&house, "ada@mail.example").await);
    assert_eq!(refusal(accept(&house, &old).await), Refusal::InvitationInvalid);
    accept(&house, &new).await.unwrap();
    house.pass(SignedDuration::from_hours(24));
    assert_eq!(refusal(accept(&house, &new).await), Refusal::InvitationInvalid);
}

#[tokio::test]
async fn the_owner_of_an_address_learns_of_it_and_the_one_who_asks_does_not() {
    let house = House::new();
    house.settle("ada", "ada@mail.example").await;
    let letter = letter_of(&house, "ADA@mail.example").await;
    let LetterKind::AlreadyRegistered { existing } = &letter.kind else { panic!("{letter:?}") };
    assert_eq!(*existing, name("ada"));
    let filter = InvitationFilter { limit: 10, ..InvitationFilter::default() };
    assert!(house.broker.invitations(filter, false).await.unwrap().is_empty());
    // Somebody who proved the address in the meantime keeps it.
    let token = token_in(&letter_of(&house, "bea@mail.example").await);
    house.settle("bea", "bea@mail.example").await;
    assert_eq!(refusal(come(&house, "cleo", Presented::Token(token)).await), Refusal::AddressInUse);
}

#[tokio::test]
async fn invitations_are_sent_only_where_the_door_is_open_and_not_without_bound() {
    let origin = web("192.0.2.1");
    for plan in [
        required(),
        Plan::with(|policy| policy.invitations.mode = InvitationMode::Off),
        Plan::with(|policy| policy.email = ContactPolicy::Off),
        Plan::with(|policy| policy.registration = RegistrationMode::Closed),
    ] {
        let house = House::planned(plan);
        let outcome = house.broker.invite_address(&origin, &domain(), "ada@mail.example", None).await;
        assert_eq!(refusal(outcome), Refusal::NotAllowed);
    }
    let limits = LimitSettings {
        registrations_per_hour: 9,
        wrong_proofs_per_minute: 9,
        letters_per_hour: 2,
        ..Plan::default().limits
    };
    let house = House::planned(Plan { limits, ..Plan::default() });
    let ask = async |email: &str| house.broker.invite_address(&origin, &domain(), email, None).await;
    assert!(matches!(refusal(ask("nonsense").await), Refusal::Invalid(_)));
    for _ in 0..2 {
        ask("ada@mail.example").await.unwrap();
    }
    assert!(matches!(refusal(ask("ada@mail.example").await), Refusal::TooMany { .. }));
    ask("bea@mail.example").await.unwrap();
}

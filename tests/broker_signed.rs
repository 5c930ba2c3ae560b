//! Registrations that an API key has signed.

mod support;

use jiff::SignedDuration;
use ostiary::{
    accounts::{
        AccountState, ApiKey, ApiSecret, ContactPolicy, Escape, FieldOrder, FormToken, InvitationMode,
        KeyOwner, OauthField, Refusal, SignedForm, Variant,
        challenge::{CaptchaMode, CaptchaPolicy},
    },
    broker::{Outcome, Registered, Submitted},
};

use support::broker::{House, PASSWORD, Plan, domain, form, operator, refusal, web};

/// A program with a key.
struct Program {
    house: House,
    key: ApiKey,
    secret: ApiSecret,
}

impl Program {
    async fn new(plan: Plan, limit: u32) -> Self {
        let house = House::planned(plan);
        let owner = KeyOwner::parse("Acme").unwrap();
        let (key, secret) = house.broker.create_key(&operator(), &domain(), owner, limit).await.unwrap();
        Self { house, key, secret }
    }

    async fn token(&self) -> FormToken {
        self.house.broker.form_token(&domain()).await.unwrap().unwrap()
    }

    /// A submission that the key signs with the given nonce, so many seconds away from our clock.
    fn signed(&self, username: &str, email: &str, token: &FormToken, nonce: &str, seconds: i64) -> Submitted {
        let at = self.house.now().as_second() + seconds;
        let mut fields: Vec<(String, String)> = [
            ("FORM_TYPE", "jabber:iq:register"),
            ("username", username),
            ("password", PASSWORD),
            ("email", email),
            (OauthField::Version.name(), "1.0"),
            (OauthField::SignatureMethod.name(), "HMAC-SHA1"),
            (OauthField::Token.name(), token.as_str()),
            (OauthField::TokenSecret.name(), token.secret()),
            (OauthField::Nonce.name(), nonce),
            (OauthField::Timestamp.name(), &at.to_string()),
            (OauthField::ConsumerKey.name(), self.key.id.as_str()),
        ]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .to_vec();
        let unsigned = SignedForm::of_fields(fields.clone(), "chat.example").unwrap();
        let variant = Variant { escape: Escape::Utf16, order: FieldOrder::Culture, to: "" };
        let signature = unsigned.signature(variant, self.secret.expose(), token.secret());
        fields.push((OauthField::Signature.name().to_owned(), signature.to_string()));
        Submitted {
            form: form(username, PASSWORD, email),
            signature: SignedForm::of_fields(fields, "chat.example"),
            ..Submitted::default()
        }
    }

    async fn submit(&self, submitted: Submitted) -> Outcome<Registered> {
        self.house.broker.register(&web("192.0.2.1"), &domain(), submitted).await
    }

    async fn register(&self, username: &str) -> Outcome<Registered> {
        self.submit(self.signed(username, "", &self.token().await, username, 0)).await
    }
}

#[tokio::test]
async fn a_signed_registration_is_active_at_once_and_an_address_that_is_given_must_be_proven() {
    let program = Program::new(Plan::default(), 5).await;
    assert_eq!(program.register("alice").await.unwrap().state, AccountState::Active);
    let given = program.signed("bob", "bob@example.org", &program.token().await, "n", 0);
    assert_eq!(program.submit(given).await.unwrap().state, AccountState::Pending);
    assert_eq!(program.house.letters().await.len(), 1);
    assert_eq!(program.house.broker.key(&program.key.id).await.unwrap().created, 2);
}

#[tokio::test]
async fn the_operator_decides_whether_a_signed_registration_needs_an_address() {
    let plan = Plan::with(|policy| policy.signed_email = ContactPolicy::Required);
    let program = Program::new(plan, 5).await;
    assert!(matches!(refusal(program.register("alice").await), Refusal::Invalid(_)));
    let plan = Plan::with(|policy| {
        (policy.email, policy.signed_email) = (ContactPolicy::Off, ContactPolicy::Required);
    });
    let program = Program::new(plan, 5).await;
    assert_eq!(program.register("alice").await.unwrap().state, AccountState::Active);
}

#[tokio::test]
async fn of_many_who_register_at_once_a_key_of_three_lets_exactly_three_in() {
    let program = Program::new(Plan::default(), 3).await;
    let names: Vec<String> = (0..12).map(|number| format!("user{number}")).collect();
    let outcomes = futures::future::join_all(names.iter().map(|name| program.register(name))).await;
    let mut made = 0;
    for outcome in outcomes {
        if outcome.is_ok() {
            made += 1;
        } else {
            assert_eq!(refusal(outcome), Refusal::KeyExhausted);
        }
    }
    assert_eq!(made, 3);
    assert_eq!(program.house.broker.key(&program.key.id).await.unwrap().left(), 0);
}

#[tokio::test]
async fn a_nonce_counts_once_for_as_long_as_its_time_counts() {
    let program = Program::new(Plan::default(), 5).await;
    let submitted = program.signed("alice", "", &program.token().await, "n", 600);
    program.submit(submitted.clone()).await.unwrap();
    program.house.broker.remove(&operator(), &domain(), "alice", None).await.unwrap();
    for minutes in [0, 19] {
        program.house.pass(SignedDuration::from_mins(minutes));
        program.house.broker.purge().await.unwrap();
        assert_eq!(refusal(program.submit(submitted.clone()).await), Refusal::WrongSignature, "{minutes}");
    }
    program.house.pass(SignedDuration::from_mins(2));
    program.house.broker.purge().await.unwrap();
    assert_eq!(refusal(program.submit(submitted).await), Refusal::WrongClock);
}

#[tokio::test]
async fn the_clock_of_who_signs_may_be_ten_minutes_off_and_the_form_an_hour_old() {
    let program = Program::new(Plan::default(), 9).await;
    let token = program.token().await;
    for (name, seconds) in [("a1", 601), ("a2", -601)] {
        let submitted = program.signed(name, "", &token, name, seconds);
        assert_eq!(refusal(program.submit(submitted).await), Refusal::WrongClock);
    }
    for (name, seconds) in [("a3", 600), ("a4", -600)] {
        program.submit(program.signed(name, "", &token, name, seconds)).await.unwrap();
    }
    program.house.pass(SignedDuration::from_mins(61));
    let late = program.signed("a5", "", &token, "a5", 0);
    assert_eq!(refusal(program.submit(late).await), Refusal::WrongSignature);
}

#[tokio::test]
async fn a_wrong_signature_makes_nothing_and_counts_like_a_wrong_password() {
    let mut plan = Plan::default();
    plan.limits.wrong_proofs_per_minute = 3;
    let program = Program::new(plan, 5).await;
    let token = program.token().await;
    let stranger = Program {
        house: House::new(),
        key: program.key.clone(),
        secret: ApiSecret::from_text("guessed".to_owned()),
    };
    for nonce in ["n1", "n2", "n3"] {
        let wrong = stranger.signed("alice", "", &token, nonce, 0);
        assert_eq!(refusal(program.submit(wrong).await), Refusal::WrongSignature);
    }
    assert!(matches!(refusal(program.register("alice").await), Refusal::TooMany { .. }));
    assert_eq!(program.house.broker.key(&program.key.id).await.unwrap().created, 0);
}

#[tokio::test]
async fn a_key_makes_accounts_beyond_what_one_client_may_and_takes_nothing_from_others() {
    let mut plan = Plan::default();
    plan.limits.registrations_per_hour = 1;
    let program = Program::new(plan, 9).await;
    for name in ["a1", "a2", "a3"] {
        program.register(name).await.unwrap();
    }
    program.house.register("person", "p@example.org").await.unwrap();
}

#[tokio::test]
async fn forms_can_be_signed_while_there_is_a_key_and_a_revoked_one_is_told_so() {
    let program = Program::new(Plan::default(), 5).await;
    let (broker, token) = (&program.house.broker, program.token().await);
    broker.revoke_key(&operator(), &program.key.id).await.unwrap();
    assert!(broker.form_token(&domain()).await.unwrap().is_some(), "asked again within the second");
    program.house.pass(SignedDuration::from_secs(1));
    assert!(broker.form_token(&domain()).await.unwrap().is_none());
    let revoked = program.signed("alice", "", &token, "n", 0);
    assert_eq!(refusal(program.submit(revoked).await), Refusal::KeyRevoked);
}

#[tokio::test]
async fn a_taken_name_is_told_with_free_ones_to_a_key_and_without_to_everybody_else() {
    let program = Program::new(Plan::default(), 5).await;
    program.register("alice").await.unwrap();
    let again = program.signed("alice", "", &program.token().await, "again", 0);
    let Refusal::NameTakenBut { free } = refusal(program.submit(again).await) else { panic!("no names") };
    assert!(!free.is_empty() && free.len() <= 4, "{free:?}");
    for name in &free {
        assert!(name.as_str().starts_with("alice") && name.as_str() != "alice");
        program.register(name.as_str()).await.unwrap();
    }
    assert_eq!(refusal(program.house.register("alice", "a@example.org").await), Refusal::NameTaken);
}

#[tokio::test]
async fn a_closed_domain_is_closed_for_keys_too() {
    let plan = Plan::with(|policy| policy.registration = ostiary::accounts::RegistrationMode::Closed);
    let program = Program::new(plan, 5).await;
    assert_eq!(refusal(program.register("alice").await), Refusal::RegistrationClosed);
}

#[tokio::test]
async fn a_key_lets_in_where_people_need_an_invitation() {
    let plan = Plan::with(|policy| policy.invitations.mode = InvitationMode::Required);
    let program = Program::new(plan, 5).await;
    assert_eq!(program.register("alice").await.unwrap().state, AccountState::Active);
    assert_eq!(refusal(program.house.register("bob", "bob@example.org").await), Refusal::InvitationRequired);
}

#[tokio::test]
async fn a_key_answers_for_whom_it_registers_so_that_no_captcha_is_asked_for() {
    let always = CaptchaPolicy { mode: CaptchaMode::Always, ..CaptchaPolicy::default() };
    let program = Program::new(Plan::with(|policy| policy.captcha = always), 1).await;
    let outcome = program.house.register("ada", "ada@mail.example").await;
    assert_eq!(refusal(outcome), Refusal::CaptchaRequired);
    program.register("ada").await.unwrap();
}

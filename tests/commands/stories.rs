//! Each command, from the first request to what it changed.

use ostiary::{
    accounts::{
        AccountState, Channel, ContactPolicy, InvitationMode, LanguageTag, ProofPolicy,
        challenge::{CaptchaMode, CaptchaPolicy, Question},
    },
    broker::{InvitationWish, NewlyInvited},
};

use crate::{
    desk::{ALICE, Desk, STRANGER},
    house::{Plan, code, domain, name, operator, wrong_code},
};

const PASSWORD: &str = "correct horse battery";
const ROMEO: [(&str, &str); 3] =
    [("username", "romeo"), ("password", PASSWORD), ("email", "romeo@mail.example")];

async fn state(desk: &Desk, username: &str) -> Option<AccountState> {
    desk.house.store.account(&domain(), &name(username)).await.unwrap().map(|account| account.state)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stranger_registers_and_proves_the_address_in_one_command() {
    let mut desk = Desk::open().await;
    let form = desk.run(STRANGER, "jabber:iq:register").await;
    assert_eq!(form.asked(), ["username", "password", "email"]);
    assert_eq!(form.values("FORM_TYPE"), ["jabber:iq:register"]);
    let payloads: Vec<_> = form.command().children().map(minidom::Element::ns).collect();
    assert_eq!(payloads[1..], ["jabber:x:data", "jabber:x:oob"], "the page on the web is the second choice");

    let asked = desk.fill(STRANGER, &form, "next", &ROMEO).await;
    assert_eq!(asked.asked(), ["code"]);
    assert_eq!(state(&desk, "romeo").await, Some(AccountState::Pending));
    let letter = desk.house.letter().await;
    let again = desk.fill(STRANGER, &asked, "complete", &[("code", &wrong_code(&letter))]).await;
    assert!(again.note("error").contains("4 more times"), "{:?}", again.notes());
    let done = desk.fill(STRANGER, &again, "complete", &[("code", &code(&letter))]).await;
    assert_eq!(done.status(), "completed");
    assert!(done.note("info").contains("romeo@chat.example"));
    assert_eq!(state(&desk, "romeo").await, Some(AccountState::Active));
}

#[tokio::test(flavor = "multi_thread")]
async fn every_wrong_field_is_told_beside_the_form_and_nothing_comes_back() {
    let mut desk = Desk::open().await;
    let form = desk.run(STRANGER, "jabber:iq:register").await;
    let values = [("username", "a b"), ("password", "hunter2"), ("email", "nonsense")];
    let again = desk.fill(STRANGER, &form, "next", &values).await;
    assert_eq!((again.status(), again.asked().len()), ("executing", 3));
    let said = again.note("error");
    assert!(["username", "password", "e-mail"].iter().all(|word| said.contains(word)), "{said}");
    assert!(!String::from(&again.0).contains("hunter2"));
    assert_eq!(desk.fill(STRANGER, &again, "next", &ROMEO).await.asked(), ["code"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_proves_an_account_that_was_registered_elsewhere() {
    let mut desk = Desk::open().await;
    desk.house.register("alice", "alice@mail.example").await.unwrap();
    let code = code(&desk.house.letter().await);
    for typed in ["nobody", "alice@nowhere.example"] {
        let form = desk.run(STRANGER, "verify").await;
        let refused = desk.fill(STRANGER, &form, "complete", &[("username", typed), ("code", &code)]).await;
        assert!(refused.note("error").contains("not the right code"), "{typed}");
    }
    let form = desk.run(STRANGER, "verify").await;
    let values = [("username", "alice@chat.example"), ("code", code.as_str())];
    assert!(
        desk.fill(STRANGER, &form, "complete", &values).await.note("info").contains("alice@chat.example")
    );
    assert_eq!(state(&desk, "alice").await, Some(AccountState::Active));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_phone_number_is_asked_for_and_proven_beside_the_address() {
    let both = Plan::with(|policy| policy.phone = ContactPolicy::Required);
    let mut desk = Desk::planned(both).await;
    let form = desk.run(STRANGER, "jabber:iq:register").await;
    assert_eq!(form.asked(), ["username", "password", "email", "phone"]);
    let without = desk.fill(STRANGER, &form, "next", &ROMEO).await;
    assert!(without.note("error").contains("Enter your phone number."), "{:?}", without.notes());
    let filled = [ROMEO.as_slice(), &[("phone", "0046 70 000 00 89")]].concat();
    let asked = desk.fill(STRANGER, &form, "next", &filled).await;
    let letters = desk.house.letters().await;
    let [letter, message] = letters.as_slice() else { panic!("two: {letters:?}") };
    let further = desk.fill(STRANGER, &asked, "complete", &[("code", &code(letter))]).await;
    assert_eq!((further.status(), further.asked()), ("executing", vec!["code"]));
    assert!(further.note("info").contains("the code of the other message"), "{:?}", further.notes());
    assert_eq!(state(&desk, "romeo").await, Some(AccountState::Pending));

    // The other one by the command for it.
    let form = desk.run(STRANGER, "verify").await;
    let values = [("username", "romeo"), ("code", &*code(message))];
    let done = desk.fill(STRANGER, &form, "complete", &values).await;
    assert!(done.note("info").contains("romeo@chat.example"));
    assert_eq!(state(&desk, "romeo").await, Some(AccountState::Active));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_command_for_codes_takes_both_one_after_the_other() {
    let mut desk = Desk::planned(Plan::with(|policy| policy.phone = ContactPolicy::Required)).await;
    let form = desk.run(STRANGER, "jabber:iq:register").await;
    let filled = [ROMEO.as_slice(), &[("phone", "+46700000089")]].concat();
    desk.fill(STRANGER, &form, "next", &filled).await;
    let letters = desk.house.letters().await;
    let form = desk.run(STRANGER, "verify").await;
    let values = [("username", "romeo"), ("code", &*code(&letters[1]))];
    let further = desk.fill(STRANGER, &form, "complete", &values).await;
    assert_eq!(further.asked(), ["code"]);
    let done = desk.fill(STRANGER, &further, "complete", &[("code", &code(&letters[0]))]).await;
    assert_eq!(done.status(), "completed");
    assert_eq!(state(&desk, "romeo").await, Some(AccountState::Active));
}

#[tokio::test(flavor = "multi_thread")]
async fn another_code_is_sent_and_the_answer_does_not_tell_who_waits_for_one() {
    let mut desk = Desk::planned(Plan::with(|policy| {
        policy.verification.resend_cooldown = jiff::SignedDuration::ZERO;
    }))
    .await;
    desk.house.register("alice", "alice@mail.example").await.unwrap();
    desk.house.letter().await;
    let mut said = Vec::new();
    for username in ["nobody", "alice"] {
        let form = desk.run(STRANGER, "resend").await;
        let sent = desk.fill(STRANGER, &form, "next", &[("username", username)]).await;
        assert_eq!(sent.asked(), ["code"]);
        said.push(sent.notes());
        if username == "alice" {
            crate::house::eventually("the letter", || async {
                !desk.house.store.due_letters(Channel::Mail, desk.house.now(), 10).await.unwrap().is_empty()
            })
            .await;
            let code = code(&desk.house.letter().await);
            let done = desk.fill(STRANGER, &sent, "complete", &[("code", &code)]).await;
            assert_eq!(done.status(), "completed");
        }
    }
    assert_eq!(said[0], said[1]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mistyped_address_is_corrected_with_the_password() {
    let mut desk = Desk::open().await;
    desk.house.register("alice", "alcie@mail.example").await.unwrap();
    desk.house.letter().await;
    let form = desk.run(STRANGER, "correct-email").await;
    let values = |password| [("username", "alice"), ("password", password), ("email", "alice@mail.example")];
    let refused = desk.fill(STRANGER, &form, "next", &values("not this one")).await;
    assert!(refused.note("error").contains("wrong"));
    let asked = desk.fill(STRANGER, &form, "next", &values(PASSWORD)).await;
    assert_eq!(asked.asked(), ["code"]);
    let letter = desk.house.letter().await;
    assert_eq!(letter.to.as_str(), "alice@mail.example");
    let done = desk.fill(STRANGER, &asked, "complete", &[("code", &code(&letter))]).await;
    assert!(done.note("info").contains("alice@chat.example"));
}

#[tokio::test(flavor = "multi_thread")]
async fn people_see_what_is_on_file_about_them_and_not_about_an_earlier_owner_of_the_name() {
    let mut plan = Plan::default();
    plan.domains[0].tombstone_lifetime = jiff::SignedDuration::ZERO;
    let mut desk = Desk::planned(plan).await;
    desk.house.settle("alice", "first@mail.example").await;
    desk.house.broker.remove(&crate::house::operator(), &domain(), "alice", None).await.unwrap();
    desk.house.pass(jiff::SignedDuration::from_hours(1));
    desk.house.broker.purge().await.unwrap();
    desk.house.settle("alice", "alice@mail.example").await;
    let file = desk.run(ALICE, "my-data").await;
    assert_eq!(file.values("account"), ["alice@chat.example"]);
    assert_eq!(file.values("email"), ["alice@mail.example"]);
    assert_eq!(file.values("state"), ["in use"]);
    assert_eq!(file.values("created"), ["21 November 2026, 13:00 UTC"]);
    let events = file.values("events");
    assert_eq!(events.len(), 2, "{events:?}");
    assert!(events[1].contains("registered") && events[1].contains("192.0.2.1"), "{events:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_password_is_changed_when_it_was_typed_twice() {
    let mut desk = Desk::open().await;
    desk.house.settle("alice", "alice@mail.example").await;
    let form = desk.run(ALICE, "change-password").await;
    let values = |again| [("password", "a wholly new password"), ("password-again", again)];
    let differs = desk.fill(ALICE, &form, "complete", &values("a wholly other password")).await;
    assert!(differs.note("error").contains("not the same"));
    let weak = [("password", "short"), ("password-again", "short")];
    assert!(desk.fill(ALICE, &form, "complete", &weak).await.note("error").contains("too weak"));
    assert!(desk.house.log_in("alice", PASSWORD).await.is_ok());
    let done = desk.fill(ALICE, &form, "complete", &values("a wholly new password")).await;
    assert_eq!(done.status(), "completed");
    assert!(desk.house.log_in("alice", "a wholly new password").await.is_ok());
    let notices = desk.house.store.notices(&domain(), 0, 10).await.unwrap();
    assert_eq!(notices.last().unwrap().keep.as_deref(), Some(ALICE), "the session that asked stays open");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_is_deleted_only_after_its_owner_has_confirmed_it() {
    let mut desk = Desk::open().await;
    desk.house.settle("alice", "alice@mail.example").await;
    let form = desk.run(ALICE, "delete-account").await;
    assert_eq!(form.asked(), ["confirm"]);
    let kept = desk.fill(ALICE, &form, "complete", &[("confirm", "0")]).await;
    assert!(kept.note("error").contains("Nothing was deleted"));
    assert_eq!(state(&desk, "alice").await, Some(AccountState::Active));
    let gone = desk.fill(ALICE, &form, "complete", &[("confirm", "true")]).await;
    assert!(gone.note("info").contains("alice@chat.example"));
    assert_eq!(state(&desk, "alice").await, None);
    let twice = desk.fill(ALICE, &form, "complete", &[("confirm", "true")]).await;
    assert!(twice.note("error").contains("no account"), "{:?}", twice.notes());
}

#[tokio::test(flavor = "multi_thread")]
async fn where_people_may_not_help_themselves_those_commands_are_not_there() {
    let mut desk = Desk::planned(Plan::with(|policy| policy.self_service = false)).await;
    desk.house.settle("alice", "alice@mail.example").await;
    for node in ["change-password", "delete-account"] {
        assert_eq!(desk.run(ALICE, node).await.error().1, "forbidden");
    }
    assert_eq!(desk.run(ALICE, "my-data").await.status(), "completed");
}

#[tokio::test(flavor = "multi_thread")]
async fn where_the_operator_wants_the_password_once_more_the_commands_ask_for_it() {
    let mut desk = Desk::planned(Plan::with(|policy| {
        policy.proof = ProofPolicy { removal: true, password_change: true };
    }))
    .await;
    desk.house.settle("alice", "alice@mail.example").await;
    let form = desk.run(ALICE, "change-password").await;
    assert_eq!(form.asked(), ["old-password", "password", "password-again"]);
    let new = "a wholly new password";
    for old in ["", "not this one"] {
        let values = [("old-password", old), ("password", new), ("password-again", new)];
        assert_eq!(desk.fill(ALICE, &form, "complete", &values).await.status(), "executing");
    }
    let values = [("old-password", PASSWORD), ("password", new), ("password-again", new)];
    assert_eq!(desk.fill(ALICE, &form, "complete", &values).await.status(), "completed");

    let form = desk.run(ALICE, "delete-account").await;
    assert_eq!(form.asked(), ["confirm", "password"]);
    for old in ["", "not this one"] {
        let kept = desk.fill(ALICE, &form, "complete", &[("confirm", "1"), ("password", old)]).await;
        assert_eq!(kept.status(), "executing");
    }
    assert_eq!(state(&desk, "alice").await, Some(AccountState::Active));
    let gone = desk.fill(ALICE, &form, "complete", &[("confirm", "1"), ("password", new)]).await;
    assert_eq!(gone.status(), "completed");
    assert_eq!(state(&desk, "alice").await, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn where_a_captcha_is_asked_for_the_form_brings_one_and_a_wrong_answer_another() {
    let question = Question::new(LanguageTag::default(), "What colour is the sky?", &["blue".to_owned()]);
    let mut desk = Desk::planned(Plan::with(|policy| {
        policy.captcha = CaptchaPolicy {
            mode: CaptchaMode::Always,
            picture: true,
            questions: vec![question.unwrap()],
            ..CaptchaPolicy::default()
        };
    }))
    .await;
    let form = desk.run(STRANGER, "jabber:iq:register").await;
    let asked = form.asked();
    assert!(asked.contains(&"qa") && asked.contains(&"ocr"), "{asked:?}");
    assert!(form.command().has_child("data", "urn:xmpp:bob"));
    let values = |answer| [ROMEO.as_slice(), &[("qa", answer)]].concat();
    let again = desk.fill(STRANGER, &form, "next", &values("green")).await;
    assert!(again.note("error").contains("CAPTCHA"), "{:?}", again.notes());
    assert_ne!(again.values("challenge"), form.values("challenge"));
    assert_eq!(desk.fill(STRANGER, &again, "next", &values("blue")).await.asked(), ["code"]);
}

/// A desk where an invitation is needed, and one for `romeo`.
async fn invited() -> (Desk, NewlyInvited) {
    let desk = Desk::planned(Plan::with(|policy| {
        policy.invitations.mode = InvitationMode::Required;
        policy.captcha = CaptchaPolicy { mode: CaptchaMode::Always, ..CaptchaPolicy::default() };
    }))
    .await;
    let wish = InvitationWish { username: Some("romeo".to_owned()), ..InvitationWish::default() };
    let invited = desk.house.broker.invite(&operator(), &domain(), wish).await.unwrap();
    (desk, invited)
}

#[tokio::test(flavor = "multi_thread")]
async fn where_an_invitation_is_needed_the_form_takes_one_and_what_it_is_for() {
    let (mut desk, invited) = invited().await;

    let form = desk.run(STRANGER, "jabber:iq:register").await;
    assert_eq!(form.asked(), ["username", "password", "email", "invitation"], "no picture for the invited");
    assert_eq!(form.required(), ["username", "password", "invitation"]);
    let answer = |name, invitation| [("username", name), ("password", PASSWORD), ("invitation", invitation)];
    for (typed, said) in [("", "need an invitation"), ("nonsense", "does not work")] {
        let again = desk.fill(STRANGER, &form, "next", &answer("romeo", typed)).await;
        assert!(again.note("error").contains(said), "{typed:?}: {:?}", again.notes());
        assert_eq!(again.asked().len(), 4);
    }
    let link = invited.invitation.uri(&invited.token);
    let other = desk.fill(STRANGER, &form, "next", &answer("juliet", &link)).await;
    assert!(other.note("error").contains("romeo"), "{:?}", other.notes());
    let done = desk.fill(STRANGER, &other, "next", &answer("romeo", &link)).await;
    assert_eq!(done.status(), "completed");
    assert_eq!(state(&desk, "romeo").await, Some(AccountState::Active));
}

#[tokio::test(flavor = "multi_thread")]
async fn who_has_shown_an_invitation_is_asked_for_what_is_still_needed() {
    let (mut desk, invited) = invited().await;
    let shown = format!("<preauth xmlns='urn:xmpp:pars:0' token='{}'/>", invited.token.expose());
    assert_eq!(desk.ask(STRANGER, "set", &shown).await.attr("type"), Some("result"));

    let form = desk.run(STRANGER, "jabber:iq:register").await;
    assert_eq!(form.asked(), ["username", "password", "email"]);
    assert_eq!(form.required(), ["username", "password"]);
    assert_eq!(form.values("username"), ["romeo"]);
    let done = desk.fill(STRANGER, &form, "next", &[("username", "romeo"), ("password", PASSWORD)]).await;
    assert_eq!(done.status(), "completed");
    assert_eq!(state(&desk, "romeo").await, Some(AccountState::Active));
}

//! The conversation in messages.

use minidom::Element;
use ostiary::accounts::{AccountState, ProofPolicy};

use crate::{
    desk::{ALICE, Desk, STRANGER, body},
    house::{Plan, code, domain, eventually, name, wrong_code},
};

async fn exists(desk: &Desk, username: &str) -> bool {
    desk.house.store.account(&domain(), &name(username)).await.unwrap().is_some()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_is_entered_by_a_message_and_the_account_need_be_named_once() {
    let mut desk = Desk::open().await;
    desk.house.register("alice", "alice@mail.example").await.unwrap();
    let letter = desk.house.letter().await;
    let right = code(&letter);
    assert!(desk.say(STRANGER, &format!("code {right}")).await.contains("which account"));
    let wrong = desk.say(STRANGER, &format!("code alice {}", wrong_code(&letter))).await;
    assert!(wrong.contains("4 more times"), "{wrong}");
    let done = desk.say(STRANGER, &format!("{} {}", &right[..3], &right[3..])).await;
    assert!(done.contains("alice@chat.example"), "{done}");
    let account = desk.house.store.account(&domain(), &name("alice")).await.unwrap().unwrap();
    assert_eq!(account.state, AccountState::Active);
}

#[tokio::test(flavor = "multi_thread")]
async fn another_letter_is_asked_for_by_a_message() {
    let mut desk = Desk::planned(Plan::with(|policy| {
        policy.verification.resend_cooldown = jiff::SignedDuration::ZERO;
    }))
    .await;
    desk.house.register("alice", "alice@mail.example").await.unwrap();
    desk.house.letter().await;
    let nobody = desk.say(STRANGER, "resend nobody").await;
    assert_eq!(desk.say(STRANGER, "resend alice@chat.example").await, nobody);
    eventually("the letter", || async { desk.house.store.counts().await.unwrap().letters_waiting == 1 })
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn passwords_are_never_asked_for_and_people_are_handed_on() {
    let mut desk = Desk::open().await;
    for (words, page) in [("register", "register"), ("password", "recover")] {
        let said = desk.say(STRANGER, words).await;
        assert!(said.contains(&format!("https://accounts.chat.example/{page}")), "{said}");
        assert!(said.contains("no place for passwords"), "{said}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_owner_sees_the_state_of_the_account_out_of_the_histories_and_a_stranger_nothing() {
    let mut desk = Desk::open().await;
    desk.house.settle("alice", "alice@mail.example").await;
    desk.tell(ALICE, "type='chat' xml:lang='en'", "<body>status</body>").await;
    let answer = desk.heard().await;
    let said = body(&answer);
    assert!(
        ["alice@chat.example", "in use", "alice@mail.example"].iter().all(|part| said.contains(part)),
        "{said}"
    );
    assert!(answer.has_child("no-store", "urn:xmpp:hints") && answer.has_child("no-copy", "urn:xmpp:hints"));
    let stranger = desk.say("alice@far.example/x", "status").await;
    assert!(!stranger.contains("alice@"), "{stranger}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_is_deleted_only_when_its_whole_address_is_repeated() {
    let mut desk = Desk::open().await;
    desk.house.settle("alice", "alice@mail.example").await;
    for words in ["delete", "delete alice", "delete bob@chat.example"] {
        assert!(desk.say(ALICE, words).await.contains("delete alice@chat.example"), "{words}");
    }
    desk.say("mallory@far.example/x", "delete alice@chat.example").await;
    assert!(exists(&desk, "alice").await);
    assert!(desk.say(ALICE, "delete alice@chat.example").await.contains("is deleted"));
    assert!(!exists(&desk, "alice").await);
}

#[tokio::test(flavor = "multi_thread")]
async fn where_the_password_is_wanted_for_a_deletion_a_message_does_not_do() {
    let proof = ProofPolicy { removal: true, password_change: false };
    let mut desk = Desk::planned(Plan::with(|policy| policy.proof = proof)).await;
    desk.house.settle("alice", "alice@mail.example").await;
    assert!(desk.say(ALICE, "delete alice@chat.example").await.contains("Delete the account"));
    assert!(exists(&desk, "alice").await);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_answer_has_the_form_and_the_language_of_the_message() {
    let mut desk = Desk::open().await;
    for (attributes, words, kind, lang) in [
        ("type='chat' xml:lang='de'", "help", "chat", "en"),
        ("type='chat' xml:lang='de'", "?", "chat", "de"),
        ("xml:lang='en'", "hilfe", "normal", "de"),
        ("type='normal'", "?", "normal", "en"),
    ] {
        desk.tell(STRANGER, attributes, &format!("<body>{words}</body><thread>t1</thread>")).await;
        let answer = desk.heard().await;
        assert_eq!(answer.attr("type"), Some(kind));
        assert_eq!(answer.attr_ns(rxml::Namespace::xml(), "lang"), Some(lang), "{attributes} {words}");
        assert_eq!((answer.attr("from"), answer.attr("to")), (Some("broker.example"), Some(STRANGER)));
        assert_eq!(
            answer.get_child("thread", "jabber:component:accept").map(Element::text).as_deref(),
            Some("t1")
        );
        assert!(!answer.has_child("no-store", "urn:xmpp:hints"));
    }
    assert!(desk.say(STRANGER, "this is nonsense").await.contains("do not understand"));
    desk.tell(STRANGER, "type='chat'", "<body>help</body><encryption xmlns='urn:xmpp:eme:0' namespace='x'/>")
        .await;
    assert!(body(&desk.heard().await).contains("encrypted"));
}

#[tokio::test(flavor = "multi_thread")]
async fn errors_rooms_headlines_and_empty_messages_get_no_answer() {
    let mut desk = Desk::open().await;
    for kind in ["error", "groupchat", "headline"] {
        desk.tell(STRANGER, &format!("type='{kind}'"), "<body>help</body>").await;
    }
    desk.tell(STRANGER, "type='chat'", "<active xmlns='http://jabber.org/protocol/chatstates'/>").await;
    desk.tell(STRANGER, "type='chat'", "<body>  </body>").await;
    desk.tell("far.example", "type='chat'", "<body>help</body>").await;
    desk.peer
        .send(format!("<message from='{STRANGER}' to='x@broker.example'><body>help</body></message>"))
        .await;
    // The first answer is that to the first message that gets one.
    desk.tell(ALICE, "type='chat'", "<body>help</body>").await;
    assert_eq!(desk.heard().await.attr("to"), Some(ALICE));
}

#[tokio::test(flavor = "multi_thread")]
async fn two_programs_do_not_keep_each_other_busy() {
    let mut desk = Desk::open().await;
    let mut said = desk.say(STRANGER, "hello").await;
    for _ in 0..2 {
        let line = said.lines().next().unwrap().to_owned();
        said = desk.say(STRANGER, &line).await;
    }
    for _ in 0..20 {
        desk.tell(STRANGER, "type='chat'", &format!("<body>{said}</body>")).await;
    }
    // After three that were not understood there is silence, but not for somebody who is.
    assert!(desk.say(STRANGER, "help").await.contains("resend"));
    for _ in 0..30 {
        desk.tell(STRANGER, "type='chat'", "<body>help</body>").await;
    }
    let mut answers = 0;
    while let Ok(message) = tokio::time::timeout(std::time::Duration::from_millis(500), desk.heard()).await {
        assert_eq!(message.attr("to"), Some(STRANGER));
        answers += 1;
    }
    assert!((6..=7).contains(&answers), "ten in a row: {answers}");
}

//! What nobody sends in good faith: it is refused, and the stream lives.

use proptest::{
    prelude::{Strategy, any, prop},
    strategy::ValueTree,
    test_runner::TestRunner,
};

use crate::{
    broker::{PASSWORD, Plan, domain},
    places::{DATA, NS, PLACES, Place, Scene, good, legacy, submit},
};

/// What it is, what is sent, and the condition of the answer.
fn hostile() -> Vec<(&'static str, String, &'static str)> {
    let field = |var: &str, value: &str| format!("<field var='{var}'><value>{value}</value></field>");
    let form = |fields: &str| format!("<x xmlns='{DATA}' type='submit'>{fields}</x>");
    let named = |name: &str| good("x").replace("<username>x<", &format!("<username>{name}<"));
    let whole = |name: &str| {
        field("username", name) + &field("password", PASSWORD) + &field("email", "eve@mail.example")
    };
    vec![
        ("a thousand fields", form(&(field("n", "").repeat(1000) + &whole("eve"))), "bad-request"),
        ("a thousand of the same field", form(&field("username", "eve").repeat(1000)), "bad-request"),
        ("a field twice", form(&(whole("eve") + &field("username", "mallory"))), "not-acceptable"),
        ("an empty field before", form(&(field("username", "") + &whole("eve"))), "not-acceptable"),
        (
            "two values in a field",
            form(&whole("eve").replace("<value>eve<", "<value>mallory</value><value>eve<")),
            "not-acceptable",
        ),
        ("an element twice", good("eve") + "<username>mallory</username>", "not-acceptable"),
        ("a huge value", form(&(whole("eve") + &field("n", &"x".repeat(100_000)))), "bad-request"),
        ("a huge name", named(&"e".repeat(100_000)), "bad-request"),
        ("a long name", named(&"e".repeat(2000)), "not-acceptable"),
        ("a long password", good("eve").replace(PASSWORD, &"e".repeat(2000)), "not-acceptable"),
        ("a long address", good("eve").replace("eve@", &("e".repeat(2000) + "@")), "not-acceptable"),
        ("right to left marks", named("al&#x202E;ecila"), "not-acceptable"),
        ("mixed directions", named("alice\u{5d0}"), "not-acceptable"),
        ("letters that look like others", named("\u{430}lice"), "not-acceptable"),
        ("an official name in other letters", named("\u{430}dmin"), "not-acceptable"),
        ("invisible letters", named("ali\u{2063}ce"), "not-acceptable"),
        ("control characters", named("al&#9;ice"), "not-acceptable"),
        ("an address for a name", named("eve@chat.example"), "not-acceptable"),
        ("a path for a name", named("../eve"), "not-acceptable"),
        ("a lot of marks", named(&("e".to_owned() + &"\u{301}".repeat(500))), "not-acceptable"),
        ("a letter with another mail in it", good("eve").replace('@', "&#13;&#10;Bcc: x@"), "not-acceptable"),
    ]
}

#[tokio::test]
async fn nobody_registers_with_hostile_values_and_the_stream_lives() {
    let mut scene = Scene::new().await;
    for place in PLACES {
        for (what, content, condition) in hostile() {
            let answer = scene.ask(&place.stranger(), "set", &content).await;
            assert_eq!(answer.refused().1, condition, "{place:?}: {what}");
            assert!(answer.xml.len() < 4000, "{place:?}: {what} comes back");
            assert!(!answer.xml.contains(PASSWORD), "{place:?}: {what}");
            scene.lives().await;
        }
        // What is too deep or too much is kept back before it is read.
        for (what, payload) in [
            ("deep", format!("<query xmlns='{NS}'>{}{}</query>", "<a>".repeat(500), "</a>".repeat(500))),
            ("wide", format!("<query xmlns='{NS}'>{}</query>", "<username/>".repeat(10_000))),
            ("long", format!("<query xmlns='{NS}'><username>{}</username></query>", "e".repeat(300_000))),
        ] {
            let condition = scene.kept_back(&place.stranger(), &payload).await;
            assert_eq!(condition.as_deref(), Some("policy-violation"), "{place:?}: {what}");
            scene.lives().await;
        }
    }
    for name in ["eve", "mallory", "alice"] {
        assert!(!scene.house.broker.account_exists(&domain(), name).await.unwrap(), "{name}");
    }
    scene.ask(&Place::BeforeLogin.stranger(), "set", &good("eve")).await.done();
}

#[tokio::test]
async fn whatever_is_sent_something_is_answered_and_no_secret_comes_back() {
    let mut scene = Scene::planned(Plan::with(|policy| policy.require_encryption = false)).await;
    scene.house.settle("alice", "alice@mail.example").await;
    let mut runner = TestRunner::deterministic();
    let name = prop::sample::select(vec![
        "username",
        "password",
        "old_password",
        "email",
        "FORM_TYPE",
        "remove",
        "key",
        "registered",
        "x",
        "instructions",
    ]);
    let value =
        prop::sample::select(vec!["", "alice", "eve", "s3cr3t-pass-word", "e@mail.example", NS, "\u{202e}"]);
    let part = (name, value, any::<u8>()).prop_map(|(name, value, kind)| match kind % 4 {
        0 | 1 => format!("<{name}>{value}</{name}>"),
        2 => submit("jabber:iq:register:changepassword", &[(name, value), ("username", "alice")]),
        _ => submit("jabber:iq:register:cancel", &[(name, value)]),
    });
    let parts = prop::collection::vec(part, 0..6);
    for round in 0..200 {
        let content = parts.new_tree(&mut runner).unwrap().current().concat();
        let place = PLACES[round % 3];
        let asker = if place == Place::BeforeLogin || round % 2 == 0 {
            place.stranger()
        } else {
            place.owner("alice")
        };
        for kind in ["get", "set"] {
            let answer = scene.ask(&asker, kind, &content).await;
            let back = answer.xml.replace("<key>s3cr3t-pass-word</key>", "");
            assert!(!back.contains("s3cr3t"), "{place:?} {content}: {back}");
            assert!(["result", "error"].contains(&&*answer.kind));
        }
    }
    scene.lives().await;
}

#[tokio::test]
async fn every_wrong_field_is_told_at_once() {
    let mut scene = Scene::new().await;
    let content = legacy(&[("username", "al ice"), ("password", "short"), ("email", "nonsense")]);
    for place in PLACES {
        let answer = scene.ask(&place.stranger(), "set", &content).await;
        for word in ["character", "too weak", "name@example.org"] {
            assert!(answer.text().contains(word), "{place:?}: {}", answer.text());
        }
        let answer = scene.ask(&place.stranger().speaking("de"), "set", &content).await;
        assert!(answer.text().contains("Zeichen"), "{place:?}: {}", answer.text());
    }
}

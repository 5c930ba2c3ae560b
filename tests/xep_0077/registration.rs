//! XEP-0077 §3.1: registering.

use std::collections::BTreeSet;

use ostiary::accounts::{ContactPolicy, RegistrationMode};

use crate::{
    broker::{PASSWORD, Plan, domain},
    places::{KNOWN, PAGE, PLACES, Place, Scene, good, legacy, submit},
};

#[tokio::test]
async fn p01_s3_1_a_stranger_is_told_the_required_fields() {
    for (policy, asked) in [
        (ContactPolicy::Required, vec!["instructions", "username", "password", "email"]),
        (ContactPolicy::Off, vec!["instructions", "username", "password"]),
    ] {
        let mut scene = Scene::planned(Plan::with(|domain| domain.email = policy)).await;
        for place in PLACES {
            let answer = scene.ask(&place.stranger(), "get", "").await;
            assert_eq!(answer.done().elements(), asked, "{place:?}");
        }
    }
}

#[tokio::test]
async fn p02_s3_1_closed_registration_is_service_unavailable() {
    let mut scene = Scene::planned(Plan::with(|policy| policy.registration = RegistrationMode::Closed)).await;
    for place in PLACES {
        for (kind, content) in [("get", String::new()), ("set", good("alice"))] {
            let answer = scene.ask(&place.stranger(), kind, &content).await;
            assert_eq!(answer.refused(), ("cancel", "service-unavailable", "503"), "{place:?} {kind}");
            assert!(!answer.text().is_empty());
        }
    }
    assert_eq!(scene.status().await, "closed");
}

#[tokio::test]
async fn p04_s3_1_the_owner_of_an_account_is_told_registered_by_the_from_address() {
    let mut scene = Scene::new().await;
    scene.house.settle("alice", "alice@mail.example").await;
    for place in KNOWN {
        let answer = scene.ask(&place.owner("alice"), "get", "").await;
        assert_eq!(answer.done().element("registered").as_deref(), Some(""), "{place:?}");
        let other = scene.ask(&place.stranger(), "get", "").await;
        assert_eq!(other.done().element("registered"), None, "{place:?}");
    }
}

#[tokio::test]
async fn p05_s3_1_what_is_on_file_is_told_and_never_the_password() {
    let mut scene = Scene::new().await;
    scene.house.settle("alice", "alice@mail.example").await;
    for place in KNOWN {
        let answer = scene.ask(&place.owner("alice"), "get", "").await;
        assert_eq!(answer.element("username").as_deref(), Some("alice"), "{place:?}");
        assert_eq!(answer.element("email").as_deref(), Some("alice@mail.example"), "{place:?}");
        assert_eq!(answer.element("password").as_deref(), Some(""), "{place:?}");
    }
}

#[tokio::test]
async fn p06_s3_1_what_is_on_file_comes_with_instructions() {
    let mut scene = Scene::new().await;
    scene.house.settle("alice", "alice@mail.example").await;
    for place in KNOWN {
        let english = scene.ask(&place.owner("alice"), "get", "").await.element("instructions").unwrap();
        let german = scene.ask(&place.owner("alice").speaking("de"), "get", "").await;
        assert!(english.contains("account"), "{place:?}: {english}");
        assert!(german.element("instructions").unwrap().contains("Konto"), "{place:?}");
    }
}

#[tokio::test]
async fn p07_s3_1_1_nobody_counts_as_registered_before_login() {
    let mut scene = Scene::new().await;
    scene.house.settle("alice", "alice@mail.example").await;
    let stranger = Place::BeforeLogin.stranger();
    let query = "<query xmlns='jabber:iq:register'/>";
    let answer = scene.send(&stranger, "get", query, "from='alice@chat.example/phone'").await;
    assert_eq!(answer.done().element("registered"), None);
    let removal = "<query xmlns='jabber:iq:register'><remove/></query>";
    let answer = scene.send(&stranger, "set", removal, "from='alice@chat.example/phone'").await;
    assert_eq!(answer.refused().1, "unexpected-request");
    assert!(scene.house.broker.account_exists(&domain(), "alice").await.unwrap());
}

#[tokio::test]
async fn p08_s3_1_what_may_be_left_out_is_in_the_form_only() {
    let mut scene = Scene::planned(Plan::with(|policy| policy.email = ContactPolicy::Optional)).await;
    for place in PLACES {
        let answer = scene.ask(&place.stranger(), "get", "").await;
        assert_eq!(answer.elements(), ["instructions", "username", "password"], "{place:?}");
        let fields: Vec<_> = answer.fields().iter().map(|field| (field.0, field.2)).collect();
        let expected = [("FORM_TYPE", false), ("username", true), ("password", true), ("email", false)];
        assert_eq!(fields, expected, "{place:?}");
    }
}

#[tokio::test]
async fn p09_s3_1_what_is_missing_or_empty_is_not_acceptable_and_a_fresh_form_comes_with_it() {
    let mut scene = Scene::new().await;
    let whole = [("username", "alice"), ("password", PASSWORD), ("email", "alice@mail.example")];
    for place in PLACES {
        for left_out in ["username", "password", "email"] {
            let rest: Vec<_> = whole.into_iter().filter(|(name, _)| *name != left_out).collect();
            let empty = whole.map(|(name, value)| (name, if name == left_out { "" } else { value }));
            for content in [legacy(&rest), legacy(&empty), submit("jabber:iq:register", &rest)] {
                let answer = scene.ask(&place.stranger(), "set", &content).await;
                assert_eq!(answer.refused(), ("modify", "not-acceptable", "406"), "{place:?} {content}");
                assert!(answer.text().contains(PAGE), "{place:?}: {}", answer.text());
                assert_eq!(answer.fields().len(), 4, "{place:?}: a fresh form");
                assert!(!answer.xml.contains(PASSWORD), "{place:?}: {}", answer.xml);
            }
        }
        let nothing = scene.ask(&place.stranger(), "set", "").await;
        assert_eq!(nothing.refused().1, "not-acceptable");
        for word in ["username", "password", "e-mail"] {
            assert!(nothing.text().contains(word), "every field at once: {}", nothing.text());
        }
    }
    assert!(!scene.house.broker.account_exists(&domain(), "alice").await.unwrap());
}

#[tokio::test]
async fn p10_s3_1_a_taken_name_is_a_conflict() {
    let mut scene = Scene::new().await;
    scene.house.settle("alice", "alice@mail.example").await;
    for place in PLACES {
        for name in ["alice", "ALICE"] {
            let answer = scene.ask(&place.stranger(), "set", &good(name)).await;
            assert_eq!(answer.refused(), ("cancel", "conflict", "409"), "{place:?}");
            assert!(answer.query.is_none() && !answer.xml.contains(PASSWORD), "{place:?}: {}", answer.xml);
        }
    }
}

#[tokio::test]
async fn p11_s3_1_a_form_is_offered_and_its_submission_registers() {
    let mut scene = Scene::new().await;
    for (place, name) in PLACES.into_iter().zip(["anna", "berta", "clara"]) {
        assert_eq!(scene.ask(&place.stranger(), "get", "").await.form().attr("type"), Some("form"));
        let email = format!("{name}@mail.example");
        let form =
            submit("jabber:iq:register", &[("username", name), ("password", PASSWORD), ("email", &email)]);
        let answer = scene.ask(&place.stranger(), "set", &form).await;
        assert!(answer.done().query.is_none(), "an empty result");
        let announced = (place != Place::Component).then_some("pending");
        assert_eq!(answer.registered.as_deref(), announced, "{place:?}");
        assert!(scene.house.broker.account_exists(&domain(), name).await.unwrap(), "{place:?}");
    }
}

#[tokio::test]
async fn p12_s3_1_1_too_many_registrations_of_one_client_are_refused_for_a_while() {
    let mut plan = Plan::default();
    plan.limits.registrations_per_hour = 2;
    let mut scene = Scene::planned(plan).await;
    // Before login and after it the client has the same address.
    for place in [Place::Component, Place::BeforeLogin] {
        for number in 0..2 {
            scene.ask(&place.stranger(), "set", &good(&format!("{place:?}{number}"))).await.done();
        }
        let answer = scene.ask(&place.stranger(), "set", &good("onemore")).await;
        assert_eq!(answer.refused(), ("wait", "resource-constraint", "500"), "{place:?}");
        assert!(answer.text().contains("30 minutes"), "{}", answer.text());
    }
    let answer = scene.ask(&Place::AfterLogin.stranger(), "set", &good("onemore")).await;
    assert_eq!(answer.refused().1, "resource-constraint");
}

#[tokio::test]
async fn what_broke_is_told_with_a_word_for_the_operator_and_nothing_of_its_cause() {
    let mut scene = Scene::new().await;
    scene.house.store.clone().close().await;
    let mut words = BTreeSet::new();
    for place in PLACES {
        for (lang, before) in [
            ("en", "the word "),
            ("de", "das Wort "),
            ("fr", "le mot "),
            ("es", "la palabra "),
            ("sv", "ordet "),
        ] {
            let answer = scene.ask(&place.stranger().speaking(lang), "set", &good("alice")).await;
            let (kind, condition, _) = answer.refused();
            assert_eq!((kind, condition), ("wait", "resource-constraint"), "{place:?}");
            let text = answer.text();
            assert!(!text.contains("database") && !text.contains("closed"), "{text}");
            let word = text.split(before).nth(1).unwrap();
            let word: String = word.chars().take_while(char::is_ascii_alphanumeric).collect();
            assert!(word.len() == 10 && words.insert(word), "{place:?} {lang}: {text}");
        }
    }
}

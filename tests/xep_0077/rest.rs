//! XEP-0077 §8 to §13: errors, discovery, security, and the names that are registered.

use ostiary::accounts::RegistrationMode;

use crate::{
    broker::{PASSWORD, Plan, domain},
    places::{KNOWN, NS, PLACES, Place, Scene, good, legacy, submit},
};

#[tokio::test]
async fn p44_s9_every_error_has_the_condition_first_then_the_text_and_the_old_code() {
    let mut scene = Scene::new().await;
    scene.house.settle("alice", "alice@mail.example").await;
    let weak = legacy(&[("username", "bob"), ("password", "short"), ("email", "b@mail.example")]);
    for place in PLACES {
        let form = submit("jabber:iq:register:cancel", &[]);
        for content in
            [String::new(), good("alice"), good("admin"), weak.clone(), "<remove/>".to_owned(), form]
        {
            let answer = scene.ask(&place.stranger(), "set", &content).await;
            let problem = answer.problem();
            let code = match &*problem.condition {
                "bad-request" | "unexpected-request" => "400",
                "not-authorized" => "401",
                "not-acceptable" => "406",
                "registration-required" => "407",
                "conflict" => "409",
                other => panic!("{other}"),
            };
            assert_eq!(problem.code.as_deref(), Some(code), "{place:?} {content}");
            assert_eq!(problem.parts[0], problem.condition, "Converse.js reads the first element");
            assert!(problem.parts.len() <= 2 && problem.parts.get(1).is_none_or(|part| part == "text"));
        }
    }
}

#[tokio::test]
async fn p44_s9_texts_are_in_the_language_of_whoever_asks_and_a_weak_password_is_told_in_english() {
    let mut scene = Scene::new().await;
    for place in PLACES {
        let stranger = place.stranger().speaking("de-AT");
        let answer = scene.ask(&stranger, "set", "").await;
        assert!(answer.text().contains("Passwort"), "{place:?}: {}", answer.text());
        assert_eq!(answer.problem().lang.as_deref(), Some("de"), "{place:?}");
        let label = answer.form().children().find(|field| field.attr("var") == Some("password")).unwrap();
        assert_eq!(label.attr("label"), Some("Passwort"), "{place:?}");
        let weak = legacy(&[("username", "bob"), ("password", "short"), ("email", "b@mail.example")]);
        let answer = scene.ask(&stranger, "set", &weak).await;
        assert_eq!(answer.text(), "The password is too weak", "{place:?}");
    }
}

#[tokio::test]
async fn p45_s10_the_component_tells_the_feature() {
    let mut scene = Scene::new().await;
    let query = "<query xmlns='http://jabber.org/protocol/disco#info'/>";
    let answer = scene.send(&Place::Component.stranger(), "get", query, "").await;
    assert!(answer.done().xml.contains("jabber:iq:register"), "{}", answer.xml);
}

#[tokio::test]
async fn p46_s11_nobody_registers_over_a_channel_that_is_not_encrypted() {
    let mut scene = Scene::new().await;
    let form = submit(NS, &[("username", "alice"), ("password", PASSWORD), ("email", "a@mail.example")]);
    for place in [Place::BeforeLogin, Place::AfterLogin] {
        for content in [good("alice"), form.clone()] {
            let answer = scene.ask(&place.stranger().insecure(), "set", &content).await;
            assert_eq!(answer.refused(), ("modify", "not-authorized", "401"), "{place:?}");
            assert!(!answer.xml.contains(PASSWORD));
        }
    }
    assert!(!scene.house.broker.account_exists(&domain(), "alice").await.unwrap());
    let mut scene = Scene::planned(Plan::with(|policy| policy.require_encryption = false)).await;
    scene.ask(&Place::BeforeLogin.stranger().insecure(), "set", &good("alice")).await.done();
}

#[tokio::test]
async fn p47_s13_3_what_a_register_or_unregister_uri_makes_a_client_send_is_answered() {
    let mut scene = Scene::new().await;
    for (place, name) in KNOWN.into_iter().zip(["alice", "bob"]) {
        // xmpp:chat.example?register, with the elements of example 13.3.1; xmpp:chat.example?unregister.
        let fields = scene.ask(&place.stranger(), "get", "").await;
        assert!(fields.elements().contains(&"username") && fields.elements().contains(&"password"));
        scene.ask(&place.stranger(), "set", &good(name)).await.done();
        scene.ask(&place.owner(name), "set", "<remove/>").await.done();
        assert!(!scene.house.broker.account_exists(&domain(), name).await.unwrap(), "{place:?}");
    }
}

#[tokio::test]
async fn p48_s13_4_forms_and_fields_have_their_registered_names() {
    let plan = Plan::with(|policy| {
        policy.proof.removal = true;
        policy.proof.password_change = true;
    });
    let mut scene = Scene::planned(plan).await;
    scene.house.settle("alice", "alice@mail.example").await;
    for place in KNOWN {
        let change = legacy(&[("username", "alice"), ("password", "another password")]);
        for (asker, kind, content, form_type, names) in [
            (place.stranger(), "get", "", NS, vec!["username", "password", "email"]),
            (
                place.owner("alice"),
                "set",
                "<remove/>",
                "jabber:iq:register:cancel",
                vec!["username", "password"],
            ),
            (
                place.owner("alice"),
                "set",
                &*change,
                "jabber:iq:register:changepassword",
                vec!["username", "old_password", "password"],
            ),
        ] {
            let answer = scene.ask(&asker, kind, content).await;
            let fields = answer.fields();
            assert_eq!(fields[0].3, form_type, "{place:?}");
            assert_eq!(fields[1..].iter().map(|field| field.0).collect::<Vec<_>>(), names, "{place:?}");
        }
    }
}

#[tokio::test]
async fn p43_s8_registration_is_announced_while_it_can_be_had() {
    for (mode, announced) in [(RegistrationMode::Open, "open"), (RegistrationMode::Closed, "closed")] {
        let mut scene = Scene::planned(Plan::with(|policy| policy.registration = mode)).await;
        assert_eq!(scene.status().await, announced);
    }
}

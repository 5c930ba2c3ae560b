//! XEP-0077 §4 to §7: data forms, redirection, precedence, and the key of old clients.

use crate::{
    broker::{PASSWORD, domain},
    places::{DATA, KNOWN, NS, PLACES, Place, Scene, good, legacy, submit},
};

/// Every element of the schema (XEP-0077 §14.1).
const SCHEMA: [&str; 21] = [
    "registered",
    "instructions",
    "username",
    "nick",
    "password",
    "name",
    "first",
    "last",
    "email",
    "address",
    "city",
    "state",
    "zip",
    "phone",
    "url",
    "date",
    "misc",
    "text",
    "key",
    "remove",
    "query",
];

async fn exists(scene: &Scene, name: &str) -> bool {
    scene.house.broker.account_exists(&domain(), name).await.unwrap()
}

#[tokio::test]
async fn p32_s4_nothing_is_added_to_the_namespace() {
    let mut scene = Scene::new().await;
    scene.house.settle("alice", "alice@mail.example").await;
    for place in PLACES {
        let mut answers = vec![
            scene.ask(&place.stranger(), "get", "<key>k</key>").await,
            scene.ask(&place.stranger(), "set", "").await,
        ];
        if place != Place::BeforeLogin {
            answers.push(scene.ask(&place.owner("alice"), "get", "<key>k</key>").await);
        }
        for answer in answers {
            let foreign =
                answer.elements().into_iter().find(|name| !SCHEMA.contains(name)).map(str::to_owned);
            assert_eq!(foreign, None, "{place:?}: {}", answer.xml);
        }
    }
}

#[tokio::test]
async fn p33_s4_the_form_is_a_child_of_the_query() {
    let mut scene = Scene::new().await;
    for place in PLACES {
        for kind in ["get", "set"] {
            let answer = scene.ask(&place.stranger(), kind, "").await;
            assert_eq!(answer.query().children().filter(|child| child.is("x", DATA)).count(), 1);
            assert_eq!(answer.xml.matches("jabber:x:data").count(), 1, "nowhere else: {}", answer.xml);
        }
    }
}

#[tokio::test]
async fn p34_s4_the_form_has_every_field_that_stands_beside_it_with_its_type() {
    let mut scene = Scene::new().await;
    for place in PLACES {
        let answer = scene.ask(&place.stranger(), "get", "").await;
        let fields: Vec<_> = answer.fields().iter().map(|field| (field.0, field.1)).collect();
        let expected = [
            ("FORM_TYPE", "hidden"),
            ("username", "text-single"),
            ("password", "text-private"),
            ("email", "text-single"),
        ];
        assert_eq!(fields, expected, "{place:?}");
        for name in answer.elements().into_iter().filter(|name| *name != "instructions") {
            assert!(fields.iter().any(|field| field.0 == name), "{place:?}: {name}");
        }
    }
}

#[tokio::test]
async fn p35_s4_a_hidden_field_says_what_the_form_is_about() {
    let mut scene = Scene::new().await;
    for place in PLACES {
        let answer = scene.ask(&place.stranger(), "get", "").await;
        assert_eq!(answer.fields()[0], ("FORM_TYPE", "hidden", false, NS.to_owned()), "{place:?}");
        assert!(
            answer.form().get_child("title", DATA).is_some_and(|title| title.text().contains("chat.example"))
        );
    }
}

#[tokio::test]
async fn p36_s4_of_a_form_and_elements_the_form_counts() {
    let mut scene = Scene::new().await;
    for (place, name) in PLACES.into_iter().zip(["anna", "berta", "clara"]) {
        let email = format!("{name}@mail.example");
        let form = submit(NS, &[("username", name), ("password", PASSWORD), ("email", &email)]);
        let elements = legacy(&[("username", "mallory"), ("password", "x"), ("email", "nonsense")]);
        for content in [format!("{form}{elements}"), format!("{elements}{form}")] {
            let answer = scene.ask(&place.stranger(), "set", &content).await;
            let again = exists(&scene, "mallory").await;
            assert!(!again && (answer.kind == "result" || answer.problem().condition == "conflict"));
        }
        assert!(exists(&scene, name).await, "{place:?}");
        // A form without the fields does not fall back to the elements.
        let answer =
            scene.ask(&place.stranger(), "set", &format!("{}{}", good("nora"), submit(NS, &[]))).await;
        assert_eq!(answer.refused().1, "not-acceptable", "{place:?}");
    }
}

#[tokio::test]
async fn p36_s4_a_form_is_read_with_everything_that_clients_send_back() {
    let mut scene = Scene::new().await;
    // Dino and Conversations send back the whole form; others leave out FORM_TYPE, or the type of the form.
    for (place, name) in PLACES.into_iter().zip(["anna", "berta", "clara"]) {
        let echoed = format!(
            "<x xmlns='{DATA}' type='submit'><title>T</title><instructions>I</instructions>\
             <field type='hidden' var='FORM_TYPE'><value>{NS}</value></field>\
             <field label='L' type='text-single' var='username'><required/><value>{name}</value></field>\
             <field label='L' type='text-private' var='password'><required/><value>{PASSWORD}</value></field>\
             <field type='text-single' var='email'><media xmlns='urn:xmpp:media-element'><uri type='image/png'>\
             cid:a@bob.xmpp.org</uri></media><value>{name}@mail.example</value></field>\
             <field type='fixed'><value>Hello</value></field><field var='unknown'><value>1</value></field></x>"
        );
        scene.ask(&place.stranger(), "set", &echoed).await.done();
        let bare = format!(
            "<x xmlns='{DATA}'><field var='username'><value>{name}2</value></field><field var='password'><value>\
             {PASSWORD}</value></field><field var='email'><value>{name}2@mail.example</value></field></x>"
        );
        scene.ask(&place.stranger(), "set", &bare).await.done();
        assert!(exists(&scene, name).await && exists(&scene, &format!("{name}2")).await, "{place:?}");
    }
}

#[tokio::test]
async fn p36_s4_a_cancelled_form_is_taken_note_of_and_nothing_is_done() {
    let mut scene = Scene::new().await;
    scene.house.settle("alice", "alice@mail.example").await;
    let cancelled = format!("<x xmlns='{DATA}' type='cancel'/>");
    let filled = submit("jabber:iq:register:cancel", &[("username", "alice"), ("password", PASSWORD)]);
    for content in [cancelled, filled.replace("'submit'", "'cancel'")] {
        for place in PLACES {
            assert!(scene.ask(&place.stranger(), "set", &content).await.done().query.is_none(), "{place:?}");
        }
        for place in KNOWN {
            scene.ask(&place.owner("alice"), "set", &content).await.done();
        }
    }
    assert!(exists(&scene, "alice").await);
}

#[tokio::test]
async fn p38_s6_what_is_not_known_is_ignored() {
    let mut scene = Scene::new().await;
    for (place, name) in PLACES.into_iter().zip(["anna", "berta", "clara"]) {
        let answer = scene.ask(&place.stranger(), "get", "<any/><thing xmlns='urn:other'/>text").await;
        assert_eq!(answer.done().elements().len(), 4);
        let content = format!(
            "<nick>N</nick><zip/><what/>text<username xmlns='urn:other'>mallory</username>{}<x xmlns='urn:other'/>",
            good(name)
        );
        scene.ask(&place.stranger(), "set", &content).await.done();
        assert!(exists(&scene, name).await, "{place:?}");
    }
}

#[tokio::test]
async fn p38_s6_elements_of_another_namespace_are_not_ours() {
    let mut scene = Scene::new().await;
    scene.house.settle("alice", "alice@mail.example").await;
    let form = submit(NS, &[("username", "eve"), ("password", PASSWORD), ("email", "eve@mail.example")]);
    for place in PLACES {
        for content in [
            good("eve").replace("<username>", "<username xmlns='urn:other'>"),
            good("eve").replace("<username>", "<username xmlns=''>"),
            form.replace("jabber:x:data", "jabber:x:data "),
            form.replace("jabber:x:data", "JABBER:X:DATA"),
            form.replace("<field var='username'>", "<field xmlns='urn:other' var='username'>"),
        ] {
            let answer = scene.ask(&place.stranger(), "set", &content).await;
            assert_eq!(answer.refused().1, "not-acceptable", "{place:?} {content}");
        }
        for query in ["<query xmlns='jabber:iq:registe'/>", "<query xmlns='jabber:iq:register '/>"] {
            let answer = scene.send(&place.stranger(), "get", query, "").await;
            assert_eq!(answer.refused().1, "service-unavailable", "{place:?} {query}");
        }
        let answer = scene.send(&place.stranger(), "get", "<other xmlns='jabber:iq:register'/>", "").await;
        assert_eq!(answer.refused(), ("modify", "bad-request", "400"), "{place:?}");
    }
    for place in KNOWN {
        let removal = "<remove xmlns='urn:other'/>";
        assert_eq!(scene.ask(&place.owner("alice"), "set", removal).await.refused().1, "bad-request");
    }
    assert!(exists(&scene, "alice").await && !exists(&scene, "eve").await);
}

#[tokio::test]
async fn p42_s7_the_key_of_an_old_client_comes_back_and_is_in_nobodys_way() {
    let mut scene = Scene::new().await;
    scene.house.settle("alice", "alice@mail.example").await;
    let key = "<key>106c0a7b5510f192a408a1d054150ed1065e255a</key>";
    for (place, name) in PLACES.into_iter().zip(["anna", "berta", "clara"]) {
        let answer = scene.ask(&place.stranger(), "get", key).await;
        assert_eq!(answer.element("key").as_deref(), Some("106c0a7b5510f192a408a1d054150ed1065e255a"));
        assert_eq!(scene.ask(&place.stranger(), "get", "").await.element("key"), None);
        let long = scene.ask(&place.stranger(), "get", &format!("<key>{}</key>", "x".repeat(300))).await;
        assert_eq!(long.done().element("key"), None, "{place:?}");
        assert!(scene.ask(&place.stranger(), "set", key).await.element("key").is_some(), "{place:?}");
        scene.ask(&place.stranger(), "set", &format!("{}{key}", good(name))).await.done();
    }
    for place in KNOWN {
        assert!(scene.ask(&place.owner("alice"), "get", key).await.element("key").is_some(), "{place:?}");
    }
}

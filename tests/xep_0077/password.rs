//! XEP-0077 §3.3: changing the password.

use ostiary::accounts::Refusal;

use crate::{
    broker::{PASSWORD, Plan, domain, refusal},
    places::{KNOWN, Place, Scene, good, legacy, submit},
};

const CHANGE: &str = "jabber:iq:register:changepassword";
const OTHER: &str = "another good password";

fn change(name: &str, password: &str) -> String {
    legacy(&[("username", name), ("password", password)])
}

/// Whether this password, and no other of ours, is the one of the account.
async fn has_password(scene: &Scene, name: &str, password: &str) {
    let other = if password == PASSWORD { OTHER } else { PASSWORD };
    scene.house.log_in(name, password).await.unwrap();
    assert_eq!(refusal(scene.house.log_in(name, other).await), Refusal::WrongPassword);
}

#[tokio::test]
async fn p24_s3_3_a_password_is_changed_unless_the_operator_has_switched_it_off() {
    let mut scene = Scene::new().await;
    for (place, name) in KNOWN.into_iter().zip(["alice", "bob"]) {
        scene.house.settle(name, &format!("{name}@mail.example")).await;
        let forms = [
            change(name, OTHER),
            change(&format!("{}@Chat.example", name.to_uppercase()), PASSWORD),
            submit("jabber:iq:register", &[("username", name), ("password", OTHER)]),
            submit(CHANGE, &[("username", name), ("old_password", OTHER), ("password", PASSWORD)]),
        ];
        for (content, password) in forms.iter().zip([OTHER, PASSWORD, OTHER, PASSWORD]) {
            let answer = scene.ask(&place.owner(name), "set", content).await;
            assert!(answer.done().query.is_none() && answer.registered.is_none(), "{place:?} {content}");
            has_password(&scene, name, password).await;
        }
    }
}

#[tokio::test]
async fn p25_s3_3_an_empty_password_keeps_the_old_one() {
    let mut scene = Scene::new().await;
    scene.house.settle("alice", "alice@mail.example").await;
    for place in KNOWN {
        for content in [
            "<username>alice</username><password/>".to_owned(),
            "<username>alice</username><password></password>".to_owned(),
            "<username>alice</username>".to_owned(),
            submit(CHANGE, &[("username", "alice"), ("old_password", PASSWORD), ("password", "")]),
            submit(CHANGE, &[("username", "alice"), ("old_password", PASSWORD)]),
        ] {
            let answer = scene.ask(&place.owner("alice"), "set", &content).await;
            assert_eq!(answer.refused(), ("modify", "bad-request", "400"), "{place:?} {content}");
        }
    }
    has_password(&scene, "alice", PASSWORD).await;
}

#[tokio::test]
async fn p26_s3_3_a_change_without_a_name_is_a_bad_request() {
    let mut scene = Scene::new().await;
    scene.house.settle("alice", "alice@mail.example").await;
    for place in KNOWN {
        for content in [
            format!("<password>{OTHER}</password>"),
            format!("<username/><password>{OTHER}</password>"),
            submit(CHANGE, &[("old_password", PASSWORD), ("password", OTHER)]),
        ] {
            let answer = scene.ask(&place.owner("alice"), "set", &content).await;
            assert_eq!(answer.refused(), ("modify", "bad-request", "400"), "{place:?} {content}");
            assert!(!answer.text().is_empty());
        }
    }
    has_password(&scene, "alice", PASSWORD).await;
}

#[tokio::test]
async fn p27_s3_3_a_channel_that_is_not_safe_is_not_authorized() {
    let mut scene = Scene::new().await;
    scene.house.settle("alice", "alice@mail.example").await;
    let owner = Place::AfterLogin.owner("alice").insecure();
    let form = submit(CHANGE, &[("username", "alice"), ("old_password", PASSWORD), ("password", OTHER)]);
    for content in [change("alice", OTHER), form] {
        let answer = scene.ask(&owner, "set", &content).await;
        assert_eq!(answer.refused(), ("modify", "not-authorized", "401"), "{content}");
        assert!(answer.query.is_none() && answer.text().contains("encrypt"), "{}", answer.xml);
    }
    has_password(&scene, "alice", PASSWORD).await;
}

#[tokio::test]
async fn p28_s3_3_where_nobody_may_change_it_is_not_allowed() {
    let mut scene = Scene::planned(Plan::with(|policy| policy.self_service = false)).await;
    scene.house.settle("alice", "alice@mail.example").await;
    for place in KNOWN {
        let answer = scene.ask(&place.owner("alice"), "set", &change("alice", OTHER)).await;
        assert_eq!(answer.refused(), ("cancel", "not-allowed", "405"), "{place:?}");
    }
    has_password(&scene, "alice", PASSWORD).await;
}

#[tokio::test]
async fn p28_s3_3_the_password_of_somebody_else_is_not_allowed() {
    let mut scene = Scene::new().await;
    for name in ["alice", "bob"] {
        scene.house.settle(name, &format!("{name}@mail.example")).await;
    }
    for place in KNOWN {
        for name in ["bob", "bob@chat.example", "alice@elsewhere.example", "nobody"] {
            let answer = scene.ask(&place.owner("alice"), "set", &change(name, OTHER)).await;
            assert_eq!(answer.refused(), ("cancel", "not-allowed", "405"), "{place:?} {name}");
        }
        // Nor does a registration that somebody sends who is logged in make a second account.
        let answer = scene.ask(&place.owner("alice"), "set", &good("second")).await;
        assert_eq!(answer.refused().1, "not-allowed");
        assert!(!scene.house.broker.account_exists(&domain(), "second").await.unwrap());
    }
    has_password(&scene, "bob", PASSWORD).await;
}

#[tokio::test]
async fn p29_s3_3_without_an_account_a_change_is_unexpected_before_login_and_refused_after_it() {
    let mut scene = Scene::new().await;
    scene.house.settle("alice", "alice@mail.example").await;
    let form = submit(CHANGE, &[("username", "alice"), ("old_password", PASSWORD), ("password", OTHER)]);
    let answer = scene.ask(&Place::BeforeLogin.stranger(), "set", &form).await;
    assert_eq!(answer.refused(), ("wait", "unexpected-request", "400"));
    let answer = scene.ask(&Place::Component.stranger(), "set", &form).await;
    assert_eq!(answer.refused(), ("auth", "registration-required", "407"));
    let ghost = form.replace(">alice<", ">ghost<");
    let answer = scene.ask(&Place::AfterLogin.stranger(), "set", &ghost).await;
    assert_eq!(answer.refused(), ("auth", "registration-required", "407"));
    has_password(&scene, "alice", PASSWORD).await;
}

#[tokio::test]
async fn p30_s3_3_an_error_brings_back_nothing_of_what_was_sent() {
    let mut scene = Scene::planned(Plan::with(|policy| policy.proof.password_change = true)).await;
    scene.house.settle("alice", "alice@mail.example").await;
    let (old, new) = ("old-secret-1", "new-secret-2");
    let form =
        |name| submit(CHANGE, &[("username", name), ("old_password", old), ("password", new), ("x", "y")]);
    for place in KNOWN {
        for content in [
            change("alice", new),
            change("bob", new),
            change("", new),
            change("alice", "s3cr"),
            form("alice"),
            form("bob"),
            form(""),
        ] {
            let answer = scene.ask(&place.owner("alice"), "set", &content).await;
            assert_eq!(answer.kind, "error", "{place:?} {content}");
            for secret in [old, new, "s3cr"] {
                assert!(!answer.xml.contains(secret), "{place:?} {content}: {}", answer.xml);
            }
        }
    }
}

#[tokio::test]
async fn p31_s3_3_where_proof_is_wanted_the_error_brings_the_form_and_its_submission_counts() {
    let mut scene = Scene::planned(Plan::with(|policy| policy.proof.password_change = true)).await;
    for (place, name) in KNOWN.into_iter().zip(["alice", "bob"]) {
        scene.house.settle(name, &format!("{name}@mail.example")).await;
        let owner = place.owner(name);
        let answer = scene.ask(&owner, "set", &change(name, OTHER)).await;
        assert_eq!(answer.refused(), ("modify", "not-authorized", "401"), "{place:?}");
        let fields: Vec<_> = answer.fields().into_iter().map(|(var, kind, ..)| (var, kind)).collect();
        let expected = [
            ("FORM_TYPE", "hidden"),
            ("username", "text-single"),
            ("old_password", "text-private"),
            ("password", "text-private"),
        ];
        assert_eq!(fields, expected, "{place:?}");
        assert_eq!((&*answer.fields()[0].3, &*answer.fields()[1].3), (CHANGE, name));
        has_password(&scene, name, PASSWORD).await;

        let form = |old, new| submit(CHANGE, &[("username", name), ("old_password", old), ("password", new)]);
        let wrong = scene.ask(&owner, "set", &form("wrong password", OTHER)).await;
        // Of another type, or Waher's client, which fills in the form by itself, would do so for ever.
        assert_eq!(wrong.refused(), ("auth", "not-authorized", "401"), "{place:?}");
        assert_eq!(wrong.fields().len(), 4, "the form again");
        let weak = scene.ask(&owner, "set", &form(PASSWORD, "short")).await;
        assert_eq!((weak.refused().1, weak.text()), ("not-acceptable", "The password is too weak"));
        has_password(&scene, name, PASSWORD).await;
        assert!(scene.ask(&owner, "set", &form(PASSWORD, OTHER)).await.done().query.is_none());
        has_password(&scene, name, OTHER).await;
    }
}

#[tokio::test]
async fn p31_s3_3_wrong_proofs_are_counted() {
    let mut plan = Plan::with(|policy| policy.proof.password_change = true);
    plan.limits.wrong_proofs_per_minute = 3;
    let mut scene = Scene::planned(plan).await;
    scene.house.settle("alice", "alice@mail.example").await;
    let owner = Place::AfterLogin.owner("alice");
    let form =
        submit(CHANGE, &[("username", "alice"), ("old_password", "wrong password"), ("password", OTHER)]);
    let mut conditions = Vec::new();
    for _ in 0..10 {
        conditions.push(scene.ask(&owner, "set", &form).await.refused().1.to_owned());
    }
    assert_eq!(conditions[0], "not-authorized");
    assert_eq!(conditions[9], "resource-constraint");
}

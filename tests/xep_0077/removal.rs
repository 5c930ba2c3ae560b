//! XEP-0077 §3.2: cancelling a registration.

use ostiary::accounts::Refusal;

use crate::{
    broker::{PASSWORD, Plan, domain, operator, refusal},
    places::{KNOWN, PLACES, Place, Scene, submit},
};

const REMOVE: &str = "<remove/>";
const CANCEL: &str = "jabber:iq:register:cancel";

async fn exists(scene: &Scene, name: &str) -> bool {
    scene.house.broker.account_exists(&domain(), name).await.unwrap()
}

#[tokio::test]
async fn p14_s3_2_who_asks_is_known_by_the_servers_word_alone() {
    let mut scene = Scene::new().await;
    for name in ["alice", "bob"] {
        scene.house.settle(name, &format!("{name}@mail.example")).await;
    }
    let query = "<query xmlns='jabber:iq:register'><remove/></query>";
    let alice = Place::AfterLogin.owner("alice");
    scene.send(&alice, "set", query, "from='bob@chat.example/phone' to='bob@chat.example'").await.done();
    assert!(!exists(&scene, "alice").await && exists(&scene, "bob").await);
}

#[tokio::test]
async fn p15_s3_2_a_removed_account_is_gone_at_once() {
    let mut scene = Scene::new().await;
    // As clients send it: Gajim and Conversations, Smack, clients from before 2003.
    let removals = [REMOVE, "<remove></remove>", "<remove/><key>abc</key>"];
    for place in KNOWN {
        for removal in removals {
            let name = format!("{place:?}{}", removal.len()).to_lowercase();
            scene.house.settle(&name, &format!("{name}@mail.example")).await;
            let answer = scene.ask(&place.owner(&name), "set", removal).await;
            assert!(answer.done().query.is_none(), "{place:?}: {}", answer.xml);
            assert!(!exists(&scene, &name).await, "{place:?} {removal}");
            assert_eq!(refusal(scene.house.log_in(&name, PASSWORD).await), Refusal::WrongPassword);
        }
    }
}

#[tokio::test]
async fn p17_s3_2_the_component_acts_on_the_bare_jid() {
    let mut scene = Scene::new().await;
    scene.house.settle("alice", "alice@mail.example").await;
    let stanza = "<iq type='set' id='r' from='Alice@CHAT.example/&#x1F600;' to='broker.example'>\
                  <query xmlns='jabber:iq:register'><remove/></query></iq>";
    scene.raw(Place::Component, "r", stanza).await.done();
    assert!(!exists(&scene, "alice").await);
}

#[tokio::test]
async fn p18_s3_2_a_remove_that_is_not_alone_is_a_bad_request() {
    let mut scene = Scene::new().await;
    scene.house.settle("alice", "alice@mail.example").await;
    for place in KNOWN {
        for content in [
            "<remove/><username>alice</username>",
            "<username>alice</username><remove/>",
            "<remove/><remove/>",
            "<remove/><x xmlns='jabber:x:data' type='submit'/>",
            "<remove/><other xmlns='urn:other'/>",
        ] {
            let answer = scene.ask(&place.owner("alice"), "set", content).await;
            assert_eq!(answer.refused(), ("modify", "bad-request", "400"), "{place:?} {content}");
        }
    }
    assert!(exists(&scene, "alice").await);
}

#[tokio::test]
async fn p19_s3_2_somebody_who_is_suspended_may_not_cancel() {
    let mut scene = Scene::new().await;
    scene.house.settle("alice", "alice@mail.example").await;
    scene.house.broker.suspend(&operator(), &domain(), "alice", None).await.unwrap();
    for place in KNOWN {
        let answer = scene.ask(&place.owner("alice"), "set", REMOVE).await;
        assert_eq!(answer.refused(), ("auth", "forbidden", "403"), "{place:?}");
    }
    assert!(exists(&scene, "alice").await);
    scene.house.broker.remove(&operator(), &domain(), "alice", None).await.unwrap();
}

#[tokio::test]
async fn p20_s3_2_where_nobody_may_cancel_it_is_not_allowed() {
    let mut scene = Scene::planned(Plan::with(|policy| policy.self_service = false)).await;
    scene.house.settle("alice", "alice@mail.example").await;
    for place in KNOWN {
        let answer = scene.ask(&place.owner("alice"), "set", REMOVE).await;
        assert_eq!(answer.refused(), ("cancel", "not-allowed", "405"), "{place:?}");
        assert!(answer.query.is_none(), "no form could help");
    }
    assert!(exists(&scene, "alice").await);
}

#[tokio::test]
async fn p21_s3_2_somebody_without_an_account_is_told_registration_required() {
    let mut scene = Scene::new().await;
    let form = submit(CANCEL, &[("username", "ghost"), ("password", PASSWORD)]);
    for place in KNOWN {
        for content in [REMOVE, &form] {
            let answer = scene.ask(&place.stranger(), "set", content).await;
            assert_eq!(answer.refused(), ("auth", "registration-required", "407"), "{place:?} {content}");
        }
    }
}

#[tokio::test]
async fn p22_s3_2_before_login_a_removal_is_an_unexpected_request() {
    let mut scene = Scene::new().await;
    scene.house.settle("alice", "alice@mail.example").await;
    let form = submit(CANCEL, &[("username", "alice"), ("password", PASSWORD)]);
    for content in [REMOVE, &form] {
        let answer = scene.ask(&Place::BeforeLogin.stranger(), "set", content).await;
        assert_eq!(answer.refused(), ("wait", "unexpected-request", "400"), "{content}");
    }
    assert!(exists(&scene, "alice").await);
}

#[tokio::test]
async fn p23_s3_2_where_proof_is_wanted_the_error_brings_the_form_and_its_submission_counts() {
    let mut scene = Scene::planned(Plan::with(|policy| policy.proof.removal = true)).await;
    for (place, name) in KNOWN.into_iter().zip(["alice", "bob"]) {
        scene.house.settle(name, &format!("{name}@mail.example")).await;
        let owner = place.owner(name);
        let answer = scene.ask(&owner, "set", REMOVE).await;
        assert_eq!(answer.refused(), ("cancel", "not-allowed", "405"), "{place:?}");
        let fields: Vec<_> = answer.fields().into_iter().map(|(var, kind, ..)| (var, kind)).collect();
        let expected = [("FORM_TYPE", "hidden"), ("username", "text-single"), ("password", "text-private")];
        assert_eq!(fields, expected, "{place:?}");
        assert_eq!(answer.fields()[0].3, CANCEL);
        assert_eq!(answer.fields()[1].3, name);

        let mut with = async |user: &str, password: &str| {
            let content = submit(CANCEL, &[("username", user), ("password", password)]);
            let answer = scene.ask(&owner, "set", &content).await;
            assert!(password.is_empty() || !answer.xml.contains(password), "{}", answer.xml);
            answer
        };
        assert_eq!(with(name, "").await.refused(), ("cancel", "not-allowed", "405"));
        let wrong = with(name, "wrong password").await;
        assert_eq!(wrong.refused(), ("auth", "not-authorized", "401"));
        assert_eq!(wrong.fields().len(), 3, "the form again");
        assert_eq!(with("somebody", PASSWORD).await.refused(), ("cancel", "not-allowed", "405"));
        assert!(with(&format!("{name}@chat.example"), PASSWORD).await.done().query.is_none());
        assert!(!exists(&scene, name).await, "{place:?}");
    }
}

#[tokio::test]
async fn p23_s3_2_a_form_with_the_password_counts_also_where_no_proof_is_wanted() {
    let mut scene = Scene::new().await;
    scene.house.settle("alice", "alice@mail.example").await;
    let owner = Place::AfterLogin.owner("alice");
    let form = |password| submit(CANCEL, &[("username", "alice"), ("password", password)]);
    let insecure = scene.ask(&owner.clone().insecure(), "set", &form(PASSWORD)).await;
    assert_eq!(insecure.refused(), ("modify", "not-authorized", "401"), "passwords need encryption");
    assert_eq!(scene.ask(&owner, "set", &form("wrong password")).await.refused().1, "not-authorized");
    assert!(exists(&scene, "alice").await);
    scene.ask(&owner, "set", &form(PASSWORD)).await.done();
    assert!(!exists(&scene, "alice").await);
}

#[tokio::test]
async fn p15_s3_2_a_removal_at_any_place_does_not_touch_other_accounts() {
    let mut scene = Scene::new().await;
    scene.house.settle("alice", "alice@mail.example").await;
    for place in PLACES {
        assert_eq!(scene.ask(&place.stranger(), "set", REMOVE).await.kind, "error", "{place:?}");
    }
    assert!(exists(&scene, "alice").await);
}

//! XEP-0077 §3.1, §5, §6: the shapes in which registration is offered.

use ostiary::accounts::{ContactPolicy, DomainPolicy, InBand, RegistrationMode};

use crate::{
    broker::{PASSWORD, Plan, domain},
    places::{Answer, DATA, NS, PAGE, PLACES, Place, Scene, good, submit},
};

const OOB: &str = "jabber:x:oob";
const OWN_PAGE: &str = "https://chat.example/join";

fn url(answer: &Answer) -> Option<String> {
    Some(answer.query().get_child("x", OOB)?.get_child("url", OOB)?.text())
}

fn has_form(answer: &Answer) -> bool {
    answer.query().has_child("x", DATA)
}

async fn scene(change: impl FnOnce(&mut DomainPolicy)) -> Scene {
    Scene::planned(Plan::with(change)).await
}

#[tokio::test]
async fn p03_s3_1_a_host_that_redirects_gives_instructions_and_no_fields() {
    let mut scene = scene(|policy| policy.in_band = InBand::Web).await;
    let form = submit(NS, &[("username", "eve"), ("password", PASSWORD), ("email", "eve@mail.example")]);
    for place in PLACES {
        let answer = scene.ask(&place.stranger(), "get", "").await;
        assert_eq!(answer.done().elements(), ["instructions"], "{place:?}");
        assert!(!has_form(&answer), "{place:?}");
        // Clients that send what nobody has offered (Profanity, Monal, Smack) are told where to go.
        for content in [good("eve"), form.clone(), String::new()] {
            let answer = scene.ask(&place.stranger(), "set", &content).await;
            assert_eq!(answer.refused(), ("cancel", "not-allowed", "405"), "{place:?}");
            assert!(answer.text().contains(PAGE) && answer.query.is_none(), "{}", answer.xml);
        }
    }
    assert_eq!(scene.status().await, "open", "clients that look for the stream feature get to ask");
    scene.house.register("eve", "eve@mail.example").await.unwrap();
}

#[tokio::test]
async fn p03_s3_1_closed_registration_redirects_where_there_is_a_page_that_can_help() {
    let mut scene = scene(|policy| {
        policy.registration = RegistrationMode::Closed;
        policy.registration_page = Some(OWN_PAGE.to_owned());
    })
    .await;
    for place in PLACES {
        let answer = scene.ask(&place.stranger(), "get", "").await;
        assert_eq!(
            (answer.done().elements(), url(&answer).as_deref()),
            (vec!["instructions"], Some(OWN_PAGE))
        );
        let answer = scene.ask(&place.stranger(), "set", &good("eve")).await;
        assert_eq!(answer.refused(), ("cancel", "service-unavailable", "503"), "{place:?}");
        assert!(answer.text().contains(OWN_PAGE), "{place:?}: {}", answer.text());
    }
    assert!(!scene.house.broker.account_exists(&domain(), "eve").await.unwrap());
    assert_eq!(scene.status().await, "open");
}

#[tokio::test]
async fn p37_s5_a_redirection_has_the_address_in_words_and_as_an_element() {
    for (page, expected) in [(None, PAGE), (Some(OWN_PAGE), OWN_PAGE)] {
        let mut scene = scene(|policy| {
            policy.in_band = InBand::Web;
            policy.registration_page = page.map(str::to_owned);
        })
        .await;
        for place in PLACES {
            for lang in ["en", "de"] {
                let answer = scene.ask(&place.stranger().speaking(lang), "get", "").await;
                assert_eq!(url(&answer).as_deref(), Some(expected), "{place:?}");
                let instructions = answer.element("instructions").unwrap();
                let words: Vec<&str> = instructions.split(' ').filter(|word| word.contains("://")).collect();
                assert_eq!(words, [expected], "{place:?}: clients look for a word that is an address");
            }
        }
    }
}

#[tokio::test]
async fn p39_s6_elements_stand_beside_a_form_only_where_they_are_enough() {
    for email in [ContactPolicy::Required, ContactPolicy::Optional, ContactPolicy::Off] {
        let mut scene = scene(|policy| policy.email = email).await;
        for place in PLACES {
            let answer = scene.ask(&place.stranger(), "get", "").await;
            let elements = answer.elements();
            for (name, _, required, _) in answer.fields() {
                assert_eq!(required, elements.contains(&name), "{place:?} {email:?}: {name}");
            }
        }
    }
}

#[tokio::test]
async fn p40_s6_a_form_alone_comes_with_instructions_for_those_who_cannot_show_it() {
    let mut scene = scene(|policy| policy.in_band = InBand::Form).await;
    for (place, name) in PLACES.into_iter().zip(["anna", "berta", "clara"]) {
        let answer = scene.ask(&place.stranger(), "get", "").await;
        assert_eq!(answer.elements(), ["instructions"], "{place:?}");
        assert_eq!(answer.fields().len(), 4, "{place:?}");
        // As an element it would make Dino show the page and not the form.
        assert!(answer.element("instructions").unwrap().ends_with(PAGE) && url(&answer).is_none());
        let refused = scene.ask(&place.stranger(), "set", "").await;
        assert_eq!(refused.elements(), ["instructions"], "{place:?}: the fresh form has the same shape");
        // Some send the elements all the same (Monal, Profanity).
        scene.ask(&place.stranger(), "set", &good(name)).await.done();
    }
}

#[tokio::test]
async fn p41_s6_no_shape_has_elements_to_fill_in_beside_a_redirection() {
    for in_band in [InBand::FieldsAndForm, InBand::Form, InBand::Web] {
        for email in [ContactPolicy::Required, ContactPolicy::Off] {
            let mut scene = scene(|policy| (policy.in_band, policy.email) = (in_band, email)).await;
            for place in PLACES {
                let answer = scene.ask(&place.stranger(), "get", "").await;
                let alone = answer.elements() == ["instructions"] && !has_form(&answer);
                assert_eq!(url(&answer).is_some(), alone, "{place:?} {in_band:?}");
            }
        }
    }
}

#[tokio::test]
async fn p01_s3_1_who_cannot_send_an_address_is_told_the_page_in_words() {
    let mut scene = Scene::new().await;
    for lang in ["en", "de"] {
        let stranger = Place::BeforeLogin.stranger().speaking(lang);
        let answer = scene.ask(&stranger, "get", "").await;
        assert!(answer.element("instructions").unwrap().ends_with(PAGE), "{}", answer.xml);
        // Conversations, Monal, Profanity; then Smack, which fills what it does not know with nothing.
        for email in ["", "<email></email>"] {
            let content = format!("<username>eve</username><password>{PASSWORD}</password>{email}");
            let answer = scene.ask(&stranger, "set", &content).await;
            assert_eq!(answer.refused().1, "not-acceptable");
            assert!(answer.text().ends_with(PAGE), "{lang}: {}", answer.text());
        }
    }
}

//! XEP-0348: the same form, signed with an API key as the specification says.

use ostiary::accounts::{ApiKey, ApiSecret, Escape, FieldOrder, KeyOwner, OauthField, SignedForm, Variant};

use crate::{
    broker::{PASSWORD, domain, operator},
    places::{Answer, PLACES, Place, Scene, submit},
};

const FIELDS: [&str; 12] = [
    "FORM_TYPE",
    "username",
    "password",
    "email",
    "oauth_version",
    "oauth_signature_method",
    "oauth_token",
    "oauth_token_secret",
    "oauth_nonce",
    "oauth_timestamp",
    "oauth_consumer_key",
    "oauth_signature",
];

async fn scene_with_key() -> (Scene, ApiKey, ApiSecret) {
    let scene = Scene::new().await;
    let owner = KeyOwner::parse("Acme").unwrap();
    let (key, secret) = scene.house.broker.create_key(&operator(), &domain(), owner, 9).await.unwrap();
    (scene, key, secret)
}

/// Fills in a form and signs it for `to`.
fn signed(
    form: &Answer,
    (key, secret): (&ApiKey, &ApiSecret),
    username: &str,
    now: i64,
    to: &str,
) -> Vec<(String, String)> {
    // The token is another one in every form.
    let nonce = form.fields().into_iter().find(|field| field.0 == "oauth_token").unwrap().3;
    let fill = |(name, _, _, value): (&str, &str, bool, String)| {
        let value = match name {
            "username" => username.to_owned(),
            "password" => PASSWORD.to_owned(),
            "oauth_nonce" => nonce.clone(),
            "oauth_timestamp" => now.to_string(),
            "oauth_consumer_key" => key.id.to_string(),
            _ => value,
        };
        (name.to_owned(), value)
    };
    let mut fields: Vec<_> = form.fields().into_iter().map(fill).collect();
    let token_secret = fields.iter().find(|(name, _)| name == "oauth_token_secret").unwrap().1.clone();
    let variant = Variant { escape: Escape::Utf8, order: FieldOrder::Bytes, to };
    let unsigned = SignedForm::of_fields(fields.clone(), to).unwrap();
    let signature = unsigned.signature(variant, secret.expose(), &token_secret).to_string();
    let place = fields.iter_mut().find(|(name, _)| name == OauthField::Signature.name()).unwrap();
    place.1 = signature;
    fields
}

fn submission(fields: &[(String, String)]) -> String {
    let others = fields.iter().filter(|(name, _)| name != "FORM_TYPE");
    let values: Vec<_> = others.map(|(name, value)| (name.as_str(), value.as_str())).collect();
    submit("jabber:iq:register", &values)
}

fn address(place: Place) -> &'static str {
    if place == Place::Component { "broker.example" } else { "chat.example" }
}

#[tokio::test]
async fn a_form_signed_for_the_address_it_was_sent_to_is_right_everywhere() {
    let (mut scene, key, secret) = scene_with_key().await;
    let now = scene.house.now().as_second();
    for (number, place) in PLACES.into_iter().enumerate() {
        let form = scene.ask(&place.stranger(), "get", "").await;
        let fields: Vec<_> = form.fields().iter().map(|field| field.0).collect();
        assert_eq!(fields, FIELDS);
        assert!(form.fields().iter().skip(4).all(|field| field.1 == "hidden"));

        let elsewhere = signed(&form, (&key, &secret), "mallory", now, "elsewhere.example");
        let answer = scene.ask(&place.stranger(), "set", &submission(&elsewhere)).await;
        assert_eq!(answer.refused(), ("modify", "bad-request", "400"), "{place:?}");

        let right = signed(&form, (&key, &secret), &format!("sensor{number}"), now, address(place));
        let answer = scene.ask(&place.stranger(), "set", &submission(&right)).await;
        answer.done();
        if place != Place::Component {
            assert_eq!(answer.registered.as_deref(), Some("active"));
        }
    }
    assert_eq!(scene.house.broker.key(&key.id).await.unwrap().created, 3);
}

#[tokio::test]
async fn names_to_take_instead_stand_in_the_error_after_condition_and_text() {
    let (mut scene, key, secret) = scene_with_key().await;
    let now = scene.house.now().as_second();
    scene.house.register("sensor", "sensor@mail.example").await.unwrap();
    for place in PLACES {
        let asker = place.stranger().speaking("de-AT");
        let form = scene.ask(&asker, "get", "").await;
        let mut taken = signed(&form, (&key, &secret), "sensor", now, "");
        let answer = scene.ask(&asker, "set", &submission(&taken)).await;
        assert_eq!(answer.refused(), ("cancel", "conflict", "409"), "{place:?}");
        assert_eq!(answer.problem().parts, ["conflict", "text", "alternatives"]);
        assert_eq!(answer.problem().lang.as_deref(), Some("de"));
        let told = answer.xml.matches("<alternative>sensor").count();
        assert!((1..=4).contains(&told), "{}", answer.xml);
        // The nonce was for one try.
        let again = scene.ask(&asker, "set", &submission(&taken)).await;
        assert_eq!(again.refused(), ("modify", "bad-request", "400"));
        taken.retain(|(name, _)| !name.starts_with("oauth"));
        let unsigned = scene.ask(&asker, "set", &submission(&taken)).await;
        assert_eq!(unsigned.refused().1, "not-acceptable", "a person has to give an address");
    }
}

#[tokio::test]
async fn an_exhausted_key_is_told_so_only_with_a_right_signature() {
    let (mut scene, key, secret) = scene_with_key().await;
    scene.house.broker.limit_key(&operator(), &key.id, 0).await.unwrap();
    let now = scene.house.now().as_second();
    let wrong = ApiSecret::from_text("guessed".to_owned());
    for place in PLACES {
        let form = scene.ask(&place.stranger(), "get", "").await;
        let sent = submission(&signed(&form, (&key, &wrong), "sensor", now, ""));
        let answer = scene.ask(&place.stranger(), "set", &sent).await;
        assert_eq!(answer.refused(), ("modify", "bad-request", "400"));
        let sent = submission(&signed(&form, (&key, &secret), "sensor", now, ""));
        let answer = scene.ask(&place.stranger(), "set", &sent).await;
        assert_eq!(answer.refused(), ("wait", "resource-constraint", "500"));
        for hidden in [secret.expose(), PASSWORD] {
            assert!(!answer.xml.contains(hidden));
        }
    }
}

//! CAPTCHA services of others, held against a service on this machine that behaves as the documented ones do.

#[path = "support/siteverify.rs"]
mod service;

use std::time::Duration;

use tokio::time::Instant;

use ostiary::{
    broker::{CaptchaService, ServiceVerdict},
    siteverify::{SiteRules, SiteVerify, SiteVerifySettings},
};
use serde_json::json;

use service::{Mood, SECRET, Service};

#[tokio::test]
async fn a_response_counts_once_and_the_service_hears_who_sent_it() {
    let service = Service::start().await;
    let client = service.client(SECRET);
    let response = service.solved();
    let address = Some("::ffff:192.0.2.1".parse().unwrap());
    assert_eq!(client.check(&response, address).await, ServiceVerdict::Person);
    assert_eq!(client.check(&response, address).await, ServiceVerdict::Refused, "used");
    assert_eq!(client.check("made up & more=", None).await, ServiceVerdict::Refused);
    let asked = service.asked();
    assert_eq!(
        (asked[0]["remoteip"].as_str(), asked[0]["response"].as_str()),
        ("192.0.2.1", response.as_str())
    );
    assert_eq!(asked[2]["response"], "made up & more=");
    assert!(!asked[2].contains_key("remoteip"));
}

#[tokio::test]
async fn what_was_solved_elsewhere_for_something_else_or_by_a_robot_does_not_count() {
    let service = Service::start().await;
    let client = service.client(SECRET);
    for said in [
        json!({ "hostname": "evil.example", "action": "register", "score": 0.9 }),
        json!({ "hostname": "accounts.chat.example", "action": "login", "score": 0.9 }),
        json!({ "hostname": "accounts.chat.example", "action": "register", "score": 0.1 }),
        json!({ "hostname": "accounts.chat.example", "action": "register" }),
        json!({}),
    ] {
        let response = service.solved_as(said.clone());
        assert_eq!(client.check(&response, None).await, ServiceVerdict::Refused, "{said}");
    }
}

#[tokio::test]
async fn a_service_that_says_nothing_of_use_lets_nobody_in() {
    let service = Service::start().await;
    let client = service.client(SECRET);
    for mood in [Mood::Broken, Mood::Garbage, Mood::Huge, Mood::Slow] {
        service.feels(mood);
        let response = service.solved();
        let begun = Instant::now();
        assert_eq!(client.check(&response, None).await, ServiceVerdict::Unavailable, "{mood:?}");
        assert!(begun.elapsed() < Duration::from_secs(3), "{mood:?}");
    }
    service.feels(Mood::Well);
    assert_eq!(client.check(&service.solved(), None).await, ServiceVerdict::Person, "and goes on");
    let wrong = service.client("another secret");
    assert_eq!(wrong.check(&service.solved(), None).await, ServiceVerdict::Unavailable, "our own mistake");
}

#[tokio::test]
async fn a_service_that_is_not_there_lets_nobody_in() {
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let client = SiteVerify::new(SiteVerifySettings {
        url: format!("http://{free}/").parse().unwrap(),
        secret: SECRET.into(),
        rules: SiteRules::default(),
        timeout: Duration::from_millis(500),
    });
    assert_eq!(client.unwrap().check("a", None).await, ServiceVerdict::Unavailable);
}

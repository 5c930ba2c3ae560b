//! No stanza may end the stream or the process.

use std::time::Duration;

use minidom::Element;
use ostiary::xmpp::StreamEnd;
use tokio::time::Instant;

use crate::{
    fake_server::{accept_component, condition, request},
    hostile_stanzas::{self, Hostile, Outcome},
    running_component::{Running, listen},
};

const ADDRESSES: &str = "from='u@h/r' to='broker.example'";

async fn check_hostile_stanzas(cases: Vec<Hostile>) {
    let (listener, settings) = listen().await;
    let component = Running::start(settings);
    let mut peer = accept_component(&listener).await;
    for (number, case) in cases.into_iter().enumerate() {
        let began = Instant::now();
        peer.try_send(&case.xml).await;
        let ping_id = format!("ping-{number}");
        if case.outcome == Outcome::NewStream {
            peer = accept_component(&listener).await;
            assert!(peer.answers_ping(&ping_id).await.is_empty(), "{}", case.name);
        } else {
            let mut answers = peer.answers_ping(&ping_id).await;
            // The answer to a stanza that the guard kept back may come after that to the ping.
            if answers.is_empty() && case.outcome != Outcome::Nothing {
                answers.push(peer.stanza().await);
            }
            check_answer(&case, &answers);
        }
        assert!(began.elapsed() < Duration::from_secs(10), "{} took {:?}", case.name, began.elapsed());
    }
    component.stop().await;
}

fn check_answer(case: &Hostile, answers: &[Element]) {
    let name = case.name;
    match (case.outcome, answers) {
        (Outcome::Nothing, []) => {}
        (Outcome::Result, [answer]) => assert_eq!(answer.attr("type"), Some("result"), "{name}"),
        (Outcome::Error(expected), [answer]) => {
            assert_eq!(answer.attr("type"), Some("error"), "{name}");
            assert_eq!(condition(answer).as_deref(), Some(expected), "{name}");
            assert!(case.xml.contains(answer.attr("to").unwrap()), "{name}");
        }
        (expected, answers) => panic!("{name}: expected {expected:?}, got {} answers", answers.len()),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_stanza_of_a_broken_server_ends_the_stream() {
    let cases = hostile_stanzas::from_a_server(ADDRESSES, "broker.example");
    assert_eq!(cases.len(), 50);
    check_hostile_stanzas(cases).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_stanza_of_a_user_ends_the_stream() {
    let cases = hostile_stanzas::from_a_user(ADDRESSES);
    assert_eq!(cases.len(), 24);
    check_hostile_stanzas(cases).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_stanza_of_an_attacker_ends_the_stream() {
    check_hostile_stanzas(hostile_stanzas::from_an_attacker(ADDRESSES, "u@h/r")).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn bytes_that_are_not_utf_8_end_the_stream_and_the_component_returns() {
    let (listener, settings) = listen().await;
    let component = Running::start(settings);
    for bytes in
        [&b"<iq>\xff</iq>"[..], b"<iq>\xc0\x80</iq>", b"\xed\xa0\x80", b"<iq a='\xf8\x88\x80\x80\x80'/>"]
    {
        let mut peer = accept_component(&listener).await;
        peer.try_send(bytes).await;
        peer.try_send("<iq/>").await;
        assert!(matches!(component.ended().await, StreamEnd::NotWellFormed(_)));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn stanzas_in_single_bytes_are_answered() {
    let (listener, settings) = listen().await;
    let _component = Running::start(settings);
    let mut peer = accept_component(&listener).await;
    for byte in request("ö", "get", "<ping xmlns='urn:xmpp:ping'/>").as_bytes() {
        peer.send([*byte]).await;
    }
    assert_eq!(peer.stanza().await.attr("id"), Some("ö"));
}

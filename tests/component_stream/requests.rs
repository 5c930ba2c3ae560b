//! What is answered, and what we ask ourselves.

use std::{
    io,
    sync::{Arc, Mutex},
    time::Duration,
};

use minidom::Element;
use ostiary::xmpp::{IqFailure, Reply, RequestKind};
use tokio::time::{Instant, sleep};

use crate::{
    SLOW,
    fake_server::{LIMIT, accept_component, condition, request},
    running_component::{Running, listen},
};

#[tokio::test(flavor = "multi_thread")]
async fn the_component_tells_what_it_is() {
    let (listener, settings) = listen().await;
    let _component = Running::start_with(settings, |router| {
        router.route("urn:test:slow", |_| async { Reply::done() }).feature("urn:test:feature")
    });
    let mut peer = accept_component(&listener).await;

    peer.send(request("1", "get", "<query xmlns='http://jabber.org/protocol/disco#info'/>")).await;
    let info = String::from(&peer.stanza().await);
    for part in [
        "category=\"component\"",
        "type=\"generic\"",
        "name=\"Accounts\"",
        "\"urn:xmpp:ping\"",
        "\"jabber:iq:version\"",
        "\"http://jabber.org/protocol/disco#info\"",
        "\"http://jabber.org/protocol/disco#items\"",
        "\"urn:test:slow\"",
        "\"urn:test:feature\"",
        "http://jabber.org/network/serverinfo",
        "abuse-addresses",
        "mailto:abuse@chat.example",
    ] {
        assert!(info.replace('\'', "\"").contains(part), "{part} is not in {info}");
    }

    peer.send(request("2", "get", "<query xmlns='http://jabber.org/protocol/disco#items'/>")).await;
    let items = peer.stanza().await;
    assert_eq!(items.attr("type"), Some("result"));
    assert_eq!(
        items.get_child("query", "http://jabber.org/protocol/disco#items").unwrap().children().count(),
        0
    );

    peer.send(request("3", "get", "<query xmlns='jabber:iq:version'/>")).await;
    let version = peer.stanza().await;
    let version = version.get_child("query", "jabber:iq:version").unwrap();
    let told: Vec<_> = version.children().map(|child| (child.name().to_owned(), child.text())).collect();
    assert_eq!(told, [("name".to_owned(), "Ostiary".to_owned()), ("version".to_owned(), "1.2".to_owned())]);
}

#[tokio::test(flavor = "multi_thread")]
async fn slow_requests_do_not_hold_up_pings_and_their_number_is_bounded() {
    let (listener, mut settings) = listen().await;
    settings.limits.in_flight = 20;
    let _component = Running::start_with(settings, |router| {
        router.route("urn:test:slow", |_| async {
            sleep(Duration::from_secs(2)).await;
            Reply::done()
        })
    });
    let mut peer = accept_component(&listener).await;
    let began = Instant::now();
    for number in 0..25 {
        peer.send(request(&number.to_string(), "set", SLOW)).await;
    }
    let refused = peer.answers_ping("ping").await;
    assert!(began.elapsed() < Duration::from_secs(1), "{:?}", began.elapsed());
    assert_eq!(refused.len(), 5);
    assert!(refused.iter().all(|answer| condition(answer).as_deref() == Some("resource-constraint")));
    for _ in 0..20 {
        assert_eq!(peer.stanza().await.attr("type"), Some("result"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_handler_that_panics_or_takes_too_long_is_answered_for() {
    let (listener, mut settings) = listen().await;
    settings.timeouts.request = Duration::from_millis(100);
    let _component = Running::start_with(settings, |router| {
        router
            .route("urn:test:slow", |_| std::future::pending())
            .route("urn:test:early", |request| {
                assert_eq!(request.kind, RequestKind::Set, "on purpose");
                std::future::ready(Reply::done())
            })
            .route("urn:test:panic", |request| async move { panic!("on purpose: {:?}", request.kind) })
    });
    let mut peer = accept_component(&listener).await;
    peer.send(request("1", "get", SLOW)).await;
    assert_eq!(condition(&peer.stanza().await).as_deref(), Some("resource-constraint"));
    peer.send(request("2", "get", "<x xmlns='urn:test:panic'/>")).await;
    assert_eq!(condition(&peer.stanza().await).as_deref(), Some("internal-server-error"));
    peer.send(request("3", "get", "<x xmlns='urn:test:early'/>")).await;
    assert_eq!(condition(&peer.stanza().await).as_deref(), Some("internal-server-error"));
    peer.answers_ping("4").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_handler_sees_who_asks_in_which_language_for_what() {
    let (listener, settings) = listen().await;
    let _component = Running::start_with(settings, |router| {
        router.route("urn:test:slow", |request| async move {
            let lang = request.lang.unwrap_or_default();
            let told = format!("{} {} {lang}", request.from.bare(), request.from.as_str());
            Element::builder("told", "urn:test:slow").append(told).append(request.payload).build().into()
        })
    });
    let mut peer = accept_component(&listener).await;
    peer.send(format!(
        "<iq type='set' id='1' from='U@H/\u{1F600}' xml:lang='de' to='broker.example'>{SLOW}</iq>"
    ))
    .await;
    let answer = peer.stanza().await;
    assert_eq!(answer.attr("to"), Some("U@H/\u{1F600}"));
    let told = answer.get_child("told", "urn:test:slow").unwrap();
    assert_eq!(told.text(), "u@h U@H/\u{1F600} de");
    assert!(told.has_child("slow", "urn:test:slow"));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_for_a_stream_that_ended_is_dropped() {
    let (listener, settings) = listen().await;
    let _component = Running::start_with(settings, |router| {
        router.route("urn:test:slow", |_| async {
            sleep(Duration::from_millis(500)).await;
            Reply::done()
        })
    });
    let mut first = accept_component(&listener).await;
    first.send(request("old", "get", SLOW)).await;
    first.answers_ping("1").await;
    drop(first);
    let mut second = accept_component(&listener).await;
    sleep(Duration::from_millis(700)).await;
    assert!(second.answers_ping("2").await.is_empty());
}

fn notice() -> Element {
    Element::bare("notice", "urn:test:notice")
}

#[tokio::test(flavor = "multi_thread")]
async fn our_own_requests_get_their_answers_and_nobody_elses() {
    let (listener, settings) = listen().await;
    let component = Running::start(settings);
    let mut peer = accept_component(&listener).await;
    component.connected().await;
    let ask = |kind| {
        let link = component.link.clone();
        tokio::spawn(async move { link.request(kind, "chat.example", notice(), LIMIT).await })
    };
    let answer =
        |id: &str, from: &str, rest: &str| format!("<iq id='{id}' from='{from}' to='broker.example' {rest}");

    let asked = ask(RequestKind::Get);
    let stanza = peer.stanza().await;
    assert_eq!((stanza.attr("type"), stanza.attr("to")), (Some("get"), Some("chat.example")));
    let id = stanza.attr("id").unwrap();
    peer.send(answer(id, "evil@chat.example", "type='result'/>")).await;
    peer.send(answer("guess", "chat.example", "type='result'/>")).await;
    peer.send(answer(id, "chat.example", "type='result'><yes xmlns='urn:x'/></iq>")).await;
    assert_eq!(asked.await.unwrap().unwrap().unwrap().name(), "yes");

    for error in [
        "<error type='cancel'><item-not-found xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error>",
        "",
        "<error/>",
    ] {
        let asked = ask(RequestKind::Set);
        let stanza = peer.stanza().await;
        peer.send(answer(stanza.attr("id").unwrap(), "chat.example", &format!("type='error'>{error}</iq>")))
            .await;
        assert!(matches!(asked.await.unwrap(), Err(IqFailure::Refused(_))), "{error}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn our_own_requests_fail_in_time_when_no_answer_comes() {
    let (listener, mut settings) = listen().await;
    settings.limits.pending = 2;
    let component = Running::start(settings);
    let ask = |within| component.link.request(RequestKind::Set, "chat.example", notice(), within);
    assert_eq!(ask(LIMIT).await, Err(IqFailure::LinkLost));

    let peer = accept_component(&listener).await;
    component.connected().await;
    let short = Duration::from_millis(50);
    assert_eq!(ask(short).await, Err(IqFailure::Timeout));
    let (first, second, third) = tokio::join!(ask(short), ask(short), ask(LIMIT));
    assert_eq!(
        (first, second, third),
        (Err(IqFailure::Timeout), Err(IqFailure::Timeout), Err(IqFailure::Busy))
    );

    let waiting = ask(LIMIT);
    let (lost, ()) = tokio::join!(waiting, async {
        sleep(short).await;
        drop(peer);
    });
    assert_eq!(lost, Err(IqFailure::LinkLost));
}

/// A place for log lines.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl io::Write for Log {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(line);
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_of_a_stanza_or_the_secret_is_logged() {
    let (log, (listener, settings)) = (Log::default(), listen().await);
    let writer = log.clone();
    // The crate that reads the stream logs every stanza at trace level; the product's log keeps it at `info`.
    tracing_subscriber::fmt()
        .with_env_filter("trace,tokio_xmpp=info")
        .with_writer(move || writer.clone())
        .init();
    let component = Running::start_with(settings, |router| {
        router.route("urn:test:slow", |request| async move { panic!("{:?}", request.kind) })
    });
    let mut peer = accept_component(&listener).await;
    let payload = "<query xmlns='urn:test:slow'><password>hunter2</password></query>";
    for stanza in [
        request("1", "set", payload),
        request("2", "set", &payload.repeat(2)),
        request("3", "set", &payload.replace("slow", "unknown")),
        request(
            "4",
            "set",
            &payload.replace("<password>", "<z:password a='hunter2'>").replace("</p", "</z:p"),
        ),
        format!("<message from='hunter2@h' id='hunter2'>{payload}</message>"),
        format!("<hunter2 xmlns='urn:hunter2'>{payload}</hunter2>"),
        "<iq type='error' id='hunter2' from='chat.example'><error>hunter2</error></iq>".to_owned(),
    ] {
        peer.send(stanza).await;
    }
    peer.answers_ping("5").await;
    peer.send("<iq>hunter2</hunter2>").await;
    component.ended().await;
    drop(peer);
    component.stop().await;
    let log = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    assert!(log.contains("connected to the XMPP server"), "{log}");
    assert!(log.contains("not well-formed"), "{log}");
    for secret in ["hunter2", crate::fake_server::SECRET] {
        let line = log.lines().find(|line| line.contains(secret));
        assert_eq!(line, None);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn wrappers_of_other_protocols_are_neither_opened_nor_announced() {
    let (listener, settings) = listen().await;
    let _component = Running::start_with(settings, |router| {
        router.route("urn:test:inner", |_| async { panic!("the wrapper was opened") })
    });
    let mut peer = accept_component(&listener).await;
    for namespace in ["urn:xmpp:delegation:1", "urn:xmpp:delegation:2", "urn:xmpp:privilege:2"] {
        let wrapper = format!(
            "<delegation xmlns='{namespace}'><forwarded xmlns='urn:xmpp:forward:0'><iq xmlns='jabber:client' \
             type='set' id='w'><q xmlns='urn:test:inner'/></iq></forwarded></delegation>"
        );
        peer.send(request("1", "set", &wrapper)).await;
        assert_eq!(condition(&peer.stanza().await).as_deref(), Some("service-unavailable"), "{namespace}");
    }
    peer.send(request("2", "get", "<query xmlns='http://jabber.org/protocol/disco#info'/>")).await;
    let info = String::from(&peer.stanza().await);
    assert!(!info.contains("delegation") && !info.contains("privilege"), "{info}");
}

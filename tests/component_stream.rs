//! The component's stream against a server that is odd, slow, hostile or gone.

#[path = "support/fake_server.rs"]
mod fake_server;
#[path = "support/hostile_stanzas.rs"]
mod hostile_stanzas;
#[path = "support/running_component.rs"]
mod running_component;

use std::time::{Duration, Instant};

use fake_server::{HEADER, LIMIT, Peer, accept, accept_component, condition, ping, request};
use hostile_stanzas::{Hostile, Outcome};
use minidom::Element;
use ostiary::xmpp::{IqFailure, LinkState, Reply, RequestKind, ServerAddress, StreamEnd};
use running_component::{Running, listen, settings};
use tokio::{
    io::AsyncWriteExt,
    net::{TcpListener, UnixListener},
    time::{sleep, timeout},
};

const ADDRESSES: &str = "from='u@h/r' to='broker.example'";
const SLOW: &str = "<slow xmlns='urn:test:slow'/>";

fn stream_error(condition: &str) -> String {
    format!(
        "<stream:error><{condition} xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error></stream:stream>"
    )
}

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
async fn a_refused_handshake_is_told_and_tried_again() {
    let (listener, settings) = listen().await;
    let component = Running::start(settings);
    for (condition, expected) in [
        ("not-authorized", StreamEnd::WrongSecret),
        ("conflict", StreamEnd::Conflict),
        ("system-shutdown", StreamEnd::ServerShutdown),
        ("policy-violation", StreamEnd::StreamError("policy-violation".to_owned())),
    ] {
        let mut peer = accept(&listener).await;
        peer.read_until("to='broker.example'>").await;
        peer.send(HEADER).await;
        peer.read_until("</handshake>").await;
        peer.send(stream_error(condition)).await;
        assert_eq!(component.ended().await, expected);
    }
    accept_component(&listener).await.answers_ping("1").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_does_not_know_us_gets_no_handshake() {
    let (listener, settings) = listen().await;
    let component = Running::start(settings);
    for header in [HEADER.replace("id='abc'", "id=''"), HEADER.replace("id='abc'", "")] {
        let mut peer = accept(&listener).await;
        peer.read_until("to='broker.example'>").await;
        peer.send(header + &stream_error("host-unknown")).await;
        assert_eq!(component.ended().await, StreamEnd::UnknownHost);
        assert!(!peer.rest().await.contains("handshake"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_is_no_component_port_is_told_so() {
    let (listener, settings) = listen().await;
    let component = Running::start(settings);
    for header in ["HTTP/1.1 400 Bad Request\r\n\r\n", "<html>", "<stream:stream xmlns:stream='urn:x'>"] {
        let mut peer = accept(&listener).await;
        peer.send(header).await;
        let end = component.ended().await;
        assert!(matches!(end, StreamEnd::BadHeader(_)), "{header}: {end:?}");
    }
    for header in ["", HEADER] {
        let mut peer = accept(&listener).await;
        peer.read_until("to='broker.example'>").await;
        peer.send(header).await;
        peer.socket.shutdown().await.unwrap();
        assert_eq!(component.ended().await, StreamEnd::ClosedDuringHandshake, "{header}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_never_answers_is_given_up_in_time() {
    let (listener, mut settings) = listen().await;
    settings.timeouts.connect = Duration::from_millis(100);
    let component = Running::start(settings);
    let silent = accept(&listener).await;
    assert_eq!(component.ended().await, StreamEnd::ConnectTimeout);
    drop(silent);
    let mut half_way = accept(&listener).await;
    half_way.send(HEADER).await;
    assert_eq!(component.ended().await, StreamEnd::ConnectTimeout);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_taken_over_by_another_component_is_told() {
    let (listener, settings) = listen().await;
    let component = Running::start(settings);
    let mut peer = accept_component(&listener).await;
    component.connected().await;
    peer.send(stream_error("conflict")).await;
    assert_eq!(component.ended().await, StreamEnd::Conflict);
    // The component closes its side as well.
    assert!(peer.rest().await.ends_with("</stream:stream>"));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_component_returns_after_every_loss() {
    let (listener, settings) = listen().await;
    let component = Running::start(settings);
    for _ in 0..10 {
        let mut peer = accept_component(&listener).await;
        component.connected().await;
        peer.answers_ping("1").await;
        drop(peer);
        let end = component.ended().await;
        assert!(matches!(end, StreamEnd::ConnectionLost(_)), "{end:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn pauses_between_attempts_grow() {
    let (listener, mut settings) = listen().await;
    settings.timeouts.retry_most = Duration::from_millis(640);
    let _component = Running::start(settings);
    let mut attempts = Vec::new();
    for _ in 0..7 {
        drop(accept(&listener).await);
        attempts.push(Instant::now());
    }
    // Bounds of 20, 40, 80, 160, 320, 640 ms, each pause between half and all of it.
    assert!(attempts[6] - attempts[5] >= Duration::from_millis(320));
    assert!(attempts[6] - attempts[0] >= Duration::from_millis(630));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_comes_later_is_found_on_its_unix_socket() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("component.sock");
    let component = Running::start(settings(ServerAddress::Unix(path.clone())));
    let end = component.ended().await;
    assert!(matches!(end, StreamEnd::Unreachable(_)), "{end:?}");
    let listener = UnixListener::bind(&path).unwrap();
    let (socket, _) = timeout(LIMIT, listener.accept()).await.unwrap().unwrap();
    let mut peer = Peer::new(socket);
    peer.welcome().await;
    peer.answers_ping("1").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_half_open_link_is_noticed() {
    let (listener, mut settings) = listen().await;
    settings.timeouts.silence = Duration::from_millis(100);
    settings.timeouts.response = Duration::from_millis(100);
    let component = Running::start(settings);
    let mut peer = accept_component(&listener).await;
    let ping = peer.stanza().await;
    assert!(ping.has_child("ping", "urn:xmpp:ping"));
    assert_eq!((ping.attr("from"), ping.attr("to")), (Some("broker.example"), Some("chat.example")));
    assert_eq!(component.ended().await, StreamEnd::Silent);
    accept_component(&listener).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn any_sign_of_life_keeps_a_quiet_link() {
    let (listener, mut settings) = listen().await;
    settings.timeouts.silence = Duration::from_millis(100);
    settings.timeouts.response = Duration::from_secs(5);
    let component = Running::start(settings);
    let mut peer = accept_component(&listener).await;
    component.connected().await;
    for sign in [" ", "<foo xmlns='urn:x'/>", "<iq type='error' id='1' from='chat.example'/>", "<message"] {
        assert!(peer.stanza().await.has_child("ping", "urn:xmpp:ping"));
        peer.send(sign).await;
    }
    peer.send("/>").await;
    peer.answers_ping("1").await;
    assert!(matches!(*component.link.state().borrow(), LinkState::Connected { .. }));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_stops_reading_is_given_up_and_the_next_one_served() {
    let (listener, mut settings) = listen().await;
    settings.timeouts.write = Duration::from_millis(300);
    settings.limits.outgoing = 64;
    let component = Running::start(settings);
    let mut peer = accept_component(&listener).await;
    component.connected().await;
    let many = ping(&"x".repeat(4000)).repeat(100);
    let flood = async { while peer.socket.write_all(many.as_bytes()).await.is_ok() {} };
    let end = tokio::select! {
        end = component.ended() => end,
        () = flood => component.ended().await,
    };
    assert_eq!(end, StreamEnd::NotReading);
    accept_component(&listener).await.answers_ping("1").await;
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
            .route("urn:test:panic", |request| async move { panic!("on purpose: {:?}", request.kind) })
    });
    let mut peer = accept_component(&listener).await;
    peer.send(request("1", "get", SLOW)).await;
    assert_eq!(condition(&peer.stanza().await).as_deref(), Some("resource-constraint"));
    peer.send(request("2", "get", "<x xmlns='urn:test:panic'/>")).await;
    assert_eq!(condition(&peer.stanza().await).as_deref(), Some("internal-server-error"));
    peer.answers_ping("3").await;
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

#[tokio::test(flavor = "multi_thread")]
async fn at_shutdown_requests_in_work_are_answered_and_new_ones_put_off() {
    let (listener, settings) = listen().await;
    let component = Running::start_with(settings, |router| {
        router.route("urn:test:slow", |_| async {
            sleep(Duration::from_millis(500)).await;
            Reply::done()
        })
    });
    let mut peer = accept_component(&listener).await;
    peer.send(request("begun", "get", SLOW)).await;
    peer.answers_ping("1").await;
    component.shutdown.cancel();
    sleep(Duration::from_millis(100)).await;
    peer.send(request("late", "get", SLOW)).await;
    let late = peer.stanza().await;
    assert_eq!((late.attr("id"), condition(&late).as_deref()), (Some("late"), Some("resource-constraint")));
    let begun = peer.stanza().await;
    assert_eq!((begun.attr("id"), begun.attr("type")), (Some("begun"), Some("result")));
    assert_eq!(peer.rest().await, "</stream:stream>");
    component.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_shutdown_ends_in_time_whatever_hangs() {
    let (listener, mut settings) = listen().await;
    settings.timeouts.drain = Duration::from_millis(200);
    let component =
        Running::start_with(settings, |router| router.route("urn:test:slow", |_| std::future::pending()));
    let mut peer = accept_component(&listener).await;
    peer.send(request("1", "get", SLOW)).await;
    peer.answers_ping("2").await;
    let began = Instant::now();
    component.stop().await;
    assert!(began.elapsed() < Duration::from_secs(6), "{:?}", began.elapsed());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_shutdown_while_nobody_answers_is_quick() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    for host in ["127.0.0.1", "localhost"] {
        let component = Running::start(settings(ServerAddress::Tcp { host: host.to_owned(), port }));
        let _silent = accept(&listener).await;
        let began = Instant::now();
        component.stop().await;
        assert!(began.elapsed() < Duration::from_secs(2), "{:?}", began.elapsed());
    }
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

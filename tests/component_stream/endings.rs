//! How links begin and end, and what comes after.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use jiff::Timestamp;
use ostiary::{
    clock::{Clock, SystemClock},
    xmpp::{LinkState, ServerAddress, StreamEnd},
};
use tokio::{
    io::AsyncWriteExt,
    net::{TcpListener, UnixListener},
    time::{Instant, timeout},
};
use tokio_rustls::{
    TlsAcceptor,
    rustls::{
        ServerConfig,
        crypto::ring,
        pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
    },
};

use crate::{
    fake_server::{HEADER, LIMIT, Peer, accept, accept_component, ping},
    running_component::{Running, listen, settings},
};

fn stream_error(condition: &str) -> String {
    format!(
        "<stream:error><{condition} xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error></stream:stream>"
    )
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

/// Breaks the first time.
#[derive(Debug, Default)]
struct BrokenClock(AtomicBool);

impl Clock for BrokenClock {
    fn now(&self) -> Timestamp {
        assert!(self.0.swap(true, Ordering::Relaxed), "broken on purpose");
        SystemClock.now()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fault_of_our_own_is_survived() {
    let (listener, settings) = listen().await;
    let clock = Arc::new(BrokenClock::default());
    let component = Running::start_at(settings, |router| router, clock);
    let _first = accept_component(&listener).await;
    assert_eq!(component.ended().await, StreamEnd::Fault);
    accept_component(&listener).await.answers_ping("1").await;
}

fn tls_file(name: &str) -> std::path::PathBuf {
    std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/tls").join(name)
}

fn tls_acceptor() -> TlsAcceptor {
    let certificate = CertificateDer::from_pem_file(tls_file("cert.pem")).unwrap();
    let key = PrivateKeyDer::from_pem_file(tls_file("key.pem")).unwrap();
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate], key)
        .unwrap();
    TlsAcceptor::from(Arc::new(config))
}

#[tokio::test(flavor = "multi_thread")]
async fn tls_connects_to_a_server_of_a_trusted_authority_only() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let tls = |host: &str, ca_file: Option<&str>| {
        let ca_file = ca_file.map(tls_file);
        settings(ServerAddress::Tls { host: host.to_owned(), port, ca_file })
    };

    for (host, ca_file) in
        [("localhost", None), ("localhost", Some("missing.pem")), ("not a name", Some("ca.pem"))]
    {
        let component = Running::start(tls(host, ca_file));
        let refusing = async {
            loop {
                let (socket, _) = listener.accept().await.unwrap();
                assert!(tls_acceptor().accept(socket).await.is_err(), "{host} {ca_file:?}");
            }
        };
        let end = tokio::select! {
            end = component.ended() => end,
            () = refusing => unreachable!(),
        };
        assert!(matches!(end, StreamEnd::Tls(_)), "{host} {ca_file:?}: {end:?}");
        component.stop().await;
    }

    let component = Running::start(tls("127.0.0.1", Some("ca.pem")));
    let accepted = async {
        loop {
            let (socket, _) = listener.accept().await.unwrap();
            if let Ok(socket) = tls_acceptor().accept(socket).await {
                return Peer::new(socket);
            }
        }
    };
    let mut peer = timeout(LIMIT, accepted).await.expect("the certificate is trusted");
    peer.welcome().await;
    peer.answers_ping("1").await;
    component.stop().await;
}

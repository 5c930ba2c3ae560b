//! How the front is reached: by TLS with HTTP/1.1 and HTTP/2, and on a Unix socket.

use std::{
    fs,
    net::SocketAddr,
    os::unix::{fs::PermissionsExt as _, net::UnixListener},
    path::PathBuf,
    sync::Arc,
    time::Duration,
};

use h2::{RecvStream, client::SendRequest};
use http_body_util::{BodyExt, Full};
use hyper::{Request, StatusCode, body::Bytes, header};
use hyper_util::rt::{TokioExecutor, TokioIo};
use ostiary::{
    broker::LimitSettings,
    http::{Certificate, HttpSettings, Listener},
};
use rcgen::{CertificateParams, KeyPair};
use tempfile::TempDir;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::{sleep, timeout},
};
use tokio_rustls::{
    TlsConnector,
    client::TlsStream,
    rustls::{
        self, ClientConfig, RootCertStore, SupportedProtocolVersion,
        crypto::ring,
        pki_types::{CertificateDer, ServerName, pem::PemObject},
    },
};
use tokio_util::sync::CancellationToken;

use crate::{
    browser::{Answer, Site, Way},
    hostile::read,
    safety::register,
    support::broker::{PASSWORD, Plan},
};

const HALF_A_SECOND: Duration = Duration::from_millis(500);
const A_WHILE: Duration = Duration::from_secs(10);

/// A certificate and its key in a folder, as a renewal program would lay them there.
struct Files {
    folder: TempDir,
}

impl Files {
    fn new() -> Self {
        let files = Self { folder: TempDir::new().unwrap() };
        files.renew();
        files
    }

    fn certificate(&self) -> PathBuf {
        self.folder.path().join("fullchain.pem")
    }

    fn key(&self) -> PathBuf {
        self.folder.path().join("privkey.pem")
    }

    fn renew(&self) {
        let key = KeyPair::generate().unwrap();
        let certificate = CertificateParams::new(["accounts.example".to_owned()]).unwrap();
        fs::write(self.certificate(), certificate.self_signed(&key).unwrap().pem()).unwrap();
        fs::write(self.key(), key.serialize_pem()).unwrap();
    }

    fn read(&self) -> Certificate {
        Certificate::read(&self.certificate(), &self.key()).unwrap()
    }

    /// A browser that trusts the certificate in the files, and nothing else.
    fn trusting(&self, protocols: &[&str]) -> TlsConnector {
        self.trusting_by(rustls::ALL_VERSIONS, protocols)
    }

    /// The same with a browser that does not know every version of TLS.
    fn trusting_by(
        &self,
        versions: &[&'static SupportedProtocolVersion],
        protocols: &[&str],
    ) -> TlsConnector {
        let mut roots = RootCertStore::empty();
        roots.add(CertificateDer::from_pem_file(self.certificate()).unwrap()).unwrap();
        let mut config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_protocol_versions(versions)
            .unwrap()
            .with_root_certificates(roots)
            .with_no_client_auth();
        config.alpn_protocols = protocols.iter().map(|protocol| protocol.as_bytes().to_vec()).collect();
        TlsConnector::from(Arc::new(config))
    }
}

async fn tls_site(certificate: &Certificate, change: impl FnOnce(&mut HttpSettings)) -> Site {
    let listener = Listener::tls("127.0.0.1:0".parse().unwrap(), certificate).await.unwrap();
    let address = listener.address().unwrap();
    Site::listening(Plan::default(), vec![listener], address, |settings| {
        settings.base_url = "https://accounts.example/".parse().unwrap();
        change(settings);
    })
}

async fn connect(address: SocketAddr, connector: &TlsConnector) -> std::io::Result<TlsStream<TcpStream>> {
    let stream = TcpStream::connect(address).await?;
    connector.connect(ServerName::try_from("accounts.example").unwrap(), stream).await
}

#[tokio::test]
async fn a_person_registers_by_tls() {
    let files = Files::new();
    let site = tls_site(&files.read(), |_| {}).await;
    for (name, version, protocols) in
        [("ada", &rustls::version::TLS13, &["http/1.1"][..]), ("bob", &rustls::version::TLS12, &[])]
    {
        let browser = site.browser().by(Way::Tls(files.trusting_by(&[version], protocols)));
        assert_eq!(register(browser, name).await, StatusCode::SEE_OTHER);
    }
}

#[tokio::test]
async fn a_person_registers_by_http2_on_one_connection() {
    let files = Files::new();
    let site = tls_site(&files.read(), |_| {}).await;
    let stream = connect(site.address, &files.trusting(&["h2", "http/1.1"])).await.unwrap();
    assert_eq!(stream.get_ref().1.alpn_protocol(), Some(&b"h2"[..]));
    let (mut sender, connection) =
        hyper::client::conn::http2::handshake(TokioExecutor::new(), TokioIo::new(stream)).await.unwrap();
    tokio::spawn(connection);
    let mut ask = async |request: Request<Full<Bytes>>| {
        let (head, body) = sender.send_request(request).await.unwrap().into_parts();
        Answer::of(head, &body.collect().await.unwrap().to_bytes())
    };
    let get = Request::get("https://accounts.example/register").body(Full::default()).unwrap();
    let form = ask(get).await;
    assert_eq!(form.status, StatusCode::OK);
    let cookie = form.header("set-cookie").split(';').next().unwrap().to_owned();
    let fields = [
        ("csrf", form.hidden_field("csrf").as_str()),
        ("username", "ada"),
        ("password", PASSWORD),
        ("email", "ada@example.org"),
    ]
    .iter()
    .fold(url::form_urlencoded::Serializer::new(String::new()), |mut form, (name, value)| {
        form.append_pair(name, value);
        form
    })
    .finish();
    let post = Request::post("https://accounts.example/register")
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .header(header::COOKIE, cookie)
        .body(Full::from(fields))
        .unwrap();
    assert_eq!(ask(post).await.location(), "/verify");
}

#[tokio::test]
async fn a_renewed_certificate_is_served_without_a_restart_and_a_broken_one_is_not() {
    let files = Files::new();
    let certificate = files.read();
    let site = tls_site(&certificate, |_| {}).await;
    let first = files.trusting(&[]);
    let stop = CancellationToken::new();
    let keeping = tokio::spawn(certificate.keep_fresh_every(Duration::from_millis(50), stop.clone()));

    // A certificate whose key has not come yet, and one that is none.
    let whole = fs::read(files.certificate()).unwrap();
    files.renew();
    let (renewed, key) = (fs::read(files.certificate()).unwrap(), fs::read(files.key()).unwrap());
    fs::write(files.certificate(), &whole).unwrap();
    for broken in [&b"nothing"[..], &renewed[..100], &whole] {
        fs::write(files.certificate(), broken).unwrap();
        sleep(Duration::from_millis(200)).await;
        assert!(connect(site.address, &first).await.is_ok(), "the old one is served on");
    }

    fs::write(files.certificate(), &renewed).unwrap();
    fs::write(files.key(), key).unwrap();
    let second = files.trusting(&[]);
    let renewed = async {
        while connect(site.address, &second).await.is_err() {
            sleep(Duration::from_millis(50)).await;
        }
    };
    timeout(A_WHILE, renewed).await.expect("the new one is served");
    assert!(connect(site.address, &first).await.is_err(), "the old one no more");
    stop.cancel();
    timeout(A_WHILE, keeping).await.expect("it ends").unwrap();
}

#[test]
fn what_is_wrong_with_a_certificate_is_told_with_its_file() {
    let (files, other) = (Files::new(), Files::new());
    let told = |certificate: PathBuf, key: PathBuf| {
        let error = Certificate::read(&certificate, &key).unwrap_err().to_string();
        error
            .replace(&*files.folder.path().to_string_lossy(), "F")
            .replace(&*other.folder.path().to_string_lossy(), "G")
    };
    let nothing = files.folder.path().join("nothing.pem");
    assert_eq!(
        told(nothing.clone(), files.key()),
        "cannot read F/nothing.pem: No such file or directory (os error 2)"
    );
    assert_eq!(told(files.key(), files.key()), "F/privkey.pem has no certificate in PEM form");
    assert_eq!(
        told(files.certificate(), files.certificate()),
        "F/fullchain.pem has no private key in PEM form"
    );
    let mixed = told(files.certificate(), other.key());
    assert!(
        mixed.starts_with("the certificate in F/fullchain.pem and the key in G/privkey.pem cannot be used: "),
        "{mixed}"
    );
}

#[tokio::test]
async fn whoever_does_not_finish_the_handshake_is_not_waited_for() {
    let files = Files::new();
    let site = tls_site(&files.read(), |settings| settings.limits.header_timeout = HALF_A_SECOND).await;
    let mut silent = TcpStream::connect(site.address).await.unwrap();
    timeout(Duration::from_secs(3), read(&mut silent)).await.expect("it is closed");
}

/// An HTTP/2 connection, frame by frame, and what ends when the front ends it.
async fn http2(
    site: &Site,
    files: &Files,
) -> (SendRequest<Bytes>, tokio::task::JoinHandle<Result<(), h2::Error>>) {
    let stream = connect(site.address, &files.trusting(&["h2"])).await.unwrap();
    let (sender, connection) = h2::client::handshake(stream).await.unwrap();
    (sender, tokio::spawn(connection))
}

fn get() -> Request<()> {
    Request::get("https://accounts.example/").body(()).unwrap()
}

#[tokio::test]
async fn an_http2_connection_is_closed_when_it_is_idle_and_at_the_end() {
    let files = Files::new();
    let short = tls_site(&files.read(), |settings| settings.limits.header_timeout = HALF_A_SECOND).await;
    let (sender, ended) = http2(&short, &files).await;
    let mut sender = sender.ready().await.unwrap();
    let (answer, _) = sender.send_request(get(), true).unwrap();
    assert_eq!(answer.await.unwrap().status(), StatusCode::OK);
    timeout(Duration::from_secs(5), ended).await.expect("idle connections are closed").unwrap().unwrap();

    let long = tls_site(&files.read(), |_| {}).await;
    let (sender, ended) = http2(&long, &files).await;
    let _kept = sender.ready().await.unwrap();
    long.cancel.cancel();
    timeout(Duration::from_secs(5), ended).await.expect("at the end, too").unwrap().unwrap();
    timeout(Duration::from_secs(5), long.ended).await.expect("it ends").unwrap();
}

#[tokio::test]
async fn an_http2_peer_that_takes_back_all_it_asks_is_shown_out() {
    let files = Files::new();
    let site = tls_site(&files.read(), |_| {}).await;
    let mut stream = connect(site.address, &files.trusting(&["h2"])).await.unwrap();
    let frame = |kind: u8, flags: u8, id: u32, payload: &[u8]| {
        let length = u32::try_from(payload.len()).unwrap().to_be_bytes();
        [&length[1..], &[kind, flags], &id.to_be_bytes(), payload].concat()
    };
    // GET https://a/, by the static table of RFC 7541 (appendix A).
    let head = [0x82, 0x84, 0x87, 0x01, 1, b'a'];
    let cancel = 8_u32.to_be_bytes();
    let mut flood = [b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".as_slice(), &frame(4, 0, 0, &[])].concat();
    for id in (1..20_000).step_by(2) {
        flood.extend([frame(1, 5, id, &head), frame(3, 0, id, &cancel)].concat());
    }
    // It may be closed before everything is sent.
    let _ = stream.write_all(&flood).await;
    let mut answer = Vec::new();
    let _ = timeout(A_WHILE, stream.read_to_end(&mut answer)).await.expect("it is closed");
    let goodbye = frames(&answer).into_iter().find(|(kind, _)| *kind == 7).expect("it says goodbye").1;
    assert_eq!(goodbye[4..8], 11_u32.to_be_bytes(), "ENHANCE_YOUR_CALM (RFC 9113 §7)");
    let mut browser = site.browser().by(Way::Tls(files.trusting(&[])));
    assert_eq!(browser.get("/").await.status, StatusCode::OK, "others are served");
}

/// Kinds and payloads (RFC 9113 §4.1).
fn frames(mut bytes: &[u8]) -> Vec<(u8, &[u8])> {
    let mut found = Vec::new();
    while let Some((head, rest)) = bytes.split_at_checked(9) {
        let length = u32::from_be_bytes([0, head[0], head[1], head[2]]);
        let Some((payload, rest)) = rest.split_at_checked(usize::try_from(length).unwrap()) else { break };
        found.push((head[3], payload));
        bytes = rest;
    }
    found
}

#[tokio::test]
async fn an_http2_head_is_bounded() {
    let files = Files::new();
    let site = tls_site(&files.read(), |_| {}).await;
    let (sender, _) = http2(&site, &files).await;
    let mut sender = sender.ready().await.unwrap();
    let mut request = get();
    for n in 0..40 {
        let name = header::HeaderName::try_from(format!("x-{n}")).unwrap();
        request.headers_mut().insert(name, "a".repeat(1000).parse().unwrap());
    }
    let (answer, _) = sender.send_request(request, true).unwrap();
    let status = answer.await.map(|answer| answer.status());
    assert!(matches!(status, Ok(StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE) | Err(_)), "{status:?}");
}

#[tokio::test]
async fn an_http2_answer_that_is_not_taken_holds_nobody_up() {
    let files = Files::new();
    let site = tls_site(&files.read(), |settings| settings.limits.shutdown_deadline = HALF_A_SECOND).await;
    let stream = connect(site.address, &files.trusting(&["h2"])).await.unwrap();
    let (sender, connection) =
        h2::client::Builder::new().initial_window_size(0).handshake::<_, Bytes>(stream).await.unwrap();
    let ended = tokio::spawn(connection);
    let mut sender = sender.ready().await.unwrap();
    let (answer, _) = sender.send_request(get(), true).unwrap();
    let _untaken: RecvStream = answer.await.unwrap().into_body();
    site.cancel.cancel();
    timeout(Duration::from_secs(5), site.ended).await.expect("the front ends").unwrap();
    ended.abort();
}

#[tokio::test]
async fn a_proxy_on_a_unix_socket_is_believed_about_its_clients() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("http.sock");
    let limits = LimitSettings { registrations_per_hour: 1, ..Plan::default().limits };
    let nowhere = "127.0.0.1:1".parse().unwrap();
    let listener = Listener::unix(&path).unwrap();
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o660);
    let site = Site::listening(Plan { limits, ..Plan::default() }, vec![listener], nowhere, |_| {});
    let through = |claimed: &str| site.browser().with("x-forwarded-for", claimed).by(Way::Unix(path.clone()));
    assert_eq!(register(through("192.0.2.1"), "first").await, StatusCode::SEE_OTHER);
    assert_eq!(register(through("198.51.100.2"), "second").await, StatusCode::SEE_OTHER);
    let again = register(through("203.0.113.77, 192.0.2.1"), "third").await;
    assert_eq!(again, StatusCode::TOO_MANY_REQUESTS);

    site.cancel.cancel();
    timeout(A_WHILE, site.ended).await.expect("it ends").unwrap();
    assert!(!path.exists(), "the file goes with the listener");
}

#[tokio::test]
async fn the_file_of_a_unix_socket_is_taken_over_from_the_dead_and_from_nobody_else() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("http.sock");
    let living = UnixListener::bind(&path).unwrap();
    let error = Listener::unix(&path).unwrap_err();
    assert_eq!(error.to_string(), "somebody listens there");
    // Whoever is killed leaves the file.
    drop(living);
    assert!(path.exists());
    drop(Listener::unix(&path).expect("the dead are replaced"));

    fs::write(&path, "a letter").unwrap();
    let error = Listener::unix(&path).unwrap_err();
    assert_eq!(error.kind(), std::io::ErrorKind::AddrInUse);
    assert_eq!(fs::read_to_string(&path).unwrap(), "a letter", "what is no socket is left alone");
}

#[tokio::test]
async fn plain_http_on_the_listener_for_tls_is_closed() {
    let files = Files::new();
    let site = tls_site(&files.read(), |_| {}).await;
    let mut stream = TcpStream::connect(site.address).await.unwrap();
    stream.write_all(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n").await.unwrap();
    let mut bytes = Vec::new();
    timeout(A_WHILE, stream.read_to_end(&mut bytes)).await.unwrap().ok();
    assert!(!bytes.starts_with(b"HTTP"), "{bytes:?}");
}

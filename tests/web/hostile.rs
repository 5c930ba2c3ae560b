//! What no browser sends: each gets the answer that says why, and the front serves on.

use std::{net::SocketAddr, time::Duration};

use hyper::StatusCode;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};

use crate::{
    browser::{Browser, Site},
    support::broker::{PASSWORD, domain},
};

const FORM: &str = "application/x-www-form-urlencoded";

/// Stands for a connection that is closed without an answer.
pub const CLOSED: u16 = 0;

/// Sends bytes and reads until the end; the status, and everything.
pub async fn raw(address: SocketAddr, bytes: &[u8]) -> (u16, String) {
    let mut stream = TcpStream::connect(address).await.unwrap();
    // The front may answer and close before it has read everything.
    let _ = stream.write_all(bytes).await;
    let answer = read(&mut stream).await;
    let status = answer.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or(CLOSED);
    (status, answer)
}

/// Reads until the end, or until the connection breaks.
pub async fn read(stream: &mut TcpStream) -> String {
    let mut answer = Vec::new();
    let _ =
        timeout(Duration::from_secs(15), stream.read_to_end(&mut answer)).await.expect("the front closes");
    String::from_utf8_lossy(&answer).into_owned()
}

async fn post(browser: &Browser, address: SocketAddr, content_type: &str, body: &[u8]) -> u16 {
    let session = &browser.cookies["ostiary-session"];
    let head = format!(
        "POST /register HTTP/1.1\r\nHost: x\r\nConnection: close\r\nCookie: ostiary-session={session}\r\n\
         Content-Type: {content_type}\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    raw(address, &[head.as_bytes(), body].concat()).await.0
}

#[tokio::test]
async fn bodies_that_are_no_form_get_the_page_that_says_why() {
    let site = Site::new().await;
    let mut browser = site.browser();
    let token = browser.get("/register").await.hidden_field("csrf");
    let with = |rest: &str| format!("csrf={token}&{rest}").into_bytes();
    let good = format!("username=ada&password={}&email=ada%40example.org", PASSWORD.replace(' ', "+"));

    let many = "&x=1".repeat(40);
    let wide = format!("username={}&password=x", "a".repeat(15_000));
    let cases: Vec<(&str, &str, Vec<u8>, u16)> = vec![
        ("no content type", "", with(&good), 415),
        ("JSON", "application/json", br#"{"username":"ada"}"#.to_vec(), 415),
        ("multipart", "multipart/form-data; boundary=x", with(&good), 415),
        ("plain text", "text/plain", with(&good), 415),
        ("nothing", FORM, Vec::new(), 403),
        ("half an escape", FORM, with("username=%4"), 400),
        ("no escape", FORM, with("username=%zz"), 400),
        ("no UTF-8", FORM, with("username=%ff%fe"), 400),
        ("raw bytes", FORM, [with("username=").as_slice(), &[0xff, 0xc0]].concat(), 400),
        ("an overlong slash", FORM, with("username=%c0%af"), 400),
        ("half a surrogate", FORM, with("username=%ed%a0%80"), 400),
        ("too many fields", FORM, with(&format!("{good}{many}")), 400),
        ("the token twice", FORM, with(&format!("csrf={token}&{good}")), 400),
        ("the domain twice", FORM, with(&format!("domain=a&domain=b&{good}")), 400),
        ("a field twice", FORM, with(&format!("{good}&username=eve")), 422),
        ("a name of 15 kB", FORM, with(&wide), 422),
        ("a name with NUL", FORM, with("username=ad%00a&password=correct+horse&email=a%40b.example"), 422),
        (
            "an address with line breaks",
            FORM,
            with("username=ada&password=correct+horse&email=a%40b.example%0d%0aBcc%3ac%40d.example"),
            422,
        ),
        ("markup", FORM, with("username=%3Cscript%3E&password=correct+horse&email=a%40b.example"), 422),
        ("fields in brackets", FORM, with("username[]=ada&password[x]=correct+horse"), 422),
        ("too large", FORM, with(&"x".repeat(16 * 1024)), 413),
        ("much too large", FORM, vec![b'x'; 300_000], 413),
    ];
    for (what, content_type, body, status) in cases {
        assert_eq!(post(&browser, site.address, content_type, &body).await, status, "{what}");
    }
    assert!(!site.house.broker.account_exists(&domain(), "ada").await.unwrap());
    let upper = "Application/X-WWW-Form-Urlencoded ; charset=UTF-8";
    assert_eq!(post(&browser, site.address, upper, &with(&good)).await, 303, "the one good form");
}

#[tokio::test]
async fn a_chunked_body_is_bounded_too() {
    let site = Site::new().await;
    let chunk = format!("1000\r\n{}\r\n", "x".repeat(0x1000));
    let request = format!(
        "POST /register HTTP/1.1\r\nHost: x\r\nContent-Type: {FORM}\r\nTransfer-Encoding: chunked\r\n\r\n{}0\r\n\r\n",
        chunk.repeat(8)
    );
    assert_eq!(raw(site.address, request.as_bytes()).await.0, 413);
}

#[tokio::test]
async fn heads_that_are_no_http_are_refused() {
    let site = Site::new().await;
    let end = "\r\nHost: x\r\nConnection: close\r\n\r\n";
    let long = format!("GET /{} HTTP/1.1{end}", "a".repeat(20_000));
    let big = format!("GET / HTTP/1.1\r\nX: {}{end}", "a".repeat(20_000));
    let many = format!("GET / HTTP/1.1{}{end}", "\r\nX: 1".repeat(100));
    let cases: [(&str, &str, &[u16]); 10] = [
        ("nonsense", "hello\r\n\r\n", &[400]),
        ("TLS", "\u{16}\u{3}\u{1}\u{2}\u{0}\u{1}\r\n\r\n", &[400]),
        ("HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", &[CLOSED]),
        ("a long path", &long, &[414, 431]),
        ("a big header", &big, &[431]),
        ("many headers", &many, &[431]),
        (
            "two lengths",
            "POST /verify HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nxx",
            &[400],
        ),
        ("a length that is none", "POST /verify HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n", &[400]),
        (
            "another host's path",
            "GET http://evil.example/ HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
            &[200],
        ),
        ("a climbing path", "GET /../../etc/passwd HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", &[404]),
    ];
    for (what, request, expected) in cases {
        let (status, answer) = raw(site.address, request.as_bytes()).await;
        assert!(expected.contains(&status), "{what}: {answer}");
        assert!(!answer.contains("evil"), "{what}");
    }
    assert_eq!(site.browser().get("/").await.status, StatusCode::OK);
}

#[tokio::test]
async fn methods_and_paths_that_are_not_ours_get_pages_of_their_own() {
    let site = Site::new().await;
    let mut browser = site.browser();
    let cases = [
        ("GET", "/nowhere", 404),
        ("GET", "/style.css", 404),
        ("GET", "/register/", 404),
        ("GET", "/%00", 404),
        ("GET", "/%ff", 404),
        ("GET", "/register?lang=%ff", 200),
        ("GET", "/verify?token=%ff", 400),
        ("GET", "/verify?token=a&token=b", 400),
        ("GET", "/verify/resend", 405),
        ("PUT", "/register", 405),
        ("DELETE", "/", 405),
        ("OPTIONS", "/verify", 405),
        ("BREW", "/", 405),
    ];
    for (method, path, status) in cases {
        let answer = browser.send(method, path, None).await;
        assert_eq!(answer.status.as_u16(), status, "{method} {path}");
        answer.assert_shows("<h1>");
        if status == 405 {
            assert!(!answer.header("allow").is_empty(), "{method} {path}");
        }
    }
}

#[tokio::test]
async fn head_answers_like_get_without_the_page() {
    let site = Site::new().await;
    let mut browser = site.browser();
    for path in ["/", "/register", "/verify", "/nowhere"] {
        let whole = browser.get(path).await;
        let head = browser.send("HEAD", path, None).await;
        assert_eq!((head.status, head.body.as_str()), (whole.status, ""), "{path}");
        assert_eq!(head.header("content-type"), whole.header("content-type"), "{path}");
    }
}

#[tokio::test]
async fn odd_cookies_and_languages_are_let_be() {
    let site = Site::new().await;
    for (name, value) in [
        ("cookie", "ostiary-session"),
        ("cookie", "=;;;= ; ostiary-session=\"<script>\"; ostiary-language=%ff"),
        ("cookie", "ostiary-session=../../../../../../../; ostiary-account=!!!"),
        ("accept-language", ";;q=,*;q=9,,,de;q=x"),
        ("accept-language", "*"),
        ("x-forwarded-for", "unknown, , ,:::"),
    ] {
        let answer = site.browser().with(name, value).get("/register").await;
        assert_eq!(answer.status, StatusCode::OK, "{name}: {value}");
        assert!(!answer.body.contains("<script>"));
    }
}

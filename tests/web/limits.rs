//! What the front bears: slow and silent peers, too many of them, and its own end.

use std::time::{Duration, Instant};

use hyper::StatusCode;
use ostiary::{accounts::KeyOwner, http::HttpSettings};
use secrecy::ExposeSecret;
use serde_json::json;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::{sleep, timeout},
};

use crate::{
    browser::{Browser, Site},
    hostile::{CLOSED, raw, read},
    support::broker::{PASSWORD, Plan, domain, operator},
};

const GET: &[u8] = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n";
const HALF_A_SECOND: Duration = Duration::from_millis(500);

async fn site(change: impl FnOnce(&mut HttpSettings)) -> Site {
    Site::planned(Plan::default(), change).await
}

/// How long until the front closes the connection.
async fn closed_after(stream: &mut TcpStream) -> Duration {
    #[expect(clippy::disallowed_methods, reason = "what is measured is the front's own time")]
    let begin = Instant::now();
    read(stream).await;
    begin.elapsed()
}

#[tokio::test]
async fn a_peer_that_sends_nothing_or_half_a_head_is_closed_at_the_limit() {
    let site = site(|settings| settings.limits.header_timeout = HALF_A_SECOND).await;
    for begun in [&b""[..], b"GET / HT", b"GET / HTTP/1.1\r\nHost: x\r\nX: "] {
        let mut stream = TcpStream::connect(site.address).await.unwrap();
        stream.write_all(begun).await.unwrap();
        let after = closed_after(&mut stream).await;
        assert!((400..3000).contains(&after.as_millis()), "{begun:?}: {after:?}");
    }
}

#[tokio::test]
async fn a_head_that_drips_is_closed_at_the_limit() {
    let site = site(|settings| settings.limits.header_timeout = HALF_A_SECOND).await;
    let (mut reading, mut writing) = TcpStream::connect(site.address).await.unwrap().into_split();
    let drip = tokio::spawn(async move {
        for byte in b"GET / HTTP/1.1\r\nX: ".iter().chain(std::iter::repeat(&b'a')) {
            if writing.write_all(&[*byte]).await.is_err() {
                return;
            }
            sleep(Duration::from_millis(50)).await;
        }
    });
    let mut answer = Vec::new();
    let closed = timeout(Duration::from_secs(5), reading.read_to_end(&mut answer)).await;
    drip.abort();
    assert!(closed.is_ok(), "still open");
}

#[tokio::test]
async fn an_idle_connection_is_closed_after_its_answer() {
    let site = site(|settings| settings.limits.header_timeout = HALF_A_SECOND).await;
    let mut stream = TcpStream::connect(site.address).await.unwrap();
    stream.write_all(GET).await.unwrap();
    let after = closed_after(&mut stream).await;
    assert!((400..3000).contains(&after.as_millis()), "{after:?}");
}

#[tokio::test]
async fn a_body_that_does_not_come_is_not_waited_for() {
    let site = site(|settings| settings.limits.body_timeout = HALF_A_SECOND).await;
    let head = "POST /verify HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\n\
                Content-Length: 100\r\n\r\ncsrf=";
    let (status, answer) = raw(site.address, head.as_bytes()).await;
    assert_eq!(status, 408, "{answer}");
}

#[tokio::test]
async fn one_client_has_so_many_connections_and_no_more() {
    let site = site(|settings| settings.limits.connections_per_client = 2).await;
    let mut held = Vec::new();
    for _ in 0..2 {
        let mut stream = TcpStream::connect(site.address).await.unwrap();
        stream.write_all(GET).await.unwrap();
        assert!(stream.read(&mut [0; 64]).await.unwrap() > 0);
        held.push(stream);
    }
    let (status, answer) = raw(site.address, GET).await;
    assert_eq!((status, answer.as_str()), (CLOSED, ""), "the third is closed without an answer");

    drop(held.pop());
    for _ in 0..100 {
        sleep(Duration::from_millis(20)).await;
        if raw(site.address, b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").await.0 == 200 {
            return;
        }
    }
    panic!("the place that became free was not given to the next");
}

#[tokio::test]
async fn connections_beyond_the_limit_wait_until_one_ends() {
    let site = site(|settings| settings.limits.connections = 1).await;
    let mut first = TcpStream::connect(site.address).await.unwrap();
    first.write_all(GET).await.unwrap();
    assert!(first.read(&mut [0; 64]).await.unwrap() > 0);

    let mut second = TcpStream::connect(site.address).await.unwrap();
    second.write_all(GET).await.unwrap();
    let early = timeout(HALF_A_SECOND, second.read(&mut [0; 64])).await;
    assert!(early.is_err(), "answered beyond the limit");
    drop(first);
    let read = timeout(Duration::from_secs(5), second.read(&mut [0; 64])).await.unwrap();
    assert!(read.unwrap() > 0);
}

#[tokio::test]
async fn a_connection_ends_after_its_lifetime_even_if_it_is_busy() {
    let site = site(|settings| settings.limits.connection_lifetime = HALF_A_SECOND).await;
    let mut stream = TcpStream::connect(site.address).await.unwrap();
    for _ in 0..100 {
        let gone = stream.write_all(GET).await.is_err()
            || !matches!(stream.read(&mut [0; 16_384]).await, Ok(read) if read > 0);
        if gone {
            return;
        }
        sleep(Duration::from_millis(50)).await;
    }
    panic!("still served after 5 seconds");
}

#[tokio::test]
async fn at_the_end_a_request_under_way_is_answered_and_idle_connections_close() {
    let site = site(|_| {}).await;
    let mut browser = site.browser();
    let token = browser.get("/register").await.hidden_field("csrf");
    let body =
        format!("csrf={token}&username=ada&password={}&email=a%40b.example", PASSWORD.replace(' ', "+"));
    let head = format!(
        "POST /register HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\n\
         Cookie: ostiary-session={}\r\nContent-Length: {}\r\n\r\n",
        browser.cookies["ostiary-session"],
        body.len()
    );
    let mut idle = TcpStream::connect(site.address).await.unwrap();
    idle.write_all(GET).await.unwrap();
    assert!(idle.read(&mut [0; 16_384]).await.unwrap() > 0);
    let mut busy = TcpStream::connect(site.address).await.unwrap();
    busy.write_all(head.as_bytes()).await.unwrap();
    busy.write_all(&body.as_bytes()[..10]).await.unwrap();
    sleep(Duration::from_millis(200)).await;

    site.cancel.cancel();
    timeout(Duration::from_secs(2), read(&mut idle)).await.expect("idle connections close at once");
    assert!(!site.ended.is_finished(), "a request is under way");
    busy.write_all(&body.as_bytes()[10..]).await.unwrap();
    let answer = read(&mut busy).await;
    assert!(answer.starts_with("HTTP/1.1 303"), "{answer}");
    assert!(site.house.broker.account_exists(&domain(), "ada").await.unwrap());
    timeout(Duration::from_secs(2), site.ended).await.expect("it ends").unwrap();
    assert!(TcpStream::connect(site.address).await.is_err(), "nobody listens any more");
}

#[tokio::test]
async fn the_end_does_not_wait_longer_than_its_deadline() {
    let site = site(|settings| settings.limits.shutdown_deadline = HALF_A_SECOND).await;
    let mut stuck = TcpStream::connect(site.address).await.unwrap();
    let head = b"POST /verify HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\n\
                 Content-Length: 100\r\n\r\n";
    stuck.write_all(head).await.unwrap();
    sleep(Duration::from_millis(200)).await;
    site.cancel.cancel();
    timeout(Duration::from_secs(3), site.ended).await.expect("it ends").unwrap();
}

#[tokio::test]
async fn what_takes_too_long_is_told_in_the_form_of_whoever_asked() {
    let mut plan = Plan::default();
    plan.hashing.memory_kib = 64 * 1024;
    plan.hashing.passes = 10;
    let site =
        Site::planned(plan, |settings| settings.limits.request_timeout = Duration::from_millis(50)).await;
    let owner = KeyOwner::parse("Acme Leeds").unwrap();
    let (branch, secrets) = site.house.broker.create_branch(&operator(), &domain(), owner).await.unwrap();
    let json = |browser: Browser| browser.with("content-type", "application/json");
    let login = json!({ "userName": "alice", "password": PASSWORD, "seconds": 60 }).to_string();
    let answer = json(site.browser()).send("POST", "/Agent/Account/Login", Some(login)).await;
    assert_eq!((answer.status, answer.header("retry-after")), (StatusCode::SERVICE_UNAVAILABLE, "5"));
    assert_eq!(answer.header("content-type"), "text/plain; charset=utf-8");
    assert_eq!(answer.header("access-control-allow-origin"), "*");

    let person = json!({
        "adminActivationToken": secrets.activation_token.expose_secret(), "branchId": branch.id, "branchSecret": secrets.secret.expose_secret(),
        "title": "Ms", "firstName": "Ada", "lastName": "Byron", "jobTitle": "Analyst", "email": "ada@mail.example",
        "userName": "ada", "password": PASSWORD, "confirmPassword": PASSWORD,
    });
    let path = "/v2/Account/RegisterAndActivate";
    let answer = json(site.browser()).send("POST", path, Some(person.to_string())).await;
    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE, "{}", answer.body);
    assert!(answer.body.starts_with("{\"Message\":"), "{}", answer.body);

    let mut browser = site.browser();
    let page = browser.get("/signin").await;
    assert_eq!(page.status, StatusCode::OK, "what is there at once is no trouble");
    let answer = browser.submit(&page, &[("username", "alice"), ("password", PASSWORD)]).await;
    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
    answer.assert_shows("<!DOCTYPE html>");
}

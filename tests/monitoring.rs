//! The listener for whoever watches the service, and the manual of what is counted.
#![expect(clippy::unwrap_used, reason = "a test ends at what it does not expect")]

mod support;

use std::{collections::BTreeSet, fs, net::SocketAddr, time::Duration};

use http_body_util::{BodyExt, Empty};
use hyper::{Request, StatusCode, body::Bytes, header};
use hyper_util::rt::TokioIo;
use ostiary::{
    metrics::{self, Metric},
    monitoring::{self, Watched},
    xmpp::LinkState,
};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::watch,
};
use tokio_util::sync::CancellationToken;

use support::broker::{House, code, wrong_code};

async fn get(address: SocketAddr, path: &str) -> (StatusCode, String) {
    let stream = TcpStream::connect(address).await.unwrap();
    let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.unwrap();
    tokio::spawn(connection);
    let request = Request::get(path).header(header::HOST, "x").body(Empty::<Bytes>::new()).unwrap();
    let (head, body) = sender.send_request(request).await.unwrap().into_parts();
    (head.status, String::from_utf8(body.collect().await.unwrap().to_bytes().to_vec()).unwrap())
}

/// One story, because a process counts once.
#[tokio::test]
async fn what_happens_is_counted_and_whether_the_service_can_work_is_told() {
    let handle = metrics::start().unwrap();
    let house = House::new();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (link, state) = watch::channel(LinkState::Connecting);
    let (cancel, letters_ended) = (CancellationToken::new(), CancellationToken::new());
    let watched = Watched {
        store: house.store.clone(),
        links: vec![("register.chat.example".to_owned(), state)],
        letters_ended: letters_ended.clone(),
        metrics: handle,
    };
    let serving = tokio::spawn(monitoring::serve(vec![listener], watched, cancel.clone()));

    assert_eq!(get(address, "/healthz").await, (StatusCode::OK, "ok\n".to_owned()));
    assert_eq!(
        get(address, "/readyz").await,
        (StatusCode::SERVICE_UNAVAILABLE, "xmpp register.chat.example: connecting\n".to_owned())
    );
    link.send_replace(LinkState::Connected { since: house.now() });
    assert_eq!(get(address, "/readyz").await, (StatusCode::OK, "ready\n".to_owned()));
    letters_ended.cancel();
    let (status, said) = get(address, "/readyz").await;
    assert_eq!((status, said.as_str()), (StatusCode::SERVICE_UNAVAILABLE, "letters: nobody sends them\n"));
    assert_eq!(get(address, "/register").await.0, StatusCode::NOT_FOUND, "nothing else is here");

    house.register("alice", "alice@mail.example").await.unwrap();
    house.register("alice", "bob@mail.example").await.unwrap_err();
    let letter = house.letter().await;
    house.type_code("alice", &wrong_code(&letter)).await.unwrap_err();
    house.type_code("alice", &code(&letter)).await.unwrap();
    house.log_in("alice", "not the password").await.unwrap_err();
    let lines = [
        "ostiary_registrations_total{front=\"web\",outcome=\"pending\"} 1",
        "ostiary_registrations_total{front=\"web\",outcome=\"refused\"} 1",
        "ostiary_verifications_total{outcome=\"refused\"} 1",
        "ostiary_verifications_total{outcome=\"proven\"} 1",
        "ostiary_logins_total{front=\"web\",mechanism=\"password\",outcome=\"refused\"} 1",
        "ostiary_accounts{state=\"active\"} 1",
        "ostiary_hash_seconds_count 2",
        "ostiary_write_queue 0",
        "ostiary_registrations_total{front=\"server\",outcome=\"fault\"} 0",
    ];
    // The hashing threads count after they have answered.
    let missing = |text: &str| lines.into_iter().find(|line| !text.lines().any(|own| own == *line));
    let mut counted = get(address, "/metrics").await;
    for _ in 0..100 {
        if missing(&counted.1).is_none() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
        counted = get(address, "/metrics").await;
    }
    let (status, text) = counted;
    assert_eq!((status, missing(&text)), (StatusCode::OK, None), "{text}");
    assert!(!text.contains("alice"), "nobody is named:\n{text}");
    let known: BTreeSet<&str> = metrics::ALL.iter().map(|metric| metric.name).collect();
    for line in text.lines().filter(|line| line.starts_with("# TYPE ")) {
        let name = line.split(' ').nth(2).unwrap();
        assert!(known.contains(name), "{name} is in no manual");
    }
    cancel.cancel();
    serving.await.unwrap();
}

#[test]
fn the_manual_names_every_metric_and_the_examples_no_other() {
    let row = |Metric { name, kind, labels, about }: &Metric| {
        format!("| `{name}` | {kind} | {labels} | {about} |\n")
    };
    let table: String = metrics::ALL.iter().map(row).collect();
    let head = "# Metrics\n\n";
    let text = fs::read_to_string("docs/metrics.md").unwrap();
    assert!(text.starts_with(head) && text.contains(&table), "docs/metrics.md must hold\n{table}");

    let known: BTreeSet<&str> = metrics::ALL.iter().map(|metric| metric.name).collect();
    for file in ["examples/monitoring/alerts.yml", "examples/monitoring/dashboard.json"] {
        let text = fs::read_to_string(file).unwrap();
        let words = text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
        for word in words.filter(|word| word.starts_with("ostiary_")) {
            let series = ["_bucket", "_sum", "_count"].into_iter().find_map(|end| word.strip_suffix(end));
            let name = series.filter(|_| !known.contains(word)).unwrap_or(word);
            assert!(known.contains(name), "{file}: {word}");
        }
    }
    let dashboard: serde_json::Value =
        serde_json::from_str(&fs::read_to_string("examples/monitoring/dashboard.json").unwrap()).unwrap();
    assert_eq!(dashboard["title"], "Ostiary");
}

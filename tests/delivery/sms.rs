//! Text messages on their way: to gateways as they are documented, configured as an operator configures them, and into a folder.

use std::{
    fs,
    path::Path,
    sync::{Arc, Mutex},
    time::Duration,
};

use axum::{
    Router,
    body::Bytes,
    extract::State,
    http::{HeaderMap, Method, StatusCode, Uri, header},
    response::{IntoResponse, Response},
};
use ostiary::{
    config::{Config, Environment, Secrets, Sms},
    delivery::{GatewaySettings, SmsCourier, SpoolSettings},
};
use serde_json::{Value, json};
use tokio::{
    net::TcpListener,
    time::{sleep, timeout},
};

use crate::outbox::{Outbox, until};

const SECRET: &str = "s3cr&t\"=";
const NUMBER: &str = "+46700000089";
const TEXT: &str =
    "004711 is your code for alice@chat.example. It works for 30 min. Do not give it to anybody.";

/// What came to a gateway.
#[derive(Debug, Clone)]
struct Call {
    method: Method,
    path: String,
    headers: HeaderMap,
    body: String,
}

/// A gateway on this machine.
struct Peer {
    url: String,
    calls: Arc<Mutex<Vec<Call>>>,
    /// What it answers, the last one for ever.
    answers: Arc<Mutex<Vec<(u16, Value)>>>,
}

impl Peer {
    async fn start(answers: &[(u16, Value)]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let (calls, answers) = (Arc::default(), Arc::new(Mutex::new(answers.to_vec())));
        let peer = Self { url, calls, answers };
        let state = (Arc::clone(&peer.calls), Arc::clone(&peer.answers));
        let router = Router::new().fallback(take).with_state(state);
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        peer
    }

    fn calls(&self) -> Vec<Call> {
        self.calls.lock().unwrap().clone()
    }
}

type Shared = (Arc<Mutex<Vec<Call>>>, Arc<Mutex<Vec<(u16, Value)>>>);

async fn take(
    State((calls, answers)): State<Shared>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let body = String::from_utf8(body.to_vec()).unwrap();
    calls.lock().unwrap().push(Call { method, path: uri.to_string(), headers, body });
    let (status, body) = {
        let mut answers = answers.lock().unwrap();
        if answers.len() > 1 { answers.remove(0) } else { answers[0].clone() }
    };
    if status == 0 {
        sleep(Duration::from_secs(30)).await;
    }
    (StatusCode::from_u16(status).unwrap(), [(header::CONTENT_TYPE, "application/json")], body.to_string())
        .into_response()
}

/// The courier of a configuration with these lines under `[sms]`.
fn courier(lines: &str) -> SmsCourier {
    let text = format!(
        "[service]\nbase_url = \"https://accounts.chat.example\"\n[component]\njid = \"register.chat.example\"\n\
         [[domain]]\nname = \"chat.example\"\n[sms]\n{lines}\n"
    );
    let secret = |name: &str| match name {
        "OSTIARY_SMS_SECRET" => Some(SECRET.to_owned()),
        "OSTIARY_COMPONENT_SECRET" => Some("component".to_owned()),
        "OSTIARY_MASTER_KEY" => Some("00".repeat(32)),
        _ => None,
    };
    let environment = Environment { variable: &secret, secrets: Secrets::All };
    let config = Config::parse(Path::new("/etc/ostiary/ostiary.toml"), &text, &environment)
        .unwrap_or_else(|problems| panic!("{problems}"));
    let Sms::Gateway(gateway) = config.sms else { panic!("a gateway") };
    let gateway = *gateway;
    SmsCourier::gateway(GatewaySettings {
        name: gateway.name.to_owned(),
        url: gateway.url,
        method: gateway.method,
        headers: gateway.headers,
        body: gateway.body,
        encoding: gateway.encoding,
        expect: gateway.expect,
        from: gateway.from,
        account: gateway.account,
        secret: gateway.secret,
        timeout: Duration::from_millis(500),
    })
    .unwrap()
}

/// Sends one message to a gateway that takes it; what came there.
async fn sent_once(peer: &Peer, lines: &str) -> Call {
    let outbox = Outbox::new();
    outbox.put_sms("alice", NUMBER).await;
    let running = outbox.work_by_sms(courier(lines));
    outbox.settles_at(0, 0).await;
    running.end().await;
    let calls = peer.calls();
    assert_eq!(calls.len(), 1, "{calls:?}");
    calls[0].clone()
}

fn form(body: &str) -> Vec<(String, String)> {
    url::form_urlencoded::parse(body.as_bytes()).into_owned().collect()
}

fn pairs(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs.iter().map(|&(name, value)| (name.to_owned(), value.to_owned())).collect()
}

#[tokio::test]
async fn twilio_is_called_as_it_documents() {
    let peer = Peer::start(&[(201, json!({ "sid": "SM1", "status": "queued" }))]).await;
    let lines = format!(
        "transport = \"twilio\"\nfrom = \"+15005550006\"\naccount = \"AC1\"\nurl = \"{}/2010-04-01/Accounts/{{account}}/Messages.json\"",
        peer.url
    );
    let call = sent_once(&peer, &lines).await;
    assert_eq!((call.method, call.path.as_str()), (Method::POST, "/2010-04-01/Accounts/AC1/Messages.json"));
    assert_eq!(call.headers["authorization"], "Basic QUMxOnMzY3ImdCI9");
    assert_eq!(call.headers["content-type"], "application/x-www-form-urlencoded");
    assert_eq!(form(&call.body), pairs(&[("To", NUMBER), ("From", "+15005550006"), ("Body", TEXT)]));
}

#[tokio::test]
async fn vonage_is_called_as_it_documents_and_its_status_counts() {
    let busy = json!({ "messages": [{ "status": "1", "error-text": "Throttled for 46700000089" }] });
    let taken = json!({ "message-count": "1", "messages": [{ "status": "0" }] });
    let peer = Peer::start(&[(200, busy), (200, taken)]).await;
    let outbox = Outbox::new();
    outbox.put_sms("alice", NUMBER).await;
    let lines = format!(
        "transport = \"vonage\"\nfrom = \"Chat\"\naccount = \"key\"\nurl = \"{}/sms/json\"",
        peer.url
    );
    let running = outbox.work_by_sms(courier(&lines));
    outbox.settles_at(0, 0).await;
    running.end().await;
    let calls = peer.calls();
    assert_eq!(calls.len(), 2, "what is throttled is tried again");
    let wanted = [
        ("api_key", "key"),
        ("api_secret", SECRET),
        ("to", "46700000089"),
        ("from", "Chat"),
        ("text", TEXT),
        ("type", "unicode"),
    ];
    assert_eq!(form(&calls[1].body), pairs(&wanted));
}

#[tokio::test]
async fn gatewayapi_is_called_as_it_documents() {
    let peer = Peer::start(&[(200, json!({ "ids": [1], "usage": {} }))]).await;
    let lines = format!("transport = \"gatewayapi\"\nfrom = \"Chat\"\nurl = \"{}/rest/mtsms\"", peer.url);
    let call = sent_once(&peer, &lines).await;
    assert_eq!(call.headers["authorization"], format!("Token {SECRET}"));
    assert_eq!(call.headers["content-type"], "application/json");
    let body: Value = serde_json::from_str(&call.body).unwrap();
    let wanted = json!({
        "sender": "Chat", "message": TEXT, "encoding": "UCS2", "recipients": [{ "msisdn": 46_700_000_089_i64 }],
    });
    assert_eq!(body, wanted);
}

#[tokio::test]
async fn any_other_gateway_is_described_in_the_configuration() {
    let peer = Peer::start(&[(202, json!({ "status": "queued" }))]).await;
    let lines = format!(
        "transport = \"http\"\nfrom = \"Chat \\\"& Co\"\nmethod = \"PUT\"\nurl = \"{}/send/{{to}}\"\n\
         headers = [\"Content-Type: application/json\", \"X-Key: {{secret}}\"]\n\
         body = '{{\"s\": \"{{from}}\", \"t\": \"{{text}}\"}}'\nexpect = \"/status=queued\"",
        peer.url
    );
    let call = sent_once(&peer, &lines).await;
    assert_eq!((call.method, call.path.as_str()), (Method::PUT, "/send/%2B46700000089"));
    assert_eq!(call.headers["x-key"], SECRET);
    let body: Value = serde_json::from_str(&call.body).unwrap();
    assert_eq!(body, json!({ "s": "Chat \"& Co", "t": TEXT }));
}

#[tokio::test]
async fn a_gateway_that_fails_is_tried_again_and_one_that_refuses_is_not() {
    let peer = Peer::start(&[
        (0, Value::Null),
        (500, Value::Null),
        (401, Value::Null),
        (429, Value::Null),
        (201, Value::Null),
    ])
    .await;
    let lines = format!("transport = \"twilio\"\nfrom = \"x\"\naccount = \"AC1\"\nurl = \"{}/\"", peer.url);
    let outbox = Outbox::new();
    outbox.put_sms("alice", NUMBER).await;
    let running = outbox.work_by_sms(courier(&lines));
    outbox.settles_at(0, 0).await;
    assert_eq!(peer.calls().len(), 5);

    *peer.answers.lock().unwrap() =
        vec![(400, json!({ "code": 21211, "message": "+46700000089 is not valid" }))];
    outbox.put_sms("bob", NUMBER).await;
    outbox.settles_at(0, 1).await;
    running.end().await;
    assert_eq!(peer.calls().len(), 6, "asked once");
}

#[tokio::test]
async fn a_gateway_in_trouble_holds_no_letter_up() {
    let outbox = Outbox::new();
    outbox.put_sms("alice", NUMBER).await;
    outbox.put("bob", "en").await;
    let folder = tempfile::tempdir().unwrap();
    let mail =
        ostiary::delivery::Courier::spool(SpoolSettings { folder: folder.path().join("mail") }).unwrap();
    let lines = "transport = \"twilio\"\nfrom = \"x\"\naccount = \"AC1\"\nurl = \"http://127.0.0.1:1/\"";
    let (by_sms, by_mail) = (outbox.work_by_sms(courier(lines)), outbox.work(mail));
    outbox.settles_at(1, 0).await;
    let letters = fs::read_dir(folder.path().join("mail")).unwrap().count();
    assert_eq!(letters, 1, "the letter is there, the message waits");
    by_sms.end().await;
    by_mail.end().await;
}

#[tokio::test]
async fn messages_are_put_into_a_folder_for_the_owner_only() {
    use std::os::unix::fs::PermissionsExt as _;

    let folder = tempfile::tempdir().unwrap();
    let spool = folder.path().join("sms");
    let outbox = Outbox::new();
    outbox.put_sms("alice", NUMBER).await;
    let running = outbox.work_by_sms(SmsCourier::spool(SpoolSettings { folder: spool.clone() }).unwrap());
    let files = || fs::read_dir(&spool).map(Iterator::count).unwrap_or_default();
    until("the message is there", async || files() == 1).await;
    timeout(Duration::from_secs(10), running.end()).await.unwrap();
    let file = fs::read_dir(&spool).unwrap().next().unwrap().unwrap().path();
    assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    assert!(file.extension().is_some_and(|extension| extension == "txt"));
    assert_eq!(fs::read_to_string(&file).unwrap(), format!("To: {NUMBER}\n\n{TEXT}\n"));
}

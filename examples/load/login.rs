//! Plays XMPP clients that log in at a real server and bind a resource, each time on a connection of its own.

use std::{
    cell::{Cell, RefCell},
    collections::HashMap,
    net::SocketAddr,
    rc::Rc,
    time::Duration,
};

use base64::{Engine, engine::general_purpose::STANDARD};
use clap::{Args, ValueEnum};
use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    task::LocalSet,
    time::{Instant, timeout},
};

use super::measure::{Answers, Usage, Watched, parse_watched};

/// How long one answer may take.
const ANSWER: Duration = Duration::from_secs(60);
/// The password that `load server` registers with.
const PASSWORD: &str = "correct horse battery";

#[derive(Debug, Args)]
pub struct Arguments {
    /// The server's port for clients.
    #[arg(long)]
    server: SocketAddr,
    /// The domain.
    #[arg(long)]
    domain: String,
    /// How they prove the password.
    #[arg(long)]
    mechanism: Mechanism,
    /// What the names begin with; `load server` has made the accounts.
    #[arg(long, default_value = "c")]
    prefix: String,
    /// How many accounts there are.
    #[arg(long)]
    accounts: u64,
    /// Clients at the same time.
    #[arg(long, default_value_t = 16)]
    clients: usize,
    /// How long, in seconds; without it every account logs in once, all at the same moment.
    #[arg(long)]
    seconds: Option<f64>,
    /// Processes to watch, as NAME=PID.
    #[arg(long, value_parser = parse_watched)]
    watch: Vec<Watched>,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Mechanism {
    Plain,
    ScramSha256,
}

/// What all clients have in common.
struct Shared {
    server: SocketAddr,
    domain: String,
    prefix: String,
    mechanism: Mechanism,
    next: Cell<u64>,
    /// Salted passwords, so that the clients' own derivations are not what is measured.
    salted: RefCell<HashMap<String, [u8; 32]>>,
    answers: RefCell<Answers>,
}

pub async fn run(arguments: &Arguments) {
    let shared = Rc::new(Shared {
        server: arguments.server,
        domain: arguments.domain.clone(),
        prefix: arguments.prefix.clone(),
        mechanism: arguments.mechanism,
        next: Cell::new(0),
        salted: RefCell::default(),
        answers: RefCell::default(),
    });
    if matches!(arguments.mechanism, Mechanism::ScramSha256) {
        for number in 0..arguments.accounts {
            let outcome = shared.log_in(number).await;
            assert_eq!(outcome, "result", "{}{number:x} logs in", arguments.prefix);
        }
    }
    let usage = Usage::since_now(&arguments.watch);
    let begun = Instant::now();
    let end = arguments.seconds.map(|seconds| begun + Duration::from_secs_f64(seconds));
    let clients = if end.is_some() { arguments.clients as u64 } else { arguments.accounts };
    let tasks = LocalSet::new();
    let clients: Vec<_> = (0..clients)
        .map(|_| {
            let (shared, accounts) = (Rc::clone(&shared), arguments.accounts);
            tasks.spawn_local(async move {
                loop {
                    let number = shared.next.replace(shared.next.get() + 1);
                    let due = Instant::now();
                    let outcome = shared.log_in(number % accounts).await;
                    if end.is_none_or(|end| Instant::now() < end) {
                        shared.answers.borrow_mut().note(outcome, due.elapsed());
                    }
                    if end.is_none_or(|end| Instant::now() >= end) {
                        return;
                    }
                }
            })
        })
        .collect();
    tasks
        .run_until(async {
            for client in clients {
                client.await.unwrap();
            }
        })
        .await;
    let took = begun.elapsed().as_secs_f64();
    let line = serde_json::json!({
        "phase": "login",
        "usage": usage.to_json(took),
        "seconds": took,
        "load": { "login": shared.answers.borrow().to_json(arguments.seconds.unwrap_or(took)) },
    });
    println!("{line}");
}

impl Shared {
    /// The outcome of one login: `result`, or what the server said.
    async fn log_in(&self, number: u64) -> &'static str {
        let name = format!("{}{number:x}", self.prefix);
        let mut stream = Stream::open(self.server).await;
        stream.begin(&self.domain).await;
        let succeeded = match self.mechanism {
            Mechanism::Plain => {
                let response = STANDARD.encode(format!("\0{name}\0{PASSWORD}"));
                stream.auth("PLAIN", &response).await;
                stream.succeeded().await
            }
            Mechanism::ScramSha256 => self.scram(&mut stream, &name).await,
        };
        if !succeeded {
            return "refused";
        }
        stream.begin(&self.domain).await;
        stream.write("<iq type='set' id='b'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></iq>").await;
        stream.read_until(&["</iq>"]).await;
        "result"
    }

    /// RFC 5802 §3, as the client.
    async fn scram(&self, stream: &mut Stream, name: &str) -> bool {
        let bare = format!("n={name},r=client{name}");
        stream.auth("SCRAM-SHA-256", &STANDARD.encode(format!("n,,{bare}"))).await;
        let text = stream.read_until(&["</challenge>", "</failure>"]).await;
        let Some((head, _)) = text.split_once("</challenge>") else { return false };
        let challenge = head.rsplit_once('>').unwrap().1;
        let first = String::from_utf8(STANDARD.decode(challenge).unwrap()).unwrap();
        let part = |letter: &str| first.split(',').find_map(|part| part.strip_prefix(letter)).unwrap();
        let (nonce, salt, iterations) = (part("r="), part("s="), part("i=").parse().unwrap());
        let salted = *self.salted.borrow_mut().entry(format!("{salt} {iterations}")).or_insert_with(|| {
            let mut salted = [0; 32];
            let salt = STANDARD.decode(salt).unwrap();
            pbkdf2::pbkdf2_hmac::<Sha256>(PASSWORD.as_bytes(), &salt, iterations, &mut salted);
            salted
        });
        let last = format!("c=biws,r={nonce}");
        let client_key = mac(&salted, b"Client Key");
        let stored = Sha256::digest(&client_key);
        let signature = mac(&stored, format!("{bare},{first},{last}").as_bytes());
        let proof: Vec<u8> = client_key.iter().zip(&signature).map(|(a, b)| a ^ b).collect();
        let response = STANDARD.encode(format!("{last},p={}", STANDARD.encode(proof)));
        let response = format!("<response xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>{response}</response>");
        stream.write(&response).await;
        stream.succeeded().await
    }
}

fn mac(key: &[u8], text: &[u8]) -> Vec<u8> {
    <Hmac<Sha256> as KeyInit>::new_from_slice(key)
        .unwrap()
        .chain_update(text)
        .finalize()
        .into_bytes()
        .to_vec()
}

struct Stream(TcpStream);

impl Stream {
    async fn open(server: SocketAddr) -> Self {
        let stream = TcpStream::connect(server).await.unwrap();
        stream.set_nodelay(true).unwrap();
        Self(stream)
    }

    async fn begin(&mut self, domain: &str) {
        let header = format!(
            "<?xml version='1.0'?><stream:stream xmlns='jabber:client' \
             xmlns:stream='http://etherx.jabber.org/streams' to='{domain}' version='1.0'>"
        );
        self.write(&header).await;
        self.read_until(&["</stream:features>"]).await;
    }

    async fn auth(&mut self, mechanism: &str, response: &str) {
        let auth = format!(
            "<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='{mechanism}'>{response}</auth>"
        );
        self.write(&auth).await;
    }

    async fn succeeded(&mut self) -> bool {
        self.read_until(&["<success", "</failure>"]).await.contains("<success")
    }

    async fn write(&mut self, text: &str) {
        self.0.write_all(text.as_bytes()).await.unwrap();
    }

    /// What came, up to where one of these texts stands. A server says nothing unasked, so nothing of what follows is lost.
    async fn read_until(&mut self, texts: &[&str]) -> String {
        let mut seen = Vec::new();
        loop {
            let mut buffer = [0; 4096];
            let read = timeout(ANSWER, self.0.read(&mut buffer)).await.expect("an answer in time").unwrap();
            assert!(read > 0, "the server closed the stream: {}", String::from_utf8_lossy(&seen));
            seen.extend_from_slice(&buffer[..read]);
            let text = String::from_utf8_lossy(&seen);
            if texts.iter().any(|wanted| text.contains(wanted)) && text.ends_with('>') {
                return text.into_owned();
            }
        }
    }
}

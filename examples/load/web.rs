//! Plays programs and browsers at the web front: pages, registrations through the interfaces for programs, and connections that do nothing.

use std::{
    cell::{Cell, RefCell},
    net::SocketAddr,
    rc::Rc,
    time::Duration,
};

use clap::{Args, ValueEnum};
use ostiary::accounts::{ApiSecret, Nonce, SignedCreation};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    task::LocalSet,
    time::{Instant, sleep, sleep_until, timeout},
};

use super::measure::{Answers, Usage, Watched, parse_watched};

/// How long one answer may take.
const ANSWER: Duration = Duration::from_secs(30);
const PASSWORD: &str = "correct horse battery";

#[derive(Debug, Args)]
pub struct Arguments {
    /// Where the front listens, in plain HTTP.
    #[arg(long)]
    server: SocketAddr,
    /// What is asked for.
    #[arg(long)]
    what: What,
    /// Connections at the same time, which are kept.
    #[arg(long, default_value_t = 16)]
    connections: usize,
    /// Requests a second over all connections; as many as go where not said.
    #[arg(long)]
    per_second: Option<f64>,
    /// What the names begin with, to tell runs apart.
    #[arg(long, default_value = "w")]
    prefix: String,
    /// The API key and its secret, or the number of the branch, its secret and its activation token.
    #[arg(long, num_args = 1..)]
    credentials: Vec<String>,
    /// Connections that do nothing after one page, held until the end.
    #[arg(long, default_value_t = 0)]
    idle: usize,
    /// Connections that send one byte a second of a head that never ends.
    #[arg(long, default_value_t = 0)]
    slow: usize,
    /// How long, in seconds.
    #[arg(long, default_value_t = 10.0)]
    seconds: f64,
    /// How long before it is measured, in seconds.
    #[arg(long, default_value_t = 0.0)]
    settle: f64,
    /// Processes to watch, as NAME=PID.
    #[arg(long, value_parser = parse_watched)]
    watch: Vec<Watched>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum What {
    /// The registration page.
    Page,
    /// Accounts by `POST /Agent/Account/Create`.
    Agent,
    /// Accounts by `POST /v2/Account/RegisterAndActivate`.
    Branch,
}

struct Shared {
    arguments: Arguments,
    begin: Instant,
    end: Instant,
    next: Cell<u64>,
    answers: RefCell<Answers>,
    /// How many connections are held, and how often one had to be made anew.
    held: Cell<usize>,
    lost: Cell<u64>,
}

pub async fn run(arguments: Arguments) {
    let begin = Instant::now() + Duration::from_secs_f64(arguments.settle);
    let end = begin + Duration::from_secs_f64(arguments.seconds);
    let shared = Rc::new(Shared {
        begin,
        end,
        next: Cell::new(0),
        answers: RefCell::default(),
        held: Cell::new(0),
        lost: Cell::new(0),
        arguments,
    });
    let tasks = LocalSet::new();
    for number in 0..shared.arguments.idle + shared.arguments.slow {
        let (shared, is_slow) = (Rc::clone(&shared), number >= shared.arguments.idle);
        tasks.spawn_local(async move { hold(&shared, is_slow).await });
    }
    let asking: Vec<_> = (0..shared.arguments.connections)
        .map(|_| {
            let shared = Rc::clone(&shared);
            tasks.spawn_local(async move { ask(&shared).await })
        })
        .collect();
    let usage = tasks
        .run_until(async {
            sleep_until(shared.begin).await;
            let usage = Usage::since_now(&shared.arguments.watch);
            for each in asking {
                each.await.unwrap();
            }
            usage
        })
        .await;
    let line = serde_json::json!({
        "phase": format!("web {:?}", shared.arguments.what),
        "usage": usage.to_json(shared.begin.elapsed().as_secs_f64()),
        "held": shared.held.get(),
        "lost": shared.lost.get(),
        "load": { "request": shared.answers.borrow().to_json(shared.arguments.seconds) },
    });
    println!("{line}");
}

/// One connection after the other, each for as long as the front bears it.
async fn hold(shared: &Shared, is_slow: bool) {
    loop {
        if let Ok(mut stream) = TcpStream::connect(shared.arguments.server).await {
            shared.held.set(shared.held.get() + 1);
            let _ = if is_slow { drip(&mut stream).await } else { idle(&mut stream).await };
            shared.held.set(shared.held.get() - 1);
            shared.lost.set(shared.lost.get() + 1);
        }
        sleep(Duration::from_millis(50)).await;
    }
}

async fn idle(stream: &mut TcpStream) -> std::io::Result<()> {
    stream.write_all(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n").await?;
    let mut buffer = [0; 4096];
    while stream.read(&mut buffer).await? > 0 {}
    Ok(())
}

async fn drip(stream: &mut TcpStream) -> std::io::Result<()> {
    stream.write_all(b"GET / HTTP/1.1\r\nX: ").await?;
    let mut buffer = [0; 64];
    loop {
        stream.write_all(b"a").await?;
        if let Ok(read) = timeout(Duration::from_secs(1), stream.read(&mut buffer)).await
            && read? == 0
        {
            return Ok(());
        }
    }
}

async fn ask(shared: &Shared) {
    let mut connection = None;
    while Instant::now() < shared.end {
        let number = shared.next.replace(shared.next.get() + 1);
        let due = match shared.arguments.per_second {
            #[expect(clippy::cast_precision_loss, reason = "far below 2^52")]
            Some(rate) => shared.begin + Duration::from_secs_f64(number as f64 / rate),
            None => Instant::now(),
        };
        if shared.arguments.per_second.is_some() {
            sleep_until(due).await;
        }
        let request = request(&shared.arguments, number);
        let answered = match connection.take() {
            Some(open) => exchange(open, &request).await,
            None => None,
        };
        // The front ends connections now and then; the request is sent again on a fresh one.
        let answered = match answered {
            Some(answered) => answered,
            None => {
                exchange(Connection::open(shared.arguments.server).await, &request).await.expect("an answer")
            }
        };
        let (open, status) = answered;
        connection = Some(open);
        if due >= shared.begin && Instant::now() < shared.end {
            let outcome = if status == 200 { "result".to_owned() } else { status.to_string() };
            shared.answers.borrow_mut().note(&outcome, due.elapsed());
        }
    }
}

struct Connection {
    stream: TcpStream,
    buffer: Vec<u8>,
}

impl Connection {
    async fn open(server: SocketAddr) -> Self {
        let stream = TcpStream::connect(server).await.unwrap();
        stream.set_nodelay(true).unwrap();
        Self { stream, buffer: Vec::with_capacity(32 * 1024) }
    }

    /// Reads one answer; its status.
    async fn read(&mut self) -> Option<u16> {
        self.buffer.clear();
        let head = loop {
            if let Some(end) = self.buffer.windows(4).position(|window| window == b"\r\n\r\n") {
                break end + 4;
            }
            self.more().await?;
        };
        let text = String::from_utf8_lossy(&self.buffer[..head]).to_lowercase();
        let length = text.split("content-length: ").nth(1)?.split("\r\n").next()?.parse::<usize>().ok()?;
        while self.buffer.len() < head + length {
            self.more().await?;
        }
        text.split(' ').nth(1)?.parse().ok()
    }

    async fn more(&mut self) -> Option<()> {
        let read = timeout(ANSWER, self.stream.read_buf(&mut self.buffer)).await.expect("an answer in time");
        read.ok().filter(|read| *read > 0).map(|_| ())
    }
}

async fn exchange(mut connection: Connection, request: &str) -> Option<(Connection, u16)> {
    connection.stream.write_all(request.as_bytes()).await.ok()?;
    let status = connection.read().await?;
    Some((connection, status))
}

fn request(arguments: &Arguments, number: u64) -> String {
    let host = arguments.server;
    let name = format!("{}{number:x}", arguments.prefix);
    let post = |path: &str, body: &serde_json::Value| {
        let body = body.to_string();
        let length = body.len();
        format!(
            "POST {path} HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\r\n{body}"
        )
    };
    match (arguments.what, arguments.credentials.as_slice()) {
        (What::Page, _) => format!("GET /register HTTP/1.1\r\nHost: {host}\r\n\r\n"),
        (What::Agent, [key, secret]) => {
            let email = format!("{name}@mail.example");
            let nonce = Nonce::parse(&format!("{name:0>40}")).unwrap();
            let signed = SignedCreation {
                username: &name,
                email: &email,
                phone: None,
                password: PASSWORD,
                key,
                nonce: &nonce,
            };
            let signature = signed.sign(&ApiSecret::from_text(secret.clone()), &host.to_string());
            post(
                "/Agent/Account/Create",
                &serde_json::json!({
                    "userName": name, "eMail": email, "password": PASSWORD, "apiKey": key, "nonce": nonce.as_str(),
                    "signature": signature, "seconds": 3600,
                }),
            )
        }
        (What::Branch, [id, secret, token]) => post(
            "/v2/Account/RegisterAndActivate",
            &serde_json::json!({
                "AdminActivationToken": token, "BranchId": id, "BranchSecret": secret, "Title": "Ms",
                "FirstName": "Ada", "LastName": "Byron", "JobTitle": "Analyst", "Email": format!("{name}@mail.example"),
                "UserName": name, "Password": PASSWORD, "ConfirmPassword": PASSWORD,
            }),
        ),
        _ => panic!("--credentials KEY SECRET, or BRANCH SECRET TOKEN"),
    }
}

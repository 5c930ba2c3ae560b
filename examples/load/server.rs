//! Plays XMPP clients that register at a real server, over streams that are not logged in.

use std::{
    cell::{Cell, RefCell},
    net::SocketAddr,
    rc::Rc,
    time::Duration,
};

use clap::Args;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    task::LocalSet,
    time::{Instant, timeout},
};

use super::{
    measure::{Answers, Usage, Watched, outcome, parse_watched},
    wire::Stanzas,
};

/// How long one answer may take.
const ANSWER: Duration = Duration::from_secs(30);

#[derive(Debug, Args)]
pub struct Arguments {
    /// The server's port for clients.
    #[arg(long)]
    server: SocketAddr,
    /// The domain.
    #[arg(long)]
    domain: String,
    /// Clients at the same time.
    #[arg(long, default_value_t = 32)]
    clients: usize,
    /// A new connection for each registration, as people's clients do.
    #[arg(long)]
    reconnect: bool,
    /// Leave the e-mail address out.
    #[arg(long)]
    no_email: bool,
    /// What the names begin with, to tell runs apart.
    #[arg(long, default_value = "c")]
    prefix: String,
    /// Registrations at most.
    #[arg(long, default_value_t = u64::MAX)]
    most: u64,
    /// How long, in seconds.
    #[arg(long, default_value_t = 10.0)]
    seconds: f64,
    /// Processes to watch, as NAME=PID.
    #[arg(long, value_parser = parse_watched)]
    watch: Vec<Watched>,
}

struct Shared {
    end: Instant,
    most: u64,
    next: Cell<u64>,
    answers: RefCell<Answers>,
}

pub async fn run(arguments: &Arguments) {
    let usage = Usage::since_now(&arguments.watch);
    let begun = Instant::now();
    let end = begun + Duration::from_secs_f64(arguments.seconds);
    let shared =
        Rc::new(Shared { end, most: arguments.most, next: Cell::new(0), answers: RefCell::default() });
    let tasks = LocalSet::new();
    let clients: Vec<_> = (0..arguments.clients)
        .map(|_| {
            let (server, domain) = (arguments.server, arguments.domain.clone());
            let (prefix, no_email, reconnect) =
                (arguments.prefix.clone(), arguments.no_email, arguments.reconnect);
            let shared = Rc::clone(&shared);
            tasks.spawn_local(async move {
                let mut client = None;
                while Instant::now() < shared.end && shared.next.get() < shared.most {
                    let number = shared.next.replace(shared.next.get() + 1);
                    let due = Instant::now();
                    let mut open = match client.take() {
                        Some(open) => open,
                        None => Client::connect(server, &domain).await,
                    };
                    let name = format!("{prefix}{number:x}");
                    let said = open.register(&name, no_email).await;
                    if Instant::now() < shared.end {
                        shared.answers.borrow_mut().note(&said, due.elapsed());
                    }
                    if !reconnect {
                        client = Some(open);
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
    let line = serde_json::json!({
        "phase": "server",
        "usage": usage.to_json(begun.elapsed().as_secs_f64()),
        "load": { "register": shared.answers.borrow().to_json(arguments.seconds) },
    });
    println!("{line}");
}

struct Client {
    stream: TcpStream,
    incoming: Stanzas,
}

impl Client {
    async fn connect(server: SocketAddr, domain: &str) -> Self {
        let stream = TcpStream::connect(server).await.unwrap();
        stream.set_nodelay(true).unwrap();
        let mut client = Self { stream, incoming: Stanzas::default() };
        let header = format!(
            "<?xml version='1.0'?><stream:stream xmlns='jabber:client' \
             xmlns:stream='http://etherx.jabber.org/streams' to='{domain}' version='1.0'>"
        );
        client.stream.write_all(header.as_bytes()).await.unwrap();
        while !client.incoming.skip_past("</stream:features>") {
            client.read().await;
        }
        client
    }

    /// The outcome of one registration.
    async fn register(&mut self, name: &str, no_email: bool) -> String {
        let email = if no_email { String::new() } else { format!("<email>{name}@mail.example</email>") };
        let stanza = format!(
            "<iq type='set' id='{name}'><query xmlns='jabber:iq:register'><username>{name}</username>\
             <password>correct horse battery</password>{email}</query></iq>"
        );
        self.stream.write_all(stanza.as_bytes()).await.unwrap();
        loop {
            if let Some(answer) = self.incoming.next() {
                assert_eq!(answer.id, name, "answers come in order: {}", answer.text);
                return outcome(answer.kind, answer.text).to_owned();
            }
            self.read().await;
        }
    }

    async fn read(&mut self) {
        let mut buffer = [0; 8192];
        let read = timeout(ANSWER, self.stream.read(&mut buffer)).await.expect("an answer in time").unwrap();
        assert!(read > 0, "the server closed the stream");
        self.incoming.push(&buffer[..read]);
    }
}

//! Plays the XMPP server: one stream to the broker's component, requests in both ways of counting load.
//!
//! A phase is `WHAT:SECONDS[:key=value...]`:
//!
//! - `register` new accounts, each from another stranger at the component's own address;
//! - `credentials` SCRAM keys of accounts that earlier phases have made; `authenticate` their PLAIN passwords;
//! - `ping`, `form` (a blank registration form), `none` (only what `beside` asks for).
//!
//! Keys: `outstanding` requests that wait for answers at any time (closed loop, the default, 64), or `rate` requests a second
//! whatever the answers do (open loop); `beside`, a rate of other stanzas (ping, disco, form and credentials in turn) whose times are
//! told apart.

use std::{collections::HashMap, net::SocketAddr, time::Duration};

use clap::Args;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    time::{Instant, sleep_until, timeout},
};

use super::{
    measure::{Answers, Usage, Watched, outcome, parse_watched},
    wire::Stanzas,
};

/// How long a phase waits for the last answers.
const LAST_ANSWERS: Duration = Duration::from_secs(20);
/// How long the broker may take to connect.
const CONNECT: Duration = Duration::from_secs(60);

#[derive(Debug, Args)]
pub struct Arguments {
    /// Where to wait for the component.
    #[arg(long)]
    listen: SocketAddr,
    /// The component's address.
    #[arg(long)]
    component: String,
    /// The served domain.
    #[arg(long)]
    domain: String,
    /// Leave the e-mail address out of registrations.
    #[arg(long)]
    no_email: bool,
    /// Processes to watch, as NAME=PID.
    #[arg(long, value_parser = parse_watched)]
    watch: Vec<Watched>,
    /// What to do, one after the other: WHAT:SECONDS[:key=value...].
    #[arg(required = true, value_parser = parse_phase)]
    phases: Vec<Phase>,
}

#[derive(Debug, Clone)]
struct Phase {
    title: String,
    what: What,
    limit: Duration,
    outstanding: usize,
    rate: Option<f64>,
    beside: Option<f64>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum What {
    None,
    Register,
    Credentials,
    Authenticate,
    Ping,
    Disco,
    Form,
}

/// What is asked for beside the load.
const BESIDE: [What; 4] = [What::Ping, What::Disco, What::Form, What::Credentials];

impl What {
    const ALL: [Self; 7] = [
        Self::None,
        Self::Register,
        Self::Credentials,
        Self::Authenticate,
        Self::Ping,
        Self::Disco,
        Self::Form,
    ];

    const fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Register => "register",
            Self::Credentials => "credentials",
            Self::Authenticate => "authenticate",
            Self::Ping => "ping",
            Self::Disco => "disco",
            Self::Form => "form",
        }
    }
}

fn parse_phase(text: &str) -> Result<Phase, String> {
    let mut parts = text.split(':');
    let name = parts.next().unwrap_or_default();
    let what = What::ALL.into_iter().find(|what| what.name() == name).ok_or("unknown phase")?;
    let number = |text: &str| text.parse::<f64>().map_err(|error| error.to_string());
    let limit = Duration::from_secs_f64(number(parts.next().ok_or("WHAT:SECONDS")?)?);
    let mut phase = Phase { title: text.to_owned(), what, limit, outstanding: 64, rate: None, beside: None };
    for part in parts {
        match part.split_once('=').ok_or("key=value")? {
            ("outstanding", value) => phase.outstanding = value.parse().map_err(|_| "a number")?,
            ("rate", value) => phase.rate = Some(number(value)?),
            ("beside", value) => phase.beside = Some(number(value)?),
            _ => return Err(format!("unknown key in {part}")),
        }
    }
    Ok(phase)
}

pub async fn run(arguments: &Arguments) {
    let listener = TcpListener::bind(arguments.listen).await.expect("the address is free");
    let (stream, _) = timeout(CONNECT, listener.accept()).await.expect("the broker connects").unwrap();
    stream.set_nodelay(true).unwrap();
    let mut driver = Driver::shake_hands(stream, arguments).await;
    for phase in &arguments.phases {
        driver.run(phase, arguments).await;
    }
}

struct Driver<'a> {
    stream: TcpStream,
    incoming: Stanzas,
    outgoing: Vec<u8>,
    arguments: &'a Arguments,
    waiting: HashMap<u64, (What, Instant, bool)>,
    next_id: u64,
    registered: u64,
    answers: HashMap<(What, bool), Answers>,
}

impl<'a> Driver<'a> {
    /// The server's side of XEP-0114 §3; the secret is not looked at.
    async fn shake_hands(mut stream: TcpStream, arguments: &'a Arguments) -> Self {
        let mut incoming = Stanzas::default();
        let header = format!(
            "<?xml version='1.0'?><stream:stream xmlns='jabber:component:accept' \
             xmlns:stream='http://etherx.jabber.org/streams' from='{}' id='load'>",
            arguments.component
        );
        for (sees, says) in [("<stream:stream", header.as_str()), ("</handshake>", "<handshake/>")] {
            while !incoming.skip_past(sees) {
                let mut buffer = [0; 4096];
                let read = stream.read(&mut buffer).await.unwrap();
                assert!(read > 0, "the broker closed the stream");
                incoming.push(&buffer[..read]);
            }
            stream.write_all(says.as_bytes()).await.unwrap();
        }
        Self {
            stream,
            incoming,
            outgoing: Vec::new(),
            arguments,
            waiting: HashMap::new(),
            next_id: 0,
            registered: 0,
            answers: HashMap::new(),
        }
    }

    async fn run(&mut self, phase: &Phase, arguments: &Arguments) {
        self.answers.clear();
        let usage = Usage::since_now(&arguments.watch);
        let begun = Instant::now();
        let end = begun + phase.limit;
        let mut next_of_rate = phase.rate.map(|_| begun);
        let mut next_beside = phase.beside.map(|_| begun);
        if phase.rate.is_none() && phase.what != What::None {
            (0..phase.outstanding).for_each(|_| self.ask(phase.what, begun, false));
        }
        let mut besides = BESIDE.into_iter().cycle();
        while Instant::now() < end {
            let now = Instant::now();
            // Times count from when a request was due, so that a broker that falls behind cannot hide it.
            while let (Some(due), Some(rate)) = (next_of_rate.filter(|due| *due <= now), phase.rate) {
                self.ask(phase.what, due, false);
                next_of_rate = Some(due + Duration::from_secs_f64(1.0 / rate));
            }
            while let (Some(due), Some(rate)) = (next_beside.filter(|due| *due <= now), phase.beside) {
                self.ask(besides.next().unwrap(), due, true);
                next_beside = Some(due + Duration::from_secs_f64(1.0 / rate));
            }
            let wake = next_of_rate.into_iter().chain(next_beside).fold(end, Instant::min);
            self.exchange(wake, phase.rate.is_none().then_some(phase.what)).await;
        }
        let seconds = begun.elapsed().as_secs_f64();
        let mut line = serde_json::json!({ "phase": phase.title, "usage": usage.to_json(seconds) });
        for ((what, beside), answers) in &self.answers {
            let place = if *beside { "beside" } else { "load" };
            line[place][what.name()] = answers.to_json(seconds);
        }
        println!("{line}");
        let last = Instant::now() + LAST_ANSWERS;
        while !self.waiting.is_empty() {
            assert!(Instant::now() < last, "{} requests were never answered", self.waiting.len());
            self.exchange(last, None).await;
        }
    }

    /// Writes what is to be written, and takes what has come until `wake`. Each answer to the load brings the next request `again`.
    async fn exchange(&mut self, wake: Instant, again: Option<What>) {
        self.stream.write_all(&self.outgoing).await.unwrap();
        self.outgoing.clear();
        let mut buffer = vec![0; 64 * 1024];
        tokio::select! {
            read = self.stream.read(&mut buffer) => {
                let read = read.unwrap();
                assert!(read > 0, "the broker closed the stream");
                self.incoming.push(&buffer[..read]);
            }
            () = sleep_until(wake) => return,
        }
        let now = Instant::now();
        let mut answered = 0;
        while let Some(stanza) = self.incoming.next() {
            if stanza.kind == "get" || stanza.kind == "set" {
                // A ping, or a notice: done as told.
                let (id, from, to) = (stanza.id, stanza.from, stanza.to);
                let answer = format!("<iq type='result' id='{id}' from='{to}' to='{from}'/>");
                self.outgoing.extend_from_slice(answer.as_bytes());
                continue;
            }
            let Some((what, due, beside)) = stanza.id.parse().ok().and_then(|id| self.waiting.remove(&id))
            else {
                panic!("an answer that nobody waits for: {}", stanza.text)
            };
            let outcome = outcome(stanza.kind, stanza.text);
            self.answers.entry((what, beside)).or_default().note(outcome, now - due);
            if !beside {
                answered += 1;
            }
        }
        if let Some(what) = again.filter(|what| *what != What::None) {
            (0..answered).for_each(|_| self.ask(what, now, false));
        }
    }

    fn ask(&mut self, what: What, due: Instant, beside: bool) {
        let id = self.next_id;
        self.next_id += 1;
        self.waiting.insert(id, (what, due, beside));
        let (component, domain) = (&self.arguments.component, &self.arguments.domain);
        // Somebody in no order, among those who are there.
        let somebody = id.wrapping_mul(0x9e37_79b9_7f4a_7c15) % self.registered.max(1);
        let stanza = match what {
            What::None => return,
            What::Register => {
                let number = self.registered;
                self.registered += 1;
                let email = if self.arguments.no_email {
                    String::new()
                } else {
                    format!("<email>{}@mail.example</email>", name(number))
                };
                format!(
                    "<iq type='set' id='{id}' from='u{number}@far.example/load' to='{component}'>\
                     <query xmlns='jabber:iq:register'><username>{}</username>\
                     <password>correct horse battery</password>{email}</query></iq>",
                    name(number)
                )
            }
            What::Credentials => format!(
                "<iq type='get' id='{id}' from='{domain}' to='{component}'>\
                 <credentials xmlns='urn:ostiary:link:1' user='{}'/></iq>",
                name(somebody)
            ),
            What::Authenticate => format!(
                "<iq type='set' id='{id}' from='{domain}' to='{component}'>\
                 <authenticate xmlns='urn:ostiary:link:1' user='{}'>\
                 <password>correct horse battery</password></authenticate></iq>",
                name(somebody)
            ),
            What::Ping => asked(id, component, "<ping xmlns='urn:xmpp:ping'/>"),
            What::Disco => asked(id, component, "<query xmlns='http://jabber.org/protocol/disco#info'/>"),
            What::Form => asked(id, component, "<query xmlns='jabber:iq:register'/>"),
        };
        self.outgoing.extend_from_slice(stanza.as_bytes());
    }
}

fn asked(id: u64, component: &str, payload: &str) -> String {
    format!("<iq type='get' id='{id}' from='asker{id}@far.example/load' to='{component}'>{payload}</iq>")
}

/// Names in no order, as people choose them.
fn name(number: u64) -> String {
    format!("u{:016x}", number.wrapping_mul(0x9e37_79b9_7f4a_7c15))
}

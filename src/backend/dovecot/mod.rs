//! The Dovecot authentication protocol, version 1.1, as a client of it sees a server (Dovecot's developer manual, "Authentication
//! Protocol"): lines of parts between tabs. PLAIN, and both SCRAM mechanisms, for Prosody's `mod_auth_dovecot` and others.
//!
//! [`converse`] reads lines; `line` says what they are; `exchange` has what happens between a client and us until it is proven who that is.

mod exchange;
mod line;

use std::{collections::VecDeque, fmt::Write as _, time::Duration};

use base64::{Engine, engine::general_purpose::STANDARD};
use tokio::{
    io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, BufStream},
    time,
};
use tokio_util::sync::CancellationToken;
use zeroize::Zeroizing;

use self::{
    exchange::{Exchange, Step},
    line::{Given, Line},
};
use super::{Backend, Protocol};
use crate::{
    accounts::{Mechanism, Refusal, Username},
    metrics, random,
};

/// Most bytes of a line, as Dovecot has it.
const MOST: u64 = 8192;
/// How long a client may take for its first two lines, for the rest of a line that has begun, and for taking an answer.
const LINE_TIME: Duration = Duration::from_secs(10);
/// Exchanges that may wait for their client on one connection. Prosody does not tell when a client has gone, so the oldest make room.
const MOST_OPEN: usize = 1024;
/// The major version of the protocol.
const VERSION: &str = "1";

/// Exchanges that wait for their client, the oldest first.
type Open = VecDeque<(u32, Exchange)>;

/// Answers until the server closes its connection or says what cannot be understood.
pub async fn converse<S: AsyncRead + AsyncWrite + Unpin>(
    backend: &Backend,
    stream: S,
    cancel: &CancellationToken,
) {
    let mut stream = BufStream::new(stream);
    if !write(&mut stream, &greeting(backend)).await || !shake_hands(&mut stream).await {
        return;
    }
    let mut open = Open::new();
    loop {
        // Between two lines there may be hours.
        match cancel.run_until_cancelled(stream.fill_buf()).await {
            Some(Ok(begun)) if !begun.is_empty() => {}
            _ => return,
        }
        let Some(line) = read_line(&mut stream).await else { return };
        let reply = match Line::parse(&line) {
            Some(Line::Auth { id, mechanism, given }) => {
                open.retain(|(other, _)| *other != id);
                begin(backend, &mut open, id, mechanism, given).await
            }
            Some(Line::Cont { id, given }) => match take(&mut open, id) {
                Some(exchange) => go_on(backend, &mut open, id, exchange, given).await,
                None => fail(id, &[]),
            },
            Some(Line::Cancel { id }) => {
                open.retain(|(other, _)| *other != id);
                continue;
            }
            Some(Line::Other) => continue,
            None => {
                tracing::warn!(
                    "what came in the Dovecot authentication protocol cannot be understood; closed"
                );
                return;
            }
        };
        if !write(&mut stream, &reply).await {
            return;
        }
    }
}

/// Who we are and what we can do; sent before anything is heard.
fn greeting(backend: &Backend) -> String {
    let mut greeting = format!("VERSION\t{VERSION}\t1\nMECH\tPLAIN\tplaintext\n");
    if backend.scram {
        for mechanism in Mechanism::ALL {
            let _ = writeln!(greeting, "MECH\t{}\tmutual-auth", mechanism.as_str());
        }
    }
    // Numbers of this process and connection, and a name of it; they serve requests that are made on another connection, and we have none.
    let cookie: String = random::bytes::<16>(&*backend.random).map(|byte| format!("{byte:02x}")).concat();
    let number = u32::from_be_bytes(random::bytes(&*backend.random)) >> 1;
    let process = std::process::id();
    let _ = writeln!(greeting, "SPID\t{process}\nCUID\t{number}\nCOOKIE\t{cookie}\nDONE");
    greeting
}

/// Hears the version and the process of the other end.
async fn shake_hands(stream: &mut BufStream<impl AsyncRead + AsyncWrite + Unpin>) -> bool {
    let hello = async {
        let version = read_line(stream).await?;
        let mut version = version.split(|&byte| byte == b'\t');
        if version.next() != Some(b"VERSION") || version.next() != Some(VERSION.as_bytes()) {
            tracing::warn!(
                "somebody spoke another version of the Dovecot authentication protocol than 1; closed"
            );
            return None;
        }
        read_line(stream).await.filter(|line| line.starts_with(b"CPID\t"))
    };
    time::timeout(LINE_TIME, hello).await.ok().flatten().is_some()
}

async fn begin(backend: &Backend, open: &mut Open, id: u32, mechanism: &str, given: Given) -> String {
    let Some(exchange) = Exchange::of(mechanism, backend.scram) else {
        return fail(id, &[]);
    };
    match given {
        Given::Nothing => keep(open, id, exchange, ""),
        given => go_on(backend, open, id, exchange, given).await,
    }
}

async fn go_on(backend: &Backend, open: &mut Open, id: u32, exchange: Exchange, given: Given) -> String {
    let heard = match given {
        Given::Nothing => Zeroizing::default(),
        Given::Bytes(heard) => heard,
        Given::Nonsense => return fail(id, &[]),
    };
    let step = exchange.step(backend, &heard).await;
    if let Some(outcome) = step.outcome() {
        metrics::backend(Protocol::Dovecot.as_str(), outcome);
    }
    match step {
        Step::Ask(exchange, challenge) => keep(open, id, exchange, &challenge),
        Step::Yes { user, last } => {
            let last = last.map_or_else(String::new, |last| format!("\tresp={}", STANDARD.encode(last)));
            format!("OK\t{id}\tuser={user}{last}\n")
        }
        Step::No { user, refusal } => refuse(backend, id, user, &refusal),
        Step::Later => fail(
            id,
            &[
                "temp",
                &format!(
                    "reason={}",
                    one_line(&backend.words(&Refusal::Busy { retry_after: Duration::from_secs(5) }))
                ),
            ],
        ),
    }
}

fn keep(open: &mut Open, id: u32, exchange: Exchange, challenge: &str) -> String {
    if open.len() == MOST_OPEN {
        open.pop_front();
    }
    open.push_back((id, exchange));
    format!("CONT\t{id}\t{}\n", STANDARD.encode(challenge))
}

fn take(open: &mut Open, id: u32) -> Option<Exchange> {
    let at = open.iter().position(|(other, _)| *other == id)?;
    open.remove(at).map(|(_, exchange)| exchange)
}

/// Says no, and why where somebody has proven the account or only the hour is wrong.
fn refuse(backend: &Backend, id: u32, user: Option<Username>, refusal: &Refusal) -> String {
    let user = user.map(|user| format!("user={user}"));
    let reason = || format!("reason={}", one_line(&backend.words(refusal)));
    let parts: Vec<String> = match refusal {
        Refusal::AccountPending | Refusal::AccountSuspended { .. } | Refusal::AccountLeaving { .. } => {
            user.into_iter().chain(["user_disabled".to_owned(), reason()]).collect()
        }
        Refusal::TooMany { .. } => user.into_iter().chain(["temp".to_owned(), reason()]).collect(),
        _ => user.into_iter().collect(),
    };
    fail(id, &parts.iter().map(String::as_str).collect::<Vec<_>>())
}

fn fail(id: u32, parts: &[&str]) -> String {
    parts.iter().fold(format!("FAIL\t{id}"), |line, part| line + "\t" + part) + "\n"
}

/// Nothing in a text may end a part or a line.
fn one_line(text: &str) -> String {
    text.replace(char::is_control, " ")
}

/// A line without its end; `None` where it is too long, too slow or cut short.
async fn read_line(
    stream: &mut BufStream<impl AsyncRead + AsyncWrite + Unpin>,
) -> Option<Zeroizing<Vec<u8>>> {
    // Never moved by growing: what is left behind would not be wiped.
    let mut line = Zeroizing::new(Vec::with_capacity(usize::try_from(MOST).ok()?));
    let read = time::timeout(LINE_TIME, stream.take(MOST).read_until(b'\n', &mut line)).await;
    matches!(read, Ok(Ok(_))).then_some(())?;
    (line.pop()? == b'\n').then_some(line)
}

async fn write(stream: &mut BufStream<impl AsyncRead + AsyncWrite + Unpin>, text: &str) -> bool {
    let written = async {
        stream.write_all(text.as_bytes()).await?;
        stream.flush().await
    };
    matches!(time::timeout(LINE_TIME, written).await, Ok(Ok(())))
}

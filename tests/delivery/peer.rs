//! A mail server that behaves as badly as it is told to.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
    time::Duration,
};

use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    net::{TcpListener, TcpStream, tcp::OwnedWriteHalf},
    task::JoinSet,
    time::sleep,
};

/// How the server behaves, from the next command on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mood {
    /// Takes every letter.
    Kind,
    /// Answers 451 to the first attempts for each recipient.
    Greylist(u32),
    /// Answers 550 to recipients that begin with this text, and repeats the address.
    Refuse(&'static str),
    /// Answers 550 to every sender.
    RefuseSender,
    /// Greets with 421.
    Busy,
    /// Accepts connections and says nothing.
    Mute,
    /// Greets and then says nothing.
    MuteAfterGreeting,
    /// Takes the content and never says whether it was taken.
    MuteAfterContent,
    /// Refuses the recipient, but only after this many milliseconds.
    SlowRefusal(u64),
    /// Closes the connection in the middle of the content.
    DropInContent,
    /// Closes the connection at recipients that begin with this text.
    DropOn(&'static str),
    /// Takes the letter, and says so only after this many milliseconds.
    TakeSlowly(u64),
    /// Speaks another protocol.
    Nonsense,
    /// Greets with a line that never ends.
    EndlessLine,
    /// Takes one letter for each connection, and closes it without a word.
    OneEach,
}

/// A letter that arrived.
#[derive(Debug, Clone)]
pub struct Arrived {
    pub from: String,
    pub to: String,
    pub content: String,
}

#[derive(Debug)]
struct State {
    mood: Mood,
    arrived: Vec<Arrived>,
    attempts: HashMap<String, u32>,
    connections: usize,
    open: usize,
    most_open: usize,
}

/// The running server; ends when dropped.
#[derive(Debug)]
pub struct Peer {
    pub port: u16,
    state: Arc<Mutex<State>>,
    task: tokio::task::JoinHandle<()>,
}

impl Peer {
    pub async fn start(mood: Mood) -> Self {
        Self::start_on(0, mood).await
    }

    /// Listens on `port` (0: any).
    pub async fn start_on(port: u16, mood: Mood) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", port)).await.expect("a free port");
        let port = listener.local_addr().expect("an address").port();
        let state = State {
            mood,
            arrived: Vec::new(),
            attempts: HashMap::new(),
            connections: 0,
            open: 0,
            most_open: 0,
        };
        let state = Arc::new(Mutex::new(state));
        let shared = Arc::clone(&state);
        let task = tokio::spawn(async move {
            let mut clients = JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                let shared = Arc::clone(&shared);
                clients.spawn(async move {
                    change(&shared, |state| {
                        state.connections += 1;
                        state.open += 1;
                        state.most_open = state.most_open.max(state.open);
                    });
                    // Clients that leave early are none of the server's trouble.
                    let _ = converse(stream, &shared).await;
                    change(&shared, |state| state.open -= 1);
                });
            }
        });
        Self { port, state, task }
    }

    pub fn become_(&self, mood: Mood) {
        change(&self.state, |state| state.mood = mood);
    }

    pub fn arrived(&self) -> Vec<Arrived> {
        change(&self.state, |state| state.arrived.clone())
    }

    pub fn connections(&self) -> usize {
        change(&self.state, |state| state.connections)
    }

    pub fn most_open(&self) -> usize {
        change(&self.state, |state| state.most_open)
    }

    /// Attempts for a recipient.
    pub fn attempts(&self, to: &str) -> u32 {
        change(&self.state, |state| state.attempts.get(to).copied().unwrap_or(0))
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        self.task.abort();
    }
}

fn change<T>(state: &Mutex<State>, what: impl FnOnce(&mut State) -> T) -> T {
    what(&mut state.lock().expect("no test panics while it holds the state"))
}

async fn converse(stream: TcpStream, state: &Mutex<State>) -> std::io::Result<()> {
    let (reader, mut writer) = stream.into_split();
    let mut lines = BufReader::new(reader).lines();
    let mood = || change(state, |state| state.mood);
    match mood() {
        Mood::Mute => return silence().await,
        Mood::Busy => return say(&mut writer, "421 too many connections").await,
        Mood::Nonsense => return say(&mut writer, "HTTP/1.1 400 Bad Request\r\n\r\n<html>\u{0}").await,
        Mood::EndlessLine => loop {
            writer.write_all(&[b'2'; 4096]).await?;
        },
        _ => say(&mut writer, "220 peer.test ESMTP").await?,
    }
    let (mut from, mut to) = (String::new(), String::new());
    while let Some(line) = lines.next_line().await? {
        let verb: String = line.chars().take(4).collect::<String>().to_ascii_uppercase();
        match (verb.as_str(), mood()) {
            (_, Mood::MuteAfterGreeting) => return silence().await,
            ("EHLO" | "HELO", _) => say(&mut writer, "250-peer.test\r\n250 8BITMIME").await?,
            ("MAIL", Mood::RefuseSender) => say(&mut writer, "550 5.7.1 sender rejected").await?,
            ("MAIL", _) => {
                from = address(&line);
                say(&mut writer, "250 sender ok").await?;
            }
            ("RCPT", mood) => {
                to = address(&line);
                let attempt = change(state, |state| {
                    let count = state.attempts.entry(to.clone()).or_default();
                    *count += 1;
                    *count
                });
                match mood {
                    Mood::Greylist(times) if attempt <= times => {
                        say(&mut writer, "451 4.7.1 greylisted, try again later").await?;
                    }
                    Mood::Refuse(start) if to.starts_with(start) => {
                        say(&mut writer, &format!("550 5.1.1 <{to}>: user unknown")).await?;
                    }
                    Mood::DropOn(start) if to.starts_with(start) => return Ok(()),
                    Mood::SlowRefusal(pause) => {
                        sleep(Duration::from_millis(pause)).await;
                        say(&mut writer, "550 5.1.1 user unknown").await?;
                    }
                    _ => say(&mut writer, "250 recipient ok").await?,
                }
            }
            ("DATA", mood) => {
                say(&mut writer, "354 go on").await?;
                let mut content = String::new();
                while let Some(line) = lines.next_line().await? {
                    if mood == Mood::DropInContent {
                        return Ok(());
                    }
                    if line == "." {
                        break;
                    }
                    content.push_str(line.strip_prefix('.').unwrap_or(&line));
                    content.push('\n');
                }
                if mood == Mood::MuteAfterContent {
                    return silence().await;
                }
                let letter = Arrived { from: from.clone(), to: to.clone(), content };
                change(state, |state| state.arrived.push(letter));
                if let Mood::TakeSlowly(pause) = mood {
                    sleep(Duration::from_millis(pause)).await;
                }
                say(&mut writer, "250 taken").await?;
                if mood == Mood::OneEach {
                    return Ok(());
                }
            }
            ("QUIT", _) => return say(&mut writer, "221 bye").await,
            ("RSET" | "NOOP", _) => say(&mut writer, "250 ok").await?,
            _ => say(&mut writer, "502 what?").await?,
        }
    }
    Ok(())
}

async fn say(writer: &mut OwnedWriteHalf, line: &str) -> std::io::Result<()> {
    writer.write_all(format!("{line}\r\n").as_bytes()).await
}

/// Holds the connection open without a word, for longer than any test takes.
async fn silence() -> std::io::Result<()> {
    sleep(Duration::from_secs(600)).await;
    Ok(())
}

fn address(line: &str) -> String {
    line.split(['<', '>']).nth(1).unwrap_or_default().to_owned()
}

//! An XMPP server as the component sees it (XEP-0114), as honest or as broken as a test wants.

#![allow(dead_code, reason = "each test uses another part of this")]

use std::time::Duration;

use minidom::Element;
use sha1::{Digest, Sha1};
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    net::TcpListener,
    time::{Instant, timeout, timeout_at},
};

pub const SECRET: &str = "s3cr3t";
pub const HEADER: &str = "<?xml version='1.0'?><stream:stream xmlns:stream='http://etherx.jabber.org/streams' \
                          xmlns='jabber:component:accept' id='abc' from='broker.example'>";
/// Longer than anything may take, on a busy machine too.
pub const LIMIT: Duration = Duration::from_secs(20);

pub trait Socket: AsyncRead + AsyncWrite + Unpin + Send {}
impl<T: AsyncRead + AsyncWrite + Unpin + Send> Socket for T {}

/// One connection of the component.
pub struct Peer {
    pub socket: Box<dyn Socket>,
    buffer: String,
}

/// Waits for the component to connect.
pub async fn accept(listener: &TcpListener) -> Peer {
    let (socket, _) = timeout(LIMIT, listener.accept()).await.expect("the component connects").unwrap();
    socket.set_nodelay(true).unwrap();
    Peer::new(socket)
}

/// Waits for the component to connect, and accepts it.
pub async fn accept_component(listener: &TcpListener) -> Peer {
    let mut peer = accept(listener).await;
    peer.welcome().await;
    peer
}

impl Peer {
    pub fn new(socket: impl Socket + 'static) -> Self {
        Self { socket: Box::new(socket), buffer: String::new() }
    }

    /// Exchanges headers and handshakes, and checks the component's.
    pub async fn welcome(&mut self) {
        self.read_until("to='broker.example'>").await;
        self.send(HEADER).await;
        let handshake = self.read_until("</handshake>").await;
        let digest = Sha1::digest(format!("abc{SECRET}"));
        let digest = digest.iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().concat();
        assert_eq!(handshake, format!("<handshake>{digest}</handshake>"));
        self.send("<handshake/>").await;
    }

    pub async fn send(&mut self, xml: impl AsRef<[u8]>) {
        self.socket.write_all(xml.as_ref()).await.unwrap();
    }

    /// Sends although the component may have closed the connection.
    pub async fn try_send(&mut self, xml: impl AsRef<[u8]>) {
        let _ = self.socket.write_all(xml.as_ref()).await;
    }

    /// Everything that comes up to and with `pattern`.
    pub async fn read_until(&mut self, pattern: &str) -> String {
        let deadline = Instant::now() + LIMIT;
        loop {
            if let Some(place) = self.buffer.find(pattern) {
                let rest = self.buffer.split_off(place + pattern.len());
                return std::mem::replace(&mut self.buffer, rest);
            }
            assert!(self.read_more(deadline).await, "the stream ended before {pattern}: {}", self.start());
        }
    }

    /// The next whole stanza.
    pub async fn stanza(&mut self) -> Element {
        let deadline = Instant::now() + LIMIT;
        loop {
            let ends: Vec<usize> = self.buffer.match_indices('>').map(|(place, _)| place + 1).collect();
            for end in ends {
                let open = self.buffer[..end].replacen(' ', " xmlns='jabber:component:accept' ", 1);
                if let Ok(stanza) = open.parse::<Element>() {
                    self.buffer.drain(..end);
                    return stanza;
                }
            }
            assert!(self.read_more(deadline).await, "the stream ended before a stanza: {}", self.start());
        }
    }

    /// Everything until the component closes the connection.
    pub async fn rest(&mut self) -> String {
        let deadline = Instant::now() + LIMIT;
        while self.read_more(deadline).await {}
        std::mem::take(&mut self.buffer)
    }

    /// Whether a ping is answered on this stream.
    pub async fn answers_ping(&mut self, id: &str) -> Vec<Element> {
        self.try_send(ping(id)).await;
        let mut before = Vec::new();
        loop {
            let stanza = self.stanza().await;
            if stanza.attr("id") == Some(id) {
                assert_eq!(stanza.attr("type"), Some("result"));
                return before;
            }
            before.push(stanza);
        }
    }

    async fn read_more(&mut self, deadline: Instant) -> bool {
        let mut bytes = vec![0; 65536];
        let read = timeout_at(deadline, self.socket.read(&mut bytes)).await;
        let read = read.unwrap_or_else(|_| panic!("nothing comes after: {}", self.start())).unwrap_or(0);
        self.buffer.push_str(std::str::from_utf8(&bytes[..read]).unwrap());
        read > 0
    }

    fn start(&self) -> String {
        self.buffer.chars().take(500).collect()
    }
}

/// A ping from a user.
pub fn ping(id: &str) -> String {
    request(id, "get", "<ping xmlns='urn:xmpp:ping'/>")
}

/// A request from a user.
pub fn request(id: &str, kind: &str, payload: &str) -> String {
    format!("<iq type='{kind}' id='{id}' from='u@h/r' to='broker.example'>{payload}</iq>")
}

/// The condition of an error.
pub fn condition(stanza: &Element) -> Option<String> {
    let error = stanza.get_child("error", "jabber:component:accept")?;
    Some(error.children().next()?.name().to_owned())
}

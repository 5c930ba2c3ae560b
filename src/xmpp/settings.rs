//! What the component must know to connect, and the bounds it keeps. Reading these from a file is the business of `config/`.

use std::{fmt, path::PathBuf, time::Duration};

use jid::BareJid;
use secrecy::SecretString;

/// Everything that the component front must be told.
#[derive(Debug, Clone)]
pub struct ComponentSettings {
    /// The component's own address, a bare domain such as `broker.example` (XEP-0114 §2).
    pub jid: BareJid,
    /// The secret shared with the XMPP server (XEP-0114 §3).
    pub secret: SecretString,
    /// Where the server listens for components.
    pub address: ServerAddress,
    /// The domain of the server that gets a ping when the link is quiet (XEP-0199), usually a domain that it serves.
    pub ping_domain: String,
    /// What the service tells about itself.
    pub service: ServiceInfo,
    /// Bounds on what is held in memory.
    pub limits: LinkLimits,
    /// How long to wait for what.
    pub timeouts: LinkTimeouts,
}

/// Where an XMPP server accepts component connections.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ServerAddress {
    /// Plain TCP. For loopback and protected networks: XEP-0114 has no encryption of its own.
    Tcp {
        /// Host name or IP address.
        host: String,
        /// Usually 5347.
        port: u16,
    },
    /// A Unix domain socket.
    Unix(PathBuf),
    /// TLS from the first byte, checked against the system's certificate authorities.
    Tls {
        /// Host name or IP address; the certificate must be valid for it.
        host: String,
        /// The server's TLS port for components.
        port: u16,
        /// A PEM file with further certificate authorities to trust.
        ca_file: Option<PathBuf>,
    },
}

impl fmt::Display for ServerAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tcp { host, port } => write!(f, "tcp {host}:{port}"),
            Self::Unix(path) => write!(f, "unix {}", path.display()),
            Self::Tls { host, port, .. } => write!(f, "tls {host}:{port}"),
        }
    }
}

/// What the service tells about itself by XEP-0030, XEP-0092 and XEP-0157.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ServiceInfo {
    /// The name of the service that people read, such as `Accounts at chat.example`.
    pub name: String,
    /// The name of the software.
    pub software: String,
    /// The version of the software.
    pub version: String,
    /// The operating system; `None` keeps it to ourselves.
    pub os: Option<String>,
    /// Whom to turn to.
    pub contacts: ContactAddresses,
}

/// Contact addresses (URIs) by purpose, XEP-0157 §2.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ContactAddresses {
    /// To report abuse.
    pub abuse: Vec<String>,
    /// The people who run the service.
    pub admin: Vec<String>,
    /// For praise and complaints.
    pub feedback: Vec<String>,
    /// For commercial questions.
    pub sales: Vec<String>,
    /// To report a weakness.
    pub security: Vec<String>,
    /// For help.
    pub support: Vec<String>,
}

/// Bounds on one stanza from the server. What exceeds them is dropped, and an IQ is answered with `policy-violation`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StanzaLimits {
    /// Levels of elements, the stanza itself included. XML readers recurse per level, so this keeps the stack small.
    pub depth: usize,
    /// Elements, attributes and pieces of text together.
    pub nodes: usize,
    /// Bytes from the first `<` to the last `>`.
    pub bytes: usize,
    /// Bytes of one attribute value. Values above 8000 have no effect: the XML reader fails at 8192.
    pub attribute: usize,
}

impl Default for StanzaLimits {
    fn default() -> Self {
        Self { depth: 64, nodes: 4096, bytes: 256 * 1024, attribute: 8000 }
    }
}

/// Bounds on what the link holds in memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LinkLimits {
    /// Bounds on one stanza.
    pub stanza: StanzaLimits,
    /// Stanzas that wait to be written.
    pub outgoing: usize,
    /// Requests that are being worked on; one more is answered with `resource-constraint`. Each holds its payload, up
    /// to the limits of a stanza, for as long as its handler keeps it.
    pub in_flight: usize,
    /// Our own requests that wait for an answer.
    pub pending: usize,
}

impl Default for LinkLimits {
    fn default() -> Self {
        Self { stanza: StanzaLimits::default(), outgoing: 4096, in_flight: 512, pending: 1024 }
    }
}

/// How long the link waits for what.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LinkTimeouts {
    /// For connecting, TLS, stream header and handshake together.
    pub connect: Duration,
    /// Nothing received for this long: the server gets a ping (XEP-0199).
    pub silence: Duration,
    /// Nothing received for this long after the ping: the link is dead.
    pub response: Duration,
    /// The server takes no byte from us for this long: the link is dead.
    pub write: Duration,
    /// A request is answered with `resource-constraint` when its handler takes longer.
    pub request: Duration,
    /// At shutdown, for the requests that are being worked on.
    pub drain: Duration,
    /// The longest pause before the first new attempt; it doubles with each failure.
    pub retry_first: Duration,
    /// The longest pause of all.
    pub retry_most: Duration,
    /// A link that held this long starts again with the short pause.
    pub stable: Duration,
}

impl Default for LinkTimeouts {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(10),
            silence: Duration::from_secs(30),
            response: Duration::from_secs(15),
            write: Duration::from_secs(30),
            request: Duration::from_secs(15),
            drain: Duration::from_secs(5),
            retry_first: Duration::from_millis(500),
            retry_most: Duration::from_secs(30),
            stable: Duration::from_secs(60),
        }
    }
}

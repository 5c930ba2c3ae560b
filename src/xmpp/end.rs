//! Why a link ended, and what to do about it.

use std::io;

use minidom::Element;
use tokio_xmpp::xmlstream::ReadError;
use xmpp_parsers::stream_error::{DefinedCondition, StreamError};

/// Why the link to the server ended or could not be made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum StreamEnd {
    /// We were told to stop.
    #[error("shut down")]
    Shutdown,
    /// No connection to the address.
    #[error("cannot connect: {0}")]
    Unreachable(String),
    /// TLS did not come about.
    #[error("TLS failed: {0}")]
    Tls(String),
    /// Connecting, header and handshake together took too long.
    #[error("the server did not answer in time")]
    ConnectTimeout,
    /// The server refused the handshake (`not-authorized`).
    #[error("the server refused the secret")]
    WrongSecret,
    /// Another connection holds or took over our address (`conflict`).
    #[error("another connection uses the component's address")]
    Conflict,
    /// The server has no component of this name (`host-unknown`).
    #[error("the server knows no component of this name")]
    UnknownHost,
    /// The server closed the stream before the handshake was done, without a reason.
    #[error("the server closed the stream during the handshake")]
    ClosedDuringHandshake,
    /// The answer was not the header of a component stream.
    #[error("the answer was no component stream: {0}")]
    BadHeader(String),
    /// The server is shutting down (`system-shutdown`) or reset the stream.
    #[error("the server is shutting down")]
    ServerShutdown,
    /// The server closed the stream.
    #[error("the server closed the stream")]
    ServerClosed,
    /// The server ended the stream with another error.
    #[error("the server ended the stream: {0}")]
    StreamError(String),
    /// The connection broke.
    #[error("the connection broke: {0}")]
    ConnectionLost(String),
    /// Nothing came in, not even an answer to a ping.
    #[error("the server is silent")]
    Silent,
    /// The server takes no more bytes from us.
    #[error("the server does not read")]
    NotReading,
    /// Something broke on our side.
    #[error("a fault on our side")]
    Fault,
    /// What came in was not XML, or XML that XMPP forbids.
    #[error("the server sent XML that is not well-formed: {0}")]
    NotWellFormed(String),
}

impl StreamEnd {
    /// What an operator can do about it, in one sentence.
    pub fn advice(&self) -> &'static str {
        match self {
            Self::Shutdown => "nothing to do",
            Self::Unreachable(_) => {
                "check that the XMPP server runs and listens for components at this address (Prosody: component_interfaces, component_ports)"
            }
            Self::Tls(_) => {
                "check that this port speaks TLS and that the certificate is valid for the host or its authority is trusted"
            }
            Self::ConnectTimeout => "check that this is the component port of the XMPP server, and its load",
            Self::WrongSecret => "make the secret here and in the XMPP server's component section the same",
            Self::Conflict => "stop the other program that connects with this component address and secret",
            Self::UnknownHost => "add a component section with this name to the XMPP server's configuration",
            Self::ClosedDuringHandshake => {
                "most likely the secret is wrong; the XMPP server's log tells more"
            }
            Self::BadHeader(_) => {
                "check that the address is the server's component port, not the one for clients or servers"
            }
            Self::ServerShutdown | Self::ServerClosed | Self::ConnectionLost(_) => {
                "nothing to do if the XMPP server was restarted"
            }
            Self::StreamError(_) | Self::NotWellFormed(_) => "the XMPP server's log tells more",
            Self::Fault => "please report this, with the lines of the log before it",
            Self::Silent | Self::NotReading => "check the network and whether the XMPP server hangs",
        }
    }

    /// The end that a `<stream:error/>` means (RFC 6120 §4.9.3).
    pub(super) fn from_stream_error(element: Element) -> Self {
        let Ok(error) = StreamError::try_from(element) else {
            return Self::StreamError("unknown condition".to_owned());
        };
        match &error.condition {
            DefinedCondition::NotAuthorized => Self::WrongSecret,
            DefinedCondition::Conflict => Self::Conflict,
            DefinedCondition::HostUnknown | DefinedCondition::HostGone => Self::UnknownHost,
            DefinedCondition::SystemShutdown | DefinedCondition::Reset => Self::ServerShutdown,
            // The free text may quote what was sent, so only the condition is told.
            condition => Self::StreamError(condition.to_string().chars().take(200).collect()),
        }
    }

    /// The end that a failure to read means.
    pub(super) fn from_read_error(error: ReadError) -> Self {
        match error {
            ReadError::StreamFooterReceived => Self::ServerClosed,
            ReadError::SoftTimeout => Self::Silent,
            ReadError::HardError(error) => Self::from_io_error(&error),
            ReadError::ParseError(error) => Self::NotWellFormed(error.to_string()),
        }
    }

    /// The end that a failed read or write means.
    pub(super) fn from_io_error(error: &io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::UnexpectedEof => Self::ConnectionLost("closed by the server".to_owned()),
            io::ErrorKind::InvalidData => Self::NotWellFormed(error.to_string()),
            io::ErrorKind::TimedOut => Self::Silent,
            _ => Self::ConnectionLost(error.to_string()),
        }
    }
}

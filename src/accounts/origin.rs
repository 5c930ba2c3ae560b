//! Where a request came from: which front, which client, which language.

use std::{fmt, net::IpAddr};

use super::RequestId;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// The way a request came in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Front {
    /// A client of a served domain, carried by the server's module before or after login.
    Server,
    /// An XMPP user who wrote to the component's own JID.
    Component,
    /// The web pages.
    Web,
    /// The command line.
    Cli,
}

/// Who asks, as far as is known. Carried into limits, letters and the audit table.
#[derive(Debug, Clone)]
pub struct Origin {
    /// The way in.
    pub front: Front,
    /// The client's address, where it is known.
    pub address: Option<IpAddr>,
    /// The bare JID of the asking user, where the front has proven it (the server stamped it).
    pub jid: Option<String>,
    /// The full JID of a logged-in session of a served domain; it stays open when it changes its own password.
    pub session: Option<String>,
    /// The language the answer should have.
    pub language: LanguageTag,
    /// What the request is called in the log.
    pub request: Option<RequestId>,
}

/// A language tag (BCP 47), such as `de` or `pt-BR`. Only its form is checked; the texts choose the nearest they have.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct LanguageTag(String);

impl Front {
    /// The word used in logs and in the audit table.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Server => "server",
            Self::Component => "component",
            Self::Web => "web",
            Self::Cli => "cli",
        }
    }
}

impl Origin {
    /// An origin of which only the front is known.
    pub fn of(front: Front) -> Self {
        Self {
            front,
            address: None,
            jid: None,
            session: None,
            language: LanguageTag::default(),
            request: None,
        }
    }

    /// What requests of the same client have in common, for limits and the audit table: its address, else its JID.
    pub fn client(&self) -> Option<String> {
        self.address.map(|address| address.to_canonical().to_string()).or_else(|| self.jid.clone())
    }
}

impl LanguageTag {
    /// Checks the form: letters, digits and hyphens, 2 to 35 characters (RFC 5646 §4.4.1).
    pub fn parse(input: &str) -> Option<Self> {
        let plain = input.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
        let starts = input.as_bytes().first().is_some_and(u8::is_ascii_alphabetic);
        (plain && starts && (2..=35).contains(&input.len())).then(|| Self(input.to_owned()))
    }

    /// The tag.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Default for LanguageTag {
    fn default() -> Self {
        Self("en".to_owned())
    }
}

impl fmt::Display for LanguageTag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Serialize for LanguageTag {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for LanguageTag {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).ok_or_else(|| de::Error::custom("not a language tag such as `en` or `pt-BR`"))
    }
}

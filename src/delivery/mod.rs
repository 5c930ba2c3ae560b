//! Delivery: letters go from the outbox to the person. The outbox row is committed with the account; here it is opened, put into
//! words, handed to a [`Courier`] (or an [`SmsCourier`]) and only then marked, so that a crash at any point sends a letter twice rather than never.

mod bounded;
mod courier;
mod desk;
mod message;
mod post;
mod probe;
mod retry;
mod sms;
mod smtp;
mod spool;
mod worker;

use std::{collections::HashMap, path::PathBuf, time::Duration};

use lettre::message::Mailbox;
use secrecy::SecretString;
use url::Url;

use crate::accounts::Domain;

pub use courier::{Courier, CourierProblem, SendFault};
pub use message::OutgoingMail;
pub use probe::{ProbeError, probe};
pub use sms::{GatewaySettings, SmsCourier, SmsSettings};
pub use worker::Worker;

/// What letters say about the service, and how patiently they are sent.
#[derive(Debug, Clone)]
pub struct MailSettings {
    /// Sender of the letters, also of the envelope, where a domain has none of its own.
    pub from: Mailbox,
    /// In whose name the letters of a domain are written.
    pub senders: HashMap<Domain, Sender>,
    /// Where answers go; the sender, if not given.
    pub reply_to: Option<Mailbox>,
    /// Where the web pages are; links in letters begin with it.
    pub base_url: Url,
    /// Pause after the first failed attempt; each further one doubles it.
    pub retry_first: Duration,
    /// Longest pause between two attempts.
    pub retry_most: Duration,
}

/// In whose name a letter is written.
#[derive(Debug, Clone)]
pub struct Sender {
    /// Sender of the letter, also of the envelope.
    pub from: Mailbox,
    /// The service's name for people.
    pub service_name: String,
}

/// A mail server that takes the letters.
#[derive(Debug, Clone)]
pub struct SmtpSettings {
    /// Name or address; the certificate is checked against it.
    pub host: String,
    /// Port.
    pub port: u16,
    /// How the connection is protected.
    pub encryption: SmtpEncryption,
    /// Login, if the server asks for one.
    pub login: Option<SmtpLogin>,
    /// Certificates (PEM) to trust instead of those that the machine trusts.
    pub ca_file: Option<PathBuf>,
    /// Name said in `EHLO`; the machine's name, if not given.
    pub hello_name: Option<String>,
    /// Longest time for one letter, from connecting to the server's word that it took it.
    pub timeout: Duration,
}

/// How the connection to a mail server is protected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SmtpEncryption {
    /// Not at all: for a mail server on the same machine.
    Plain,
    /// `STARTTLS`, always; a server that does not offer it gets no letter (RFC 3207), usually port 587.
    StartTls,
    /// TLS from the first byte (RFC 8314), usually port 465.
    Tls,
}

/// A login at a mail server.
#[derive(Debug, Clone)]
pub struct SmtpLogin {
    /// Name.
    pub username: String,
    /// Password.
    pub password: SecretString,
}

/// A folder that letters are put into as `.eml` files.
#[derive(Debug, Clone)]
pub struct SpoolSettings {
    /// The folder; made if it is not there.
    pub folder: PathBuf,
}

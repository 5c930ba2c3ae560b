//! A mail server and the connections to it.
//!
//! lettre's own pool is not used: it takes back a connection whose exchange was cut short by a timeout, and the next letter would
//! read the answers meant for the one before. Here a connection is kept only after an exchange that went through.

use std::{
    fmt, fs,
    net::IpAddr,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use lettre::transport::smtp::{
    Error,
    authentication::{Credentials, DEFAULT_MECHANISMS},
    client::{AsyncSmtpConnection, Certificate, CertificateStore, TlsParameters},
    commands::{Data, Mail, Rcpt},
    extension::ClientId,
};
use secrecy::ExposeSecret;
use tokio::{
    net::TcpStream,
    time::{Instant, timeout, timeout_at},
};

use super::{CourierProblem, OutgoingMail, SendFault, SmtpEncryption, SmtpSettings, bounded::Bounded};

/// Letters under way at the same time, each over a connection of its own.
pub(super) const CONNECTIONS: usize = 4;
/// Servers close idle connections after a minute or more (RFC 5321 §4.5.3.2 asks for five).
const IDLE: Duration = Duration::from_secs(30);
/// A polite `QUIT` is not worth more.
const GOODBYE: Duration = Duration::from_secs(2);
/// Longest text of a server that is kept.
const REPLY_CHARS: usize = 300;

pub(super) struct Smtp {
    settings: SmtpSettings,
    tls: Option<TlsParameters>,
    hello: ClientId,
    idle: Mutex<Vec<(AsyncSmtpConnection, Instant)>>,
}

/// How far connecting came, and why not further.
#[derive(Debug)]
pub(super) struct ConnectFault {
    pub(super) stage: Stage,
    pub(super) error: String,
}

/// The steps of connecting.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stage {
    /// Name look-up and TCP.
    Reach,
    /// Greeting and `EHLO`.
    Greeting,
    /// `STARTTLS`, or TLS from the first byte (which includes the steps before).
    Tls,
    /// `AUTH`.
    Login,
}

impl Smtp {
    pub(super) fn new(settings: SmtpSettings) -> Result<Self, CourierProblem> {
        if settings.encryption == SmtpEncryption::Plain
            && settings.login.is_some()
            && !is_loopback(&settings.host)
        {
            return Err(CourierProblem::ClearLogin { host: settings.host });
        }
        let tls = match settings.encryption {
            SmtpEncryption::Plain => None,
            SmtpEncryption::StartTls | SmtpEncryption::Tls => Some(tls_parameters(&settings)?),
        };
        let hello = settings.hello_name.clone().map_or_else(ClientId::default, ClientId::Domain);
        Ok(Self { settings, tls, hello, idle: Mutex::default() })
    }

    /// Hands one letter over, within the time set for it.
    pub(super) async fn deliver(&self, mail: &OutgoingMail) -> Result<(), SendFault> {
        let deadline = Instant::now() + self.settings.timeout;
        let silent = || format!("no answer within {} s", self.settings.timeout.as_secs());
        let mut connection = timeout_at(deadline, self.open_for(mail))
            .await
            .map_err(|_| SendFault::Unavailable(silent()))??;
        match timeout_at(deadline, hand_over(&mut connection, mail)).await {
            Ok(Ok(())) => {
                self.keep(connection);
                Ok(())
            }
            Ok(Err(error)) => {
                let _ = timeout(GOODBYE, connection.abort()).await;
                Err(judge(&error, mail))
            }
            Err(_) => Err(SendFault::Delayed(silent())),
        }
    }

    /// A fresh connection: greeted, encrypted and logged in as the settings ask.
    pub(super) async fn connect(&self) -> Result<AsyncSmtpConnection, ConnectFault> {
        let at = |stage| move |error: Error| ConnectFault { stage, error: clean(&error.to_string()) };
        let target = (self.settings.host.as_str(), self.settings.port);
        let mut connection = match (self.settings.encryption, &self.tls) {
            (SmtpEncryption::Tls, tls) => {
                AsyncSmtpConnection::connect_tokio1(target, None, &self.hello, tls.clone(), None)
                    .await
                    .map_err(at(Stage::Tls))?
            }
            (_, tls) => {
                let reached = TcpStream::connect(target).await.and_then(|stream| {
                    // Without it each of the small commands waits for an acknowledgement: 23 letters a second (measured).
                    stream.set_nodelay(true)?;
                    Ok(stream)
                });
                let stream = reached.map_err(|error| ConnectFault {
                    stage: Stage::Reach,
                    error: clean(&error.to_string()),
                })?;
                let mut connection =
                    AsyncSmtpConnection::connect_with_transport(Box::new(Bounded::new(stream)), &self.hello)
                        .await
                        .map_err(at(Stage::Greeting))?;
                if let Some(tls) = tls {
                    connection.starttls(tls.clone(), &self.hello).await.map_err(at(Stage::Tls))?;
                }
                connection
            }
        };
        if let Some(login) = &self.settings.login {
            let credentials =
                Credentials::new(login.username.clone(), login.password.expose_secret().to_owned());
            connection.auth(DEFAULT_MECHANISMS, &credentials).await.map_err(at(Stage::Login))?;
        }
        Ok(connection)
    }

    pub(super) fn settings(&self) -> &SmtpSettings {
        &self.settings
    }

    /// A connection whose server has accepted the sender: an idle one if it still lives, else a fresh one.
    async fn open_for(&self, mail: &OutgoingMail) -> Result<AsyncSmtpConnection, SendFault> {
        let sender = || Mail::new(Some(mail.from.clone()), Vec::new());
        while let Some(mut connection) = self.take_idle() {
            if connection.command(sender()).await.is_ok() {
                return Ok(connection);
            }
        }
        let mut connection = self
            .connect()
            .await
            .map_err(|fault| SendFault::Unavailable(format!("{}: {}", fault.stage, fault.error)))?;
        match connection.command(sender()).await {
            Ok(_) => Ok(connection),
            // A sender that is refused for good is refused for every letter.
            Err(error) if error.is_permanent() => {
                Err(SendFault::Unavailable(format!("the sender is refused: {}", clean(&error.to_string()))))
            }
            Err(error) => Err(judge(&error, mail)),
        }
    }

    fn take_idle(&self) -> Option<AsyncSmtpConnection> {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        idle.retain(|(_, since)| since.elapsed() < IDLE);
        idle.pop().map(|(connection, _)| connection)
    }

    fn keep(&self, connection: AsyncSmtpConnection) {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).push((connection, Instant::now()));
    }
}

async fn hand_over(connection: &mut AsyncSmtpConnection, mail: &OutgoingMail) -> Result<(), Error> {
    connection.command(Rcpt::new(mail.to.clone(), Vec::new())).await?;
    connection.command(Data).await?;
    connection.message(&mail.bytes).await?;
    Ok(())
}

fn judge(error: &Error, mail: &OutgoingMail) -> SendFault {
    let text = hide(&clean(&error.to_string()), mail.to.as_ref(), &mail.masked_to);
    // "Authentication required" is about the settings, not about this letter (RFC 4954 §6).
    match error.status().map(u16::from) {
        Some(530) => SendFault::Unavailable(text),
        _ if error.is_permanent() => SendFault::Refused(text),
        _ => SendFault::Delayed(text),
    }
}

fn tls_parameters(settings: &SmtpSettings) -> Result<TlsParameters, CourierProblem> {
    let mut builder = TlsParameters::builder(settings.host.clone());
    if let Some(path) = &settings.ca_file {
        let problem = |why: String| CourierProblem::Certificates { path: path.clone(), why };
        let pem = fs::read(path).map_err(|error| problem(error.to_string()))?;
        if !pem.windows(5).any(|bytes| bytes == b"-----") {
            return Err(problem("holds no certificate in PEM form".to_owned()));
        }
        let certificate = Certificate::from_pem(&pem).map_err(|error| problem(error.to_string()))?;
        builder = builder.certificate_store(CertificateStore::None).add_root_certificate(certificate);
    }
    builder
        .build_rustls()
        .map_err(|error| CourierProblem::Tls { host: settings.host.clone(), why: error.to_string() })
}

fn is_loopback(host: &str) -> bool {
    host.eq_ignore_ascii_case("localhost")
        || host.trim_matches(['[', ']']).parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

/// One line of bounded length, whatever the server said.
fn clean(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(REPLY_CHARS).collect()
}

/// Servers like to repeat the recipient in their answers; logs and the store must not hold it.
fn hide(text: &str, address: &str, masked: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    // ASCII folding keeps the length of every character, so positions are the same in both.
    while let Some(at) = rest.to_ascii_lowercase().find(&address.to_ascii_lowercase()) {
        out.push_str(&rest[..at]);
        out.push_str(masked);
        rest = &rest[at + address.len()..];
    }
    out.push_str(rest);
    out
}

impl fmt::Display for Smtp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "mail server {}:{}", self.settings.host, self.settings.port)
    }
}

impl fmt::Display for Stage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Reach => "connecting failed",
            Self::Greeting => "the greeting failed",
            Self::Tls => "TLS failed",
            Self::Login => "the login failed",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_recipient_is_hidden_in_what_servers_say() {
        let said = "550 <Alice@Example.ORG>: no alice@example.org here, ÄÖ";
        let hidden = hide(said, "alice@example.org", "a***@example.org");
        assert_eq!(hidden, "550 <a***@example.org>: no a***@example.org here, ÄÖ");
        assert_eq!(clean("a\r\nb\u{1b}[31m"), "a  b [31m");
        assert_eq!(clean(&"x".repeat(5000)).len(), REPLY_CHARS);
    }

    #[test]
    fn only_this_machine_is_loopback() {
        for host in ["localhost", "LOCALHOST", "127.0.0.1", "127.9.9.9", "::1", "[::1]"] {
            assert!(is_loopback(host), "{host}");
        }
        for host in ["mail.example", "127.0.0.1.example", "10.0.0.1", "localhost.example", "0.0.0.0"] {
            assert!(!is_loopback(host), "{host}");
        }
    }
}

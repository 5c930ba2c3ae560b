//! Who takes text messages away: the HTTP interface of a gateway, described by templates, or a folder.

use std::{fmt, io, time::Duration};

use http_body_util::Full;
use hyper::{
    Method, Request, StatusCode,
    body::Bytes,
    header::{self, HeaderName, HeaderValue},
};
use secrecy::SecretString;
use serde_json::Value;
use url::Url;
use zeroize::Zeroizing;

use super::{
    CourierProblem, SendFault, SpoolSettings,
    message::file_name,
    spool::{self, Spool},
};
use crate::{
    accounts::{Encoding, GatewayTemplate, GatewayValues, Phone},
    outside::Outside,
    store::OutboxLetter,
};

/// Messages under way to a gateway at the same time.
const TOGETHER: usize = 8;
/// Longest value of an answer that is repeated in a log.
const SHOWN: usize = 24;

/// Takes text messages away. Built once.
#[derive(Debug)]
pub enum SmsCourier {
    /// A gateway.
    Gateway(Box<Gateway>),
    /// A folder of `.txt` files.
    Spool(SmsSpool),
}

/// A folder of `.txt` files.
#[derive(Debug)]
pub struct SmsSpool(Spool);

/// How patiently messages are sent.
#[derive(Debug, Clone, Copy)]
pub struct SmsSettings {
    /// Pause after the first failed attempt; each further one doubles it.
    pub retry_first: Duration,
    /// Longest pause between two attempts.
    pub retry_most: Duration,
}

/// The HTTP interface of a gateway.
#[derive(Debug, Clone)]
pub struct GatewaySettings {
    /// What logs call it.
    pub name: String,
    /// Its resource.
    pub url: GatewayTemplate,
    /// Such as `POST`.
    pub method: Method,
    /// Its headers, `Content-Type` among them.
    pub headers: Vec<(HeaderName, GatewayTemplate)>,
    /// What is sent.
    pub body: GatewayTemplate,
    /// How values in the body are written.
    pub encoding: Encoding,
    /// What an answer must say beside a status of success: a place (RFC 6901) and its value.
    pub expect: Option<(String, String)>,
    /// Whom messages come from.
    pub from: String,
    /// The name of the account there.
    pub account: String,
    /// What proves that it is ours.
    pub secret: Option<SecretString>,
    /// How long it may take.
    pub timeout: Duration,
}

/// A gateway, ready to be called.
#[derive(Debug)]
pub struct Gateway {
    settings: GatewaySettings,
    outside: Outside,
}

/// A text message with its recipient. Its text holds secrets.
pub(super) struct OutgoingSms {
    pub(super) to: Phone,
    text: Zeroizing<String>,
    name: String,
}

impl OutgoingSms {
    pub(super) fn new(row: &OutboxLetter, to: Phone, text: String) -> Self {
        Self { to, text: Zeroizing::new(text), name: file_name(row.created_at, &row.message_id) }
    }
}

impl SmsCourier {
    /// A courier that calls a gateway.
    pub fn gateway(settings: GatewaySettings) -> io::Result<Self> {
        let outside = Outside::new(settings.timeout)?;
        Ok(Self::Gateway(Box::new(Gateway { settings, outside })))
    }

    /// A courier that puts messages into a folder, which is made (for the owner only) if it is not there.
    pub fn spool(settings: SpoolSettings) -> Result<Self, CourierProblem> {
        Ok(Self::Spool(SmsSpool(Spool::new(settings)?)))
    }

    pub(super) const fn abreast(&self) -> usize {
        match self {
            Self::Gateway(_) => TOGETHER,
            Self::Spool(_) => spool::TOGETHER,
        }
    }

    /// Takes one message away. `Ok` means that the gateway has taken it on, or that it is safely on disk.
    pub(super) async fn deliver(&self, message: &OutgoingSms) -> Result<(), SendFault> {
        match self {
            Self::Gateway(gateway) => gateway.deliver(message).await,
            Self::Spool(spool) => {
                let text = format!("To: {}\n\n{}\n", message.to, *message.text).into_bytes();
                spool.0.put(&format!("{}.txt", message.name), text).await
            }
        }
    }

    /// Tries the way out without sending anything, for `ostiary check`; says what was found.
    pub async fn try_out(&self) -> Result<String, String> {
        match self {
            Self::Gateway(gateway) => gateway.reach().await,
            Self::Spool(spool) => match spool.0.try_out().await {
                Ok(()) => Ok(format!("text messages can be written to {}", spool.0.folder().display())),
                Err(error) => Err(format!("{self}: {error}")),
            },
        }
    }
}

impl Gateway {
    async fn deliver(&self, message: &OutgoingSms) -> Result<(), SendFault> {
        let request = self.request(message).map_err(SendFault::Refused)?;
        let reply = self.outside.call(request).await;
        let reply = reply.map_err(|problem| SendFault::Unavailable(format!("{self}: {problem}")))?;
        // Texts of gateways can repeat the number, so only the status is kept.
        let said = format!("{self} answered {}", reply.status);
        match reply.status {
            status if status.is_success() => self.check(&reply.body),
            StatusCode::BAD_REQUEST | StatusCode::NOT_FOUND | StatusCode::UNPROCESSABLE_ENTITY => {
                Err(SendFault::Refused(said))
            }
            _ => Err(SendFault::Unavailable(said)),
        }
    }

    fn request(&self, message: &OutgoingSms) -> Result<Request<Full<Bytes>>, String> {
        let settings = &self.settings;
        let values = GatewayValues {
            to: &message.to,
            text: &message.text,
            from: &settings.from,
            account: &settings.account,
            secret: settings.secret.as_ref(),
        };
        let url: Url = settings.url.fill(&values, Encoding::Url).parse().map_err(|_| "the url is none")?;
        let mut request = Request::builder().method(settings.method.clone()).uri(url.as_str());
        request = request.header(header::USER_AGENT, concat!("Ostiary/", env!("CARGO_PKG_VERSION")));
        for (name, template) in &settings.headers {
            let value = HeaderValue::from_str(&template.fill(&values, Encoding::Header));
            let mut value = value.map_err(|_| format!("the header {name} cannot be sent"))?;
            value.set_sensitive(true);
            request = request.header(name, value);
        }
        let body = settings.body.fill(&values, settings.encoding);
        request
            .body(Full::new(Bytes::from(body.to_string())))
            .map_err(|_| "no request can be made".to_owned())
    }

    fn check(&self, body: &[u8]) -> Result<(), SendFault> {
        let Some((place, wanted)) = &self.settings.expect else { return Ok(()) };
        let answer: Option<Value> = serde_json::from_slice(body).ok();
        let found = answer.as_ref().and_then(|answer| answer.pointer(place));
        let found = found.map(|value| value.as_str().map_or_else(|| value.to_string(), str::to_owned));
        if found.as_ref() == Some(wanted) {
            return Ok(());
        }
        // A code of few letters or digits is no number of a person.
        let shown = found.filter(|found| found.len() <= SHOWN && !found.contains("00") && found.is_ascii());
        let shown = shown.as_deref().unwrap_or("something else");
        Err(SendFault::Delayed(format!("{self} says {shown} at {place}, not {wanted}")))
    }

    /// Whether its host can be reached; nothing is sent.
    async fn reach(&self) -> Result<String, String> {
        let nothing = GatewayValues {
            to: &Phone::parse("+10000000000").map_err(|_| "no number")?,
            text: "",
            from: "",
            account: &self.settings.account,
            secret: None,
        };
        let url: Url =
            self.settings.url.fill(&nothing, Encoding::Url).parse().map_err(|_| "the url is none")?;
        let (host, port) = (url.host_str().unwrap_or_default().to_owned(), url.port_or_known_default());
        let port = port.ok_or("the url has no port")?;
        let met = tokio::net::TcpStream::connect((host.trim_matches(['[', ']']), port));
        match tokio::time::timeout(self.settings.timeout, met).await {
            Ok(Ok(_)) => Ok(format!("{self} can be reached at {host}:{port}; nothing was sent")),
            Ok(Err(error)) => Err(format!("{self}, {host}:{port}: {error}")),
            Err(_) => Err(format!("{self}, {host}:{port}: no answer")),
        }
    }
}

impl fmt::Display for Gateway {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SMS gateway {}", self.settings.name)
    }
}

impl fmt::Display for SmsCourier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Gateway(gateway) => gateway.fmt(f),
            Self::Spool(spool) => write!(f, "SMS folder {}", spool.0.folder().display()),
        }
    }
}

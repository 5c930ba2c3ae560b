//! `[http]`: the web pages.

use std::{
    fmt,
    net::{IpAddr, SocketAddr},
    path::PathBuf,
};

use toml::de::DeValue;

use super::{
    define::{Fallback, OptionDef, SectionDef, Times},
    kinds,
    reader::{Kind, Section},
};

/// The web pages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Http {
    /// Where to listen in plain HTTP.
    pub listen: Vec<ListenAddress>,
    /// Where to listen for TLS, and with which certificate. With none of both the web is off.
    pub tls: Option<Tls>,
    /// Networks of reverse proxies whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<Network>,
    /// Connections at a time.
    pub max_connections: usize,
    /// Connections of one client at a time.
    pub max_connections_per_client: usize,
}

/// Listeners that speak TLS.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tls {
    /// Where.
    pub listen: Vec<SocketAddr>,
    /// The file of the certificate.
    pub certificate: PathBuf,
    /// The file of its private key.
    pub key: PathBuf,
}

/// Somewhere to listen in plain HTTP.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ListenAddress {
    /// An IP address and port.
    Tcp(SocketAddr),
    /// The file of a Unix socket.
    Unix(PathBuf),
}

impl Http {
    /// Whether there are pages at all.
    pub fn is_on(&self) -> bool {
        !self.listen.is_empty() || self.tls.is_some()
    }
}

impl fmt::Display for ListenAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tcp(address) => address.fmt(f),
            Self::Unix(path) => write!(f, "unix:{}", path.display()),
        }
    }
}

/// A network: an address and how many of its leading bits count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Network {
    /// An address in it.
    pub address: IpAddr,
    /// Leading bits that count.
    pub prefix: u8,
}

const LISTEN: OptionDef = OptionDef {
    key: "listen",
    allowed: "a list of \"address:port\" or \"unix:/absolute/path\"; addresses other than loopback need behind_proxy = true",
    default: Fallback::Value("[\"127.0.0.1:8080\"]"),
    example: "[\"127.0.0.1:8080\", \"unix:/run/ostiary/http.sock\"]",
    doc: "Where the web server listens, in plain HTTP. A Unix socket is for a reverse proxy on the same machine, which is believed about the address of its clients; owner and group of the file may connect. `[]`, without `listen_tls`, switches the web off; links in letters then lead nowhere.",
};

const LISTEN_TLS: OptionDef = OptionDef {
    key: "listen_tls",
    allowed: "a list of \"address:port\"; needs tls_certificate and tls_key",
    default: Fallback::Value("[]"),
    example: "[\"0.0.0.0:443\", \"[::]:443\"]",
    doc: "Where the web server listens for TLS (1.2 and 1.3), HTTP/2 and HTTP/1.1, without a reverse proxy.",
};

const CERTIFICATE: OptionDef = OptionDef {
    key: "tls_certificate",
    allowed: "a path",
    default: Fallback::Described("none"),
    example: "\"/etc/ostiary/fullchain.pem\"",
    doc: "The certificate for `listen_tls`, with those that lead to its root, in PEM form. It is read again within half a minute when it has changed; no restart is needed.",
};

const KEY: OptionDef = OptionDef {
    key: "tls_key",
    allowed: "a path",
    default: Fallback::Described("none"),
    example: "\"/etc/ostiary/privkey.pem\"",
    doc: "The private key of `tls_certificate`, in PEM form.",
};

const BEHIND_PROXY: OptionDef = OptionDef {
    key: "behind_proxy",
    allowed: "true or false",
    default: Fallback::Value("false"),
    example: "false",
    doc: "Says that a reverse proxy with TLS stands before addresses other than loopback: passwords would cross the network in clear otherwise.",
};

const TRUSTED_PROXIES: OptionDef = OptionDef {
    key: "trusted_proxies",
    allowed: "a list of IP addresses or networks such as \"10.0.0.0/8\"",
    default: Fallback::Value("[\"127.0.0.1\", \"::1\"]"),
    example: "[\"127.0.0.1\", \"::1\"]",
    doc: "Reverse proxies whose `X-Forwarded-For` is believed. Limits count by client address: name every proxy, and nobody else.",
};

const MAX_CONNECTIONS: OptionDef = OptionDef {
    key: "max_connections",
    allowed: "1 to 100000",
    default: Fallback::Value("1024"),
    example: "1024",
    doc: "Connections at a time.",
};

const MAX_PER_CLIENT: OptionDef = OptionDef {
    key: "max_connections_per_client",
    allowed: "1 to 100000",
    default: Fallback::Value("64"),
    example: "64",
    doc: "Connections of one client address at a time; trusted proxies are not counted.",
};

pub(super) const SECTION: SectionDef = SectionDef {
    name: "http",
    times: Times::Once,
    doc: "The web pages: registration, verification. In plain HTTP for a reverse proxy with TLS in front, or by TLS.",
    options: &[
        &LISTEN,
        &LISTEN_TLS,
        &CERTIFICATE,
        &KEY,
        &BEHIND_PROXY,
        &TRUSTED_PROXIES,
        &MAX_CONNECTIONS,
        &MAX_PER_CLIENT,
    ],
};

pub(super) fn read(section: &Section<'_>) -> Option<Http> {
    let listen = section.get(&LISTEN, kinds::list(address));
    let listen_tls = section.get(&LISTEN_TLS, kinds::list(kinds::socket));
    let certificate = section.optional(&CERTIFICATE, kinds::text).map(|path| section.path(&path));
    let key = section.optional(&KEY, kinds::text).map(|path| section.path(&path));
    let behind_proxy = section.get(&BEHIND_PROXY, kinds::switch);
    let trusted_proxies = section.get(&TRUSTED_PROXIES, kinds::list(network));
    let max_connections = section.get(&MAX_CONNECTIONS, kinds::number(1..=100_000));
    let max_connections_per_client = section.get(&MAX_PER_CLIENT, kinds::number(1..=100_000));
    if behind_proxy == Some(false) {
        let open = listen.iter().flatten().filter_map(|address| match address {
            ListenAddress::Tcp(address) => Some(address).filter(|address| !address.ip().is_loopback()),
            ListenAddress::Unix(_) => None,
        });
        for address in open {
            section.note(
                &LISTEN,
                format!(
                    "{address} is not a loopback address, and plain HTTP would show passwords to the network: \
                     listen on 127.0.0.1, or put a reverse proxy with TLS in front and set behind_proxy = true"
                ),
            );
        }
    }
    let tls = match (listen_tls?, certificate, key) {
        (listen, _, _) if listen.is_empty() => None,
        (listen, Some(certificate), Some(key)) => Some(Tls { listen, certificate, key }),
        _ => {
            section.note(
                &LISTEN_TLS,
                "TLS needs a certificate and its key: set tls_certificate and tls_key".to_owned(),
            );
            return None;
        }
    };
    Some(Http {
        listen: listen?,
        tls,
        trusted_proxies: trusted_proxies?,
        max_connections: max_connections?,
        max_connections_per_client: max_connections_per_client?,
    })
}

pub(super) fn address(value: &DeValue<'_>) -> Kind<ListenAddress> {
    let text = kinds::text(value)?;
    match text.strip_prefix("unix:").map(PathBuf::from) {
        Some(path) if path.is_absolute() => Ok(ListenAddress::Unix(path)),
        Some(_) => Err("the path of a Unix socket starts with /".to_owned()),
        None => kinds::socket(value).map(ListenAddress::Tcp),
    }
}

fn network(value: &DeValue<'_>) -> Kind<Network> {
    let text = kinds::text(value)?;
    let wrong = || format!("{text:?} is not a network");
    let (address, prefix) = text.split_once('/').map_or((text.as_str(), None), |(a, p)| (a, Some(p)));
    let address: IpAddr = address.parse().map_err(|_| wrong())?;
    let most = if address.is_ipv4() { 32 } else { 128 };
    let prefix = match prefix {
        Some(prefix) => prefix.parse().ok().filter(|prefix| *prefix <= most).ok_or_else(wrong)?,
        None => most,
    };
    Ok(Network { address, prefix })
}

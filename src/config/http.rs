//! `[http]`: the web pages.

use std::net::{IpAddr, SocketAddr};

use toml::de::DeValue;

use super::{
    define::{Fallback, OptionDef, SectionDef},
    kinds,
    reader::{Kind, Section},
};

/// The web pages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Http {
    /// Where to listen; none switches the web off.
    pub listen: Vec<SocketAddr>,
    /// Networks of reverse proxies whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<Network>,
    /// Connections at a time.
    pub max_connections: usize,
    /// Connections of one client at a time.
    pub max_connections_per_client: usize,
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
    allowed: "a list of \"address:port\"; addresses other than loopback need behind_proxy = true",
    default: Fallback::Value("[\"127.0.0.1:8080\"]"),
    example: "[\"127.0.0.1:8080\", \"[::1]:8080\"]",
    doc: "Where the web server listens, in plain HTTP. `[]` switches it off; links in letters then lead nowhere.",
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
    repeated: false,
    doc: "The web pages: registration, verification. Plain HTTP, for a reverse proxy with TLS in front.",
    options: &[&LISTEN, &BEHIND_PROXY, &TRUSTED_PROXIES, &MAX_CONNECTIONS, &MAX_PER_CLIENT],
};

pub(super) fn read(section: &Section<'_>) -> Option<Http> {
    let listen = section.get(&LISTEN, kinds::list(kinds::socket));
    let behind_proxy = section.get(&BEHIND_PROXY, kinds::switch);
    let trusted_proxies = section.get(&TRUSTED_PROXIES, kinds::list(network));
    let max_connections = section.get(&MAX_CONNECTIONS, kinds::number(1..=100_000));
    let max_connections_per_client = section.get(&MAX_PER_CLIENT, kinds::number(1..=100_000));
    if behind_proxy == Some(false) {
        for address in listen.iter().flatten().filter(|address| !address.ip().is_loopback()) {
            section.note(
                &LISTEN,
                format!(
                    "{address} is not a loopback address, and plain HTTP would show passwords to the network: \
                     listen on 127.0.0.1, or put a reverse proxy with TLS in front and set behind_proxy = true"
                ),
            );
        }
    }
    Some(Http {
        listen: listen?,
        trusted_proxies: trusted_proxies?,
        max_connections: max_connections?,
        max_connections_per_client: max_connections_per_client?,
    })
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

//! Who is asking: the peer, or the client that a trusted proxy names.

use std::{
    fmt,
    net::{IpAddr, Ipv6Addr},
    str::FromStr,
};

use axum::http::{HeaderMap, HeaderName, header};

use super::visitor::Peer;

/// A range of addresses, such as `10.0.0.0/8`, `::1` or `fd00::/8`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Network {
    address: IpAddr,
    prefix: u8,
}

/// Why a text is no network.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is neither an IP address nor a network such as `10.0.0.0/8`")]
pub struct NetworkProblem(String);

/// The address to hold limits against. `X-Forwarded-For` and `Forwarded` (RFC 7239 §4) are read from the right, and only as far as
/// trusted proxies have written them: everything further left can be made up. A proxy writes one of the two; when both are
/// there and differ, one comes from the client and neither counts.
pub fn client_address(peer: Peer, headers: &HeaderMap, trusted: &[Network]) -> IpAddr {
    let Peer { address: peer, is_proxy } = peer;
    let peer = peer.to_canonical();
    if !is_proxy {
        return peer;
    }
    let x_forwarded_for = HeaderName::from_static("x-forwarded-for");
    let named_by_x = claimed(headers, &x_forwarded_for, trusted, parse_hop);
    let named_by_forwarded = claimed(headers, &header::FORWARDED, trusted, |hop| {
        let (_, value) = hop
            .split(';')
            .filter_map(|part| part.split_once('='))
            .find(|(name, _)| name.trim().eq_ignore_ascii_case("for"))?;
        parse_hop(value.trim().trim_matches('"'))
    });
    match (named_by_x, named_by_forwarded) {
        (Some(one), Some(other)) if one != other => peer,
        (Some(address), _) | (None, Some(address)) => address,
        (None, None) => peer,
    }
}

/// What counts as one client for connection limits: an IPv4 address, or the /64 that one IPv6 customer has.
pub fn client_group(peer: IpAddr) -> IpAddr {
    match peer.to_canonical() {
        IpAddr::V6(address) => IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() & !u128::from(u64::MAX))),
        v4 @ IpAddr::V4(_) => v4,
    }
}

/// Whether the word of `peer` about others is taken.
pub fn is_trusted(peer: IpAddr, trusted: &[Network]) -> bool {
    trusted.iter().any(|network| network.contains(peer))
}

/// Most hops that are read; a chain is a few hops long.
const MAX_HOPS: usize = 32;

fn claimed(
    headers: &HeaderMap,
    name: &HeaderName,
    trusted: &[Network],
    parse: impl Fn(&str) -> Option<IpAddr>,
) -> Option<IpAddr> {
    let lines: Vec<&str> = headers.get_all(name).iter().map(|line| line.to_str().unwrap_or("")).collect();
    let mut nearest = None;
    for hop in lines.iter().rev().flat_map(|line| line.rsplit(',')).take(MAX_HOPS) {
        let Some(address) = parse(hop.trim()) else { break };
        nearest = Some(address);
        if !is_trusted(address, trusted) {
            break;
        }
    }
    nearest
}

/// An address, with or without port, IPv6 with or without brackets.
fn parse_hop(hop: &str) -> Option<IpAddr> {
    let address = if let Some(bracketed) = hop.strip_prefix('[') {
        bracketed.split_once(']')?.0
    } else if hop.matches(':').count() == 1 {
        hop.split_once(':')?.0
    } else {
        hop
    };
    address.parse::<IpAddr>().ok().map(|address| address.to_canonical())
}

impl Network {
    /// Whether `address` is in the range.
    pub fn contains(&self, address: IpAddr) -> bool {
        match (self.address, address.to_canonical()) {
            (IpAddr::V4(network), IpAddr::V4(address)) => {
                let mask = u32::MAX.checked_shl(32 - u32::from(self.prefix)).unwrap_or(0);
                network.to_bits() & mask == address.to_bits() & mask
            }
            (IpAddr::V6(network), IpAddr::V6(address)) => {
                let mask = u128::MAX.checked_shl(128 - u32::from(self.prefix)).unwrap_or(0);
                network.to_bits() & mask == address.to_bits() & mask
            }
            _ => false,
        }
    }
}

impl FromStr for Network {
    type Err = NetworkProblem;

    fn from_str(input: &str) -> Result<Self, NetworkProblem> {
        let problem = || NetworkProblem(input.chars().take(64).collect());
        let (address, prefix) = match input.split_once('/') {
            Some((address, prefix)) => (address, Some(prefix)),
            None => (input, None),
        };
        let address: IpAddr = address.parse().map_err(|_| problem())?;
        let longest = if address.is_ipv4() { 32 } else { 128 };
        let prefix = match prefix {
            Some(prefix) => prefix.parse().ok().filter(|&prefix| prefix <= longest).ok_or_else(problem)?,
            None => longest,
        };
        Ok(Self { address, prefix })
    }
}

impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.address, self.prefix)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(peer: &str, headers: &[(&'static str, &str)]) -> String {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.append(*name, value.parse().unwrap());
        }
        let trusted = ["10.0.0.0/8", "::1", "fd00::/8"].map(|network| network.parse().unwrap());
        let peer: IpAddr = peer.parse().unwrap();
        let peer = Peer { address: peer, is_proxy: is_trusted(peer, &trusted) };
        client_address(peer, &map, &trusted).to_string()
    }

    #[test]
    fn a_stranger_is_not_believed() {
        assert_eq!(address("192.0.2.1", &[("x-forwarded-for", "198.51.100.7")]), "192.0.2.1");
        assert_eq!(address("::ffff:192.0.2.1", &[("forwarded", "for=198.51.100.7")]), "192.0.2.1");
    }

    #[test]
    fn a_trusted_proxy_is_believed_about_the_last_untrusted_hop_only() {
        let cases = [
            ("198.51.100.7", "198.51.100.7"),
            ("1.1.1.1, 198.51.100.7", "198.51.100.7"),
            ("1.1.1.1, 198.51.100.7, 10.3.2.1", "198.51.100.7"),
            ("198.51.100.7:4711", "198.51.100.7"),
            ("[2001:db8::7]:4711", "2001:db8::7"),
            ("2001:db8::7", "2001:db8::7"),
            ("1.1.1.1, nonsense, 10.3.2.1", "10.3.2.1"),
            ("nonsense", "10.0.0.1"),
            ("", "10.0.0.1"),
        ];
        for (header, expected) in cases {
            assert_eq!(address("10.0.0.1", &[("x-forwarded-for", header)]), expected, "{header}");
        }
    }

    #[test]
    fn several_header_lines_are_one_list() {
        let lines = [("x-forwarded-for", "1.1.1.1"), ("x-forwarded-for", "198.51.100.7, 10.1.1.1")];
        assert_eq!(address("::1", &lines), "198.51.100.7");
    }

    #[test]
    fn the_standard_header_is_read_too() {
        let header = r#"for=1.1.1.1, For="[2001:db8::7]:80";proto=https;by=10.0.0.2"#;
        assert_eq!(address("fd00::2", &[("forwarded", header)]), "2001:db8::7");
        assert_eq!(address("fd00::2", &[("forwarded", "for=_hidden")]), "fd00::2");
    }

    #[test]
    fn two_headers_that_differ_count_for_nothing() {
        let both = |other| [("x-forwarded-for", "198.51.100.7"), ("forwarded", other)];
        assert_eq!(address("10.0.0.1", &both("for=203.0.113.5")), "10.0.0.1");
        assert_eq!(address("10.0.0.1", &both("for=198.51.100.7")), "198.51.100.7");
    }

    #[test]
    fn networks_are_read_and_held_against_addresses() {
        let all: Network = "0.0.0.0/0".parse().unwrap();
        assert!(all.contains("192.0.2.1".parse().unwrap()));
        assert!(!all.contains("2001:db8::1".parse().unwrap()));
        let half: Network = "2001:db8::/33".parse().unwrap();
        assert!(half.contains("2001:db8:7fff::1".parse().unwrap()));
        assert!(!half.contains("2001:db8:8000::1".parse().unwrap()));
        for wrong in ["", "10.0.0.0/33", "::/129", "10.0.0/8", "example.org", "10.0.0.0/-1", "10.0.0.0/"] {
            assert!(wrong.parse::<Network>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn one_ipv6_customer_is_one_client() {
        let group = |text: &str| client_group(text.parse().unwrap());
        assert_eq!(group("2001:db8:1:2:3::4"), group("2001:db8:1:2:ffff::1"));
        assert_ne!(group("2001:db8:1:2::1"), group("2001:db8:1:3::1"));
        assert_ne!(group("192.0.2.1"), group("192.0.2.2"));
        assert_eq!(group("::ffff:192.0.2.1"), group("192.0.2.1"));
    }
}

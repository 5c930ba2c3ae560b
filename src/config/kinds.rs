//! The kinds of values that options have: each reads a TOML value or says why it is none.

use std::{
    net::{IpAddr, SocketAddr},
    ops::RangeInclusive,
};

use jiff::SignedDuration;
use toml::de::{DeFloat, DeInteger, DeValue};

use super::reader::Kind;
use crate::accounts::Domain;

/// A text without control characters, at most 1000 bytes, not empty.
pub fn text(value: &DeValue<'_>) -> Kind<String> {
    let text = value.as_str().ok_or_else(String::new)?;
    if text.is_empty() {
        return Err("it is empty".to_owned());
    }
    if text.len() > 1000 || text.chars().any(char::is_control) {
        return Err("it is too long or has control characters".to_owned());
    }
    Ok(text.to_owned())
}

/// `true` or `false`.
pub fn switch(value: &DeValue<'_>) -> Kind<bool> {
    value.as_bool().ok_or_else(String::new)
}

/// A whole number within bounds.
pub fn number<T: TryFrom<u64>>(bounds: RangeInclusive<u64>) -> impl Fn(&DeValue<'_>) -> Kind<T> {
    move |value| {
        let integer = value.as_integer().ok_or_else(String::new)?;
        u64::from_str_radix(integer.as_str(), integer.radix())
            .ok()
            .filter(|number| bounds.contains(number))
            .and_then(|number| T::try_from(number).ok())
            .ok_or_else(String::new)
    }
}

/// A number from 0 to 1.
pub fn fraction(value: &DeValue<'_>) -> Kind<f64> {
    let number = value.as_float().map(DeFloat::as_str).or_else(|| value.as_integer().map(DeInteger::as_str));
    number
        .and_then(|text| text.parse().ok())
        .filter(|number| (0.0..=1.0).contains(number))
        .ok_or_else(String::new)
}

/// One of a few words.
pub fn choice<T: Copy>(words: &[(&str, T)]) -> impl Fn(&DeValue<'_>) -> Kind<T> {
    move |value| {
        let text = value.as_str().ok_or_else(String::new)?;
        words.iter().find(|(word, _)| *word == text).map(|(_, value)| *value).ok_or_else(String::new)
    }
}

/// A time such as `90s`, `30m`, `24h`, `90d`, or several of them as in `1h 30m`; within bounds, in seconds.
pub fn duration(bounds: RangeInclusive<i64>) -> impl Fn(&DeValue<'_>) -> Kind<SignedDuration> {
    move |value| {
        let text = value.as_str().ok_or_else(|| "write a number and a unit in quotes".to_owned())?;
        let seconds = seconds(text).ok_or_else(String::new)?;
        if !bounds.contains(&seconds) {
            return Err("out of bounds".to_owned());
        }
        Ok(SignedDuration::from_secs(seconds))
    }
}

/// A time as in [`duration`], from a text.
pub fn span(text: &str) -> Option<SignedDuration> {
    seconds(text).map(SignedDuration::from_secs)
}

fn seconds(text: &str) -> Option<i64> {
    let mut total: i64 = 0;
    let mut rest = text.trim();
    if rest.is_empty() {
        return None;
    }
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit())?;
        let number: i64 = rest[..digits].parse().ok()?;
        let unit = rest[digits..].chars().next()?;
        let factor = match unit {
            's' => 1,
            'm' => 60,
            'h' => 3600,
            'd' => 86_400,
            _ => return None,
        };
        total = total.checked_add(number.checked_mul(factor)?)?;
        rest = rest[digits + 1..].trim_start();
    }
    Some(total)
}

/// A list of what another kind reads, at most 256.
pub fn list<T>(kind: impl Fn(&DeValue<'_>) -> Kind<T>) -> impl Fn(&DeValue<'_>) -> Kind<Vec<T>> {
    move |value| {
        let items = value.as_array().ok_or_else(|| "write a list in square brackets".to_owned())?;
        if items.len() > 256 {
            return Err("more than 256 entries".to_owned());
        }
        items
            .iter()
            .enumerate()
            .map(|(index, item)| {
                kind(item.as_ref()).map_err(|reason| {
                    let reason = if reason.is_empty() { "not allowed".to_owned() } else { reason };
                    format!("entry {}: {reason}", index + 1)
                })
            })
            .collect()
    }
}

/// A bare XMPP domain.
pub fn domain(value: &DeValue<'_>) -> Kind<Domain> {
    Domain::parse(&text(value)?).map_err(|_| "not a domain name".to_owned())
}

/// A host name or an IP address.
pub fn host(value: &DeValue<'_>) -> Kind<String> {
    let text = text(value)?;
    if is_host(&text) { Ok(text) } else { Err("not a host name".to_owned()) }
}

/// Whether a text is a host name or an IP address.
pub fn is_host(text: &str) -> bool {
    let plain = text.trim_start_matches('[').trim_end_matches(']');
    plain.parse::<IpAddr>().is_ok() || (!text.contains(':') && url::Host::parse(text).is_ok())
}

/// Splits `host:port`; IPv6 addresses stand in square brackets.
pub fn host_and_port(text: &str) -> Option<(String, u16)> {
    if let Ok(address) = text.parse::<SocketAddr>() {
        return Some((address.ip().to_string(), address.port())).filter(|(_, port)| *port > 0);
    }
    let (host, port) = text.rsplit_once(':')?;
    let port = port.parse().ok().filter(|port| *port > 0)?;
    is_host(host).then(|| (host.to_owned(), port))
}

/// An IP address with a port, to listen on.
pub fn socket(value: &DeValue<'_>) -> Kind<SocketAddr> {
    text(value)?.parse().map_err(|_| "not an IP address and port".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(text: &str) -> DeValue<'_> {
        DeValue::parse(text).unwrap().into_inner()
    }

    #[test]
    fn durations_are_numbers_with_units() {
        let kind = duration(0..=i64::MAX);
        for (given, seconds) in [("'90s'", 90), ("'30m'", 1800), ("'1h 30m'", 5400), ("'90d'", 7_776_000)] {
            assert_eq!(kind(&value(given)), Ok(SignedDuration::from_secs(seconds)), "{given}");
        }
        for bad in ["''", "'5'", "'m'", "'5w'", "'-5m'", "5", "'1.5h'", "'99999999999999999999d'", "'5µ'"] {
            assert!(kind(&value(bad)).is_err(), "{bad}");
        }
        assert!(duration(60..=120)(&value("'1s'")).is_err());
    }

    #[test]
    fn numbers_keep_to_their_bounds() {
        let kind = number::<u16>(1..=70_000);
        assert_eq!(kind(&value("0x1F")), Ok(31));
        assert_eq!(kind(&value("1_000")), Ok(1000));
        for bad in ["0", "-1", "70000", "1.5", "'1'", "99999999999999999999999"] {
            assert!(kind(&value(bad)).is_err(), "{bad}");
        }
    }

    #[test]
    fn hosts_and_ports_are_split() {
        for (given, host) in
            [("localhost:5347", "localhost"), ("127.0.0.1:5347", "127.0.0.1"), ("[::1]:5347", "::1")]
        {
            assert_eq!(host_and_port(given), Some((host.to_owned(), 5347)), "{given}");
        }
        for bad in ["localhost", "localhost:0", "localhost:99999", ":5347", "a b:1", "::1:5347:x"] {
            assert_eq!(host_and_port(bad), None, "{bad}");
        }
    }
}

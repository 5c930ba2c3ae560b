//! Where people may be sent on to: addresses that the operator has named, and what lies below them. Everything else would make us a
//! way to send people to wherever a stranger likes (CWE-601).

use url::{Host, Url};

/// Bytes of an address at most.
const LONGEST: usize = 2048;

/// An address that people may be sent on to, with everything below its path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Destination(Url);

/// Why something is no destination.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum DestinationProblem {
    /// Not an address.
    #[error("not an address that starts with https://")]
    NoAddress,
    /// Neither encrypted nor on this machine.
    #[error("not encrypted; http:// is for this machine only")]
    InClear,
    /// A user, a query or a fragment, which could not be held against anything.
    #[error("an address without user, query and fragment is needed")]
    TooMuch,
}

impl Destination {
    /// A destination as the operator wrote it.
    pub fn parse(text: &str) -> Result<Self, DestinationProblem> {
        let url = absolute(text).ok_or(DestinationProblem::NoAddress)?;
        if !is_private(&url) {
            return Err(DestinationProblem::InClear);
        }
        if !url.username().is_empty()
            || url.password().is_some()
            || url.query().is_some()
            || url.fragment().is_some()
        {
            return Err(DestinationProblem::TooMuch);
        }
        Ok(Self(url))
    }

    /// The address that a stranger gave, if it is this one or lies below it; as our own parser writes it, so that no browser reads
    /// another address out of it.
    pub fn admits(&self, given: &str) -> Option<Url> {
        let url = absolute(given)?;
        let same_origin = url.origin() == self.0.origin();
        let nobody = url.username().is_empty() && url.password().is_none();
        let own = self.0.path();
        let below = url
            .path()
            .strip_prefix(own)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('/') || own.ends_with('/'));
        // Servers differ in what they make of these, so they could lead out of the folder.
        let escapes = url.path().to_ascii_lowercase();
        let plain = !["%2e", "%2f", "%5c", "%00"].iter().any(|escape| escapes.contains(escape));
        (same_origin && nobody && below && plain).then_some(url)
    }

    /// Whether a page of this origin (`Origin` header, RFC 6454 §6.2) is one of these.
    pub fn is_of_origin(&self, origin: &str) -> bool {
        self.origin() == origin
    }

    /// Its origin (RFC 6454 §6.2).
    pub fn origin(&self) -> String {
        self.0.origin().ascii_serialization()
    }
}

/// Whether what is sent to an address stays private: by TLS, or on this machine.
pub fn is_private(url: &Url) -> bool {
    let local = match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    };
    url.scheme() == "https" || local
}

/// A whole address for browsers: parsers are told nothing that they could read in two ways.
fn absolute(text: &str) -> Option<Url> {
    let odd = |c: char| {
        c.is_control() || c.is_whitespace() || matches!(c, '\\' | '"' | '<' | '>' | '`' | '{' | '}')
    };
    if text.len() > LONGEST || text.chars().any(odd) {
        return None;
    }
    let url = Url::parse(text).ok()?;
    let (scheme, rest) = text.split_once("://")?;
    let written_out = scheme.eq_ignore_ascii_case(url.scheme()) && !rest.starts_with('/');
    (matches!(url.scheme(), "http" | "https") && written_out && url.has_host()).then_some(url)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn destination(text: &str) -> Destination {
        Destination::parse(text).unwrap()
    }

    #[test]
    fn the_address_and_what_is_below_it_are_admitted() {
        let app = destination("https://app.example/signup");
        for (given, sent) in [
            ("https://app.example/signup", "https://app.example/signup"),
            ("https://app.example/signup/done?x=1#top", "https://app.example/signup/done?x=1#top"),
            ("HTTPS://APP.example:443/signup/./done", "https://app.example/signup/done"),
            (
                "https://app.example/signup?next=https://evil.example",
                "https://app.example/signup?next=https://evil.example",
            ),
        ] {
            assert_eq!(app.admits(given).as_ref().map(Url::as_str), Some(sent), "{given}");
        }
        assert!(destination("https://app.example").admits("https://app.example/anything").is_some());
        assert!(destination("https://app.example/a/").admits("https://app.example/a/b").is_some());
        let umlaut = destination("https://bücher.example/");
        assert_eq!(
            umlaut.admits("https://BÜCHER.example/x").unwrap().as_str(),
            "https://xn--bcher-kva.example/x"
        );
    }

    #[test]
    fn nothing_else_is_admitted_in_whatever_disguise() {
        let app = destination("https://app.example/signup");
        for given in [
            "",
            "/signup",
            "//app.example/signup",
            "//evil.example/signup",
            "https:app.example/signup",
            "https:/app.example/signup",
            "https:///app.example/signup",
            "https://app.example",
            "https://app.example/",
            "https://app.example/signupx",
            "https://app.example/signup/../admin",
            "https://app.example/signup/%2e%2e/admin",
            "https://app.example/signup/..%2fadmin",
            "https://app.example/signup/%5c..",
            "https://app.example/SIGNUP",
            "http://app.example/signup",
            "https://app.example:8443/signup",
            "https://app.example.evil.example/signup",
            "https://evilapp.example/signup",
            "https://app.example@evil.example/signup",
            "https://user@app.example/signup",
            "https://user:pass@app.example/signup",
            "https://evil.example/https://app.example/signup",
            "https://evil.example#https://app.example/signup",
            "https://evil.example\\.app.example/signup",
            "https:\\\\app.example/signup",
            "https://app.example\\@evil.example/signup",
            "https://app.example/signup\r\nSet-Cookie: a=b",
            "https://app.example/signup\n",
            " https://app.example/signup",
            "https://app.example /signup",
            "https://аpp.example/signup",
            "https://app。evil/signup",
            "javascript:alert(1)//https://app.example/signup",
            "javascript://app.example/signup%0aalert(1)",
            "data:text/html,x",
            "https://app.example./signup",
            "https://[app.example]/signup",
        ] {
            assert_eq!(app.admits(given), None, "{given:?}");
        }
        assert_eq!(app.admits(&format!("https://app.example/signup/{}", "a".repeat(3000))), None);
    }

    #[test]
    fn operators_name_addresses_that_can_be_held_against_others() {
        for (text, problem) in [
            ("app.example", DestinationProblem::NoAddress),
            ("ftp://app.example/", DestinationProblem::NoAddress),
            ("http://app.example/", DestinationProblem::InClear),
            ("https://a@app.example/", DestinationProblem::TooMuch),
            ("https://app.example/?a=b", DestinationProblem::TooMuch),
            ("https://app.example/#a", DestinationProblem::TooMuch),
        ] {
            assert_eq!(Destination::parse(text), Err(problem), "{text}");
        }
        assert!(
            Destination::parse("http://localhost:3000/").is_ok()
                && Destination::parse("http://[::1]:3000/").is_ok()
        );
    }

    proptest::proptest! {
        #[test]
        fn whatever_is_admitted_begins_with_the_destination(given in "(https://app\\.example/signup)?[ -~]{0,40}") {
            if let Some(url) = destination("https://app.example/signup").admits(&given) {
                proptest::prop_assert!(url.as_str().starts_with("https://app.example/signup"), "{url}");
                proptest::prop_assert_eq!(url.host_str(), Some("app.example"));
            }
        }
    }
}

//! Contacts: how a person can be reached, and be proven to be reachable.

use std::fmt;

use lettre::Address;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use super::Phone;

/// An e-mail address that a letter can be sent to. `Debug` and `Display` show it whole: mask it in logs
/// ([`Email::masked`]).
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Email(String);

/// Where somebody can be reached.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Contact {
    /// By e-mail.
    Email(Email),
    /// By text message.
    Phone(Phone),
}

/// The way to a contact.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Channel {
    /// E-mail.
    Mail,
    /// Text message.
    Sms,
}

impl Contact {
    /// As it is written.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Email(email) => email.as_str(),
            Self::Phone(phone) => phone.as_str(),
        }
    }

    /// The way to it.
    pub const fn channel(&self) -> Channel {
        match self {
            Self::Email(_) => Channel::Mail,
            Self::Phone(_) => Channel::Sms,
        }
    }
}

impl Channel {
    /// The word used in the store and in logs.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Mail => "mail",
            Self::Sms => "sms",
        }
    }
}

/// Why a text is no e-mail address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum EmailProblem {
    /// Nothing was given.
    Missing,
    /// Not of the form `name@domain`, or of a form that mail servers seldom deliver (quotes, address literals).
    Malformed,
    /// More than 254 bytes (RFC 5321 §4.5.3.1.3).
    TooLong,
}

impl Email {
    /// Parses an address; the domain is lower-cased and, where it is international, in its ASCII form.
    pub fn parse(input: &str) -> Result<Self, EmailProblem> {
        let input = input.trim();
        if input.is_empty() {
            return Err(EmailProblem::Missing);
        }
        if input.len() > 254 {
            return Err(EmailProblem::TooLong);
        }
        let (local, domain) = input.rsplit_once('@').ok_or(EmailProblem::Malformed)?;
        let url::Host::Domain(domain) = url::Host::parse(domain).map_err(|_| EmailProblem::Malformed)? else {
            return Err(EmailProblem::Malformed);
        };
        // Letters to international local parts (SMTPUTF8) are refused by most servers: the person would wait in vain.
        let plain =
            local.is_ascii() && !local.contains('"') && domain.contains('.') && !domain.ends_with('.');
        if !plain || Address::new(local, &domain).is_err() {
            return Err(EmailProblem::Malformed);
        }
        Ok(Self(format!("{local}@{domain}")))
    }

    /// The address as letters are sent to it.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The form that decides whether two addresses are the same: all lower case, since no large service tells them apart.
    pub fn key(&self) -> String {
        self.0.to_ascii_lowercase()
    }

    /// The domain that letters to it go to.
    pub fn domain(&self) -> &str {
        self.0.rsplit_once('@').map_or("", |(_, domain)| domain)
    }

    /// A form for logs and for people who may not see the whole: `a***@example.org`.
    pub fn masked(&self) -> String {
        let (local, domain) = self.0.rsplit_once('@').unwrap_or((&self.0, ""));
        let first: String = local.chars().take(1).collect();
        format!("{first}***@{domain}")
    }
}

impl fmt::Debug for Email {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Email({})", self.masked())
    }
}

impl fmt::Display for Email {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Serialize for Email {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Email {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).map_err(|_| de::Error::custom("not an e-mail address"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ordinary_addresses_are_kept_and_their_domain_folded() {
        for (given, kept) in [
            (" Alice@Example.ORG ", "Alice@example.org"),
            ("a.b+c@sub.example.org", "a.b+c@sub.example.org"),
            ("anna@bücher.example", "anna@xn--bcher-kva.example"),
        ] {
            assert_eq!(Email::parse(given).unwrap().as_str(), kept);
        }
    }

    #[test]
    fn what_cannot_be_delivered_is_refused() {
        for bad in [
            "alice",
            "@example.org",
            "alice@",
            "a@localhost",
            "a@[127.0.0.1]",
            "a@127.0.0.1",
            "\"a b\"@example.org",
            "a@b@example.org",
            "ä@example.org",
            "a b@example.org",
            "a@exa mple.org",
            "a@example.org\r\nBcc: x@y.z",
            "a\r\n@example.org",
            "a@.example.org",
            "a@example..org",
            "a@example.org.",
        ] {
            assert_eq!(Email::parse(bad), Err(EmailProblem::Malformed), "{bad:?}");
        }
        assert_eq!(Email::parse(&format!("{}@example.org", "a".repeat(250))), Err(EmailProblem::TooLong));
        assert_eq!(Email::parse("  "), Err(EmailProblem::Missing));
    }

    #[test]
    fn the_same_mailbox_has_the_same_key() {
        assert_eq!(
            Email::parse("Alice@Example.org").unwrap().key(),
            Email::parse("alice@example.ORG").unwrap().key()
        );
    }

    #[test]
    fn logs_see_only_the_masked_form() {
        assert_eq!(format!("{:?}", Email::parse("alice@example.org").unwrap()), "Email(a***@example.org)");
    }
}

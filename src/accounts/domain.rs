//! The domains whose accounts the broker keeps.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// A bare XMPP domain in its prepared form (RFC 7622 §3.2; lower case, IDNA).
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Domain(String);

/// Why a text is no domain.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not a domain name")]
pub struct DomainProblem(pub String);

impl Domain {
    /// Prepares `input`. At most 1023 bytes, no local part, no resource.
    pub fn parse(input: &str) -> Result<Self, DomainProblem> {
        let problem = || DomainProblem(input.chars().take(64).collect());
        let part = jid::DomainPart::new(input).map_err(|_| problem())?;
        Ok(Self(part.as_str().to_owned()))
    }

    /// The prepared form.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Domain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Serialize for Domain {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Domain {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_domain_is_prepared() {
        assert_eq!(Domain::parse("Chat.Example").unwrap().as_str(), "chat.example");
    }

    #[test]
    fn a_jid_with_a_local_part_or_resource_is_no_domain() {
        for bad in ["", "a@chat.example", "chat.example/x", "chat example"] {
            assert!(Domain::parse(bad).is_err(), "{bad:?}");
        }
    }
}

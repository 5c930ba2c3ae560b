//! API keys: an identifier and a secret with which a partner's program makes accounts, up to a limit.

use std::fmt;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use jiff::Timestamp;
use secrecy::{ExposeSecret, SecretString};
use serde::{Serialize, Serializer};

use super::Domain;

/// The public name of an API key: 1 to 64 letters, digits, `-` and `_`. Nothing in it has to be escaped in a signature, and it can
/// stand between colons.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ApiKeyId(String);

/// The secret of an API key. It is a key of HMACs, so it is needed in clear: it is kept sealed, and shown once.
#[derive(Debug, Clone)]
pub struct ApiSecret(SecretString);

/// Whom an API key was given to, in the operator's words, exactly as given.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct KeyOwner(String);

/// An API key as it is kept, without its secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiKey {
    /// Its public name.
    pub id: ApiKeyId,
    /// The domain that it makes accounts on.
    pub domain: Domain,
    /// Whom it was given to.
    pub owner: KeyOwner,
    /// How many accounts of it there may be at the same time.
    pub limit: u32,
    /// How many accounts were ever made with it.
    pub created: u64,
    /// How many of those are gone again, in whatever way.
    pub deleted: u64,
    /// When it was made.
    pub created_at: Timestamp,
    /// When an account was last made with it.
    pub last_used_at: Option<Timestamp>,
    /// When the operator revoked it; nothing is made with it since.
    pub revoked_at: Option<Timestamp>,
}

/// What makes a text no owner: nothing in it, more than 200 characters, or characters that are not shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("an owner is named with 1 to 200 characters, without line breaks and other control characters")]
pub struct OwnerProblem;

impl ApiKeyId {
    /// The name of a new key: hexadecimal, so that no command takes one for an option.
    pub fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(format!("{:032x}", u128::from_be_bytes(bytes)))
    }

    /// Reads a name as somebody sent it.
    pub fn parse(input: &str) -> Option<Self> {
        let plain = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'_';
        ((1..=64).contains(&input.len()) && input.bytes().all(plain)).then(|| Self(input.to_owned()))
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl ApiSecret {
    /// A new secret of 256 random bits.
    pub fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(SecretString::from(URL_SAFE_NO_PAD.encode(bytes)))
    }

    /// A secret that was sealed as text.
    pub fn from_text(text: String) -> Self {
        Self(SecretString::from(text))
    }

    /// The text that HMACs are keyed with.
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }
}

impl KeyOwner {
    /// Takes a name as it is; blanks at its ends are kept, because programs look owners up by their exact name.
    pub fn parse(input: &str) -> Result<Self, OwnerProblem> {
        let told = !input.trim().is_empty() && input.chars().count() <= 200;
        let shown = !input.chars().any(char::is_control);
        (told && shown).then(|| Self(input.to_owned())).ok_or(OwnerProblem)
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl ApiKey {
    /// How many accounts may still be made with it. Accounts that are gone make room for others.
    pub fn left(&self) -> u64 {
        match self.revoked_at {
            Some(_) => 0,
            None => u64::from(self.limit).saturating_sub(self.created.saturating_sub(self.deleted)),
        }
    }

    /// Whether accounts can be made with it, as far as the operator is concerned.
    pub fn is_enabled(&self) -> bool {
        self.revoked_at.is_none()
    }
}

impl fmt::Display for ApiKeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for KeyOwner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Serialize for ApiKeyId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key() -> ApiKey {
        ApiKey {
            id: ApiKeyId::from_bytes([255; 16]),
            domain: Domain::parse("chat.example").unwrap(),
            owner: KeyOwner::parse("Acme").unwrap(),
            limit: 3,
            created: 0,
            deleted: 0,
            created_at: Timestamp::UNIX_EPOCH,
            last_used_at: None,
            revoked_at: None,
        }
    }

    #[test]
    fn a_made_name_reads_back_and_odd_ones_do_not() {
        let id = key().id;
        assert_eq!(id.as_str(), "f".repeat(32));
        assert_eq!(ApiKeyId::parse(id.as_str()), Some(id));
        assert_eq!(ApiKeyId::from_bytes([0; 16]).as_str(), "0".repeat(32));
        assert!(ApiKeyId::parse("key-1").is_some());
        for odd in ["", "a b", "a:b", "ключ", "a%20b", &"a".repeat(65)] {
            assert_eq!(ApiKeyId::parse(odd), None, "{odd:?}");
        }
    }

    #[test]
    fn accounts_that_are_gone_make_room_and_a_lowered_limit_makes_none() {
        let left = |limit, created, deleted| ApiKey { limit, created, deleted, ..key() }.left();
        assert_eq!((left(3, 0, 0), left(3, 3, 0), left(3, 3, 2), left(1, 3, 0)), (3, 0, 2, 0));
        let revoked = ApiKey { revoked_at: Some(Timestamp::UNIX_EPOCH), ..key() };
        assert_eq!((revoked.left(), revoked.is_enabled()), (0, false));
    }

    #[test]
    fn an_owner_is_kept_exactly_as_given() {
        assert_eq!(KeyOwner::parse("Agent API").unwrap().as_str(), "Agent API");
        assert_eq!(KeyOwner::parse(" A ").unwrap().as_str(), " A ");
        for odd in ["", "  ", "a\nb", "a\u{1b}[31m", &"a".repeat(201)] {
            assert_eq!(KeyOwner::parse(odd), Err(OwnerProblem), "{odd:?}");
        }
    }

    #[test]
    fn a_secret_is_not_shown() {
        let secret = ApiSecret::from_bytes([1; 32]);
        assert_eq!(secret.expose().len(), 43);
        assert!(!format!("{secret:?}").contains(secret.expose()));
    }
}

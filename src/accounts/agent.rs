//! What a program of the Agent API signs when it makes an account (account-apis §1.4): names, address, password and nonce, joined by
//! colons, with the secret of its API key.

use base64::{Engine, engine::general_purpose::STANDARD};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use zeroize::Zeroizing;

use super::ApiSecret;

/// What makes one signature different from all others of its key: 32 to 256 characters. It carries no time, so it is kept for good.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Nonce(String);

/// What is signed.
#[derive(Debug, Clone, Copy)]
pub struct SignedCreation<'a> {
    /// As sent.
    pub username: &'a str,
    /// As sent.
    pub email: &'a str,
    /// As sent; with a number the text that is signed is another one.
    pub phone: Option<&'a str>,
    /// As sent.
    pub password: &'a str,
    /// The key, as sent.
    pub key: &'a str,
    /// As sent.
    pub nonce: &'a Nonce,
}

impl Nonce {
    /// Reads a nonce as somebody sent it.
    pub fn parse(input: &str) -> Option<Self> {
        (32..=256).contains(&input.chars().count()).then(|| Self(input.to_owned()))
    }

    /// The nonce.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl SignedCreation<'_> {
    /// Whether `signature` (Base64) is right for one of the names that the program may know us by. All of them are tried, whichever is
    /// right, and each comparison takes the same time whatever was sent.
    pub fn is_signed_with(&self, secret: &ApiSecret, hosts: &[String], signature: &str) -> bool {
        // What is no Base64 is compared as nothing.
        let signature = STANDARD.decode(signature).unwrap_or_default();
        hosts
            .iter()
            .fold(false, |right, host| self.mac(secret, host).verify_slice(&signature).is_ok() | right)
    }

    /// The signature, in Base64.
    pub fn sign(&self, secret: &ApiSecret, host: &str) -> String {
        STANDARD.encode(self.mac(secret, host).finalize().into_bytes())
    }

    fn mac(&self, secret: &ApiSecret, host: &str) -> Hmac<Sha256> {
        let Self { username, email, phone, password, key, nonce } = *self;
        let nonce = nonce.as_str();
        let message = Zeroizing::new(match phone {
            None => format!("{username}:{host}:{email}:{password}:{key}:{nonce}"),
            Some(phone) => format!("{username}:{host}:{email}:{phone}:{password}:{key}:{nonce}"),
        });
        #[expect(clippy::expect_used, reason = "HMAC takes keys of every length (RFC 2104 §2)")]
        let mac = Hmac::<Sha256>::new_from_slice(secret.expose().as_bytes()).expect("HMAC takes any key");
        mac.chain_update(message.as_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NONCE: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";

    fn hosts(names: &[&str]) -> Vec<String> {
        names.iter().map(|&name| name.to_owned()).collect()
    }

    /// The vectors of account-apis §1.4.
    #[test]
    fn signatures_are_those_that_the_known_clients_make() {
        let secret = ApiSecret::from_text("s3cr&t".to_owned());
        let nonce = Nonce::parse(NONCE).unwrap();
        let plain = SignedCreation {
            username: "alice",
            email: "alice@example.net",
            phone: None,
            password: "correct horse",
            key: "key-1",
            nonce: &nonce,
        };
        let with_phone = SignedCreation { phone: Some("+46700000000"), ..plain };
        for (creation, signature) in [
            (plain, "CdwL8bB/xayvn0w8H5RvfAn7gsVD62ri23w9jJEs2TU="),
            (with_phone, "nUTw67vN2Nwo3HzUoZV0GXcjSVJdNab9sZF1tRSlR7Y="),
        ] {
            assert_eq!(creation.sign(&secret, "example.org"), signature);
            let right = |names: &[&str]| creation.is_signed_with(&secret, &hosts(names), signature);
            assert!(right(&["example.org"]) && right(&["a.example", "example.org", "b.example"]));
            assert!(!right(&["example.org:8080"]) && !right(&[]));
        }
        assert_ne!(plain.sign(&secret, "example.org"), with_phone.sign(&secret, "example.org"));
        let other = SignedCreation { password: "correct-horse", ..plain };
        let signature = plain.sign(&secret, "example.org");
        assert!(!other.is_signed_with(&secret, &hosts(&["example.org"]), &signature));
        assert!(!plain.is_signed_with(
            &ApiSecret::from_text("s3cret".to_owned()),
            &hosts(&["example.org"]),
            &signature
        ));
        for odd in ["", "=", "nonsense", &signature[..43], &format!("{signature} ")] {
            assert!(!plain.is_signed_with(&secret, &hosts(&["example.org"]), odd), "{odd:?}");
        }
    }

    #[test]
    fn a_nonce_has_32_characters_at_least() {
        assert!(Nonce::parse(&"a".repeat(31)).is_none());
        assert!(Nonce::parse(&"a".repeat(32)).is_some(), "a GUID without dashes");
        assert!(Nonce::parse(NONCE).is_some());
        assert!(Nonce::parse(&"a".repeat(257)).is_none());
    }
}

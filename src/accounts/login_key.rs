//! What checks signatures that somebody made with the password as key (HMAC-SHA-256, account-apis §1.4), without the password: the states of
//! the two hashes of an HMAC once they have taken in the key (RFC 2104 §4).

use base64::{Engine, engine::general_purpose::STANDARD};
use sha2::{
    Digest, Sha256,
    digest::common::hazmat::{SerializableState, SerializedState},
};
use subtle::ConstantTimeEq;
use zeroize::{Zeroize, Zeroizing};

use super::Nonce;

/// Both states. Whoever has them can sign as the owner of the password can, but does not know the password: they are kept sealed, and only
/// where the operator wants this way of logging in.
pub struct LoginKey(Zeroizing<Vec<u8>>);

/// A login that was signed with the password.
#[derive(Debug, Clone)]
pub struct SignedLogin {
    /// The name, as sent.
    pub username: String,
    /// Never used before.
    pub nonce: Nonce,
    /// Of all that, in Base64.
    pub signature: String,
    /// The names that the program may know us by.
    pub hosts: Vec<String>,
}

/// Bytes of a block of SHA-256.
const BLOCK: usize = 64;

impl LoginKey {
    /// The states of a password.
    pub fn of_password(password: &str) -> Self {
        let mut key = Zeroizing::new([0; BLOCK]);
        match password.len() {
            0..=BLOCK => key[..password.len()].copy_from_slice(password.as_bytes()),
            // Longer keys are hashed first (RFC 2104 §3).
            _ => key[..32].copy_from_slice(&Sha256::digest(password.as_bytes())),
        }
        let mut states = Zeroizing::new(Vec::new());
        for pad in [0x36, 0x5c] {
            let block = Zeroizing::new(key.map(|byte| byte ^ pad));
            let mut state = Sha256::new_with_prefix(*block).serialize();
            states.extend_from_slice(&state);
            state.as_mut_slice().zeroize();
        }
        Self(states)
    }

    /// States that were kept.
    pub fn from_bytes(bytes: Vec<u8>) -> Option<Self> {
        let key = Self(Zeroizing::new(bytes));
        key.states().is_some().then_some(key)
    }

    /// The states, to be sealed.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// Whether the login was signed with the password, for one of the names that the program may know us by. All of them are tried, whichever
    /// is right, and each comparison takes the same time whatever was sent.
    pub fn verifies(&self, login: &SignedLogin) -> bool {
        // What is no Base64 is compared as nothing.
        let signature = STANDARD.decode(&login.signature).unwrap_or_default();
        login.hosts.iter().fold(false, |right, host| {
            let message = format!("{}:{host}:{}", login.username, login.nonce.as_str());
            let mac = self.mac(message.as_bytes());
            mac.is_some_and(|mac| bool::from(mac.as_slice().ct_eq(&signature))) | right
        })
    }

    fn mac(&self, message: &[u8]) -> Option<[u8; 32]> {
        let (inner, outer) = self.states()?;
        let inner = inner.chain_update(message).finalize();
        Some(outer.chain_update(inner).finalize().into())
    }

    fn states(&self) -> Option<(Sha256, Sha256)> {
        let (inner, outer) = self.0.split_at_checked(self.0.len() / 2)?;
        let read = |bytes: &[u8]| {
            let state: &SerializedState<Sha256> = bytes.try_into().ok()?;
            Sha256::deserialize(state).ok()
        };
        Some((read(inner)?, read(outer)?))
    }
}

impl std::fmt::Debug for LoginKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("LoginKey(..)")
    }
}

#[cfg(test)]
mod tests {
    use hmac::{Hmac, KeyInit, Mac};
    use proptest::prelude::*;

    use super::*;

    fn login(username: &str, host: &str, signature: String) -> SignedLogin {
        SignedLogin {
            username: username.to_owned(),
            nonce: Nonce::parse("AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=").unwrap(),
            signature,
            hosts: vec!["other.example".to_owned(), host.to_owned()],
        }
    }

    /// The vector of account-apis §1.4.
    #[test]
    fn signatures_are_those_that_the_known_clients_make() {
        let signature = "0xXpHmCJaEH8uTK5A3DLqRr+Epvh3agxp+WhGe3UPr4=".to_owned();
        let key = LoginKey::of_password("correct horse");
        let kept = LoginKey::from_bytes(key.as_bytes().to_vec()).unwrap();
        for key in [key, kept] {
            assert!(key.verifies(&login("alice", "example.org", signature.clone())));
            assert!(!key.verifies(&login("alicf", "example.org", signature.clone())));
            assert!(!key.verifies(&login("alice", "example.com", signature.clone())));
            assert!(!key.verifies(&login("alice", "example.org", String::new())));
            assert!(!key.verifies(&login("alice", "example.org", "not base64!".to_owned())));
        }
        assert!(!LoginKey::of_password("correct-horse").verifies(&login("alice", "example.org", signature)));
    }

    #[test]
    fn what_was_not_kept_whole_is_no_key() {
        let bytes = LoginKey::of_password("correct horse").as_bytes().to_vec();
        for length in [0, 1, bytes.len() / 2, bytes.len() - 1] {
            assert!(LoginKey::from_bytes(bytes[..length].to_vec()).is_none(), "{length}");
        }
        assert!(LoginKey::from_bytes([bytes, vec![0]].concat()).is_none());
        assert_eq!(format!("{:?}", LoginKey::of_password("x")), "LoginKey(..)");
    }

    proptest! {
        #[test]
        fn it_is_the_hmac_of_every_password_and_message(password in "\\PC{0,100}", message in "\\PC{0,200}") {
            let mac = <Hmac<Sha256> as KeyInit>::new_from_slice(password.as_bytes()).unwrap();
            let right: [u8; 32] = mac.chain_update(message.as_bytes()).finalize().into_bytes().into();
            prop_assert_eq!(LoginKey::of_password(&password).mac(message.as_bytes()), Some(right));
        }
    }
}

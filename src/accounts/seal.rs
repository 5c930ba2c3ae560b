//! Sealing: what would help a thief is kept encrypted with a key that lives outside the database.

use std::fmt;

use chacha20poly1305::{
    KeyInit, XChaCha20Poly1305, XNonce,
    aead::{Aead, Payload},
};
use secrecy::{ExposeSecret, SecretBox};

use super::ProofKey;

/// The service's one master key and the keys made from it, each for one purpose.
#[derive(Clone)]
pub struct Keyring {
    master: ProofKey,
}

/// Encrypts and authenticates short values (XChaCha20-Poly1305; the nonce is random and stored in front).
pub struct SealKey {
    key: SecretBox<[u8; 32]>,
}

/// A sealed value does not open: made with another key, for another place, or changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "a sealed value does not open: the key file is not the one it was sealed with, or the value was changed"
)]
pub struct SealProblem;

impl Keyring {
    /// The keyring of a master key.
    pub fn new(master: [u8; 32]) -> Self {
        Self { master: ProofKey::new(master) }
    }

    /// The key that seals values of `purpose`.
    pub fn seal_key(&self, purpose: &str) -> SealKey {
        SealKey { key: SecretBox::new(Box::new(*self.master.hash(&["seal", purpose]).as_bytes())) }
    }

    /// The key that hashes proofs of `purpose`.
    pub fn proof_key(&self, purpose: &str) -> ProofKey {
        ProofKey::new(*self.master.hash(&["proof", purpose]).as_bytes())
    }
}

impl SealKey {
    /// Seals `plain` for one `place` (such as the row it is kept in); it opens nowhere else. `nonce` must be random.
    pub fn seal(&self, place: &str, nonce: [u8; 24], plain: &[u8]) -> Vec<u8> {
        let payload = Payload { msg: plain, aad: place.as_bytes() };
        #[expect(clippy::expect_used, reason = "encryption fails only for messages beyond 256 GB")]
        let sealed = self.cipher().encrypt(&XNonce::from(nonce), payload).expect("a short message");
        [nonce.as_slice(), &sealed].concat()
    }

    /// Opens what [`SealKey::seal`] made for the same `place`.
    pub fn open(&self, place: &str, sealed: &[u8]) -> Result<Vec<u8>, SealProblem> {
        let (nonce, body) = sealed.split_first_chunk::<24>().ok_or(SealProblem)?;
        let payload = Payload { msg: body, aad: place.as_bytes() };
        self.cipher().decrypt(&XNonce::from(*nonce), payload).map_err(|_| SealProblem)
    }

    fn cipher(&self) -> XChaCha20Poly1305 {
        XChaCha20Poly1305::new(self.key.expose_secret().into())
    }
}

impl fmt::Debug for Keyring {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Keyring(..)")
    }
}

impl fmt::Debug for SealKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SealKey(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sealed_value_opens_only_in_its_place_with_its_key() {
        let key = Keyring::new([1; 32]).seal_key("scram");
        let sealed = key.seal("alice", [9; 24], b"keys");
        assert_eq!(key.open("alice", &sealed).unwrap(), b"keys");
        assert_eq!(key.open("bob", &sealed), Err(SealProblem));
        assert_eq!(Keyring::new([1; 32]).seal_key("letters").open("alice", &sealed), Err(SealProblem));
        assert_eq!(Keyring::new([2; 32]).seal_key("scram").open("alice", &sealed), Err(SealProblem));
        for at in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[at] ^= 1;
            assert_eq!(key.open("alice", &changed), Err(SealProblem), "byte {at}");
        }
        assert_eq!(key.open("alice", b"short"), Err(SealProblem));
    }
}

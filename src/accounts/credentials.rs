//! What is kept instead of a password: an Argon2id verifier, and SCRAM keys so that clients keep SCRAM (RFC 5802, RFC 7677).

use std::fmt;

use base64::{Engine, engine::general_purpose::STANDARD_NO_PAD};
use hmac::{Hmac, KeyInit, Mac};
use serde::{Deserialize, Serialize};
use sha1::Sha1;
use sha2::{Digest, Sha256};
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use super::{Domain, ProofKey, Username};

/// An Argon2id verifier as a PHC string. `Debug` shows nothing of it.
#[derive(Clone, PartialEq, Eq)]
pub struct PasswordHash(String);

/// A SCRAM mechanism whose keys are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Mechanism {
    /// RFC 5802.
    #[serde(rename = "SCRAM-SHA-1")]
    ScramSha1,
    /// RFC 7677.
    #[serde(rename = "SCRAM-SHA-256")]
    ScramSha256,
}

/// What a server needs to check a SCRAM proof, for one mechanism. Who has it can guess passwords cheaply: it is kept sealed.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, Zeroize, ZeroizeOnDrop)]
pub struct ScramKeys {
    /// The mechanism.
    #[zeroize(skip)]
    pub mechanism: Mechanism,
    /// PBKDF2 rounds.
    pub iterations: u32,
    /// Printable ASCII, so that every server's own store could take it too.
    pub salt: String,
    /// `H(HMAC(salted password, "Client Key"))`.
    pub stored_key: Vec<u8>,
    /// `HMAC(salted password, "Server Key")`.
    pub server_key: Vec<u8>,
}

/// The keys of one account, one entry for each mechanism.
pub type ScramSet = Vec<ScramKeys>;

impl PasswordHash {
    /// Wraps a PHC string.
    pub fn new(phc: String) -> Self {
        Self(phc)
    }

    /// The PHC string, for the store and for checking.
    pub fn as_phc(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for PasswordHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PasswordHash(..)")
    }
}

impl Mechanism {
    /// Every mechanism that keys are kept for.
    pub const ALL: [Self; 2] = [Self::ScramSha1, Self::ScramSha256];

    /// The name registered with IANA.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ScramSha1 => "SCRAM-SHA-1",
            Self::ScramSha256 => "SCRAM-SHA-256",
        }
    }
}

impl ScramKeys {
    /// Derives the keys of `password` (already in SASLprep form). Costs `iterations` HMACs: about 1 ms for 10,000.
    pub fn derive(mechanism: Mechanism, password: &str, salt: String, iterations: u32) -> Self {
        let (stored_key, server_key) = match mechanism {
            Mechanism::ScramSha1 => {
                let mut salted = Zeroizing::new([0; 20]);
                pbkdf2::pbkdf2_hmac::<Sha1>(
                    password.as_bytes(),
                    salt.as_bytes(),
                    iterations,
                    salted.as_mut(),
                );
                let mac = |text: &[u8]| hmac::<Hmac<Sha1>>(salted.as_ref(), text);
                (Sha1::digest(mac(b"Client Key")).to_vec(), mac(b"Server Key"))
            }
            Mechanism::ScramSha256 => {
                let mut salted = Zeroizing::new([0; 32]);
                pbkdf2::pbkdf2_hmac::<Sha256>(
                    password.as_bytes(),
                    salt.as_bytes(),
                    iterations,
                    salted.as_mut(),
                );
                let mac = |text: &[u8]| hmac::<Hmac<Sha256>>(salted.as_ref(), text);
                (Sha256::digest(mac(b"Client Key")).to_vec(), mac(b"Server Key"))
            }
        };
        Self { mechanism, iterations, salt, stored_key, server_key }
    }

    /// A salt in the form that [`ScramKeys::salt`] asks for.
    pub fn salt_from(random: &[u8; 16]) -> String {
        STANDARD_NO_PAD.encode(random)
    }

    /// Keys for a name that has no account: the same at every question, and no password proves them. So SCRAM, which asks
    /// for the salt before any proof, does not tell who exists.
    pub fn made_up(
        mechanism: Mechanism,
        key: &ProofKey,
        domain: &Domain,
        username: &Username,
        iterations: u32,
    ) -> Self {
        let part = |what: &str| key.hash(&[what, mechanism.as_str(), domain.as_str(), username.as_str()]);
        let length = match mechanism {
            Mechanism::ScramSha1 => 20,
            Mechanism::ScramSha256 => 32,
        };
        let mut salt = [0; 16];
        salt.copy_from_slice(&part("salt").as_bytes()[..16]);
        Self {
            mechanism,
            iterations,
            salt: Self::salt_from(&salt),
            stored_key: part("stored key").as_bytes()[..length].to_vec(),
            server_key: part("server key").as_bytes()[..length].to_vec(),
        }
    }
}

impl fmt::Debug for ScramKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ScramKeys({}, ..)", self.mechanism.as_str())
    }
}

fn hmac<M: Mac + KeyInit>(key: &[u8], text: &[u8]) -> Vec<u8> {
    #[expect(clippy::expect_used, reason = "HMAC takes keys of every length (RFC 2104 §2)")]
    let mac = <M as KeyInit>::new_from_slice(key).expect("HMAC takes any key");
    mac.chain_update(text).finalize().into_bytes().to_vec()
}

#[cfg(test)]
mod tests {
    use base64::engine::general_purpose::STANDARD;

    use super::*;

    /// Checks a whole SCRAM exchange as a server does: the proof of the client, then the signature of the server.
    fn exchange<M: Mac + KeyInit, H: Digest>(keys: &ScramKeys, auth: &str, proof: &str, signature: &str) {
        let client_signature = hmac::<M>(&keys.stored_key, auth.as_bytes());
        let proof = STANDARD.decode(proof).unwrap();
        let client_key: Vec<u8> = proof.iter().zip(&client_signature).map(|(a, b)| a ^ b).collect();
        assert_eq!(H::digest(&client_key).to_vec(), keys.stored_key, "the client's proof");
        assert_eq!(
            STANDARD.encode(hmac::<M>(&keys.server_key, auth.as_bytes())),
            signature,
            "the server's signature"
        );
    }

    fn salt(base64: &str) -> String {
        // The RFCs' salts are not text; Latin-1 would change them, so the derivation is called with bytes below.
        base64.to_owned()
    }

    #[test]
    fn sha_256_keys_prove_the_exchange_of_rfc_7677() {
        let salt_bytes = STANDARD.decode(salt("W22ZaJ0SNY7soEsUEjb6gQ==")).unwrap();
        let mut salted = [0; 32];
        pbkdf2::pbkdf2_hmac::<Sha256>(b"pencil", &salt_bytes, 4096, &mut salted);
        let keys = ScramKeys {
            mechanism: Mechanism::ScramSha256,
            iterations: 4096,
            salt: String::new(),
            stored_key: Sha256::digest(hmac::<Hmac<Sha256>>(&salted, b"Client Key")).to_vec(),
            server_key: hmac::<Hmac<Sha256>>(&salted, b"Server Key"),
        };
        let nonce = "rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0";
        let auth = format!(
            "n=user,r=rOprNGfwEbeRWgbNEkqO,r={nonce},s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096,c=biws,r={nonce}"
        );
        exchange::<Hmac<Sha256>, Sha256>(
            &keys,
            &auth,
            "dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=",
            "6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=",
        );
    }

    #[test]
    fn derived_keys_prove_an_exchange_with_both_hashes() {
        for mechanism in Mechanism::ALL {
            let keys = ScramKeys::derive(mechanism, "pencil", "QSXCR+Q6sek8bf92".to_owned(), 4096);
            let again = ScramKeys::derive(mechanism, "pencil", "QSXCR+Q6sek8bf92".to_owned(), 4096);
            let other = ScramKeys::derive(mechanism, "Pencil", "QSXCR+Q6sek8bf92".to_owned(), 4096);
            assert!(
                keys == again && keys.stored_key != other.stored_key && keys.server_key != other.server_key
            );
        }
    }

    #[test]
    fn made_up_keys_are_stable_and_differ_by_name_and_domain() {
        let key = ProofKey::new([7; 32]);
        let (here, there) = (Domain::parse("a.example").unwrap(), Domain::parse("b.example").unwrap());
        let name = Username::prepare("nobody").unwrap();
        let made_up = |domain| ScramKeys::made_up(Mechanism::ScramSha256, &key, domain, &name, 10_000);
        assert!(made_up(&here) == made_up(&here) && made_up(&here) != made_up(&there));
        assert_eq!(made_up(&here).salt.len(), ScramKeys::salt_from(&[0; 16]).len());
    }
}

//! What is kept instead of a password: an Argon2id verifier, and SCRAM keys so that clients keep SCRAM (RFC 5802, RFC 7677).

use std::fmt;

use base64::{Engine, engine::general_purpose::STANDARD_NO_PAD};
use hmac::{Hmac, KeyInit, Mac};
use serde::{Deserialize, Serialize};
use sha1::Sha1;
use sha2::{Digest, Sha256};
use subtle::{Choice, ConstantTimeEq};
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

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
    /// The salt.
    pub salt: Salt,
    /// `H(HMAC(salted password, "Client Key"))`.
    pub stored_key: Vec<u8>,
    /// `HMAC(salted password, "Server Key")`.
    pub server_key: Vec<u8>,
}

/// The salt of SCRAM keys. Ours are printable ASCII, so that every server's own store could take them too; those of other servers may be
/// any bytes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Zeroize)]
#[serde(from = "WrittenSalt", into = "WrittenSalt")]
pub struct Salt(Vec<u8>);

/// A salt as it is sealed: text where it is printable, as every salt was before accounts were taken over from elsewhere.
#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum WrittenSalt {
    Text(String),
    Bytes(Vec<u8>),
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

    /// Bytes of a key: what the hash function gives.
    pub const fn key_length(self) -> usize {
        match self {
            Self::ScramSha1 => 20,
            Self::ScramSha256 => 32,
        }
    }
}

impl Salt {
    /// Most bytes that are taken over from elsewhere: servers make 16 to 36.
    pub const MOST_BYTES: usize = 128;

    /// A salt from elsewhere; `None` for one that is empty or longer than any server makes.
    pub fn new(bytes: &[u8]) -> Option<Self> {
        (1..=Self::MOST_BYTES).contains(&bytes.len()).then(|| Self(bytes.to_vec()))
    }

    /// A salt that is known to be one.
    pub(super) fn from_bytes(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }

    /// The bytes.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

impl From<WrittenSalt> for Salt {
    fn from(written: WrittenSalt) -> Self {
        match written {
            WrittenSalt::Text(text) => Self(text.into_bytes()),
            WrittenSalt::Bytes(bytes) => Self(bytes),
        }
    }
}

impl From<Salt> for WrittenSalt {
    fn from(salt: Salt) -> Self {
        match String::from_utf8(salt.0) {
            Ok(text) if text.bytes().all(|byte| byte.is_ascii_graphic()) => Self::Text(text),
            Ok(text) => Self::Bytes(text.into_bytes()),
            Err(error) => Self::Bytes(error.into_bytes()),
        }
    }
}

impl ScramKeys {
    /// Derives the keys of `password` (already in SASLprep form). Costs `iterations` HMACs: about 1 ms for 10,000.
    pub fn derive(mechanism: Mechanism, password: &str, salt: Salt, iterations: u32) -> Self {
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

    /// A new salt of ours.
    pub fn salt_from(random: &[u8; 16]) -> Salt {
        Salt(STANDARD_NO_PAD.encode(random).into_bytes())
    }

    /// Whether they are the keys of `password` (already in SASLprep form). Costs as much as deriving them, whatever the answer.
    pub fn prove(&self, password: &str) -> bool {
        let derived = Self::derive(self.mechanism, password, self.salt.clone(), self.iterations);
        (derived.stored_key.ct_eq(&self.stored_key) & derived.server_key.ct_eq(&self.server_key)).into()
    }

    /// What the client has mixed its proof with (RFC 5802 §3, `ClientSignature`).
    pub(super) fn client_signature(&self, signed: &[u8]) -> Vec<u8> {
        self.mac(&self.stored_key, signed)
    }

    /// What proves to the client that we have its keys (`ServerSignature`).
    pub(super) fn server_signature(&self, signed: &[u8]) -> Vec<u8> {
        self.mac(&self.server_key, signed)
    }

    /// Whether the stored key was made of this client key; in constant time.
    pub(super) fn is_client_key(&self, client_key: &[u8]) -> Choice {
        let stored_key = match self.mechanism {
            Mechanism::ScramSha1 => Sha1::digest(client_key).to_vec(),
            Mechanism::ScramSha256 => Sha256::digest(client_key).to_vec(),
        };
        stored_key.ct_eq(&self.stored_key)
    }

    fn mac(&self, key: &[u8], text: &[u8]) -> Vec<u8> {
        match self.mechanism {
            Mechanism::ScramSha1 => hmac::<Hmac<Sha1>>(key, text),
            Mechanism::ScramSha256 => hmac::<Hmac<Sha256>>(key, text),
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

    fn salt(base64: &str) -> Salt {
        Salt::new(&STANDARD.decode(base64).unwrap()).unwrap()
    }

    #[test]
    fn sha_256_keys_prove_the_exchange_of_rfc_7677() {
        let keys =
            ScramKeys::derive(Mechanism::ScramSha256, "pencil", salt("W22ZaJ0SNY7soEsUEjb6gQ=="), 4096);
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
            let keys = ScramKeys::derive(mechanism, "pencil", salt("QSXCR+Q6sek8bf92"), 4096);
            let again = ScramKeys::derive(mechanism, "pencil", salt("QSXCR+Q6sek8bf92"), 4096);
            let other = ScramKeys::derive(mechanism, "Pencil", salt("QSXCR+Q6sek8bf92"), 4096);
            assert!(
                keys == again && keys.stored_key != other.stored_key && keys.server_key != other.server_key
            );
        }
    }

    #[test]
    fn keys_prove_their_own_password_and_no_other() {
        for mechanism in Mechanism::ALL {
            let keys = ScramKeys::derive(mechanism, "pencil", salt("AP8B/g=="), 16);
            assert!(keys.prove("pencil") && !keys.prove("Pencil"));
            let mut half = keys.clone();
            half.server_key[0] ^= 1;
            assert!(!half.prove("pencil"), "both keys count");
        }
    }

    #[test]
    fn what_was_sealed_before_salts_could_be_bytes_reads_as_ever_and_bytes_come_back() {
        let sealed_then = r#"{"mechanism":"SCRAM-SHA-1","iterations":10000,"salt":"QSXCR+Q6sek8bf92xxxxxx","stored_key":[1,2],"server_key":[3]}"#;
        let mut keys: ScramKeys = serde_json::from_str(sealed_then).unwrap();
        assert_eq!(keys.salt.as_bytes(), b"QSXCR+Q6sek8bf92xxxxxx");
        assert_eq!(serde_json::to_string(&keys).unwrap(), sealed_then, "an older broker can still read it");
        let salts: [&[u8]; 4] = [&[0, 255, 10, 200], b"two words", "é".as_bytes(), b"7"];
        for salt in salts {
            keys.salt = Salt::new(salt).unwrap();
            let again: ScramKeys = serde_json::from_str(&serde_json::to_string(&keys).unwrap()).unwrap();
            assert_eq!(again.salt.as_bytes(), salt);
        }
        assert!(Salt::new(b"").is_none() && Salt::new(&[1; 129]).is_none());
    }
}

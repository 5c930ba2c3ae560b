//! The token and the token secret of a form that can be signed (XEP-0348 §2). Nothing is kept of them: the token carries its own
//! time and proof, and its secret is computed from it, so the form may come back on another stream and to another broker.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use jiff::{SignedDuration, Timestamp};
use secrecy::{ExposeSecret, SecretString};
use subtle::ConstantTimeEq;

use super::{Domain, ProofKey};

/// The token of one blank form and the secret that belongs to it.
#[derive(Debug, Clone)]
pub struct FormToken {
    text: String,
    secret: SecretString,
}

impl FormToken {
    /// How long after it was given out a form may be sent back.
    pub const LIFETIME: SignedDuration = SignedDuration::from_hours(1);

    const TIME: usize = 8;
    const PLAIN: usize = Self::TIME + 12;
    const WHOLE: usize = Self::PLAIN + 16;

    /// A new token; `random` makes it another one than all others of this second.
    pub fn issue(key: &ProofKey, domain: &Domain, now: Timestamp, random: [u8; 12]) -> Self {
        let plain = [now.as_second().to_be_bytes().as_slice(), &random].concat();
        let whole = [plain.as_slice(), &Self::proof(key, domain, &plain)].concat();
        Self::of_text(key, domain, URL_SAFE_NO_PAD.encode(whole))
    }

    /// A token as it came back; `None` if it is none of ours for this domain, or too old.
    pub fn check(key: &ProofKey, domain: &Domain, text: &str, now: Timestamp) -> Option<Self> {
        if text.len() > 64 {
            return None;
        }
        let whole: [u8; Self::WHOLE] = URL_SAFE_NO_PAD.decode(text).ok()?.try_into().ok()?;
        let (plain, proof) = whole.split_at(Self::PLAIN);
        let ours: bool = Self::proof(key, domain, plain).as_slice().ct_eq(proof).into();
        let time = plain.first_chunk::<{ Self::TIME }>()?;
        let issued = Timestamp::from_second(i64::from_be_bytes(*time)).ok()?;
        let in_time = now.duration_since(issued) <= Self::LIFETIME;
        (ours && in_time).then(|| Self::of_text(key, domain, text.to_owned()))
    }

    /// The token, for the form.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Its secret, for the form and for the signature.
    pub fn secret(&self) -> &str {
        self.secret.expose_secret()
    }

    fn of_text(key: &ProofKey, domain: &Domain, text: String) -> Self {
        let secret = key.hash(&["form token secret", domain.as_str(), &text]);
        Self { text, secret: SecretString::from(URL_SAFE_NO_PAD.encode(secret.as_bytes())) }
    }

    fn proof(key: &ProofKey, domain: &Domain, plain: &[u8]) -> [u8; 16] {
        let hash = key.hash(&["form token", domain.as_str(), &URL_SAFE_NO_PAD.encode(plain)]);
        let mut proof = [0; 16];
        proof.copy_from_slice(&hash.as_bytes()[..16]);
        proof
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn domain(name: &str) -> Domain {
        Domain::parse(name).unwrap()
    }

    fn now(seconds: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + seconds).unwrap()
    }

    #[test]
    fn a_token_comes_back_with_the_same_secret_within_its_hour_and_on_its_domain() {
        let (key, here) = (ProofKey::new([1; 32]), domain("chat.example"));
        let token = FormToken::issue(&key, &here, now(0), [7; 12]);
        let check = |key: &ProofKey, domain: &Domain, seconds| {
            FormToken::check(key, domain, token.as_str(), now(seconds))
        };
        let back = check(&key, &here, 3600).unwrap();
        assert_eq!(back.secret(), token.secret());
        assert!(check(&key, &here, 3601).is_none());
        assert!(check(&key, &domain("other.example"), 0).is_none());
        assert!(check(&ProofKey::new([2; 32]), &here, 0).is_none());
        let other = FormToken::issue(&key, &here, now(0), [8; 12]);
        assert!(other.as_str() != token.as_str() && other.secret() != token.secret());
        assert!(!format!("{token:?}").contains(token.secret()));
    }

    proptest::proptest! {
        #[test]
        fn no_other_text_is_a_token(text in "\\PC{0,80}", at in 0usize..48, with in "[A-Za-z0-9_-]") {
            let (key, domain) = (ProofKey::new([1; 32]), domain("chat.example"));
            proptest::prop_assert!(FormToken::check(&key, &domain, &text, now(0)).is_none());
            let token = FormToken::issue(&key, &domain, now(0), [7; 12]);
            let mut changed = token.as_str().to_owned();
            changed.replace_range(at..=at, &with);
            let same = changed == token.as_str();
            proptest::prop_assert_eq!(FormToken::check(&key, &domain, &changed, now(0)).is_some(), same);
        }
    }
}

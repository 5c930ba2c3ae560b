//! Verification: a code typed in, or a link opened, proves a contact. Only keyed hashes of both are kept.

use std::fmt;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit, Mac};
use jiff::Timestamp;
use secrecy::{ExposeSecret, SecretBox, SecretString};
use sha2::Sha256;
use subtle::ConstantTimeEq;

use super::{Domain, Username};

/// Six digits from a letter.
#[derive(Debug, Clone)]
pub struct Code(SecretString);

/// 128 random bits from a link in a letter, in base64url.
#[derive(Debug, Clone)]
pub struct LinkToken(SecretString);

/// What a person brings to prove a contact.
#[derive(Debug, Clone)]
pub enum Proof {
    /// The code, for an account that is named.
    Code(Code),
    /// The link; it names the account by itself.
    Link(LinkToken),
}

/// A keyed hash of a code or token.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct ProofHash([u8; 32]);

/// The key of those hashes (HMAC-SHA-256): without it a stolen database does not even give up six-digit codes.
#[derive(Clone)]
pub struct ProofKey(std::sync::Arc<SecretBox<[u8; 32]>>);

/// A verification that waits for its proof.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verification {
    /// Hash of the code.
    pub code: ProofHash,
    /// Hash of the link's token.
    pub link: ProofHash,
    /// How many codes may still be tried.
    pub tries_left: u32,
    /// When the code stops working.
    pub code_expires_at: Timestamp,
    /// When the link stops working.
    pub link_expires_at: Timestamp,
}

/// The same for a phone number: text messages bring a code and no link.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PhoneVerification {
    /// Hash of the code.
    pub code: ProofHash,
    /// How many codes may still be tried.
    pub tries_left: u32,
    /// When the code stops working.
    pub code_expires_at: Timestamp,
}

/// What a proof is worth.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// The contact is proven.
    Proven,
    /// Not the right one; this many codes may still be tried.
    Wrong {
        /// Tries left after this one.
        tries_left: u32,
    },
    /// The right one or not: it came too late, or after too many tries.
    Expired,
}

impl Code {
    /// Digits in a code.
    pub const LENGTH: usize = 6;

    /// The code with that number, below one million.
    pub fn from_number(number: u32) -> Self {
        Self(SecretString::from(format!("{:06}", number % 1_000_000)))
    }

    /// Reads what a person typed: six digits, with spaces or hyphens between them.
    pub fn parse(input: &str) -> Option<Self> {
        if input.len() > 32 {
            return None;
        }
        let digits: String = input.chars().filter(|c| !c.is_whitespace() && *c != '-').collect();
        let right = digits.len() == Self::LENGTH && digits.bytes().all(|b| b.is_ascii_digit());
        right.then(|| Self(SecretString::from(digits)))
    }

    /// The digits, for the letter.
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }
}

impl LinkToken {
    /// The token of 128 random bits.
    pub fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(SecretString::from(URL_SAFE_NO_PAD.encode(bytes)))
    }

    /// Reads a token from a link.
    pub fn parse(input: &str) -> Option<Self> {
        let bytes: [u8; 16] =
            (input.len() == 22).then(|| URL_SAFE_NO_PAD.decode(input).ok())??.try_into().ok()?;
        Some(Self::from_bytes(bytes))
    }

    /// The text, for the letter.
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }
}

impl ProofKey {
    /// Wraps a key.
    pub fn new(key: [u8; 32]) -> Self {
        Self(std::sync::Arc::new(SecretBox::new(Box::new(key))))
    }

    /// The hash of a list of texts; their lengths are hashed too, so that no two lists collide.
    pub fn hash(&self, parts: &[&str]) -> ProofHash {
        #[expect(clippy::expect_used, reason = "HMAC takes keys of every length (RFC 2104 §2)")]
        let mut mac = Hmac::<Sha256>::new_from_slice(self.0.expose_secret()).expect("HMAC takes any key");
        for part in parts {
            mac.update(&(part.len() as u64).to_be_bytes());
            mac.update(part.as_bytes());
        }
        ProofHash(mac.finalize().into_bytes().into())
    }

    /// The hash of a code; it counts for one account only.
    pub fn hash_code(&self, domain: &Domain, username: &Username, code: &Code) -> ProofHash {
        self.hash(&["code", domain.as_str(), username.as_str(), code.expose()])
    }

    /// The hash of a link's token.
    pub fn hash_link(&self, token: &LinkToken) -> ProofHash {
        self.hash(&["link", token.expose()])
    }
}

impl ProofHash {
    /// A hash read back from the store.
    pub fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The bytes, for the store.
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// A number of it, to choose by.
    pub(super) fn number(&self) -> u64 {
        let mut bytes = [0; 8];
        bytes.copy_from_slice(&self.0[..8]);
        u64::from_be_bytes(bytes)
    }

    /// Whether both are the same; takes the same time whatever they are.
    pub fn matches(&self, other: &Self) -> bool {
        self.0.ct_eq(&other.0).into()
    }
}

impl Verification {
    /// Holds the hash of a typed code against this verification. The caller keeps the tries that are left.
    pub fn check_code(&self, code: &ProofHash, now: Timestamp) -> Verdict {
        check_code(&self.code, code, self.tries_left, now < self.code_expires_at)
    }

    /// Holds the hash of an opened link against this verification. Links are too long to guess, so tries are not counted.
    pub fn check_link(&self, link: &ProofHash, now: Timestamp) -> Verdict {
        match self.link.matches(link) {
            true if now < self.link_expires_at => Verdict::Proven,
            true => Verdict::Expired,
            false => Verdict::Wrong { tries_left: self.tries_left },
        }
    }
}

impl PhoneVerification {
    /// Holds the hash of a typed code against this verification. The caller keeps the tries that are left.
    pub fn check_code(&self, code: &ProofHash, now: Timestamp) -> Verdict {
        check_code(&self.code, code, self.tries_left, now < self.code_expires_at)
    }
}

fn check_code(right: &ProofHash, given: &ProofHash, tries_left: u32, in_time: bool) -> Verdict {
    match tries_left.checked_sub(1) {
        Some(_) if in_time && right.matches(given) => Verdict::Proven,
        Some(tries_left) if in_time => Verdict::Wrong { tries_left },
        _ => Verdict::Expired,
    }
}

impl fmt::Debug for ProofHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ProofHash(..)")
    }
}

impl fmt::Debug for ProofKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ProofKey(..)")
    }
}

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;

    use super::*;

    fn verification() -> (Verification, ProofHash, ProofHash) {
        let key = ProofKey::new([3; 32]);
        let (domain, name) = (Domain::parse("chat.example").unwrap(), Username::prepare("alice").unwrap());
        let code = key.hash_code(&domain, &name, &Code::from_number(1234));
        let link = key.hash_link(&LinkToken::from_bytes([5; 16]));
        let verification = Verification {
            code,
            link,
            tries_left: 2,
            code_expires_at: Timestamp::UNIX_EPOCH + SignedDuration::from_mins(30),
            link_expires_at: Timestamp::UNIX_EPOCH + SignedDuration::from_hours(24),
        };
        (verification, code, link)
    }

    fn after(minutes: i64) -> Timestamp {
        Timestamp::UNIX_EPOCH + SignedDuration::from_mins(minutes)
    }

    #[test]
    fn the_right_code_proves_until_it_expires() {
        let (verification, code, _) = verification();
        assert_eq!(verification.check_code(&code, after(29)), Verdict::Proven);
        assert_eq!(verification.check_code(&code, after(30)), Verdict::Expired);
    }

    #[test]
    fn wrong_codes_use_up_the_tries_and_then_even_the_right_one_fails() {
        let (mut verification, code, link) = verification();
        assert_eq!(verification.check_code(&link, after(1)), Verdict::Wrong { tries_left: 1 });
        verification.tries_left = 0;
        assert_eq!(verification.check_code(&code, after(1)), Verdict::Expired);
        assert_eq!(verification.check_link(&link, after(1)), Verdict::Proven, "the link still works");
    }

    #[test]
    fn the_link_works_for_its_own_time() {
        let (verification, code, link) = verification();
        assert_eq!(verification.check_link(&link, after(24 * 60 - 1)), Verdict::Proven);
        assert_eq!(verification.check_link(&link, after(24 * 60)), Verdict::Expired);
        assert_eq!(verification.check_link(&code, after(1)), Verdict::Wrong { tries_left: 2 });
    }

    #[test]
    fn a_code_counts_for_one_account_only() {
        let key = ProofKey::new([3; 32]);
        let domain = Domain::parse("chat.example").unwrap();
        let hash =
            |name: &str| key.hash_code(&domain, &Username::prepare(name).unwrap(), &Code::from_number(7));
        assert_ne!(hash("alice"), hash("bob"));
    }

    #[test]
    fn codes_are_read_as_people_type_them() {
        assert_eq!(Code::parse(" 012 345 ").unwrap().expose(), "012345");
        assert_eq!(Code::parse("012-345").unwrap().expose(), "012345");
        for bad in ["", "12345", "1234567", "12345a", "１２３４５６", &"1".repeat(1000)] {
            assert!(Code::parse(bad).is_none(), "{bad:?}");
        }
        assert_eq!(Code::from_number(42).expose(), "000042");
    }

    #[test]
    fn tokens_are_read_only_in_the_form_they_were_written() {
        let token = LinkToken::from_bytes([255; 16]);
        assert_eq!(LinkToken::parse(token.expose()).unwrap().expose(), token.expose());
        for bad in ["", "short", "_____________________!", &"A".repeat(23)] {
            assert!(LinkToken::parse(bad).is_none(), "{bad:?}");
        }
    }
}

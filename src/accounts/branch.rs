//! Branches: offices of a partner whose programs make accounts for their people, active at once. A branch has a number, a secret, and a
//! second secret, the activation token, without which nothing becomes active.

use std::fmt;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use jiff::Timestamp;
use secrecy::{ExposeSecret, SecretString};
use serde::{Serialize, Serializer};

use super::{Domain, KeyOwner, ProofHash, ProofKey};

/// The number of a branch; from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct BranchId(u32);

/// The two secrets of a branch. Only keyed hashes of them are kept; they are shown once.
#[derive(Debug, Clone)]
pub struct BranchSecrets {
    /// Proves that a program belongs to the branch.
    pub secret: SecretString,
    /// Allows it to make accounts that are active at once.
    pub activation_token: SecretString,
}

/// What is kept of [`BranchSecrets`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BranchHashes {
    /// Keyed hash of the secret.
    pub secret: ProofHash,
    /// Keyed hash of the activation token.
    pub activation_token: ProofHash,
}

/// A branch as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Branch {
    /// Its number.
    pub id: BranchId,
    /// The domain that it makes accounts on.
    pub domain: Domain,
    /// Whose it is.
    pub owner: KeyOwner,
    /// How many accounts were ever made by it.
    pub created: u64,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it got its present secrets.
    pub rotated_at: Timestamp,
    /// When an account was last made by it.
    pub last_used_at: Option<Timestamp>,
    /// When the operator revoked it; nothing is made by it since.
    pub revoked_at: Option<Timestamp>,
}

impl BranchId {
    /// A number that a branch can have.
    pub fn new(number: u32) -> Option<Self> {
        (number > 0).then_some(Self(number))
    }

    /// Reads a number as somebody typed it.
    pub fn parse(input: &str) -> Option<Self> {
        input.parse().ok().and_then(Self::new)
    }

    /// The number.
    pub const fn number(self) -> u32 {
        self.0
    }
}

impl BranchSecrets {
    /// New secrets of 256 random bits each.
    pub fn from_bytes(secret: [u8; 32], activation_token: [u8; 32]) -> Self {
        let text = |bytes| SecretString::from(URL_SAFE_NO_PAD.encode(bytes));
        Self { secret: text(secret), activation_token: text(activation_token) }
    }

    /// What is kept of them.
    pub fn hashes(&self, key: &ProofKey) -> BranchHashes {
        let hash = |what, secret: &SecretString| key.hash(&[what, secret.expose_secret()]);
        BranchHashes {
            secret: hash("secret", &self.secret),
            activation_token: hash("activation token", &self.activation_token),
        }
    }
}

impl BranchHashes {
    /// Whether both are the same; which of them is not cannot be told by the time it takes.
    pub fn match_both(&self, other: &Self) -> bool {
        self.secret.matches(&other.secret) & self.activation_token.matches(&other.activation_token)
    }
}

impl Branch {
    /// Whether accounts can be made by it.
    pub fn is_enabled(&self) -> bool {
        self.revoked_at.is_none()
    }
}

impl fmt::Display for BranchId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl Serialize for BranchId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_u32(self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_secrets_must_be_right_and_each_in_its_place() {
        let key = ProofKey::new([1; 32]);
        let kept = BranchSecrets::from_bytes([1; 32], [2; 32]).hashes(&key);
        assert!(kept.match_both(&BranchSecrets::from_bytes([1; 32], [2; 32]).hashes(&key)));
        for (secret, token) in [([1; 32], [3; 32]), ([3; 32], [2; 32]), ([2; 32], [1; 32])] {
            assert!(!kept.match_both(&BranchSecrets::from_bytes(secret, token).hashes(&key)));
        }
    }

    #[test]
    fn a_branch_has_a_number_from_1() {
        assert_eq!(BranchId::parse("12").map(BranchId::number), Some(12));
        for wrong in ["0", "-1", "", "1.0", "4294967296", "x"] {
            assert_eq!(BranchId::parse(wrong), None, "{wrong}");
        }
    }
}

//! Letters: what the broker has to tell a person by mail. Committed with the account, rendered and sent later.

use jiff::Timestamp;
use secrecy::{ExposeSecret, SecretString, zeroize::Zeroize};
use serde::{Deserialize, Serialize};

use super::{Code, Contact, Domain, InvitationToken, LanguageTag, LinkToken, Username};

/// One letter or text message to one person. Holds secrets (code, link): kept sealed in the outbox, gone when sent.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Letter {
    /// Whom it goes to.
    pub to: Contact,
    /// The language to write it in.
    pub language: LanguageTag,
    /// The account it is about; `None` where there is none yet.
    pub username: Option<Username>,
    /// The account's domain.
    pub domain: Domain,
    /// What it says.
    pub kind: LetterKind,
}

/// What a letter says.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "kind")]
pub enum LetterKind {
    /// Prove this address with a code or a link.
    Verify {
        /// Six digits.
        #[serde(with = "secret")]
        code: SecretString,
        /// Token of the link.
        #[serde(with = "secret")]
        link_token: SecretString,
        /// When the code stops working.
        code_expires_at: Timestamp,
    },
    /// Prove this phone number with a code.
    VerifyPhone {
        /// Six digits.
        #[serde(with = "secret")]
        code: SecretString,
        /// When the code stops working.
        code_expires_at: Timestamp,
    },
    /// Set a new password with a code or a link.
    Recover {
        /// Six digits.
        #[serde(with = "secret")]
        code: SecretString,
        /// Token of the link.
        #[serde(with = "secret")]
        link_token: SecretString,
        /// When the code stops working.
        code_expires_at: Timestamp,
    },
    /// Set a new password with a code, sent to a phone.
    RecoverByPhone {
        /// Six digits.
        #[serde(with = "secret")]
        code: SecretString,
        /// When the code stops working.
        code_expires_at: Timestamp,
    },
    /// Prove this address, which is to take the place of another one.
    ChangeEmail {
        /// Six digits.
        #[serde(with = "secret")]
        code: SecretString,
        /// When the code stops working.
        code_expires_at: Timestamp,
    },
    /// This address no longer belongs to the account.
    EmailChanged {
        /// The one that took its place, for people who may not see the whole.
        masked: String,
    },
    /// The account is deleted at the given time, because its owner asked for that.
    Leaving {
        /// When.
        at: Timestamp,
    },
    /// An invitation, sent to the address that it is bound to: whoever uses its link has read the letter.
    Invitation {
        /// The token of the invitation.
        #[serde(with = "secret")]
        token: SecretString,
        /// When it stops working.
        expires_at: Timestamp,
    },
    /// Somebody registered with this address, or asked for an invitation, which already has an account. The one who registered sees no difference.
    AlreadyRegistered {
        /// The account that the address belongs to.
        existing: Username,
    },
}

impl LetterKind {
    /// A letter that proves an address.
    pub fn verify(code: &Code, token: &LinkToken, code_expires_at: Timestamp) -> Self {
        Self::Verify {
            code: SecretString::from(code.expose()),
            link_token: SecretString::from(token.expose()),
            code_expires_at,
        }
    }

    /// A text message that proves a phone number.
    pub fn verify_phone(code: &Code, code_expires_at: Timestamp) -> Self {
        Self::VerifyPhone { code: SecretString::from(code.expose()), code_expires_at }
    }

    /// A text message that lets its reader set a new password.
    pub fn recover_by_phone(code: &Code, code_expires_at: Timestamp) -> Self {
        Self::RecoverByPhone { code: SecretString::from(code.expose()), code_expires_at }
    }

    /// A letter that proves another address.
    pub fn change_email(code: &Code, code_expires_at: Timestamp) -> Self {
        Self::ChangeEmail { code: SecretString::from(code.expose()), code_expires_at }
    }

    /// A letter that lets its reader set a new password.
    pub fn recover(code: &Code, token: &LinkToken, code_expires_at: Timestamp) -> Self {
        Self::Recover {
            code: SecretString::from(code.expose()),
            link_token: SecretString::from(token.expose()),
            code_expires_at,
        }
    }

    /// A letter that brings an invitation.
    pub fn invitation(token: &InvitationToken, expires_at: Timestamp) -> Self {
        Self::Invitation { token: SecretString::from(token.expose()), expires_at }
    }

    /// The word used in logs, in the store and for the templates' folder.
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Verify { .. } => "verify",
            Self::VerifyPhone { .. } => "verify-phone",
            Self::Recover { .. } => "recover",
            Self::RecoverByPhone { .. } => "recover-by-phone",
            Self::ChangeEmail { .. } => "change-email",
            Self::EmailChanged { .. } => "email-changed",
            Self::Leaving { .. } => "leaving",
            Self::Invitation { .. } => "invitation",
            Self::AlreadyRegistered { .. } => "already-registered",
        }
    }
}

impl Letter {
    /// The letter as bytes, to be sealed.
    pub fn to_bytes(&self) -> Vec<u8> {
        #[expect(
            clippy::expect_used,
            reason = "every field is plain text or a number; serialisation has nothing to fail on"
        )]
        serde_json::to_vec(self).expect("a letter serialises")
    }

    /// Reads a letter back; wipes `bytes`.
    pub fn from_bytes(mut bytes: Vec<u8>) -> Result<Self, serde_json::Error> {
        let letter = serde_json::from_slice(&bytes);
        bytes.zeroize();
        letter
    }
}

mod secret {
    use super::{Deserialize, ExposeSecret, SecretString};

    pub fn serialize<S: serde::Serializer>(secret: &SecretString, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(secret.expose_secret())
    }

    pub fn deserialize<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<SecretString, D::Error> {
        String::deserialize(deserializer).map(SecretString::from)
    }
}

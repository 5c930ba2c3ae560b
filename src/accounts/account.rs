//! An account, its states, and the changes that the XMPP server must follow.

use std::fmt;

use jiff::Timestamp;
use serde::Serialize;

use super::{ApiKeyId, Domain, Email, LanguageTag, Phone, Username};

/// The key of an account in the store. Never reused, never shown to outsiders.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
pub struct AccountId(pub i64);

/// Where an account stands in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum AccountState {
    /// Holds its name, cannot log in: a contact must be proven first.
    Pending,
    /// Can log in.
    Active,
    /// Kept from logging in by the operator.
    Suspended,
}

/// An account as it is kept, without its credentials.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Account {
    /// Key in the store.
    pub id: AccountId,
    /// Name on the domain.
    pub username: Username,
    /// The domain.
    pub domain: Domain,
    /// Where it stands.
    pub state: AccountState,
    /// Why the operator suspended it, in words for the person; only when suspended.
    pub suspension: Option<String>,
    /// When it is deleted, because its owner asked for that; it is suspended until then.
    pub delete_at: Option<Timestamp>,
    /// The e-mail address on file.
    pub email: Option<Email>,
    /// When the address was proven.
    pub email_verified_at: Option<Timestamp>,
    /// The phone number on file.
    pub phone: Option<Phone>,
    /// When the number was proven.
    pub phone_verified_at: Option<Timestamp>,
    /// The language that letters to the person are written in.
    pub language: LanguageTag,
    /// When it was registered.
    pub created_at: Timestamp,
    /// When it became active for the first time.
    pub activated_at: Option<Timestamp>,
    /// When a pending account lapses and its name is free again.
    pub expires_at: Option<Timestamp>,
    /// The API key that it was made with, if it was.
    pub api_key: Option<ApiKeyId>,
}

/// A change that sessions and data on the XMPP server must follow (`docs/link.md` §4).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum AccountEvent {
    /// A pending account became active, or a new one was active at once.
    Activated,
    /// The password was changed.
    PasswordChanged,
    /// The operator suspended the account.
    Suspended,
    /// The operator resumed the account.
    Resumed,
    /// The account was deleted.
    Deleted,
}

/// An account change that still has to be told to the XMPP server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// Key in the store; notices are told in this order.
    pub id: i64,
    /// The domain, and so the server, that is told.
    pub domain: Domain,
    /// Whose account changed.
    pub username: Username,
    /// What happened.
    pub event: AccountEvent,
    /// Full JID of the session that made the change and stays open.
    pub keep: Option<String>,
    /// Text for the person.
    pub text: Option<String>,
    /// Bare JID of who gets the account as a contact, when it became active by invitation.
    pub inviter: Option<String>,
}

impl Account {
    /// The address people write to: `username@domain`.
    pub fn address(&self) -> String {
        format!("{}@{}", self.username, self.domain)
    }
}

impl AccountState {
    /// The word used on the wire, in the store and on the command line.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Active => "active",
            Self::Suspended => "suspended",
        }
    }

    /// The state of that word.
    pub fn from_word(word: &str) -> Option<Self> {
        [Self::Pending, Self::Active, Self::Suspended].into_iter().find(|state| state.as_str() == word)
    }
}

impl AccountEvent {
    const ALL: [Self; 5] =
        [Self::Activated, Self::PasswordChanged, Self::Suspended, Self::Resumed, Self::Deleted];

    /// The word used on the wire and in the store.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Activated => "activated",
            Self::PasswordChanged => "password-changed",
            Self::Suspended => "suspended",
            Self::Resumed => "resumed",
            Self::Deleted => "deleted",
        }
    }

    /// The event of that word.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|event| event.as_str() == word)
    }
}

impl fmt::Display for AccountState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

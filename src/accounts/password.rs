//! Passwords: prepared by SASLprep as the servers and clients do, kept in memory that is wiped, never shown.

use secrecy::{ExposeSecret, SecretString};

/// A password in SASLprep form (RFC 4013). Wiped when dropped; `Debug` shows nothing of it.
#[derive(Debug, Clone)]
pub struct Password(SecretString);

/// What a new password must be like. XEP-0438 §4 asks for a length and warns against other rules.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PasswordPolicy {
    /// Fewest characters.
    pub min_length: usize,
    /// Most bytes; bounds what one request can make the broker work on.
    pub max_bytes: usize,
}

/// Why a password cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PasswordProblem {
    /// Nothing was given (XEP-0077 §3.3: an empty password is never set).
    Missing,
    /// Fewer characters than the policy asks for, or the same as the username.
    TooWeak,
    /// More bytes than the policy allows.
    TooLong,
    /// A character that SASLprep prohibits: clients could not log in with it.
    Characters,
}

impl Default for PasswordPolicy {
    fn default() -> Self {
        Self { min_length: 8, max_bytes: 512 }
    }
}

impl Password {
    /// Most bytes of any password, whatever the policy.
    pub const MAX_BYTES: usize = 1024;

    /// Prepares a password that somebody logs in with; the policy is not asked.
    pub fn prepare(input: &str) -> Result<Self, PasswordProblem> {
        if input.is_empty() {
            return Err(PasswordProblem::Missing);
        }
        if input.len() > Self::MAX_BYTES {
            return Err(PasswordProblem::TooLong);
        }
        let prepared = stringprep::saslprep(input).map_err(|_| PasswordProblem::Characters)?;
        if prepared.is_empty() {
            return Err(PasswordProblem::Missing);
        }
        Ok(Self(SecretString::from(prepared.as_ref())))
    }

    /// Prepares a new password for the account of `username` (as typed) and holds it against `policy`.
    pub fn choose(input: &str, username: &str, policy: &PasswordPolicy) -> Result<Self, PasswordProblem> {
        if input.len() > policy.max_bytes {
            return Err(PasswordProblem::TooLong);
        }
        let password = Self::prepare(input)?;
        let text = password.expose();
        if text.chars().count() < policy.min_length || text.eq_ignore_ascii_case(username.trim()) {
            return Err(PasswordProblem::TooWeak);
        }
        Ok(password)
    }

    /// The password itself, for derivation only.
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passwords_are_prepared_as_clients_prepare_them() {
        assert_eq!(Password::prepare("I\u{00AD}X").unwrap().expose(), "IX", "RFC 4013 §3, example 1");
        assert_eq!(Password::prepare("\u{2168}").unwrap().expose(), "IX", "RFC 4013 §3, example 5");
        assert_eq!(Password::prepare("\u{0007}").unwrap_err(), PasswordProblem::Characters, "example 6");
    }

    #[test]
    fn weak_passwords_are_told_from_unusable_ones() {
        let choose = |text: &str| Password::choose(text, "alice-cooper", &PasswordPolicy::default()).err();
        assert_eq!(choose(""), Some(PasswordProblem::Missing));
        assert_eq!(choose("short"), Some(PasswordProblem::TooWeak));
        assert_eq!(choose("Alice-Cooper"), Some(PasswordProblem::TooWeak));
        assert_eq!(choose(&"x".repeat(513)), Some(PasswordProblem::TooLong));
        assert_eq!(choose("correct horse"), None);
    }

    #[test]
    fn a_password_never_shows_in_debug_output() {
        assert!(!format!("{:?}", Password::prepare("correct horse").unwrap()).contains("horse"));
    }
}

//! Letters that are text messages: one line, with the code in front, where phones look for it.

use jiff::{SignedDuration, Timestamp};
use secrecy::ExposeSecret;

use super::{Texts, letters::account};
use crate::accounts::{Letter, LetterKind};

impl Texts {
    /// A letter as a text message, in the nearest language to the person's; `None` for one that is too much for it.
    pub fn sms(&self, letter: &Letter, sent_at: Timestamp) -> Option<String> {
        let (key, code, expires_at) = match &letter.kind {
            LetterKind::VerifyPhone { code, code_expires_at } => ("letter-sms-verify", code, code_expires_at),
            LetterKind::RecoverByPhone { code, code_expires_at } => {
                ("letter-sms-recover", code, code_expires_at)
            }
            _ => return None,
        };
        let minutes = minutes_left(sent_at, *expires_at);
        let args =
            [("code", code.expose_secret()), ("account", &account(letter)), ("minutes", minutes.as_str())];
        Some(self.words(self.choose(&letter.language)).format(key, &args))
    }
}

/// How long a code still works, in whole minutes.
pub(super) fn minutes_left(sent_at: Timestamp, expires_at: Timestamp) -> String {
    let left = expires_at.duration_since(sent_at) + SignedDuration::from_secs(30);
    left.as_mins().max(1).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::accounts::{Code, Contact, Domain, LanguageTag, Phone, Username};

    fn letter(language: &str, kind: LetterKind) -> Letter {
        Letter {
            to: Contact::Phone(Phone::parse("+46700000000").unwrap()),
            language: LanguageTag::parse(language).unwrap(),
            username: Some(Username::prepare("alice").unwrap()),
            domain: Domain::parse("chat.example").unwrap(),
            kind,
        }
    }

    #[test]
    fn a_text_message_is_short_and_names_code_account_and_time() {
        let expires = Timestamp::UNIX_EPOCH + SignedDuration::from_mins(30);
        let texts = Texts::new();
        for language in ["en", "de", "es", "fr", "sv"] {
            for kind in [
                LetterKind::verify_phone(&Code::from_number(4711), expires),
                LetterKind::recover_by_phone(&Code::from_number(4711), expires),
            ] {
                let letter = letter(language, kind);
                let text = texts.sms(&letter, Timestamp::UNIX_EPOCH).unwrap();
                assert!(text.starts_with("004711 "), "phones offer the first number as the code: {text}");
                assert!(
                    text.contains("alice@chat.example") && text.to_lowercase().contains(" 30 min"),
                    "{text}"
                );
                assert!(text.chars().count() <= 160 && !text.contains('\n'), "{text}");
            }
        }
        assert!(
            texts
                .sms(&letter("en", LetterKind::EmailChanged { masked: String::new() }), Timestamp::UNIX_EPOCH)
                .is_none()
        );
    }
}

//! What a message says. Words of every language are understood; English ones always.

use std::collections::HashMap;

use crate::{
    accounts::Code,
    text::{Language, Texts},
};

/// Characters of a message that are looked at.
const LONGEST: usize = 500;

/// What somebody wants.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wish {
    Help,
    Register,
    Code,
    Resend,
    Status,
    Delete,
    Password,
}

/// What a message says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Said {
    pub(super) wish: Wish,
    /// The account named.
    pub(super) account: Option<String>,
    /// The code given.
    pub(super) code: Option<String>,
    /// The language, where the word belongs to one alone.
    pub(super) language: Option<Language>,
}

/// The words, as people may write them.
#[derive(Debug)]
pub(super) struct Words(HashMap<String, (Wish, Option<Language>)>);

impl Words {
    /// The words of every language.
    pub(super) fn new(texts: &Texts) -> Self {
        let mut words: HashMap<String, (Wish, Option<Language>)> = HashMap::new();
        for (wish, key) in [
            (Wish::Help, "chat-words-help"),
            (Wish::Register, "chat-words-register"),
            (Wish::Code, "chat-words-code"),
            (Wish::Resend, "chat-words-resend"),
            (Wish::Status, "chat-words-status"),
            (Wish::Delete, "chat-words-delete"),
            (Wish::Password, "chat-words-password"),
        ] {
            for language in texts.languages() {
                for word in texts.get(language, key).split_whitespace() {
                    words
                        .entry(word.to_lowercase())
                        .and_modify(|(_, known)| *known = known.filter(|&known| known == language))
                        .or_insert((wish, Some(language)));
                }
            }
        }
        Self(words)
    }

    /// Reads a message; `None` for one that says nothing that we know.
    pub(super) fn read(&self, body: &str) -> Option<Said> {
        if body.chars().nth(LONGEST).is_some() {
            return None;
        }
        let mut parts: Vec<&str> = body.split_whitespace().collect();
        if let Some(code) = code_at_end(&mut parts).filter(|_| parts.is_empty()) {
            return Some(Said { wish: Wish::Code, account: None, code: Some(code), language: None });
        }
        let mut parts: Vec<&str> = body.split_whitespace().collect();
        let first = (!parts.is_empty()).then(|| parts.remove(0))?;
        let word = first.trim_start_matches('/').trim_end_matches(['.', '!', ':', ',']).to_lowercase();
        let &(wish, language) = self.0.get(&word)?;
        let code = if wish == Wish::Code { code_at_end(&mut parts) } else { None };
        // More than a name is a sentence, and was hardly meant for us.
        let account = match parts.as_slice() {
            [] => None,
            [account] => Some((*account).to_owned()),
            _ if wish == Wish::Help => None,
            _ => return None,
        };
        Some(Said { wish, account, code, language })
    }
}

/// Takes a code off the end, also one that was written in groups.
fn code_at_end(parts: &mut Vec<&str>) -> Option<String> {
    let mut digits = String::new();
    for (index, part) in parts.iter().enumerate().rev() {
        if !part.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-') {
            return None;
        }
        digits.insert_str(0, &part.replace('-', ""));
        if digits.len() >= Code::LENGTH {
            parts.truncate(index);
            return (digits.len() == Code::LENGTH).then_some(digits);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(body: &str) -> Option<(Wish, Option<String>, Option<String>)> {
        let said = Words::new(&Texts::new()).read(body)?;
        Some((said.wish, said.account, said.code))
    }

    #[test]
    fn words_are_read_as_people_write_them() {
        let owned = |text: &str| Some(text.to_owned());
        for (body, said) in [
            ("help", Some((Wish::Help, None, None))),
            (" /HELP! ", Some((Wish::Help, None, None))),
            ("Hilfe", Some((Wish::Help, None, None))),
            ("?", Some((Wish::Help, None, None))),
            ("code 123456", Some((Wish::Code, None, owned("123456")))),
            ("Code: 123 456", Some((Wish::Code, None, owned("123456")))),
            ("123-456", Some((Wish::Code, None, owned("123456")))),
            ("code alice 123 456", Some((Wish::Code, owned("alice"), owned("123456")))),
            (
                "code alice@chat.example 123456",
                Some((Wish::Code, owned("alice@chat.example"), owned("123456"))),
            ),
            ("code 777777 123456", Some((Wish::Code, owned("777777"), owned("123456")))),
            ("code 12345", Some((Wish::Code, owned("12345"), None))),
            ("code", Some((Wish::Code, None, None))),
            ("delete alice@chat.example", Some((Wish::Delete, owned("alice@chat.example"), None))),
            ("delete all my messages please", None),
            ("help me with this thing", Some((Wish::Help, None, None))),
            ("hello there", None),
            ("1234567", None),
            ("", None),
        ] {
            assert_eq!(read(body), said, "{body:?}");
        }
        assert_eq!(read(&format!("help {}", "x".repeat(1000))), None);
    }

    #[test]
    fn a_word_of_one_language_alone_says_which_one_is_spoken() {
        let texts = Texts::new();
        let words = Words::new(&texts);
        let spoken = |body: &str| words.read(body).unwrap().language.map(Language::tag);
        assert_eq!((spoken("hilfe"), spoken("help"), spoken("?")), (Some("de"), Some("en"), None));
    }

    #[test]
    fn nothing_that_we_say_is_something_that_we_would_answer() {
        let texts = Texts::new();
        let words = Words::new(&texts);
        let keys = [
            "chat-help",
            "chat-help-owner",
            "chat-register",
            "chat-register-page",
            "chat-which-account",
            "chat-status-stranger",
            "chat-delete-confirm",
            "chat-command-only",
            "chat-password",
            "chat-password-page",
            "chat-encrypted",
            "chat-unknown",
            "page-verify-sent",
            "adhoc-ready",
            "adhoc-deleted",
            "refusal-wrong-code",
        ];
        for language in texts.languages() {
            for key in keys {
                let args = [("domain", "d"), ("url", "u"), ("address", "a@d"), ("command", "c")];
                let said = texts.format(language, key, &args);
                assert_eq!(words.read(&said), None, "{said}");
            }
        }
    }

    proptest! {
        #[test]
        fn a_name_and_a_code_are_told_apart(name in "[a-z0-9.]{1,20}", code in "[0-9]{6}", split in 0_usize..6) {
            let (left, right) = code.split_at(split);
            let expected = Some((Wish::Code, Some(name.clone()), Some(code.clone())));
            prop_assert_eq!(read(&format!("code {name} {code}")), expected.clone());
            // Digits in front of a group could belong to either.
            prop_assume!(!name.bytes().all(|byte| byte.is_ascii_digit()));
            prop_assert_eq!(read(&format!("CODE {name} {left} {right}")), expected);
        }

        #[test]
        fn no_message_makes_it_panic(body in ".{0,600}") {
            let _ = read(&body);
        }
    }
}

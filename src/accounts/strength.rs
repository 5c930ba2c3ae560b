//! How hard a password is to guess, as zxcvbn estimates it. A hint for people; what is refused is said by the policy.

use secrecy::{ExposeSecret, SecretString};

/// From 0, guessed at once, to 4, out of reach.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Strength(u8);

/// Characters that are looked at: what is longer is hard to guess already, and the estimate would take long.
const LOOKED_AT: usize = 64;

impl Strength {
    /// Estimates a password; `known` are words that somebody who guesses would try first.
    pub fn of(password: &SecretString, known: &[String]) -> Self {
        let password = password.expose_secret();
        let end = password.char_indices().nth(LOOKED_AT).map_or(password.len(), |(at, _)| at);
        let known: Vec<&str> = known.iter().map(String::as_str).collect();
        Self(zxcvbn::zxcvbn(&password[..end], &known).score().into())
    }

    /// The score.
    pub const fn score(self) -> u8 {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn score(password: &str, known: &[&str]) -> u8 {
        let known: Vec<String> = known.iter().map(|&word| word.to_owned()).collect();
        Strength::of(&SecretString::from(password), &known).score()
    }

    #[test]
    fn what_everybody_tries_is_weak_and_four_words_are_strong() {
        assert_eq!((score("password", &[]), score("qwertz123", &[])), (0, 1));
        assert_eq!(score("correct horse battery staple", &[]), 4);
        assert!(score("juliet1597capulet", &["juliet", "capulet"]) < score("juliet1597capulet", &[]));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn every_text_has_a_score(password in "\\PC{0,300}|[a-z]{1,3}{1,200}") {
            prop_assert!(score(&password, &["alice"]) <= 4);
        }
    }
}

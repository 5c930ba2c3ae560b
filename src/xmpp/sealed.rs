//! What a client keeps for us between two stanzas: sealed, so that it can be neither read nor made up; bound to one place (who,
//! about what); and with the time of its making. Nothing of it is held in memory, so a restart or another broker over the same
//! keys goes on where the last one stopped.

use std::sync::Arc;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use jiff::{SignedDuration, Timestamp};
use serde::{Serialize, de::DeserializeOwned};

use crate::{
    accounts::{Keyring, SealKey},
    clock::Clock,
    random::{self, Random},
};

/// Characters of a sealed value at most; ours have a few hundred.
const LONGEST: usize = 4096;

/// Seals and opens values.
#[derive(Debug, Clone)]
pub struct Sealed {
    key: Arc<SealKey>,
    clock: Arc<dyn Clock>,
    random: Arc<dyn Random>,
}

/// Why a sealed value cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum SealedProblem {
    /// Not ours, or for another place, or changed.
    Foreign,
    /// Ours, but older than it may be.
    Expired,
}

impl Sealed {
    /// Values sealed with a key of their own from the keyring.
    pub fn new(keyring: &Keyring, clock: Arc<dyn Clock>, random: Arc<dyn Random>) -> Self {
        Self { key: Arc::new(keyring.seal_key("xmpp state")), clock, random }
    }

    /// Seals `value` for `place`, as text for an attribute or a field. No two results are the same.
    pub(super) fn seal(&self, place: &[&str], value: &impl Serialize) -> String {
        let made = self.clock.now().as_millisecond();
        #[expect(clippy::expect_used, reason = "the values are plain structures of texts and numbers")]
        let plain = serde_json::to_vec(&(made, value)).expect("a state serialises");
        let sealed = self.key.seal(&joined(place), random::bytes(&*self.random), &plain);
        URL_SAFE_NO_PAD.encode(sealed)
    }

    /// Opens what was sealed for the same `place` no longer than `lifetime` ago.
    pub(super) fn open<T: DeserializeOwned>(
        &self,
        place: &[&str],
        text: &str,
        lifetime: SignedDuration,
    ) -> Result<T, SealedProblem> {
        let foreign = |_| SealedProblem::Foreign;
        if text.len() > LONGEST {
            return Err(SealedProblem::Foreign);
        }
        let sealed = URL_SAFE_NO_PAD.decode(text).map_err(foreign)?;
        let plain = self.key.open(&joined(place), &sealed).map_err(|_| SealedProblem::Foreign)?;
        let (made, value): (i64, T) = serde_json::from_slice(&plain).map_err(|_| SealedProblem::Foreign)?;
        let made = Timestamp::from_millisecond(made).map_err(|_| SealedProblem::Foreign)?;
        if self.clock.now().duration_since(made) > lifetime {
            return Err(SealedProblem::Expired);
        }
        Ok(value)
    }
}

/// One text of several, such that no two lists give the same.
fn joined(place: &[&str]) -> String {
    place.iter().map(|part| format!("{}:{part}", part.len())).collect::<Vec<_>>().concat()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::{clock::ManualClock, random::SeededRandom};

    const HOUR: SignedDuration = SignedDuration::from_hours(1);

    fn sealed(master: u8) -> (Sealed, Arc<ManualClock>) {
        let clock = Arc::new(ManualClock::new(Timestamp::UNIX_EPOCH));
        let keyring = Keyring::new([master; 32]);
        (Sealed::new(&keyring, clock.clone(), Arc::new(SeededRandom::new(1))), clock)
    }

    #[test]
    fn a_value_opens_in_its_place_until_it_expires() {
        let (sealed, clock) = sealed(1);
        let text = sealed.seal(&["a", "b"], &7);
        assert_eq!(sealed.open(&["a", "b"], &text, HOUR), Ok(7));
        assert_eq!(sealed.open::<u8>(&["ab", ""], &text, HOUR), Err(SealedProblem::Foreign));
        assert_eq!(sealed.open::<u8>(&["a:1", "b"], &text, HOUR), Err(SealedProblem::Foreign));
        clock.advance(HOUR);
        assert_eq!(sealed.open(&["a", "b"], &text, HOUR), Ok(7));
        clock.advance(SignedDuration::from_millis(1));
        assert_eq!(sealed.open::<u8>(&["a", "b"], &text, HOUR), Err(SealedProblem::Expired));
    }

    #[test]
    fn another_broker_with_the_same_keys_opens_it_and_one_with_others_does_not() {
        let text = sealed(1).0.seal(&["a"], &"x");
        assert_eq!(sealed(1).0.open(&["a"], &text, HOUR), Ok("x".to_owned()));
        assert_eq!(sealed(2).0.open::<String>(&["a"], &text, HOUR), Err(SealedProblem::Foreign));
    }

    #[test]
    fn no_two_are_the_same() {
        let (sealed, _) = sealed(1);
        assert_ne!(sealed.seal(&["a"], &1), sealed.seal(&["a"], &1));
    }

    proptest! {
        #[test]
        fn a_changed_one_never_opens(at in 0_usize..1000, to in "[A-Za-z0-9_-]") {
            let (sealed, _) = sealed(1);
            let mut text = sealed.seal(&["a"], &"some state");
            let at = at % text.len();
            prop_assume!(text[at..=at] != to);
            text.replace_range(at..=at, &to);
            prop_assert_eq!(sealed.open::<String>(&["a"], &text, HOUR), Err(SealedProblem::Foreign));
        }

        #[test]
        fn what_is_made_up_never_opens(text in ".{0,300}") {
            prop_assert_eq!(sealed(1).0.open::<String>(&["a"], &text, HOUR), Err(SealedProblem::Foreign));
        }
    }
}

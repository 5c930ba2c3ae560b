//! The SCRAM keys of an account, sealed for the place that they are kept in.

use zeroize::{Zeroize, Zeroizing};

use crate::{
    accounts::{Domain, Keyring, Mechanism, Password, ScramKeys, ScramSet, SealKey, SealProblem, Username},
    random::{self, Random},
};

/// Derives the keys of a password for every mechanism, each with a salt of its own.
pub(super) fn derive(password: &Password, iterations: u32, random: &dyn Random) -> ScramSet {
    Mechanism::ALL
        .into_iter()
        .map(|mechanism| {
            let salt = ScramKeys::salt_from(&random::bytes(random));
            ScramKeys::derive(mechanism, password.expose(), salt, iterations)
        })
        .collect()
}

/// Seals and opens SCRAM keys.
#[derive(Debug)]
pub(in crate::broker) struct ScramSeal(SealKey);

impl ScramSeal {
    /// The seal of a service.
    pub(in crate::broker) fn new(keyring: &Keyring) -> Self {
        Self(keyring.seal_key("scram"))
    }

    /// Seals the keys of an account; `None` where there are none.
    pub(in crate::broker) fn seal(
        &self,
        domain: &Domain,
        username: &Username,
        keys: &ScramSet,
        random: &dyn Random,
    ) -> Option<Vec<u8>> {
        if keys.is_empty() {
            return None;
        }
        // Room for all of it at once: a growing buffer would leave copies behind that are not wiped.
        let mut plain = Zeroizing::new(Vec::with_capacity(2048));
        #[expect(
            clippy::expect_used,
            reason = "texts, numbers and bytes; serialisation has nothing to fail on"
        )]
        serde_json::to_writer(&mut *plain, keys).expect("keys serialise");
        Some(self.0.seal(&place(domain, username), random::bytes(random), &plain))
    }

    /// Opens what was sealed for an account.
    pub(in crate::broker) fn open(
        &self,
        domain: &Domain,
        username: &Username,
        sealed: &[u8],
    ) -> Result<ScramSet, SealProblem> {
        let mut plain = self.0.open(&place(domain, username), sealed)?;
        let keys = serde_json::from_slice(&plain);
        plain.zeroize();
        keys.map_err(|_| SealProblem)
    }
}

fn place(domain: &Domain, username: &Username) -> String {
    format!("{username}@{domain}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::SeededRandom;

    #[test]
    fn keys_come_back_for_their_own_account_only() {
        let random = SeededRandom::new(1);
        let seal = ScramSeal::new(&Keyring::new([4; 32]));
        let domain = Domain::parse("chat.example").unwrap();
        let (alice, bob) = (Username::prepare("alice").unwrap(), Username::prepare("bob").unwrap());
        let keys = derive(&Password::prepare("correct horse").unwrap(), 16, &random);
        let sealed = seal.seal(&domain, &alice, &keys, &random).unwrap();
        assert!(seal.open(&domain, &alice, &sealed).unwrap() == keys);
        assert!(seal.open(&domain, &bob, &sealed).is_err());
        assert_ne!(keys[0].salt, keys[1].salt);
        assert!(seal.seal(&domain, &alice, &Vec::new(), &random).is_none());
    }
}

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
pub(in crate::broker) struct ScramSeal {
    key: SealKey,
    /// Sealed keys of nobody.
    decoy: Vec<u8>,
}

/// The place of the decoy: no account has an empty name.
const NOWHERE: &str = "@";

impl ScramSeal {
    /// The seal of a service.
    pub(in crate::broker) fn new(keyring: &Keyring, random: &dyn Random) -> Self {
        let key = keyring.seal_key("scram");
        let keys = Mechanism::ALL.map(|mechanism| ScramKeys {
            mechanism,
            iterations: 10_000,
            salt: ScramKeys::salt_from(&random::bytes(random)),
            stored_key: random::bytes::<32>(random).to_vec(),
            server_key: random::bytes::<32>(random).to_vec(),
        });
        let decoy = key.seal(NOWHERE, random::bytes(random), &written(&keys));
        Self { key, decoy }
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
        Some(self.key.seal(&place(domain, username), random::bytes(random), &written(keys)))
    }

    /// Opens what was sealed for an account.
    pub(in crate::broker) fn open(
        &self,
        domain: &Domain,
        username: &Username,
        sealed: &[u8],
    ) -> Result<ScramSet, SealProblem> {
        self.open_at(&place(domain, username), sealed)
    }

    /// Takes as long as [`ScramSeal::open`], for names without account.
    pub(in crate::broker) fn open_decoy(&self) {
        // What comes out is of no use; the black box keeps the compiler from seeing that.
        drop(std::hint::black_box(self.open_at(NOWHERE, &self.decoy)));
    }

    fn open_at(&self, place: &str, sealed: &[u8]) -> Result<ScramSet, SealProblem> {
        let mut plain = self.key.open(place, sealed)?;
        let keys = serde_json::from_slice(&plain);
        plain.zeroize();
        keys.map_err(|_| SealProblem)
    }
}

/// The keys as they are sealed.
fn written(keys: &[ScramKeys]) -> Zeroizing<Vec<u8>> {
    // Room for all of it at once: a growing buffer would leave copies behind that are not wiped.
    let mut plain = Zeroizing::new(Vec::with_capacity(2048));
    #[expect(clippy::expect_used, reason = "texts, numbers and bytes; serialisation has nothing to fail on")]
    serde_json::to_writer(&mut *plain, keys).expect("keys serialise");
    plain
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
        let seal = ScramSeal::new(&Keyring::new([4; 32]), &random);
        let domain = Domain::parse("chat.example").unwrap();
        let (alice, bob) = (Username::prepare("alice").unwrap(), Username::prepare("bob").unwrap());
        let keys = derive(&Password::prepare("correct horse").unwrap(), 16, &random);
        let sealed = seal.seal(&domain, &alice, &keys, &random).unwrap();
        assert!(seal.open(&domain, &alice, &sealed).unwrap() == keys);
        assert!(seal.open(&domain, &bob, &sealed).is_err());
        assert_ne!(keys[0].salt, keys[1].salt);
        assert_eq!(seal.open_at(NOWHERE, &seal.decoy).unwrap().len(), 2, "the decoy is worth the time");
        assert!(seal.seal(&domain, &alice, &Vec::new(), &random).is_none());
    }
}

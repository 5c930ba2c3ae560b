//! Argon2id verifiers (RFC 9106) as PHC strings, computed in memory that is used again and again.

use argon2::{Algorithm, Argon2, Block, Params, Version};
use phc::{Output, ParamsString, Salt};
use subtle::ConstantTimeEq;
use zeroize::{Zeroize, Zeroizing};

use super::Checked;
use crate::accounts::{Password, PasswordHash};

/// Bytes of salt and of output in new verifiers (RFC 9106 §4).
const SALT_LENGTH: usize = 16;
const OUTPUT_LENGTH: usize = 32;

/// What a stored verifier may cost at most: it is read from the database, and must not be able to stop the broker.
const MOST_MEMORY_KIB: u32 = 1024 * 1024;
const MOST_PASSES: u32 = 64;
const MOST_LANES: u32 = 16;

/// Working memory is taken in pieces of at least this many bytes, of which only the used part costs anything. The allocator of
/// glibc maps larger pieces (above 32 MiB, its fixed upper threshold) straight from the system and gives them straight back;
/// smaller ones it would keep for ever after the second use.
const MAPPED_PIECE: usize = 33 * 1024 * 1024;

/// Makes and checks verifiers. One for each thread; it holds the memory.
pub(super) struct Verifier {
    params: Params,
    memory: Vec<Block>,
}

/// A stored verifier that cannot be what was stored, or that asks for more than is reasonable.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a stored password verifier is damaged, or costs more than is allowed")]
pub(super) struct DamagedVerifier;

impl Verifier {
    /// New verifiers take this much memory and this many passes; less than Argon2 asks for is raised to what it asks for.
    pub(super) fn new(memory_kib: u32, passes: u32) -> Self {
        let memory_kib = memory_kib.clamp(Params::MIN_M_COST, MOST_MEMORY_KIB);
        let params = Params::new(memory_kib, passes.clamp(1, MOST_PASSES), 1, Some(OUTPUT_LENGTH));
        Self { params: params.unwrap_or_default(), memory: Vec::new() }
    }

    /// Whether memory is held.
    pub(super) fn holds_memory(&self) -> bool {
        self.memory.capacity() > 0
    }

    /// Gives the memory back to the system.
    pub(super) fn give_memory_back(&mut self) {
        self.memory.iter_mut().for_each(Zeroize::zeroize);
        self.memory = Vec::new();
    }

    /// The verifier of a password.
    pub(super) fn make(&mut self, password: &Password, salt: [u8; SALT_LENGTH]) -> Option<PasswordHash> {
        let params = self.params.clone();
        let output = self.compute(&params, password, &salt, OUTPUT_LENGTH)?;
        self.phc(&salt, &output)
    }

    /// A verifier that no password is known for. Checking against it costs what checking against a real one costs.
    pub(super) fn unprovable(
        &self,
        salt: [u8; SALT_LENGTH],
        output: [u8; OUTPUT_LENGTH],
    ) -> Option<PasswordHash> {
        self.phc(&salt, &output)
    }

    /// Holds a password against a verifier, at the cost that the verifier says.
    pub(super) fn check(
        &mut self,
        password: &Password,
        hash: &PasswordHash,
    ) -> Result<Checked, DamagedVerifier> {
        let stored = phc::PasswordHash::new(hash.as_phc()).map_err(|_| DamagedVerifier)?;
        let params = Params::try_from(&stored).map_err(|_| DamagedVerifier)?;
        let (Some(salt), Some(output)) = (&stored.salt, &stored.hash) else { return Err(DamagedVerifier) };
        let reasonable = stored.algorithm == Algorithm::Argon2id.ident()
            && stored.version == Some(Version::V0x13.into())
            && params.m_cost() <= MOST_MEMORY_KIB
            && params.t_cost() <= MOST_PASSES
            && params.p_cost() <= MOST_LANES;
        if !reasonable {
            return Err(DamagedVerifier);
        }
        let computed = self.compute(&params, password, salt.as_ref(), output.len()).ok_or(DamagedVerifier)?;
        Ok(Checked {
            right: computed.ct_eq(output.as_bytes()).into(),
            outdated: params != self.params || salt.len() < SALT_LENGTH,
        })
    }

    fn compute(
        &mut self,
        params: &Params,
        password: &Password,
        salt: &[u8],
        length: usize,
    ) -> Option<Zeroizing<Vec<u8>>> {
        let blocks = params.block_count();
        if self.memory.len() < blocks {
            let piece = blocks.max(MAPPED_PIECE / Block::SIZE);
            self.memory = Vec::new();
            self.memory.reserve_exact(piece);
            self.memory.resize(blocks, Block::new());
        }
        let mut output = Zeroizing::new(vec![0; length]);
        let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params.clone());
        let done = argon2.hash_password_into_with_memory(
            password.expose().as_bytes(),
            salt,
            &mut output,
            &mut self.memory[..blocks],
        );
        if blocks > self.params.block_count() {
            // A verifier from costlier days: its memory is more than what was configured to be held.
            self.give_memory_back();
        }
        done.is_ok().then_some(output)
    }

    fn phc(&self, salt: &[u8], output: &[u8]) -> Option<PasswordHash> {
        let phc = phc::PasswordHash {
            algorithm: Algorithm::Argon2id.ident(),
            version: Some(Version::V0x13.into()),
            params: ParamsString::try_from(&self.params).ok()?,
            salt: Some(Salt::new(salt).ok()?),
            hash: Some(Output::new(output).ok()?),
        };
        Some(PasswordHash::new(phc.to_string()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn password(text: &str) -> Password {
        Password::prepare(text).unwrap()
    }

    #[test]
    fn a_verifier_is_the_phc_string_that_others_make() {
        // Made by the reference implementation: echo -n password | argon2 somesaltsomesalt -id -t 2 -k 64 -p 1 -l 32 -e
        let theirs =
            "$argon2id$v=19$m=64,t=2,p=1$c29tZXNhbHRzb21lc2FsdA$Gpj7qOY5RCXJvcMzqcdQqvgR3wcPX7SleI4c9NtXk6E";
        let made = Verifier::new(64, 2).make(&password("password"), *b"somesaltsomesalt").unwrap();
        assert_eq!(made.as_phc(), theirs);
    }

    #[test]
    fn only_the_right_password_passes() {
        let mut verifier = Verifier::new(64, 1);
        let hash = verifier.make(&password("correct horse"), [1; 16]).unwrap();
        let current = |right| Ok(Checked { right, outdated: false });
        assert_eq!(verifier.check(&password("correct horse"), &hash), current(true));
        assert_eq!(verifier.check(&password("Correct horse"), &hash), current(false));
    }

    #[test]
    fn a_verifier_made_with_other_parameters_still_counts_and_is_told() {
        let hash = Verifier::new(128, 1).make(&password("correct horse"), [1; 16]).unwrap();
        for mut now in [Verifier::new(64, 1), Verifier::new(128, 2)] {
            let outdated = Ok(Checked { right: true, outdated: true });
            assert_eq!(now.check(&password("correct horse"), &hash), outdated);
        }
    }

    #[test]
    fn nothing_proves_the_unprovable() {
        let mut verifier = Verifier::new(64, 1);
        let hash = verifier.unprovable([1; 16], [2; 32]).unwrap();
        assert_eq!(verifier.check(&password("x"), &hash), Ok(Checked { right: false, outdated: false }));
    }

    #[test]
    fn damaged_and_monstrous_verifiers_are_refused() {
        let mut verifier = Verifier::new(64, 1);
        for bad in [
            "",
            "correct horse",
            "$argon2id$v=19$m=64,t=1,p=1",
            "$argon2id$v=19$m=64,t=1,p=1$c29tZXNhbHRzb21lc2FsdA",
            "$argon2i$v=19$m=64,t=1,p=1$c29tZXNhbHRzb21lc2FsdA$c29tZXNhbHRzb21lc2FsdA",
            "$argon2id$v=19$m=4194304,t=1,p=1$c29tZXNhbHRzb21lc2FsdA$c29tZXNhbHRzb21lc2FsdA",
            "$argon2id$v=19$m=64,t=4000000,p=1$c29tZXNhbHRzb21lc2FsdA$c29tZXNhbHRzb21lc2FsdA",
        ] {
            let hash = PasswordHash::new(bad.to_owned());
            assert_eq!(verifier.check(&password("x"), &hash), Err(DamagedVerifier), "{bad}");
        }
    }
}

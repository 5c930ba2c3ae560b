//! Work for programs (`SHA-256`, XEP-0158 §6.2): find a text whose hash ends with given bits.
//!
//! The text need not hold the challenge, only an address; so whoever keeps one text for each label has done the work for all
//! challenges. It makes registering in great numbers cost something, and keeps nobody out who wants in badly enough; that is for the
//! limits and the proof of the e-mail address.

use std::fmt;

use sha2::{Digest, Sha256};

/// Bits at most.
pub const MOST_WORK_BITS: u32 = 32;

/// Bits at least: the label of fewer would be a number of one digit.
const FEWEST_WORK_BITS: u32 = 8;

/// Bytes of an answer at most: an address and a number.
const LONGEST_ANSWER: usize = 4096;

/// What the hash must end with. Written as its label: a hexadecimal number of exactly so many bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Work {
    label: u32,
    bits: u32,
}

impl Work {
    /// The work of that many bits, with `draw` (32 random bits) for those that are free: the highest is always 1, so that the label
    /// itself says how many count.
    pub fn new(draw: u32, bits: u32) -> Self {
        let bits = bits.clamp(FEWEST_WORK_BITS, MOST_WORK_BITS);
        let highest = 1 << (bits - 1);
        Self { label: highest | draw & (highest - 1), bits }
    }

    /// Whether `answer` starts with `address` and its hash ends with the bits of the label. A client that compares the
    /// hexadecimal digits of both finds an answer that is right, too.
    pub fn is_done(self, answer: &str, address: &str) -> bool {
        if address.is_empty() || answer.len() > LONGEST_ANSWER || !answer.starts_with(address) {
            return false;
        }
        let hash = Sha256::digest(answer.as_bytes());
        let end = hash.last_chunk::<4>().map_or(0, |bytes| u32::from_be_bytes(*bytes));
        let mask = u32::MAX >> (MOST_WORK_BITS - self.bits);
        end & mask == self.label
    }
}

/// The label.
impl fmt::Display for Work {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:x}", self.label)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// XEP-0158 §6.2: "2^20 <= label < 2^21".
        #[test]
        fn the_label_is_a_hexadecimal_number_of_exactly_that_many_bits(draw: u32, bits in 8u32..=32) {
            let label = u64::from_str_radix(&Work::new(draw, bits).to_string(), 16).unwrap();
            prop_assert!(1 << (bits - 1) <= label && label < 1 << bits, "{label:x} of {bits}");
        }
    }

    /// The label of the example in XEP-0158 §6.2. The text printed there does not have that hash; this one does.
    #[test]
    fn a_text_with_the_right_hash_for_the_right_address_is_an_answer() {
        let work = Work::new(0xe03d7, 20);
        assert_eq!(work.to_string(), "e03d7");
        let answer = (0..100_000_000u32).map(|n| format!("innocent@victim.com{n:X}")).find(|answer| {
            let hash = format!(
                "{:x}",
                u128::from_be_bytes(*Sha256::digest(answer.as_bytes()).last_chunk().unwrap())
            );
            hash.ends_with("e03d7")
        });
        let answer = answer.unwrap();
        assert!(work.is_done(&answer, "innocent@victim.com"));
        assert!(!work.is_done(&answer, "victim.com") && !work.is_done(&answer, ""));
        assert!(!work.is_done(&format!("{answer}0"), "innocent@victim.com"));
        assert!(!Work::new(0xe03d6, 20).is_done(&answer, "innocent@victim.com"));
        assert!(
            !Work::new(0x001e_03d7, 21).is_done("innocent@victim.com2450F06C173B05E3", "innocent@victim.com")
        );
    }

    #[test]
    fn only_the_bits_of_the_label_count() {
        let end = |text: &str| u32::from_be_bytes(*Sha256::digest(text.as_bytes()).last_chunk().unwrap());
        let text =
            (0..100_000_000u32).map(|n| format!("a.example{n}")).find(|text| end(text) & 0x200 > 0).unwrap();
        assert!(Work::new(end(&text), 10).is_done(&text, "a.example"));
        assert!(!Work::new(end(&text) ^ 1, 10).is_done(&text, "a.example"));
        assert!(Work::new(end(&text) ^ 0x800, 10).is_done(&text, "a.example"), "a bit that does not count");
    }
}

//! What one request is called in the log, in the audit table, and by whoever tells the operator about it.

use std::fmt::{self, Write};

/// The name of one request, in ten letters and digits that nobody mistakes for each other. It says nothing about the request and opens nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct RequestId(u64);

/// Without `l`, `o`, `0` and `1`: people read it out to each other.
const LETTERS: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";
/// How many there are, of five bits each.
const LENGTH: u32 = 10;

impl RequestId {
    /// A name out of random bytes.
    pub fn from_bytes(bytes: [u8; 8]) -> Self {
        Self(u64::from_le_bytes(bytes))
    }
}

impl fmt::Display for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut rest = self.0;
        for _ in 0..LENGTH {
            let letter = usize::try_from(rest % 32).ok().and_then(|index| LETTERS.get(index));
            f.write_char(letter.copied().map_or('a', char::from))?;
            rest /= 32;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn a_name_has_ten_letters_that_nobody_mistakes_and_all_bits_count() {
        assert_eq!(RequestId::from_bytes([0; 8]).to_string(), "aaaaaaaaaa");
        assert_eq!(RequestId::from_bytes([255; 8]).to_string(), "9999999999");
        let names: BTreeSet<_> =
            (0..50).map(|bit| RequestId::from_bytes((1_u64 << bit).to_le_bytes()).to_string()).collect();
        assert_eq!(names.len(), 50);
        assert!(names.iter().all(|name| name.len() == 10 && !name.contains(['l', 'o', '0', '1'])));
        assert_eq!(LETTERS.iter().collect::<BTreeSet<_>>().len(), 32);
    }
}

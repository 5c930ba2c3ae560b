//! Passwords that others have lost already: a list of their SHA-1 hashes in order, as haveibeenpwned.com gives it away. It stays on disk and is looked up
//! there; nothing is sent to anybody.

use std::{cmp::Ordering, fs::File, io, os::unix::fs::FileExt, path::Path, sync::Arc};

use sha1::{Digest, Sha1};

use super::{Broker, Outcome};
use crate::accounts::{FieldError, FieldProblem, Password, Refusal, form::Field};

/// Bytes of a hash, and its hexadecimal digits.
const BYTES: usize = 20;
const DIGITS: usize = 2 * BYTES;
/// Bytes of a line at most: the digits, a colon, a count, the end.
const LONGEST_LINE: usize = 80;

/// An ordered list of hashes on disk.
#[derive(Debug, Clone)]
pub struct BreachedList(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    file: File,
    length: u64,
}

/// Why a file is no such list.
#[derive(Debug, thiserror::Error)]
pub enum ListProblem {
    /// It cannot be read.
    #[error(transparent)]
    Io(#[from] io::Error),
    /// A line is none of 40 hexadecimal digits, or the last comes before the first.
    #[error("not a list of SHA-1 hashes in their order (\"ordered by hash\")")]
    NotAList,
}

impl BreachedList {
    /// Opens a list, and looks at its ends.
    pub fn open(path: &Path) -> Result<Self, ListProblem> {
        let file = File::open(path)?;
        let length = file.metadata()?.len();
        let inner = Inner { file, length };
        let first = inner.hash_at(0)?.ok_or(ListProblem::NotAList)?;
        // The last whole line begins somewhere in here.
        let end = length.saturating_sub(u64::try_from(LONGEST_LINE).unwrap_or(u64::MAX));
        let last = match inner.line_from(end)? {
            Some(start) => inner.hash_at(start)?.ok_or(ListProblem::NotAList)?,
            None => first,
        };
        if first <= last { Ok(Self(Arc::new(inner))) } else { Err(ListProblem::NotAList) }
    }

    /// Whether the password is on it. Reads some thirty lines from disk, so it blocks.
    pub fn holds(&self, password: &str) -> Result<bool, ListProblem> {
        let wanted: [u8; BYTES] = Sha1::digest(password.as_bytes()).into();
        let list = &*self.0;
        // The line begins at `low` or behind it, and before `high`.
        let (mut low, mut high) = (0, list.length);
        while low < high {
            let middle = low + (high - low) / 2;
            let Some(start) = list.line_from(middle)?.filter(|start| *start < high) else {
                high = middle;
                continue;
            };
            match list.hash_at(start)?.ok_or(ListProblem::NotAList)?.cmp(&wanted) {
                Ordering::Equal => return Ok(true),
                Ordering::Less => low = start + 1,
                Ordering::Greater => high = middle,
            }
        }
        Ok(false)
    }
}

impl Inner {
    /// Where the first line begins that begins at `offset` or behind it; `None` behind the last one.
    fn line_from(&self, offset: u64) -> Result<Option<u64>, ListProblem> {
        let Some(before) = offset.checked_sub(1) else { return Ok(Some(0)) };
        let mut bytes = [0; LONGEST_LINE];
        let read = self.read(&mut bytes, before)?;
        match bytes[..read].iter().position(|&byte| byte == b'\n') {
            Some(at) => {
                let start = offset + u64::try_from(at).unwrap_or(u64::MAX);
                Ok((start < self.length).then_some(start))
            }
            None if read == LONGEST_LINE => Err(ListProblem::NotAList),
            None => Ok(None),
        }
    }

    /// The hash of the line that begins there; `None` where there is none.
    fn hash_at(&self, start: u64) -> io::Result<Option<[u8; BYTES]>> {
        let mut digits = [0; DIGITS];
        if self.read(&mut digits, start)? < DIGITS {
            return Ok(None);
        }
        let mut hash = [0; BYTES];
        let (pairs, _) = digits.as_chunks::<2>();
        for (byte, [high, low]) in hash.iter_mut().zip(pairs) {
            let digit = |digit: u8| char::from(digit).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
            let Some((high, low)) = digit(*high).zip(digit(*low)) else { return Ok(None) };
            *byte = high << 4 | low;
        }
        Ok(Some(hash))
    }

    fn read(&self, bytes: &mut [u8], at: u64) -> io::Result<usize> {
        let mut read = 0;
        while let Some(rest) = bytes.get_mut(read..).filter(|rest| !rest.is_empty()) {
            match self.file.read_at(rest, at + u64::try_from(read).unwrap_or(0)) {
                Ok(0) => break,
                Ok(more) => read += more,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(read)
    }
}

impl Broker {
    /// Refuses a new password that is on the list, where there is one. While the list cannot be read, passwords are taken: it is advice,
    /// and the operator reads of it in the log.
    pub(super) async fn not_breached(&self, password: &Password) -> Outcome<()> {
        let Some(list) = self.parts.breached.clone() else { return Ok(()) };
        match self.parts.hashing.look_up(password.clone(), list).await? {
            Ok(false) => Ok(()),
            Ok(true) => {
                let problem = FieldProblem::Breached;
                Err(Refusal::Invalid(vec![FieldError { field: Field::Password, problem }]).into())
            }
            Err(error) => {
                tracing::error!(%error, "the list of breached passwords cannot be read; passwords are taken without it");
                Ok(())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fmt::Write;

    use super::*;

    fn list(passwords: &[&str], end: &str) -> (tempfile::NamedTempFile, Result<BreachedList, ListProblem>) {
        let mut hashes: Vec<String> = passwords
            .iter()
            .map(|password| {
                Sha1::digest(password.as_bytes()).iter().fold(String::new(), |mut text, byte| {
                    let _ = write!(text, "{byte:02X}");
                    text
                })
            })
            .collect();
        hashes.sort();
        let lines: Vec<_> = (1..).zip(hashes).map(|(count, hash)| format!("{hash}:{}", count * 37)).collect();
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), lines.join(end) + end).unwrap();
        let opened = BreachedList::open(file.path());
        (file, opened)
    }

    #[test]
    fn every_password_of_a_list_is_found_and_no_other() {
        let many: Vec<String> = (0..1000).map(|number| format!("password{number}")).collect();
        let many: Vec<&str> = many.iter().map(String::as_str).collect();
        for end in ["\n", "\r\n"] {
            for size in [1, 2, 3, 7, 1000] {
                let (_file, list) = list(&many[..size], end);
                let list = list.unwrap();
                assert!(many[..size].iter().all(|password| list.holds(password).unwrap()), "{size}");
                assert!((0..200).all(|number| !list.holds(&format!("other{number}")).unwrap()), "{size}");
            }
        }
    }

    #[test]
    fn what_is_no_list_is_refused() {
        let file = tempfile::NamedTempFile::new().unwrap();
        for text in ["", "password\n123456\n", "\n\n", &"A".repeat(39), &"A".repeat(4000)] {
            std::fs::write(file.path(), text).unwrap();
            assert!(BreachedList::open(file.path()).is_err(), "{text}");
        }
        let (high, low) = ("F".repeat(40), "0".repeat(40));
        std::fs::write(file.path(), format!("{high}:1\n{low}:1\n")).unwrap();
        assert!(BreachedList::open(file.path()).is_err(), "in no order");
    }

    proptest::proptest! {
        #[test]
        fn no_file_makes_it_panic_or_go_on_for_ever(bytes in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..400)) {
            let file = tempfile::NamedTempFile::new().unwrap();
            std::fs::write(file.path(), bytes).unwrap();
            if let Ok(list) = BreachedList::open(file.path()) {
                let _ = list.holds("password");
            }
        }
    }
}

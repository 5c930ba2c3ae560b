//! `[passwords]`: which passwords nobody may choose, whatever the domain.

use std::path::PathBuf;

use super::{
    define::{Fallback, OptionDef, SectionDef, Times},
    kinds,
    reader::Section,
};

/// Which passwords nobody may choose.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Passwords {
    /// The list of those that others have lost.
    pub breached_file: Option<PathBuf>,
}

const BREACHED_FILE: OptionDef = OptionDef {
    key: "breached_file",
    allowed: "the path of a file",
    default: Fallback::Described("no list"),
    example: "\"/var/lib/ostiary/pwned-passwords-sha1-ordered-by-hash.txt\"",
    doc: "A list of the SHA-1 hashes of passwords that others have lost, one on each line and in their order, such as \"Pwned Passwords, ordered by hash\" of haveibeenpwned.com. It is looked up on disk, whatever its size, and nothing is sent to anybody. New passwords that are on it are refused; existing ones go on.",
};

pub(super) const SECTION: SectionDef = SectionDef {
    name: "passwords",
    times: Times::Once,
    doc: "Which passwords nobody may choose, whatever the domain. The rest of the rules is in each domain.",
    options: &[&BREACHED_FILE],
};

pub(super) fn read(section: &Section<'_>) -> Passwords {
    let breached_file = section.optional(&BREACHED_FILE, kinds::text).map(|path| section.path(&path));
    Passwords { breached_file }
}

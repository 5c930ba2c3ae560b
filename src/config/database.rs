//! `[database]`: where the accounts are kept.

use std::path::PathBuf;

use super::{
    define::{Fallback, OptionDef, SectionDef, Times},
    kinds,
    reader::Section,
};

/// Where the accounts are kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Database {
    /// The database file.
    pub path: PathBuf,
    /// Page cache of the writer in KiB.
    pub cache_kib: u32,
    /// Threads that read in parallel.
    pub readers: usize,
}

const PATH: OptionDef = OptionDef {
    key: "path",
    allowed: "the path of a file",
    default: Fallback::Value("\"ostiary.db\""),
    example: "\"ostiary.db\"",
    doc: "The SQLite database. Made if it is not there. Keep it on a local disk: SQLite's locks do not work on network file systems.",
};

const CACHE: OptionDef = OptionDef {
    key: "cache_mib",
    allowed: "1 to 4096",
    default: Fallback::Value("16"),
    example: "16",
    doc: "Most memory for database pages of the writer, in MiB; each reader may use half of it. Give more for millions of accounts.",
};

const READERS: OptionDef = OptionDef {
    key: "readers",
    allowed: "1 to 64",
    default: Fallback::Value("2"),
    example: "2",
    doc: "Threads that read in parallel.",
};

pub(super) const SECTION: SectionDef = SectionDef {
    name: "database",
    times: Times::Once,
    doc: "Where the accounts are kept.",
    options: &[&PATH, &CACHE, &READERS],
};

pub(super) fn read(section: &Section<'_>) -> Option<Database> {
    let path = section.get(&PATH, kinds::text).map(|path| section.path(&path));
    let cache = section.get(&CACHE, kinds::number::<u32>(1..=4096));
    let readers = section.get(&READERS, kinds::number(1..=64));
    Some(Database { path: path?, cache_kib: cache? * 1024, readers: readers? })
}

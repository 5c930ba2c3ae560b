//! Where accounts come from: an iterator over the accounts of another server, and how far it has come.

use std::{
    fs::File,
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
};

use anyhow::Context as _;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::xep_0227::PortableAccounts;
use crate::{accounts::ForeignAccount, cli::ending::Ending};

/// One thing that was found.
#[derive(Debug)]
pub enum Found {
    /// An account.
    Account(ForeignAccount),
    /// Something that should be an account and cannot be read; the others are not worse for it.
    Unreadable {
        /// What it is called.
        name: String,
        /// What is wrong with it, without anything that proves a password.
        problem: String,
    },
}

/// The accounts of another server. An error ends them: nothing after it can be trusted.
pub struct Source {
    /// The accounts, one after the other.
    pub accounts: Box<dyn Iterator<Item = anyhow::Result<Found>>>,
    /// How far it has come; moves by itself. Shown on a terminal only.
    pub progress: ProgressBar,
}

/// Accounts out of files of XEP-0227, one file after the other.
pub fn xep_0227(files: &[PathBuf]) -> Result<Source, Ending> {
    let opened = files.iter().map(|path| open(path)).collect::<Result<Vec<_>, _>>()?;
    let progress = in_bytes(opened.iter().map(|(_, length)| length).sum());
    let readers: Vec<_> = files
        .iter()
        .zip(opened)
        .map(|(path, (file, _))| PortableAccounts::new(buffered(file, &progress), path.clone()))
        .collect();
    let accounts = readers.into_iter().flatten();
    Ok(Source { accounts: Box::new(accounts.map(|account| account.map(Found::Account))), progress })
}

/// Opens a file that the operator named; its length in bytes.
pub fn open(path: &Path) -> Result<(File, u64), Ending> {
    let file = File::open(path).and_then(|file| file.metadata().map(|data| (file, data)));
    let (file, data) = file.with_context(|| format!("cannot read {}", path.display()))?;
    if data.is_dir() {
        return Err(Ending::Usage(format!("{} is a folder; name a file", path.display())));
    }
    Ok((file, data.len()))
}

/// A bar that the bytes read move.
pub fn in_bytes(length: u64) -> ProgressBar {
    bar(length, "{bar:40} {percent:>3} %  {bytes} of {total_bytes}, {eta} left")
}

/// A bar on standard error, where that is a terminal.
pub fn bar(length: u64, looks: &str) -> ProgressBar {
    let bar = ProgressBar::with_draw_target(Some(length), ProgressDrawTarget::stderr_with_hz(5));
    // A template that cannot be read would be a plain bar.
    bar.with_style(ProgressStyle::with_template(looks).unwrap_or_else(|_| ProgressStyle::default_bar()))
}

/// A file through a buffer, whose reads move the bar.
pub fn buffered(file: File, progress: &ProgressBar) -> impl BufRead + use<> {
    BufReader::with_capacity(256 * 1024, progress.wrap_read(file))
}

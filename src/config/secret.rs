//! Secrets: read from files that nobody else can read, or from the environment; never from the configuration file itself.

use std::{
    fs::File,
    io::Read,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
};

use secrecy::{ExposeSecret, SecretString, zeroize::Zeroizing};

use super::{define::OptionDef, kinds, reader::Section};

/// Where secrets may stand beside files, and which of them are wanted.
pub struct Environment<'e> {
    /// Looks an environment variable up.
    pub variable: &'e dyn Fn(&str) -> Option<String>,
    /// Which secrets the command needs; the others are not looked at.
    pub secrets: Secrets,
}

/// Which secrets a command needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Secrets {
    /// All of them, for the service.
    All,
    /// The master key only, for work on the database.
    MasterKey,
    /// The component's secret only, for the configuration of the server.
    Component,
    /// None, for commands that only look at the configuration.
    None,
}

/// Why a secret could not be read.
#[derive(Debug, thiserror::Error)]
pub enum SecretProblem {
    /// The file system said no.
    #[error("{path}: {source}")]
    Io {
        /// The file.
        path: PathBuf,
        /// What it said.
        source: std::io::Error,
    },
    /// Others can read it.
    #[error("{path} can be read by others (mode {mode:04o}): run chmod 600 {path}")]
    TooOpen {
        /// The file.
        path: PathBuf,
        /// Its permissions.
        mode: u32,
    },
    /// There is nothing in it, or too much, or no text.
    #[error("{path} must hold one line of text, at most 4096 bytes")]
    NoLine {
        /// The file.
        path: PathBuf,
    },
}

/// Reads the secret of an option that names a file, or of the environment variable that takes its place.
/// `None`: there is none, or a mistake was noted.
pub fn secret(section: &Section<'_>, option: &OptionDef, variable: &str) -> Option<SecretString> {
    if let Some(value) = (section.environment().variable)(variable) {
        if !value.trim().is_empty() {
            return Some(SecretString::from(value.trim().to_owned()));
        }
        section.note(option, format!("the environment variable {variable} is empty"));
        return None;
    }
    let path = section.path(&section.get(option, kinds::text)?);
    match read_secret(&path) {
        Ok(secret) => Some(secret),
        Err(problem) => {
            section.note(option, format!("{problem}; or set {variable} in the environment"));
            None
        }
    }
}

/// Reads a file of one line that nobody but its owner can read.
pub fn read_secret(path: &Path) -> Result<SecretString, SecretProblem> {
    let io = |source| SecretProblem::Io { path: path.to_owned(), source };
    // Looked at before it is opened: opening a pipe would wait for somebody to write into it.
    let metadata = std::fs::metadata(path).map_err(io)?;
    if !metadata.is_file() {
        return Err(SecretProblem::NoLine { path: path.to_owned() });
    }
    let file = File::open(path).map_err(io)?;
    let mode = metadata.permissions().mode() & 0o7777;
    if mode & 0o077 != 0 {
        return Err(SecretProblem::TooOpen { path: path.to_owned(), mode });
    }
    let mut text = Zeroizing::new(String::new());
    if file.take(4097).read_to_string(&mut text).map_err(io)? > 4096 {
        return Err(SecretProblem::NoLine { path: path.to_owned() });
    }
    let line = text.trim_end_matches(['\r', '\n']);
    let secret = SecretString::from(line);
    if line.trim().is_empty() || secret.expose_secret().chars().any(char::is_control) {
        return Err(SecretProblem::NoLine { path: path.to_owned() });
    }
    Ok(secret)
}

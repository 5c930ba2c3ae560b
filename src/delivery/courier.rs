//! Who takes a letter away: a mail server, or a folder.

use std::{fmt, io, path::PathBuf};

use super::{
    OutgoingMail, SmtpSettings, SpoolSettings,
    smtp::{self, Smtp},
    spool::{self, Spool},
};

/// Takes letters away. Built once.
#[derive(Debug)]
pub enum Courier {
    /// A mail server.
    Smtp(SmtpCourier),
    /// A folder of `.eml` files.
    Spool(SpoolCourier),
}

/// A mail server and the connections to it.
pub struct SmtpCourier(pub(super) Smtp);

/// A folder of `.eml` files.
#[derive(Debug)]
pub struct SpoolCourier(pub(super) Spool);

/// Settings that no courier can work with.
#[derive(Debug, thiserror::Error)]
pub enum CourierProblem {
    /// The password would be readable on the way.
    #[error(
        "a login at {host} without encryption would send the password in clear: use `starttls` or `tls`, or a mail server on this machine"
    )]
    ClearLogin {
        /// The server.
        host: String,
    },
    /// The certificates cannot be read.
    #[error("{path}: {why}")]
    Certificates {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        why: String,
    },
    /// TLS cannot be set up.
    #[error("TLS for the mail server {host} cannot be set up: {why}")]
    Tls {
        /// The server.
        host: String,
        /// What is wrong.
        why: String,
    },
    /// The folder cannot be made.
    #[error("the mail folder {folder} cannot be made: {source}")]
    Folder {
        /// The folder.
        folder: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

/// Why a letter was not taken. The texts hold no address of a recipient.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SendFault {
    /// This letter will never be taken.
    #[error("{0}")]
    Refused(String),
    /// This letter was not taken now; others may be.
    #[error("{0}")]
    Delayed(String),
    /// No letter can be taken at the moment.
    #[error("{0}")]
    Unavailable(String),
}

impl Courier {
    /// A courier that hands letters to a mail server. Connects only when there is a letter.
    pub fn smtp(settings: SmtpSettings) -> Result<Self, CourierProblem> {
        Ok(Self::Smtp(SmtpCourier(Smtp::new(settings)?)))
    }

    /// A courier that puts letters into a folder, which is made (for the owner only) if it is not there.
    pub fn spool(settings: SpoolSettings) -> Result<Self, CourierProblem> {
        Ok(Self::Spool(SpoolCourier(Spool::new(settings)?)))
    }

    /// How many letters it takes at the same time.
    pub(super) const fn abreast(&self) -> usize {
        match self {
            Self::Smtp(_) => smtp::CONNECTIONS,
            Self::Spool(_) => spool::TOGETHER,
        }
    }

    /// Takes one letter away. `Ok` means that the server has taken it on, or that it is safely on disk.
    pub async fn deliver(&self, mail: &OutgoingMail) -> Result<(), SendFault> {
        match self {
            Self::Smtp(courier) => courier.0.deliver(mail).await,
            Self::Spool(courier) => courier.0.deliver(mail).await,
        }
    }
}

impl fmt::Display for Courier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Smtp(courier) => write!(f, "{}", courier.0),
            Self::Spool(courier) => write!(f, "{}", courier.0),
        }
    }
}

impl fmt::Debug for SmtpCourier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SmtpCourier({})", self.0)
    }
}

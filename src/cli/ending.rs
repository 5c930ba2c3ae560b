//! How a command can end other than well, and the exit code of each way.

use std::process::ExitCode;

use crate::{
    accounts::Refusal,
    broker::Failure,
    config::Problems,
    text::{Help, Texts},
};

/// How a command can end other than well.
#[derive(Debug, thiserror::Error)]
pub enum Ending {
    /// The command line is wrong in a way that clap cannot see.
    #[error("{0}")]
    Usage(String),
    /// The configuration is wrong.
    #[error("{0}")]
    Configuration(#[from] Problems),
    /// A rule says no.
    #[error("refused: {}", words(.0))]
    Refused(Refusal),
    /// Something broke.
    #[error("{0:#}")]
    Fault(#[from] anyhow::Error),
    /// Something broke, and the command has told it already.
    #[error("failed")]
    Told,
}

impl Ending {
    /// The exit code; `docs/cli.md` and `--help` list them.
    pub fn exit_code(&self) -> ExitCode {
        ExitCode::from(match self {
            Self::Fault(_) | Self::Told => 1,
            Self::Usage(_) | Self::Configuration(_) => 2,
            Self::Refused(_) => 3,
        })
    }

    /// A short, stable word for programs.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Fault(_) | Self::Told => "failed",
            Self::Usage(_) => "usage",
            Self::Configuration(_) => "configuration",
            Self::Refused(_) => "refused",
        }
    }
}

impl From<Failure> for Ending {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Refused(refusal) => Self::Refused(refusal),
            Failure::Fault(fault) => Self::Fault(fault),
        }
    }
}

impl From<std::io::Error> for Ending {
    fn from(error: std::io::Error) -> Self {
        Self::Fault(error.into())
    }
}

fn words(refusal: &Refusal) -> String {
    let texts = Texts::new();
    texts.refusal(texts.negotiate("en"), refusal, &Help::default())
}

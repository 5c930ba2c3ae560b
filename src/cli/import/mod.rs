//! `ostiary import`: accounts of another server, taken over with the passwords that they have. Works on the same database as the
//! running service.

mod ejabberd;
#[cfg(any(test, feature = "fuzzing"))]
pub mod fuzzing;
mod lines;
mod lua;
mod prosody;
mod report;
mod run;
mod source;
mod xep_0227;

use std::path::PathBuf;

use clap::{Args, Subcommand};

use self::{run::Run, source::Source};
use super::{account::read_domain, ending::Ending, output::Output, settings};
use crate::{
    accounts::{Domain, Refusal},
    broker::{Broker, Failure},
    config::Config,
};

#[derive(Debug, Args)]
pub struct ImportArguments {
    #[command(subcommand)]
    from: ImportSource,
}

#[derive(Debug, Subcommand)]
enum ImportSource {
    /// Take accounts out of ejabberd's SQLite file, a dump of its SQL database, or a dump of its Mnesia database as text.
    #[command(after_help = EJABBERD_HELP)]
    Ejabberd {
        /// The file; which of the three it is shows itself.
        file: PathBuf,
        #[command(flatten)]
        how: How,
    },
    /// Take accounts out of Prosody's internal storage (`internal_hashed`, `internal_plain`).
    #[command(after_help = PROSODY_HELP)]
    Prosody {
        /// The folder with Prosody's data, its `data_path`.
        #[arg(value_name = "DIR")]
        data: PathBuf,
        #[command(flatten)]
        how: How,
    },
    /// Take accounts out of files in the form that XMPP servers exchange (XEP-0227), such as those of `ostiary export`.
    #[command(name = "xep-0227", after_help = XEP_0227_HELP)]
    Xep0227 {
        /// The files.
        #[arg(required = true, value_name = "FILE")]
        files: Vec<PathBuf>,
        #[command(flatten)]
        how: How,
    },
}

/// What all sources have in common.
#[derive(Debug, Args)]
struct How {
    /// Take the accounts over. Without this, nothing is changed: it is only said what would be done.
    #[arg(long)]
    apply: bool,
    /// Only accounts of this domain; where the source names none, the domain of all.
    #[arg(long)]
    domain: Option<String>,
    /// Write each account that is not taken over, and why, into this file, which must not be there yet.
    #[arg(long, value_name = "FILE")]
    report: Option<PathBuf>,
}

const EJABBERD_HELP: &str = "\
Names, passwords and SCRAM keys are taken; rosters and everything else stays where it is. It can be run again: accounts that are there
already are left as they are.

Examples:
  ejabberdctl dump /var/lib/ejabberd/dump.txt
  ostiary import ejabberd /var/lib/ejabberd/dump.txt
  ostiary import ejabberd dump.sql --domain chat.example --report left-out.txt --apply
";

const PROSODY_HELP: &str = "\
Names, passwords, SCRAM keys and e-mail addresses are taken; rosters and everything else stays where it is. It can be run again: accounts
that are there already are left as they are.

Examples:
  ostiary import prosody /var/lib/prosody
  ostiary import prosody /var/lib/prosody --domain chat.example --report left-out.txt --apply
";

const XEP_0227_HELP: &str = "\
Names, passwords and SCRAM keys are taken; rosters and everything else stays where it is. It can be run again: accounts that are there
already are left as they are.

Examples:
  ostiary import xep-0227 accounts.xml
  ostiary import xep-0227 accounts.xml --report left-out.txt --apply
";

/// Does one piece of work.
pub fn import(arguments: &ImportArguments, config: &Config, output: &mut Output) -> Result<(), Ending> {
    let how = arguments.from.how();
    let only = how.domain.as_deref().map(read_domain).transpose()?;
    // Before the database is opened, and made where there is none.
    let source = arguments.from.open(only.as_ref())?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let store = settings::open_store(config)?;
        let broker = Broker::new(settings::broker_parts(config, store.clone())?);
        let done = match &only {
            Some(domain) if broker.policy(domain).is_none() => {
                Err(Failure::Refused(Refusal::UnknownDomain).into())
            }
            _ => {
                let (origin, threads) = (settings::operator(config), config.hashing.threads);
                Run::new(&broker, origin, how.apply, only.as_ref(), how.report.as_deref(), threads)
                    .map(|run| run.through(source))
            }
        };
        let done = match done {
            Ok(run) => run.await,
            Err(ending) => Err(ending),
        };
        store.close().await;
        let report = done?;
        output.result(&report, report.text())?;
        Ok(())
    })
}

impl ImportSource {
    fn how(&self) -> &How {
        match self {
            Self::Ejabberd { how, .. } | Self::Prosody { how, .. } | Self::Xep0227 { how, .. } => how,
        }
    }

    fn open(&self, only: Option<&Domain>) -> Result<Source, Ending> {
        match self {
            Self::Ejabberd { file, .. } => ejabberd::ejabberd(file, only),
            Self::Prosody { data, .. } => prosody::prosody(data, only),
            Self::Xep0227 { files, .. } => source::xep_0227(files),
        }
    }
}

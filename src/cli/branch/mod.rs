//! `ostiary branch`: offices of a partner, whose programs make accounts that are active at once. Works on the same database as the
//! running service.

mod render;

use clap::{Args, Subcommand};

use self::render::Listing;
use super::{
    account::read_domain,
    ending::Ending,
    key::{first_domain, read_owner},
    output::Output,
    settings, terminal,
};
use crate::{
    accounts::{BranchId, Front, Origin, Refusal},
    broker::Broker,
    config::Config,
};

#[derive(Debug, Args)]
pub struct BranchArguments {
    #[command(subcommand)]
    command: BranchCommand,
}

#[derive(Debug, Subcommand)]
enum BranchCommand {
    /// Make a branch, and show its secret and its activation token once.
    #[command(after_help = CREATE_HELP)]
    Create {
        /// Whose it is.
        #[arg(long, value_name = "TEXT")]
        owner: String,
        /// The domain that it makes accounts on; the first one otherwise.
        #[arg(long)]
        domain: Option<String>,
    },
    /// List branches.
    List {
        /// Only this domain.
        #[arg(long)]
        domain: Option<String>,
    },
    /// Give a branch a new secret and a new activation token, shown once. The old ones work no longer.
    Rotate {
        /// The number of the branch.
        branch: String,
    },
    /// End a branch for good. The accounts that it made stay.
    Revoke {
        /// The number of the branch.
        branch: String,
        /// Do not ask.
        #[arg(long, short)]
        yes: bool,
    },
}

const CREATE_HELP: &str = "\
Examples:
  ostiary branch create --owner \"Acme Leeds\"
  ostiary branch create --owner \"Acme York\" --domain chat.example --json
";

/// Does one piece of work.
pub fn branch(arguments: &BranchArguments, config: &Config, output: &mut Output) -> Result<(), Ending> {
    // Before the database is opened, and made where there is none.
    arguments.command.check()?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let store = settings::open_store(config)?;
        let broker = Broker::new(settings::operator_parts(config, store.clone())?);
        let done = execute(&arguments.command, &broker, output).await;
        store.close().await;
        done
    })
}

async fn execute(command: &BranchCommand, broker: &Broker, output: &mut Output) -> Result<(), Ending> {
    let origin = Origin::of(Front::Cli);
    match command {
        BranchCommand::Create { owner, domain } => {
            let domain = match domain {
                Some(domain) => read_domain(domain)?,
                None => first_domain(broker)?,
            };
            let (branch, secrets) = broker.create_branch(&origin, &domain, read_owner(owner)?).await?;
            render::with_secrets(output, "created", &branch, &secrets)
        }
        BranchCommand::List { domain } => {
            let domain = domain.as_deref().map(read_domain).transpose()?;
            let listing = Listing::new(&broker.branches(domain.as_ref()).await?);
            output.result(&listing, listing.table())?;
            Ok(())
        }
        BranchCommand::Rotate { branch } => {
            let (branch, secrets) = broker.rotate_branch(&origin, read_branch(branch)?).await?;
            render::with_secrets(output, "rotated", &branch, &secrets)
        }
        BranchCommand::Revoke { branch, yes } => {
            let found = broker.branch(read_branch(branch)?).await?;
            if !yes
                && !terminal::confirm(&format!("Revoke branch {} of {} for good?", found.id, found.owner))?
            {
                return Err(Ending::Usage("cancelled; nothing was changed".to_owned()));
            }
            render::revoked(output, &broker.revoke_branch(&origin, found.id).await?)
        }
    }
}

impl BranchCommand {
    fn check(&self) -> Result<(), Ending> {
        match self {
            Self::Create { owner, domain } => {
                read_owner(owner)?;
                domain.as_deref().map(read_domain).transpose().map(drop)
            }
            Self::List { domain } => domain.as_deref().map(read_domain).transpose().map(drop),
            Self::Rotate { .. } | Self::Revoke { .. } => Ok(()),
        }
    }
}

/// What cannot be the number of a branch is one that there is not.
fn read_branch(branch: &str) -> Result<BranchId, Ending> {
    BranchId::parse(branch).ok_or(Ending::Refused(Refusal::NoSuchBranch))
}

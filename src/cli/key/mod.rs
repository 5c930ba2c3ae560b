//! `ostiary key`: API keys, with which programs make accounts. Works on the same database as the running service.

mod render;

use clap::{Args, Subcommand};

use self::render::{KeyView, Listing, WithHistory};
use super::{account::read_domain, ending::Ending, output::Output, settings, terminal};
use crate::{
    accounts::{ApiKeyId, Domain, Front, KeyOwner, Origin, Refusal},
    broker::Broker,
    config::Config,
};

#[derive(Debug, Args)]
pub struct KeyArguments {
    #[command(subcommand)]
    command: KeyCommand,
}

#[derive(Debug, Subcommand)]
enum KeyCommand {
    /// Make a key, and show its secret once.
    #[command(after_help = CREATE_HELP)]
    Create {
        /// Whom it is given to. Kept exactly as written.
        #[arg(long, value_name = "TEXT")]
        owner: String,
        /// How many accounts of it there may be at the same time.
        #[arg(long, value_name = "N")]
        limit: u32,
        /// The domain that it makes accounts on; the first one otherwise.
        #[arg(long)]
        domain: Option<String>,
    },
    /// List keys, those of one owner together.
    List {
        /// Only this domain.
        #[arg(long)]
        domain: Option<String>,
    },
    /// Show a key and what happened to it. The secret is not shown.
    Show {
        /// The key.
        key: String,
    },
    /// Set how many accounts of a key there may be at the same time. Those that there are stay.
    Limit {
        /// The key.
        key: String,
        /// How many.
        limit: u32,
    },
    /// End a key for good. The accounts that were made with it stay.
    Revoke {
        /// The key.
        key: String,
        /// Do not ask.
        #[arg(long, short)]
        yes: bool,
    },
}

const CREATE_HELP: &str = "\
Examples:
  ostiary key create --owner \"Acme Sensors\" --limit 500
  ostiary key create --owner \"Agent API\" --limit 100 --domain chat.example --json
";

/// Does one piece of work.
pub fn key(arguments: &KeyArguments, config: &Config, output: &mut Output) -> Result<(), Ending> {
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

async fn execute(command: &KeyCommand, broker: &Broker, output: &mut Output) -> Result<(), Ending> {
    let origin = Origin::of(Front::Cli);
    match command {
        KeyCommand::Create { owner, limit, domain } => {
            let domain = match domain {
                Some(domain) => read_domain(domain)?,
                None => first_domain(broker)?,
            };
            let (key, secret) = broker.create_key(&origin, &domain, read_owner(owner)?, *limit).await?;
            render::created(output, &key, &secret)
        }
        KeyCommand::List { domain } => {
            let domain = domain.as_deref().map(read_domain).transpose()?;
            let listing = Listing::new(&broker.keys(domain.as_ref()).await?);
            output.result(&listing, listing.table())?;
            Ok(())
        }
        KeyCommand::Show { key } => {
            let key = broker.key(&read_key(key)?).await?;
            let history = broker.key_history(&key.id, 20).await?;
            let view = KeyView::new(&key);
            output.result(&WithHistory { key: &view, history: &history }, view.details(&history))?;
            Ok(())
        }
        KeyCommand::Limit { key, limit } => {
            let key = broker.limit_key(&origin, &read_key(key)?, *limit).await?;
            render::done(output, &format!("limit {limit}"), &key)
        }
        KeyCommand::Revoke { key, yes } => {
            let found = broker.key(&read_key(key)?).await?;
            if !yes && !terminal::confirm(&format!("Revoke the key of {} for good?", found.owner))? {
                return Err(Ending::Usage("cancelled; nothing was changed".to_owned()));
            }
            render::done(output, "revoked", &broker.revoke_key(&origin, &found.id).await?)
        }
    }
}

impl KeyCommand {
    fn check(&self) -> Result<(), Ending> {
        match self {
            Self::Create { owner, domain, .. } => {
                read_owner(owner)?;
                domain.as_deref().map(read_domain).transpose().map(drop)
            }
            Self::List { domain } => domain.as_deref().map(read_domain).transpose().map(drop),
            Self::Show { .. } | Self::Limit { .. } | Self::Revoke { .. } => Ok(()),
        }
    }
}

/// The domain of commands that name none.
pub(super) fn first_domain(broker: &Broker) -> Result<Domain, Ending> {
    let first = broker.domains().next().map(|policy| policy.domain.clone());
    first.ok_or_else(|| Ending::Usage("the configuration names no domain".to_owned()))
}

/// Whom something is given to, as typed.
pub(super) fn read_owner(owner: &str) -> Result<KeyOwner, Ending> {
    KeyOwner::parse(owner).map_err(|problem| Ending::Usage(problem.to_string()))
}

/// A text that cannot be a key is one that there is not.
fn read_key(key: &str) -> Result<ApiKeyId, Ending> {
    ApiKeyId::parse(key).ok_or(Ending::Refused(Refusal::NoSuchKey))
}

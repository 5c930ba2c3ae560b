//! `ostiary invite`: the operator's work on invitations, on the same database as the running service.

mod render;

use clap::{Args, Subcommand};
use jiff::{SignedDuration, Timestamp};

use self::render::{InvitationView, Listing, WithAccounts};
use super::{account::read_domain, ending::Ending, output::Output, settings, terminal};
use crate::{
    accounts::{Domain, InvitationKind},
    broker::{Broker, InvitationWish},
    clock::{Clock, SystemClock},
    config::{self, Config},
    store::InvitationFilter,
};

#[derive(Debug, Args)]
pub struct InviteArguments {
    #[command(subcommand)]
    command: InviteCommand,
}

#[derive(Debug, Subcommand)]
enum InviteCommand {
    /// Make an invitation, and show its link once.
    #[command(after_help = CREATE_HELP)]
    Create(CreateArguments),
    /// List invitations, the newest first.
    List(ListArguments),
    /// Show an invitation, the accounts made with it, and what happened to it. Its link is not kept.
    Show {
        /// The invitation's number.
        invitation: i64,
    },
    /// Take an invitation back. The accounts made with it stay.
    Revoke {
        /// The invitation's number.
        invitation: i64,
        /// Do not ask.
        #[arg(long, short)]
        yes: bool,
    },
}

#[derive(Debug, Args)]
struct CreateArguments {
    /// The domain to invite to; the first one otherwise.
    #[arg(long)]
    domain: Option<String>,
    /// The only name that can be registered with it; nobody else gets the name meanwhile.
    #[arg(long)]
    name: Option<String>,
    /// How many accounts may be made with it.
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    uses: u32,
    /// How long it works, such as 12h or 30d; the domain's `invitation_lifetime` otherwise.
    #[arg(long, value_name = "TIME", value_parser = read_lifetime)]
    expires: Option<SignedDuration>,
    /// A note for yourself.
    #[arg(long, value_name = "TEXT")]
    note: Option<String>,
    /// Who invites: an account here that becomes a contact of the new one.
    #[arg(long, value_name = "ACCOUNT")]
    inviter: Option<String>,
}

#[derive(Debug, Args)]
struct ListArguments {
    /// Only this domain.
    #[arg(long)]
    domain: Option<String>,
    /// Also those that are used up, expired or revoked.
    #[arg(long)]
    all: bool,
    /// Only those made before this one, to go on where a list ended.
    #[arg(long, value_name = "NUMBER")]
    before: Option<i64>,
    /// At most so many.
    #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..=1000))]
    limit: u32,
}

const CREATE_HELP: &str = "\
Examples:
  ostiary invite create                                       one account, for a week
  ostiary invite create --name juliet --expires 2d            for that name only
  ostiary invite create --uses 30 --note \"chess club\" --json
  ostiary invite create --inviter romeo@chat.example          they become contacts of each other
";

/// Longest note.
const NOTE_LENGTH: usize = 500;
/// Longest lifetime: ten years.
const LONGEST: i64 = 3650 * 86_400;

/// Does one piece of work.
pub fn invite(arguments: &InviteArguments, config: &Config, output: &mut Output) -> Result<(), Ending> {
    let command = &arguments.command;
    // Before the database is opened, and made where there is none.
    if let InviteCommand::Create(create) = command {
        create.wish()?;
    }
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let store = settings::open_store(config)?;
        let broker = Broker::new(settings::operator_parts(config, store.clone())?);
        let done = execute(command, &broker, config, output).await;
        store.close().await;
        done
    })
}

async fn execute(
    command: &InviteCommand,
    broker: &Broker,
    config: &Config,
    output: &mut Output,
) -> Result<(), Ending> {
    let origin = settings::operator(config);
    let now = SystemClock.now();
    match command {
        InviteCommand::Create(create) => {
            let domain = domain(create.domain.as_deref(), config)?;
            let made = broker.invite(&origin, &domain, create.wish()?).await?;
            render::created(output, &made, settings::help(config).invitation(&made.token).as_deref(), now)
        }
        InviteCommand::List(list) => self::list(list, broker, now, output).await,
        InviteCommand::Show { invitation } => {
            let (found, accounts) = broker.invitation(*invitation).await?;
            let history = broker.audit(Some(&format!("invitation {invitation}")), 20).await?;
            let view = InvitationView::new(&found, now);
            let text = view.details(&accounts, &history);
            output
                .result(&WithAccounts { invitation: &view, accounts: &accounts, history: &history }, text)?;
            Ok(())
        }
        InviteCommand::Revoke { invitation, yes } => {
            broker.invitation(*invitation).await?;
            if !yes && !terminal::confirm(&format!("Revoke invitation {invitation} for good?"))? {
                return Err(Ending::Usage("cancelled; nothing was changed".to_owned()));
            }
            render::revoked(output, &broker.revoke_invitation(&origin, *invitation).await?, now)
        }
    }
}

async fn list(
    arguments: &ListArguments,
    broker: &Broker,
    now: Timestamp,
    output: &mut Output,
) -> Result<(), Ending> {
    let filter = InvitationFilter {
        domain: arguments.domain.as_deref().map(read_domain).transpose()?,
        before: arguments.before,
        // One more than asked for tells whether there are more.
        limit: arguments.limit + 1,
        ..InvitationFilter::default()
    };
    let found = broker.invitations(filter, !arguments.all).await?;
    let listing = Listing::new(&found, arguments.limit as usize, now);
    output.result(&listing, listing.table())?;
    Ok(())
}

impl CreateArguments {
    fn wish(&self) -> Result<InvitationWish, Ending> {
        let inviter = self.inviter.as_deref().map(read_inviter).transpose()?;
        if self.note.as_ref().is_some_and(|note| note.chars().count() > NOTE_LENGTH) {
            return Err(Ending::Usage(format!("--note: at most {NOTE_LENGTH} characters")));
        }
        let kind = if inviter.is_some() && self.name.is_none() {
            InvitationKind::Contact
        } else {
            InvitationKind::Account
        };
        Ok(InvitationWish {
            kind,
            username: self.name.clone(),
            subscribe: inviter.is_some(),
            inviter,
            note: self.note.clone(),
            uses: self.uses,
            lifetime: self.expires,
        })
    }
}

fn domain(given: Option<&str>, config: &Config) -> Result<Domain, Ending> {
    match (given, config.domains.first()) {
        (Some(domain), _) => read_domain(domain),
        (None, Some(first)) => Ok(first.domain.clone()),
        (None, None) => Err(Ending::Usage("the configuration names no domain".to_owned())),
    }
}

fn read_inviter(text: &str) -> Result<String, Ending> {
    let jid = jid::BareJid::new(text).ok().filter(|jid| jid.node().is_some());
    let jid =
        jid.ok_or_else(|| Ending::Usage(format!("--inviter: {text:?} is not an account, name@domain")))?;
    Ok(jid.to_string())
}

fn read_lifetime(text: &str) -> Result<SignedDuration, String> {
    config::read_span(text)
        .filter(|span| (60..=LONGEST).contains(&span.as_secs()))
        .ok_or_else(|| "a number and a unit (m, h or d), from 1m to 3650d".to_owned())
}

//! `ostiary account`: the operator's work on accounts, on the same database as the running service. The service tells the XMPP
//! server about each change, because changes leave a notice in the database.

mod render;

use clap::{Args, Subcommand, ValueEnum};
use secrecy::{ExposeSecret, SecretString};

use self::render::{AccountView, Listing, WithHistory};
use super::{ending::Ending, output::Output, settings, terminal};
use crate::{
    accounts::{
        AccountState, Domain, Origin, Username,
        form::{Field, RawForm},
    },
    broker::Broker,
    config::Config,
    random::OsRandom,
    store::AccountFilter,
};

#[derive(Debug, Args)]
pub struct AccountArguments {
    #[command(subcommand)]
    command: AccountCommand,
}

#[derive(Debug, Subcommand)]
enum AccountCommand {
    /// List accounts, in the order of their names.
    #[command(after_help = LIST_HELP)]
    List(ListArguments),
    /// Show an account and what happened to it.
    Show {
        #[command(flatten)]
        account: Named,
        /// Show the e-mail address whole.
        #[arg(long)]
        reveal: bool,
    },
    /// Make an account that can be used at once. Names and passwords keep to the rules; no address has to be proven.
    #[command(after_help = ADD_HELP)]
    Add {
        #[command(flatten)]
        account: Named,
        /// The person's e-mail address.
        #[arg(long, value_name = "ADDRESS")]
        email: Option<String>,
        /// The person's phone number, with its country code.
        #[arg(long, value_name = "NUMBER")]
        phone: Option<String>,
        #[command(flatten)]
        password: PasswordArguments,
    },
    /// Make a pending account active without a code or link.
    Verify {
        #[command(flatten)]
        account: Named,
    },
    /// Keep an account from logging in, and close its sessions.
    Suspend {
        #[command(flatten)]
        account: Named,
        /// Why, in words for the person.
        #[arg(long, value_name = "TEXT")]
        reason: Option<String>,
    },
    /// Let a suspended account log in again.
    Resume {
        #[command(flatten)]
        account: Named,
    },
    /// Delete an account and what the server keeps of it. Its name stays kept from others for a while.
    Delete {
        #[command(flatten)]
        account: Named,
        /// Do not ask.
        #[arg(long, short)]
        yes: bool,
    },
    /// Set a new password, and close the account's sessions.
    SetPassword {
        #[command(flatten)]
        account: Named,
        #[command(flatten)]
        password: PasswordArguments,
    },
}

#[derive(Debug, Args)]
struct Named {
    /// The account: name@domain, or a name on the first domain.
    account: String,
}

#[derive(Debug, Args)]
#[group(multiple = false)]
struct PasswordArguments {
    /// Read the password from the first line of standard input instead of the terminal.
    #[arg(long)]
    password_stdin: bool,
    /// Make a password and show it once.
    #[arg(long)]
    generate: bool,
}

#[derive(Debug, Args)]
struct ListArguments {
    /// Only this domain.
    #[arg(long)]
    domain: Option<String>,
    /// Only accounts in this state.
    #[arg(long)]
    state: Option<State>,
    /// Only names or addresses that contain this text.
    #[arg(long, value_name = "TEXT")]
    search: Option<String>,
    /// Only accounts after this one, to go on where a list ended.
    #[arg(long, value_name = "ACCOUNT")]
    after: Option<String>,
    /// At most so many.
    #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..=1000))]
    limit: u32,
    /// Show e-mail addresses whole.
    #[arg(long)]
    reveal: bool,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum State {
    Pending,
    Active,
    Suspended,
}

const LIST_HELP: &str = "\
Examples:
  ostiary account list --state pending
  ostiary account list --search example.org --limit 200 --json
";

const ADD_HELP: &str = "\
Examples:
  ostiary account add alice@chat.example                      asks for the password
  ostiary account add alice@chat.example --generate           makes one and shows it once
  pwgen 20 1 | ostiary account add bob --password-stdin --json
";

/// Does one piece of work.
pub fn account(arguments: &AccountArguments, config: &Config, output: &mut Output) -> Result<(), Ending> {
    let domains: Vec<Domain> = config.domains.iter().map(|policy| policy.domain.clone()).collect();
    // Before the database is opened, and made where there is none.
    arguments.command.account().map(|named| named.read(&domains)).transpose()?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let store = settings::open_store(config)?;
        let broker = Broker::new(settings::operator_parts(config, store.clone())?);
        let done = execute(&arguments.command, &broker, &domains, settings::operator(config), output).await;
        store.close().await;
        done
    })
}

async fn execute(
    command: &AccountCommand,
    broker: &Broker,
    domains: &[Domain],
    origin: Origin,
    output: &mut Output,
) -> Result<(), Ending> {
    match command {
        AccountCommand::List(arguments) => list(arguments, broker, domains, output).await,
        AccountCommand::Show { account, reveal } => {
            let (domain, name) = account.read(domains)?;
            let account = broker.account(&domain, &name).await?;
            let history = broker.audit(Some(&account.address()), 20).await?;
            let view = AccountView::new(&account);
            output.result(
                &WithHistory { account: &view, history: &history },
                view.details(*reveal, &history),
            )?;
            Ok(())
        }
        AccountCommand::Add { account, email, phone, password } => {
            let (domain, name) = account.read(domains)?;
            let secret = password.read(&account.account)?;
            let mut form = RawForm::default();
            form.set(Field::Username, name.clone());
            form.set(Field::Password, secret.expose_secret().to_owned());
            form.set(Field::Email, email.clone().unwrap_or_default());
            form.set(Field::Phone, phone.clone().unwrap_or_default());
            let registered = broker.add(&origin, &domain, form).await?;
            let account = broker.account(&registered.domain, registered.username.as_str()).await?;
            render::done(output, "added", &account, password.shown(&secret))
        }
        AccountCommand::Verify { account } => {
            let (domain, name) = account.read(domains)?;
            render::done(output, "verified", &broker.activate(&origin, &domain, &name).await?, None)
        }
        AccountCommand::Suspend { account, reason } => {
            let (domain, name) = account.read(domains)?;
            let account = broker.suspend(&origin, &domain, &name, reason.clone()).await?;
            render::done(output, "suspended", &account, None)
        }
        AccountCommand::Resume { account } => {
            let (domain, name) = account.read(domains)?;
            render::done(output, "resumed", &broker.resume(&origin, &domain, &name).await?, None)
        }
        AccountCommand::Delete { account, yes } => {
            let (domain, name) = account.read(domains)?;
            let found = broker.account(&domain, &name).await?;
            if !yes && !terminal::confirm(&format!("Delete {} for good?", found.address()))? {
                return Err(Ending::Usage("cancelled; nothing was changed".to_owned()));
            }
            render::done(output, "deleted", &broker.remove(&origin, &domain, &name, None).await?, None)
        }
        AccountCommand::SetPassword { account, password } => {
            let (domain, name) = account.read(domains)?;
            let found = broker.account(&domain, &name).await?;
            let secret = password.read(&found.address())?;
            broker.change_password(&origin, &domain, &name, secret.expose_secret(), None).await?;
            render::done(output, "password-set", &found, password.shown(&secret))
        }
    }
}

async fn list(
    arguments: &ListArguments,
    broker: &Broker,
    domains: &[Domain],
    output: &mut Output,
) -> Result<(), Ending> {
    let after = match &arguments.after {
        Some(account) => {
            let (domain, name) = read_account(account, domains)?;
            let username = Username::prepare(&name)
                .map_err(|_| Ending::Usage(format!("--after: {account:?} is not an account")))?;
            Some((domain, username))
        }
        None => None,
    };
    let filter = AccountFilter {
        domain: arguments.domain.as_deref().map(read_domain).transpose()?,
        state: arguments.state.map(State::into),
        search: arguments.search.clone(),
        after,
        // One more than asked for tells whether there are more.
        limit: arguments.limit + 1,
    };
    let listing = Listing::new(&broker.accounts(filter).await?, arguments.limit as usize);
    output.result(&listing, listing.table(arguments.reveal))?;
    Ok(())
}

impl AccountCommand {
    fn account(&self) -> Option<&Named> {
        match self {
            Self::List(_) => None,
            Self::Show { account, .. }
            | Self::Add { account, .. }
            | Self::Verify { account }
            | Self::Suspend { account, .. }
            | Self::Resume { account }
            | Self::Delete { account, .. }
            | Self::SetPassword { account, .. } => Some(account),
        }
    }
}

impl Named {
    fn read(&self, domains: &[Domain]) -> Result<(Domain, String), Ending> {
        read_account(&self.account, domains)
    }
}

fn read_account(account: &str, domains: &[Domain]) -> Result<(Domain, String), Ending> {
    match (account.rsplit_once('@'), domains.first()) {
        (Some((name, domain)), _) => Ok((read_domain(domain)?, name.to_owned())),
        (None, Some(first)) => Ok((first.clone(), account.to_owned())),
        (None, None) => Err(Ending::Usage(format!("{account:?} has no domain"))),
    }
}

/// Reads the name of a domain.
pub fn read_domain(domain: &str) -> Result<Domain, Ending> {
    Domain::parse(domain).map_err(|problem| Ending::Usage(problem.to_string()))
}

impl PasswordArguments {
    fn read(&self, account: &str) -> Result<SecretString, Ending> {
        if self.generate {
            Ok(terminal::generate_password(&OsRandom))
        } else if self.password_stdin {
            terminal::read_password_from_stdin()
        } else {
            terminal::ask_new_password(account)
        }
    }

    /// The password where it has to be shown because nobody else knows it.
    fn shown<'p>(&self, password: &'p SecretString) -> Option<&'p SecretString> {
        self.generate.then_some(password)
    }
}

impl From<State> for AccountState {
    fn from(state: State) -> Self {
        match state {
            State::Pending => Self::Pending,
            State::Active => Self::Active,
            State::Suspended => Self::Suspended,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_alone_is_on_the_first_domain() {
        let domains = [Domain::parse("a.example").unwrap(), Domain::parse("b.example").unwrap()];
        let read = |text| read_account(text, &domains).map(|(domain, name)| format!("{name}@{domain}")).ok();
        assert_eq!(read("alice").as_deref(), Some("alice@a.example"));
        assert_eq!(read("alice@B.example").as_deref(), Some("alice@b.example"));
        assert_eq!(read("alice@b.example/phone"), None);
    }
}

//! The operator's front: the `ostiary` command. Like every front it turns its input into typed values, calls one use case and
//! renders the outcome; the service itself is put together in [`serve`].

mod account;
mod branch;
mod check;
mod completions;
mod demo;
mod ending;
mod export;
mod extauth;
mod import;
mod init;
mod integrate;
mod invite;
mod key;
mod listeners;
mod lock;
mod output;
mod process;
mod serve;
mod settings;
mod standby;
mod terminal;

#[cfg(any(test, feature = "fuzzing"))]
#[doc(hidden)]
pub use import::fuzzing;

use std::{ffi::OsString, path::PathBuf, process::ExitCode};

use clap::{Parser, Subcommand};

use self::{ending::Ending, output::Output};
use crate::config::{Config, Environment, Secrets};

/// The account broker of an XMPP service: registers, verifies and authenticates accounts.
#[derive(Debug, Parser)]
#[command(name = "ostiary", version, propagate_version = true, after_help = AFTER_HELP, max_term_width = 100)]
struct Arguments {
    /// The configuration file.
    #[arg(
        long,
        short,
        global = true,
        env = "OSTIARY_CONFIG",
        default_value = "ostiary.toml",
        value_name = "FILE"
    )]
    config: PathBuf,
    /// Write one JSON document to standard output instead of text for people.
    #[arg(long, global = true)]
    json: bool,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run the broker until it is told to stop (SIGTERM, Ctrl-C).
    Serve(serve::ServeArguments),
    /// Write a commented configuration file and new secrets.
    Init(init::InitArguments),
    /// Try out everything that the service needs, and say what to do about each failure.
    Check,
    /// Work on accounts, also while the service runs.
    Account(account::AccountArguments),
    /// Work on invitations, with which people register.
    Invite(invite::InviteArguments),
    /// Work on API keys, with which programs make accounts.
    Key(key::KeyArguments),
    /// Work on branches, whose programs make accounts that are active at once.
    Branch(branch::BranchArguments),
    /// Write accounts into a file that other servers take over.
    Export(export::ExportArguments),
    /// Answer an XMPP server by ejabberd's protocol of external authentication: the server starts this.
    Extauth(extauth::ExtauthArguments),
    /// Take over accounts of another server, with the passwords that they have.
    Import(import::ImportArguments),
    /// Put the broker beside an XMPP server.
    Integrate(integrate::IntegrateArguments),
    /// Run a real Prosody with the broker beside it, to look at and to play with.
    Demo(demo::DemoArguments),
    /// Print a script that completes `ostiary` commands in a shell.
    Completions(completions::CompletionsArguments),
}

const AFTER_HELP: &str = "\
Examples:
  ostiary init --dir /etc/ostiary --domain chat.example
  ostiary --config /etc/ostiary/ostiary.toml check
  ostiary integrate prosody --dir /usr/local/lib/prosody/modules
  ostiary account list --state pending --json
  ostiary invite create --name juliet --expires 2d
  ostiary account add alice@chat.example --email alice@example.org --generate

Exit codes:
  0  done
  1  failed: something is broken or out of reach
  2  the command line or the configuration is wrong; nothing was started
  3  refused: a rule or the state of the account says no
";

/// Runs the command that `arguments` (the name of the program first) ask for.
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let arguments = match Arguments::try_parse_from(arguments) {
        Ok(arguments) => arguments,
        Err(error) => {
            // Nobody is left to tell when even this cannot be written.
            let _ = error.print();
            return ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2));
        }
    };
    let mut output = Output::standard(arguments.json);
    match execute(&arguments, &mut output) {
        Ok(()) => ExitCode::SUCCESS,
        Err(ending) => {
            output.failure(&ending);
            ending.exit_code()
        }
    }
}

fn execute(arguments: &Arguments, output: &mut Output) -> Result<(), Ending> {
    match &arguments.command {
        Command::Serve(serve) => serve::serve(serve, load(arguments, Secrets::All)?),
        Command::Init(init) => init::init(init, output),
        Command::Check => check::check(&arguments.config, output),
        Command::Account(account) => account::account(account, &load(arguments, Secrets::MasterKey)?, output),
        Command::Invite(invite) => invite::invite(invite, &load(arguments, Secrets::MasterKey)?, output),
        Command::Key(key) => key::key(key, &load(arguments, Secrets::MasterKey)?, output),
        Command::Branch(branch) => branch::branch(branch, &load(arguments, Secrets::MasterKey)?, output),
        Command::Export(export) => export::export(export, &load(arguments, Secrets::MasterKey)?, output),
        Command::Extauth(extauth) => extauth::extauth(extauth),
        Command::Import(import) => import::import(import, &load(arguments, Secrets::MasterKey)?, output),
        Command::Integrate(integrate) => {
            integrate::integrate(integrate, &load(arguments, Secrets::Component)?, output)
        }
        Command::Demo(demo) => demo::demo(demo, output),
        Command::Completions(completions) => completions::completions(completions, output),
    }
}

fn load(arguments: &Arguments, secrets: Secrets) -> Result<Config, Ending> {
    Ok(Config::load(&arguments.config, &environment(secrets))?)
}

/// The environment of this process.
fn environment(secrets: Secrets) -> Environment<'static> {
    Environment { variable: &|name| std::env::var(name).ok(), secrets }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_consistent() {
        super::Arguments::command().debug_assert();
    }
}

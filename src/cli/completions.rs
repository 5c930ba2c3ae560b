//! `ostiary completions`.

use clap::{Args, CommandFactory, ValueEnum};
use clap_complete::Shell;

use super::{Arguments, ending::Ending, output::Output};

#[derive(Debug, Args)]
#[command(after_help = "Example:\n  ostiary completions bash > /etc/bash_completion.d/ostiary\n")]
pub struct CompletionsArguments {
    /// The shell.
    shell: KnownShell,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum KnownShell {
    Bash,
    Zsh,
    Fish,
}

/// Prints the script for a shell.
pub fn completions(arguments: &CompletionsArguments, output: &mut Output) -> Result<(), Ending> {
    let shell = match arguments.shell {
        KnownShell::Bash => Shell::Bash,
        KnownShell::Zsh => Shell::Zsh,
        KnownShell::Fish => Shell::Fish,
    };
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Arguments::command(), "ostiary", &mut script);
    output.text(String::from_utf8_lossy(&script))?;
    Ok(())
}

//! The `ostiary` command.

use std::process::ExitCode;

fn main() -> ExitCode {
    ostiary::cli::run(std::env::args_os())
}

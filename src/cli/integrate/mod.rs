//! `ostiary integrate`: what an XMPP server needs to work with the broker.

mod ejabberd;
mod prosody;

use std::{
    fmt::Write as _,
    fs::{self, DirBuilder, OpenOptions},
    io::Write,
    os::unix::fs::{DirBuilderExt, OpenOptionsExt},
    path::{Path, PathBuf},
};

use anyhow::Context;
use clap::{Args, Subcommand};
use secrecy::SecretString;

pub use self::prosody::write_prosody_modules;
use super::{ending::Ending, output::Output};
use crate::config::{Component, Config};

#[derive(Debug, Args)]
pub struct IntegrateArguments {
    /// The component that this server is for, where the configuration has several.
    #[arg(long, global = true, value_name = "JID")]
    component: Option<String>,
    #[command(subcommand)]
    server: Server,
}

#[derive(Debug, Subcommand)]
enum Server {
    /// Write Prosody's modules (0.12 and 13.0) to a folder and print the configuration to paste.
    #[command(after_help = PROSODY_HELP)]
    Prosody {
        /// The folder; made if it is not there. Older versions of the modules in it are replaced.
        #[arg(long, default_value = "/etc/prosody/ostiary", value_name = "DIR")]
        dir: PathBuf,
    },
    /// Write ejabberd's modules (23.01 and newer) to a folder, compile them, and print the configuration to paste.
    #[command(after_help = EJABBERD_HELP)]
    Ejabberd {
        /// The folder; made if it is not there. Older versions of the modules in it are replaced.
        #[arg(long, default_value = "/var/lib/ejabberd/.ejabberd-modules/mod_ostiary", value_name = "DIR")]
        dir: PathBuf,
        /// The folder that holds ejabberd's `ebin` and `include`, where it is not found.
        #[arg(long, value_name = "DIR")]
        ejabberd: Option<PathBuf>,
    },
}

const PROSODY_HELP: &str = "\
Example:
  ostiary integrate prosody --dir /etc/prosody/ostiary

The component's secret is not printed: it goes into a file with mode 0600 beside the modules, which Prosody's
configuration includes.
";

const EJABBERD_HELP: &str = "\
Examples:
  ostiary integrate ejabberd
  ostiary integrate ejabberd --dir /opt/ejabberd/.ejabberd-modules/mod_ostiary --ejabberd /opt/ejabberd-24.12/lib/ejabberd-24.12.0

ejabberd loads what lies in the folder .ejabberd-modules of its user's home. The component's secret is not printed: it goes
into a file with mode 0600 beside the modules, which ejabberd's configuration includes.
";

/// What was done for a server, and what is left to do.
struct Integrated {
    written: Vec<PathBuf>,
    compiled: Vec<PathBuf>,
    /// What to paste into the server's configuration.
    configuration: String,
    /// The whole, for people.
    text: String,
}

/// Writes the files and tells what to put where.
pub fn integrate(arguments: &IntegrateArguments, config: &Config, output: &mut Output) -> Result<(), Ending> {
    let component = component(config, arguments.component.as_deref())?;
    let done = match &arguments.server {
        Server::Prosody { dir } => prosody::integrate(&std::path::absolute(dir)?, config, component)?,
        Server::Ejabberd { dir, ejabberd } => {
            ejabberd::integrate(&std::path::absolute(dir)?, ejabberd.as_deref(), config, component)?
        }
    };
    let names =
        |paths: &[PathBuf]| -> Vec<String> { paths.iter().map(|path| path.display().to_string()).collect() };
    let (written, compiled) = (names(&done.written), names(&done.compiled));
    let mut text = String::new();
    for path in &written {
        let _ = writeln!(text, "wrote {path}");
    }
    for path in &compiled {
        let _ = writeln!(text, "compiled {path}");
    }
    text.push_str(&done.text);
    let mut value = serde_json::json!({ "written": written, "configuration": done.configuration });
    if matches!(arguments.server, Server::Ejabberd { .. }) {
        value["compiled"] = compiled.into();
    }
    output.result(&value, text)?;
    Ok(())
}

/// The one that was named, or the only one.
fn component<'c>(config: &'c Config, named: Option<&str>) -> Result<&'c Component, Ending> {
    let jids =
        || config.components.iter().map(|component| component.jid.as_str()).collect::<Vec<_>>().join(", ");
    match (named, config.components.as_slice()) {
        (Some(jid), all) => all.iter().find(|component| component.jid.as_str() == jid).ok_or_else(|| {
            Ending::Usage(format!("{jid} is no component of the configuration; there is {}", jids()))
        }),
        (None, [only]) => Ok(only),
        (None, _) => Err(Ending::Usage(format!("say with --component which server this is: {}", jids()))),
    }
}

/// Writes files, by their place in a folder, over older versions of them.
fn write_files(dir: &Path, files: &[(&str, &str)]) -> anyhow::Result<Vec<PathBuf>> {
    let mut written = Vec::new();
    for (place, text) in files {
        let path = dir.join(place);
        if let Some(folder) = path.parent() {
            make_folder(folder)?;
        }
        fs::write(&path, text).with_context(|| format!("{} cannot be written", path.display()))?;
        written.push(path);
    }
    Ok(written)
}

fn make_folder(folder: &Path) -> anyhow::Result<()> {
    DirBuilder::new()
        .recursive(true)
        .mode(0o755)
        .create(folder)
        .with_context(|| format!("{} cannot be made", folder.display()))
}

fn component_secret(component: &Component) -> anyhow::Result<&SecretString> {
    component.secret.as_ref().context("the configuration was read without the component's secret")
}

/// A file that only its owner may read. Written beside and moved over, so that neither a reader sees half of it nor an old, open
/// mode is kept.
fn write_private(path: &Path, text: &str) -> anyhow::Result<PathBuf> {
    let context = || format!("{} cannot be written", path.display());
    let mut new = path.as_os_str().to_owned();
    new.push(".new");
    let _ = fs::remove_file(&new);
    let mut file =
        OpenOptions::new().write(true).create_new(true).mode(0o600).open(&new).with_context(context)?;
    file.write_all(text.as_bytes()).and_then(|()| file.sync_all()).with_context(context)?;
    fs::rename(&new, path).with_context(context)?;
    Ok(path.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_of_the_modules_is_written() {
        let integrations = Path::new(env!("CARGO_MANIFEST_DIR")).join("integrations");
        let prosody = ["mod_ostiary", "mod_auth_ostiary"]
            .iter()
            .flat_map(|module| {
                files_under(&integrations.join("prosody"), &integrations.join("prosody").join(module))
            })
            .collect();
        let package = integrations.join("ejabberd/mod_ostiary");
        // `conf` is an example for those who install it by hand; ejabberd would read it.
        let ejabberd =
            files_under(&package, &package).into_iter().filter(|place| !place.starts_with("conf/")).collect();
        for (embedded, there) in [(prosody::PROSODY_MODULES, prosody), (ejabberd::EJABBERD_MODULES, ejabberd)]
        {
            let mut there: Vec<String> = there;
            there.sort();
            let mut embedded: Vec<_> = embedded.iter().map(|(place, _)| (*place).to_owned()).collect();
            embedded.sort();
            assert_eq!(embedded, there);
        }
    }

    fn files_under(root: &Path, folder: &Path) -> Vec<String> {
        let mut files = Vec::new();
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                files.extend(files_under(root, &path));
            } else {
                files.push(path.strip_prefix(root).unwrap().to_str().unwrap().to_owned());
            }
        }
        files
    }
}

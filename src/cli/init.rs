//! `ostiary init`: a commented configuration file and new secrets. Overwrites nothing.

use std::{
    fs::{DirBuilder, OpenOptions},
    io::Write,
    os::unix::fs::{DirBuilderExt, OpenOptionsExt},
    path::{Path, PathBuf},
};

use anyhow::Context;
use base64::{
    Engine,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use clap::Args;
use secrecy::zeroize::Zeroizing;

use super::{ending::Ending, environment, output::Output};
use crate::{
    config::{
        Config, Secrets,
        manual::{self, Answers},
    },
    random::{OsRandom, bytes},
};

#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  ostiary init --dir /etc/ostiary --domain chat.example --base-url https://accounts.chat.example\n"
)]
pub struct InitArguments {
    /// The folder to write to; made if it is not there.
    #[arg(long, default_value = ".", value_name = "DIR")]
    dir: PathBuf,
    /// The domain whose accounts are to be kept.
    #[arg(long, default_value = "chat.example")]
    domain: String,
    /// The component's address [default: register. and the domain].
    #[arg(long, value_name = "DOMAIN")]
    component_jid: Option<String>,
    /// Public address of the web pages [default: https:// and the component's address].
    #[arg(long, value_name = "URL")]
    base_url: Option<String>,
}

/// Writes `ostiary.toml`, `secrets/master.key` and `secrets/component.secret`.
pub fn init(arguments: &InitArguments, output: &mut Output) -> Result<(), Ending> {
    let component_jid =
        arguments.component_jid.clone().unwrap_or_else(|| format!("register.{}", arguments.domain));
    let base_url = arguments.base_url.clone().unwrap_or_else(|| format!("https://{component_jid}"));
    let answers = Answers { domain: arguments.domain.clone(), component_jid, base_url };
    let file = arguments.dir.join("ostiary.toml");
    let text = manual::commented(&answers);
    Config::parse(&file, &text, &environment(Secrets::None))?;

    make_folder(&arguments.dir, 0o755)?;
    if file.exists() {
        let message = format!("{} is there already; nothing was written", file.display());
        return Err(Ending::Fault(anyhow::anyhow!(message)));
    }
    let Written { mut written, kept } = write_secrets(&arguments.dir)?;
    write_new(&file, &text, 0o644)?;
    written.push(file.display().to_string());
    let value = serde_json::json!({ "written": written, "kept": kept });
    output.result(&value, next_steps(&file, &written, &kept))?;
    Ok(())
}

/// Which files were written, and which were there already.
#[derive(Debug, Default)]
pub struct Written {
    written: Vec<String>,
    kept: Vec<String>,
}

/// Writes new secrets into `secrets/` below `dir`, except those that are there already.
pub fn write_secrets(dir: &Path) -> anyhow::Result<Written> {
    let secrets = dir.join("secrets");
    make_folder(&secrets, 0o700)?;
    let master = Zeroizing::new(STANDARD.encode(*Zeroizing::new(bytes::<32>(&OsRandom))));
    let component = Zeroizing::new(URL_SAFE_NO_PAD.encode(*Zeroizing::new(bytes::<32>(&OsRandom))));
    let mut files = Written::default();
    for (name, secret) in [("master.key", master), ("component.secret", component)] {
        let path = secrets.join(name);
        let new = write_new(&path, &Zeroizing::new(format!("{}\n", *secret)), 0o600)?;
        if new { &mut files.written } else { &mut files.kept }.push(path.display().to_string());
    }
    Ok(files)
}

/// Makes a folder and those above it, if it is not there.
fn make_folder(path: &Path, mode: u32) -> anyhow::Result<()> {
    DirBuilder::new()
        .recursive(true)
        .mode(mode)
        .create(path)
        .with_context(|| format!("{} cannot be made", path.display()))
}

/// Writes a file that was not there; `false` when it was, and was left alone.
fn write_new(path: &Path, text: &str, mode: u32) -> anyhow::Result<bool> {
    let context = || format!("{} cannot be written", path.display());
    match OpenOptions::new().write(true).create_new(true).mode(mode).open(path) {
        Ok(mut file) => {
            file.write_all(text.as_bytes()).and_then(|()| file.sync_all()).with_context(context)?;
            Ok(true)
        }
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => Ok(false),
        Err(error) => Err(error).with_context(context),
    }
}

fn next_steps(file: &Path, written: &[String], kept: &[String]) -> String {
    use std::fmt::Write;

    let mut text = String::new();
    for path in written {
        let _ = writeln!(text, "wrote {path}");
    }
    for path in kept {
        let _ = writeln!(text, "kept  {path}, which was there already");
    }
    let folder = file.parent().unwrap_or(Path::new(".")).display();
    let file = file.display();
    let _ = write!(
        text,
        "
Back up secrets/master.key apart from the database: without it nobody can open what the database has sealed.
The service must own these files if it runs as another user: chown -R ostiary: {folder}

What to do next:
  1. Look through {file}: domain, base_url, mail.
  2. ostiary --config {file} integrate prosody     writes the server's modules, prints its configuration (or: integrate ejabberd)
  3. ostiary --config {file} check                 tries everything out
  4. ostiary --config {file} serve                 runs the broker
"
    );
    text
}

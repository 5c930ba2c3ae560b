//! `ostiary demo`: a real Prosody with the broker beside it, in a folder of their own, on free loopback ports.

mod prosody;
mod tour;

use std::{
    fs,
    path::{Path, PathBuf},
    time::Duration,
};

use anyhow::{Context as _, ensure};
use clap::Args;
use serde::Serialize;
use tempfile::TempDir;
use tokio::signal::unix::{SignalKind, signal};

use self::prosody::{Plan, Prosody, free_addresses};
use super::{ending::Ending, environment, init, integrate, output::Output, serve, serve::Service};
use crate::{
    config::{Config, Secrets},
    telemetry,
};

/// A name that clients resolve to this machine.
const DOMAIN: &str = "localhost";
const COMPONENT: &str = "register.localhost";

#[derive(Debug, Args)]
#[command(after_help = DEMO_HELP)]
pub struct DemoArguments {
    /// Keep everything in this folder, which must be empty or not there [default: a temporary folder, removed at the end].
    #[arg(long, value_name = "DIR")]
    dir: Option<PathBuf>,
    /// Play the whole story of an account with a real client, print each step with its time, and end.
    #[arg(long)]
    tour: bool,
}

const DEMO_HELP: &str = "\
Needs `prosody` and `openssl`; scripts/demo installs them. DIR/demo.json tells programs where everything is, once everything is ready.

Examples:
  ostiary demo
  ostiary demo --tour
  ostiary demo --dir /tmp/demo --json
";

/// Where everything is; `DIR/demo.json`.
#[derive(Debug, Serialize)]
struct Whereabouts {
    domain: String,
    component: String,
    c2s: String,
    component_addr: String,
    http: String,
    bosh: String,
    websocket: String,
    mail_dir: PathBuf,
    config: PathBuf,
    pid: u32,
}

/// Runs the demo until a signal or the end of the tour.
pub fn demo(arguments: &DemoArguments, output: &mut Output) -> Result<(), Ending> {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    let ended = runtime.block_on(run(arguments, output));
    runtime.shutdown_timeout(Duration::from_secs(1));
    ended
}

async fn run(arguments: &DemoArguments, output: &mut Output) -> Result<(), Ending> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let folder = Folder::open(arguments.dir.as_deref())?;
    let (mut house, whereabouts) = tokio::select! {
        built = build(folder.path()) => built?,
        _ = terminate.recv() => return Ok(()),
        _ = interrupt.recv() => return Ok(()),
    };
    let file = folder.path().join("demo.json");
    write_whole(&file, &serde_json::to_string_pretty(&whereabouts).context("demo.json")?)?;
    if !arguments.tour || output.is_json() {
        output.result(&whereabouts, welcome(&whereabouts))?;
    }
    let ended = tokio::select! {
        played = tour::play(&file), if arguments.tour => match played {
            Ok(status) if status.success() => Ok(()),
            Ok(_) => Err(Ending::Told),
            Err(error) => Err(error.into()),
        },
        error = house.prosody.ended() => Err(error.into()),
        _ = terminate.recv() => Ok(()),
        _ = interrupt.recv() => Ok(()),
    };
    house.service.stop().await;
    house.prosody.stop().await;
    ended
}

struct House {
    service: Service,
    prosody: Prosody,
}

async fn build(folder: &Path) -> anyhow::Result<(House, Whereabouts)> {
    init::write_secrets(folder)?;
    let modules = folder.join("modules");
    integrate::write_prosody_modules(&modules)?;
    start(folder, &modules).await
}

async fn start(folder: &Path, modules: &Path) -> anyhow::Result<(House, Whereabouts)> {
    let [web, c2s, component_listener, http] = free_addresses()?;
    let plan = Plan {
        folder: folder.join("prosody"),
        domain: DOMAIN.to_owned(),
        component: COMPONENT.to_owned(),
        secret: fs::read_to_string(folder.join("secrets/component.secret"))?.trim().to_owned(),
        c2s,
        component_listener,
        http,
    };
    let whereabouts = Whereabouts {
        domain: plan.domain.clone(),
        component: plan.component.clone(),
        c2s: plan.c2s.to_string(),
        component_addr: plan.component_listener.to_string(),
        http: format!("http://{web}"),
        bosh: plan.bosh(),
        websocket: plan.websocket(),
        mail_dir: folder.join("mail"),
        config: folder.join("ostiary.toml"),
        pid: std::process::id(),
    };
    fs::write(&whereabouts.config, configuration(&whereabouts, &web.to_string()))?;
    let config = Config::load(&whereabouts.config, &environment(Secrets::All))?;
    telemetry::start(config.log.format, &config.log.filter).map_err(anyhow::Error::msg)?;
    let mut prosody = Prosody::start(&plan, modules).await?;
    let service = Service::start(&config, serve::lock(&config)?).await?;
    prosody.wait_for_registration(&plan).await?;
    Ok((House { service, prosody }, whereabouts))
}

/// The broker's configuration: everything in the demo's folder, letters in the spool, limits wide enough to play with.
fn configuration(whereabouts: &Whereabouts, web: &str) -> String {
    let Whereabouts { domain, component, component_addr, http, .. } = whereabouts;
    format!(
        r#"# Written by `ostiary demo`. Loopback only; clients may connect without encryption. Not for a real service:
# `ostiary init` writes a configuration for one.

[service]
name = "Ostiary demo"
base_url = "{http}"

[component]
jid = "{component}"
address = "{component_addr}"
secret_file = "secrets/component.secret"

[[domain]]
name = "{domain}"
require_encryption = false
resend_cooldown = "5s"

[database]
path = "data/ostiary.db"

[keys]
master_file = "secrets/master.key"

[http]
listen = ["{web}"]

[mail]
transport = "spool"
from = "accounts@demo.example"
spool_dir = "mail"

[limits]
registrations_per_hour = 100000
registrations_per_day = 1000000
wrong_proofs_per_minute = 1000
letters_per_hour = 1000

[log]
filter = "warn"
"#
    )
}

fn welcome(whereabouts: &Whereabouts) -> String {
    let Whereabouts { domain, component, c2s, http, bosh, websocket, mail_dir, config, .. } = whereabouts;
    let (host, port) = c2s.rsplit_once(':').unwrap_or((c2s, ""));
    format!(
        "A Prosody and the broker are running. Ctrl-C ends both.

On the web     {http}/register
In a client    create an account on the domain {domain}, host {host}, port {port}
               (the certificate is the demo's own; the component is {component})
               for example: profanity, then  /register NAME {domain} port {port} tls trust
In a browser   WebSocket {websocket}
               BOSH      {bosh}
Letters        {mail_dir}
Operator       ostiary --config {config} account list
",
        mail_dir = mail_dir.display(),
        config = config.display(),
    )
}

/// The demo's folder: the one that was named, which stays, or a temporary one, which goes.
enum Folder {
    Named(PathBuf),
    Temporary(TempDir),
}

impl Folder {
    fn open(named: Option<&Path>) -> anyhow::Result<Self> {
        let Some(named) = named else {
            return Ok(Self::Temporary(tempfile::Builder::new().prefix("ostiary-demo-").tempdir()?));
        };
        fs::create_dir_all(named).with_context(|| format!("{} cannot be made", named.display()))?;
        let path = named.canonicalize()?;
        let mut entries = fs::read_dir(&path).with_context(|| path.display().to_string())?;
        ensure!(
            entries.next().is_none(),
            "{} is not empty; the demo begins in an empty folder",
            path.display()
        );
        Ok(Self::Named(path))
    }

    fn path(&self) -> &Path {
        match self {
            Self::Named(path) => path,
            Self::Temporary(folder) => folder.path(),
        }
    }
}

/// Writes a file so that whoever waits for it sees all of it or none.
fn write_whole(path: &Path, text: &str) -> anyhow::Result<()> {
    let draft = path.with_extension("draft");
    fs::write(&draft, text).with_context(|| draft.display().to_string())?;
    fs::rename(&draft, path).with_context(|| path.display().to_string())
}

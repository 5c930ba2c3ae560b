//! The demo's Prosody: a real one, in the demo's folder, on free loopback ports, with our modules.

use std::{
    fs,
    net::{Ipv4Addr, SocketAddr, TcpListener},
    path::{Path, PathBuf},
    process::Stdio,
    time::Duration,
};

use anyhow::{Context as _, bail};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    process::{Child, Command},
    time::{sleep, timeout},
};

/// How long Prosody may take to listen, and to stop.
const START_LIMIT: Duration = Duration::from_secs(20);
const STOP_LIMIT: Duration = Duration::from_secs(5);
/// The stream feature of XEP-0077 §8, which the module announces once it has heard from the broker.
const FEATURE: &str = "http://jabber.org/features/iq-register";

/// What the server is told.
#[derive(Debug)]
pub struct Plan {
    /// The folder that everything is written to.
    pub folder: PathBuf,
    /// The domain of the accounts.
    pub domain: String,
    /// The broker's address on the server.
    pub component: String,
    /// The secret they share.
    pub secret: String,
    /// Where clients connect.
    pub c2s: SocketAddr,
    /// Where the broker connects.
    pub component_listener: SocketAddr,
    /// Where BOSH and WebSocket are.
    pub http: SocketAddr,
}

/// A running server.
#[derive(Debug)]
pub struct Prosody {
    child: Child,
    log: PathBuf,
}

/// Loopback addresses that nobody listens on at the moment, no two the same.
pub fn free_addresses<const N: usize>() -> anyhow::Result<[SocketAddr; N]> {
    let listeners: Vec<TcpListener> =
        (0..N).map(|_| TcpListener::bind((Ipv4Addr::LOCALHOST, 0))).collect::<Result<_, _>>()?;
    let addresses: Vec<SocketAddr> =
        listeners.iter().map(TcpListener::local_addr).collect::<Result<_, _>>()?;
    addresses.try_into().map_err(|_| anyhow::anyhow!("no free ports on the loopback interface"))
}

impl Prosody {
    /// Writes configuration and certificate, starts the server and waits until it listens.
    pub async fn start(plan: &Plan, modules: &Path) -> anyhow::Result<Self> {
        for folder in ["data", "certs"] {
            fs::create_dir_all(plan.folder.join(folder))?;
        }
        make_certificate(plan).await?;
        let config = plan.folder.join("prosody.cfg.lua");
        fs::write(&config, plan.configuration(modules)).with_context(|| config.display().to_string())?;
        let log = plan.folder.join("prosody.log");
        let output = fs::File::create(plan.folder.join("prosody.out"))?;
        let child = command("prosody")
            .arg("-F")
            .arg("--config")
            .arg(&config)
            .stdin(Stdio::null())
            .stdout(output.try_clone()?)
            .stderr(output)
            .kill_on_drop(true)
            .spawn()
            .context("cannot start `prosody`; on Debian and Ubuntu `apt-get install prosody` brings it")?;
        let mut prosody = Self { child, log };
        for address in [plan.c2s, plan.component_listener, plan.http] {
            prosody.wait_for(address).await?;
        }
        Ok(prosody)
    }

    /// Waits until the server offers registration to its clients: then the broker is connected and its module has heard so.
    pub async fn wait_for_registration(&mut self, plan: &Plan) -> anyhow::Result<()> {
        let offered = async {
            loop {
                if features(plan).await.is_ok_and(|features| features.contains(FEATURE)) {
                    return;
                }
                sleep(Duration::from_millis(50)).await;
            }
        };
        tokio::select! {
            offered = timeout(START_LIMIT, offered) => {
                offered.with_context(|| format!("Prosody does not offer registration; see {}", self.log.display()))
            }
            ended = self.ended() => Err(ended),
        }
    }

    /// Waits until the server ends by itself, which it should not.
    pub async fn ended(&mut self) -> anyhow::Error {
        let status =
            self.child.wait().await.map_or_else(|error| error.to_string(), |status| status.to_string());
        anyhow::anyhow!("Prosody ended: {status}; see {}", self.log.display())
    }

    /// Ends the server.
    pub async fn stop(mut self) {
        if let Some(pid) =
            self.child.id().and_then(|pid| i32::try_from(pid).ok()).and_then(rustix::process::Pid::from_raw)
        {
            let _ = rustix::process::kill_process(pid, rustix::process::Signal::TERM);
        }
        if timeout(STOP_LIMIT, self.child.wait()).await.is_err() {
            let _ = self.child.kill().await;
        }
    }

    async fn wait_for(&mut self, address: SocketAddr) -> anyhow::Result<()> {
        let listening = async {
            while TcpStream::connect(address).await.is_err() {
                sleep(Duration::from_millis(20)).await;
            }
        };
        tokio::select! {
            listening = timeout(START_LIMIT, listening) => {
                listening.with_context(|| format!("Prosody does not listen on {address}; see {}", self.log.display()))
            }
            ended = self.ended() => Err(ended),
        }
    }
}

/// A command that ends with this process even when this process is killed, where the system can do that.
fn command(program: &str) -> Command {
    if Path::new("/usr/bin/setpriv").exists() {
        let mut command = Command::new("/usr/bin/setpriv");
        command.args(["--pdeathsig", "TERM", "--", program]);
        return command;
    }
    Command::new(program)
}

/// Reads the stream features that a client sees before it logs in.
async fn features(plan: &Plan) -> anyhow::Result<String> {
    let limit = Duration::from_secs(2);
    let mut stream = timeout(limit, TcpStream::connect(plan.c2s)).await??;
    let header = format!(
        "<?xml version='1.0'?><stream:stream to='{}' version='1.0' xmlns='jabber:client' \
         xmlns:stream='http://etherx.jabber.org/streams'>",
        plan.domain
    );
    stream.write_all(header.as_bytes()).await?;
    let mut seen = Vec::new();
    loop {
        let read = timeout(limit, stream.read_buf(&mut seen)).await??;
        let text = String::from_utf8_lossy(&seen);
        if text.contains("</stream:features>") {
            return Ok(text.into_owned());
        }
        if read == 0 || seen.len() > 65_536 {
            bail!("no stream features");
        }
    }
}

async fn make_certificate(plan: &Plan) -> anyhow::Result<()> {
    let file = |ending: &str| plan.folder.join("certs").join(format!("{}.{ending}", plan.domain));
    let output = Command::new("openssl")
        .args(["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "30"])
        .args(["-subj", &format!("/CN={}", plan.domain)])
        .args(["-addext", &format!("subjectAltName=DNS:{}", plan.domain)])
        .arg("-keyout")
        .arg(file("key"))
        .arg("-out")
        .arg(file("crt"))
        .stdin(Stdio::null())
        .output()
        .await
        .context(
            "cannot start `openssl`, which makes the demo's certificate; `apt-get install openssl` brings it",
        )?;
    if !output.status.success() {
        bail!("openssl made no certificate: {}", String::from_utf8_lossy(&output.stderr).trim());
    }
    Ok(())
}

impl Plan {
    /// The address of the BOSH endpoint (XEP-0206).
    pub fn bosh(&self) -> String {
        format!("http://{}/http-bind", self.http)
    }

    /// The address of the WebSocket endpoint (RFC 7395).
    pub fn websocket(&self) -> String {
        format!("ws://{}/xmpp-websocket", self.http)
    }

    fn configuration(&self, modules: &Path) -> String {
        let Self { folder, domain, component, secret, c2s, component_listener, http } = self;
        let (folder, modules) = (folder.display(), modules.display());
        // Everything stays on this machine, so clients may come without encryption: not a configuration to copy.
        format!(
            r#"-- Written by `ostiary demo`. Loopback only; clients may connect without encryption. Not for a real service.
pidfile = "{folder}/prosody.pid"
data_path = "{folder}/data"
certificates = "{folder}/certs"
plugin_paths = {{ "{modules}" }}
interfaces = {{ "127.0.0.1" }}
local_interfaces = {{ "127.0.0.1" }}
component_interfaces = {{ "127.0.0.1" }}
http_interfaces = {{ "127.0.0.1" }}
c2s_ports = {{ {c2s} }}
c2s_direct_tls_ports = {{ }}
component_ports = {{ {component_port} }}
s2s_ports = {{ }}
http_ports = {{ {http} }}
https_ports = {{ }}
http_host = "127.0.0.1"
http_default_host = "{domain}"
run_as_root = true
log = {{ info = "{folder}/prosody.log" }}
modules_enabled = {{
	"roster", "saslauth", "tls", "disco", "ping", "time", "version", "carbons", "pep", "vcard4", "vcard_legacy",
	"offline", "bosh", "websocket",
}}
modules_disabled = {{ "s2s" }}
c2s_require_encryption = false
allow_unencrypted_plain_auth = true
consider_bosh_secure = true
consider_websocket_secure = true
http_cors_override = {{ bosh = {{ enabled = true }}, websocket = {{ enabled = true }} }}

VirtualHost "{domain}"
	modules_enabled = {{ "ostiary" }}
	authentication = "ostiary"
	ostiary_component = "{component}"

Component "{component}"
	component_secret = "{secret}"
"#,
            c2s = c2s.port(),
            component_port = component_listener.port(),
            http = http.port(),
        )
    }
}

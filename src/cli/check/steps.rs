//! The single steps.

use std::{path::Path, sync::Arc, time::Duration};

use tokio::{
    net::{TcpStream, UnixStream},
    time::timeout,
};
use tokio_util::sync::CancellationToken;

use super::Finding;
use crate::{
    broker::Broker,
    cli::{lock::InstanceLock, settings},
    clock::SystemClock,
    config::{self, Address, Config, ListenAddress, Sms, Transport},
    delivery::{self, Courier},
    http::{Certificate, Listener},
    random::OsRandom,
    store::{self, OpenError, Store, StoreSettings},
    xmpp::{Component, Link, LinkState, Router, StreamEnd},
};

/// How long one step may take to reach somebody.
const LIMIT: Duration = Duration::from_secs(15);
/// Below this, the operator should hear about it: a database that cannot grow refuses registrations.
const LITTLE_SPACE: u64 = 512 * 1024 * 1024;

/// All steps, as far as the secrets are known.
pub async fn all(config: &Config, whole: Option<&Config>, found: &mut Vec<Finding>) {
    let running = InstanceLock::holder(&config.database.path);
    found.push(database(config));
    found.push(disk(config));
    for index in 0..config.components.len() {
        found.push(component(config, whole, index, running.as_deref()).await);
    }
    found.push(mail(config, whole).await);
    found.push(sms(config, whole).await);
    found.extend(http(config, running.as_deref()).await);
    found.push(base_url(config));
    found.push(hashing(whole).await);
}

fn database(config: &Config) -> Finding {
    const STEP: &str = "database";
    let path = &config.database.path;
    if !path.exists() {
        return Finding::ok(STEP, format!("{} is not there yet; the service makes it", path.display()));
    }
    match store::inspect(path) {
        Ok(found) if found.damage.is_empty() => {
            let what = format!("{} has schema version {} and is sound", path.display(), found.version);
            if found.version < found.known {
                return Finding::ok(
                    STEP,
                    format!("{what}; the service brings it to version {}", found.known),
                );
            }
            Finding::ok(STEP, what)
        }
        Ok(found) => Finding::failed(
            STEP,
            format!("{} is damaged: {}", path.display(), found.damage.join("; ")),
            "stop the service, keep a copy of the file, and put the last backup in its place".to_owned(),
        ),
        Err(error) => {
            let advice = match error {
                OpenError::Newer { .. } => {
                    "install the ostiary that made it, or put back the backup from before"
                }
                OpenError::Foreign { .. } => "set [database] path to another file",
                OpenError::System { .. } | OpenError::Sqlite { .. } => {
                    "let the user that runs the service own the file and its folder"
                }
            };
            Finding::failed(STEP, error.to_string(), advice.to_owned())
        }
    }
}

fn disk(config: &Config) -> Finding {
    const STEP: &str = "disk";
    let folder = config.database.path.ancestors().skip(1).find(|folder| folder.exists());
    let folder = folder.unwrap_or(Path::new("."));
    match rustix::fs::statvfs(folder) {
        Ok(space) => {
            let free = space.f_bavail.saturating_mul(space.f_frsize);
            let detail = format!("{} MiB free in {}", free / 1024 / 1024, folder.display());
            if free < LITTLE_SPACE {
                Finding::warning(STEP, detail, "make room: a full disk refuses registrations".to_owned())
            } else {
                Finding::ok(STEP, detail)
            }
        }
        Err(error) => Finding::failed(
            STEP,
            format!("{}: {error}", folder.display()),
            "let the user that runs the service reach this folder".to_owned(),
        ),
    }
}

async fn component(config: &Config, whole: Option<&Config>, index: usize, running: Option<&str>) -> Finding {
    const STEP: &str = "component";
    let config::Component { address, jid, .. } = &config.components[index];
    if let Some(pid) = running {
        // A second connection with the same address would throw the service's own off the server.
        return match timeout(LIMIT, reach(address)).await {
            Ok(Ok(())) => Finding::ok(
                STEP,
                format!(
                    "{address} answers; no handshake was tried, because the service (pid {pid}) is connected as {jid}"
                ),
            ),
            Ok(Err(error)) => unreachable(address, error.to_string()),
            Err(_) => unreachable(address, "no answer in time".to_owned()),
        };
    }
    let Some(whole) = whole else {
        return Finding::skipped(STEP, "not tried without its secret".to_owned());
    };
    match timeout(LIMIT, handshake(whole, index)).await {
        Ok(Ok(None)) => Finding::ok(STEP, format!("{address} accepted {jid}")),
        Ok(Ok(Some(end))) => {
            Finding::failed(STEP, format!("{jid} at {address}: {end}"), end.advice().to_owned())
        }
        Ok(Err(error)) => Finding::failed(STEP, format!("{error:#}"), "correct [component]".to_owned()),
        Err(_) => unreachable(address, "no answer in time".to_owned()),
    }
}

fn unreachable(address: &Address, error: String) -> Finding {
    let end = StreamEnd::Unreachable(error);
    Finding::failed("component", format!("{address}: {end}"), end.advice().to_owned())
}

async fn reach(address: &Address) -> std::io::Result<()> {
    match address {
        Address::Tcp(host, port) | Address::Tls(host, port) => {
            TcpStream::connect((host.as_str(), *port)).await.map(drop)
        }
        Address::Unix(path) => UnixStream::connect(path).await.map(drop),
    }
}

/// Connects as the service does. `None` means that the server has accepted the component.
async fn handshake(config: &Config, index: usize) -> anyhow::Result<Option<StreamEnd>> {
    let settings = settings::component(config, &config.components[index])?;
    let link = Link::new(&settings, Arc::new(OsRandom));
    let cancel = CancellationToken::new();
    let _stop = cancel.clone().drop_guard();
    let mut state = link.state();
    let router = Router::new(&settings);
    let component =
        Component::start(settings, router, link, Arc::new(SystemClock), Arc::new(OsRandom), cancel.clone())?;
    let settled = state
        .wait_for(|state| matches!(state, LinkState::Connected { .. } | LinkState::Waiting { .. }))
        .await?;
    let end = match &*settled {
        LinkState::Waiting { reason, .. } => Some(reason.clone()),
        _ => None,
    };
    drop(settled);
    cancel.cancel();
    component.stopped().await;
    Ok(end)
}

async fn mail(config: &Config, whole: Option<&Config>) -> Finding {
    const STEP: &str = "mail";
    if let Transport::Spool(folder) = &config.mail.transport
        && !folder.exists()
    {
        return Finding::ok(STEP, format!("{} is not there yet; the service makes it", folder.display()));
    }
    let Some(whole) = whole else {
        return Finding::skipped(STEP, "not tried without its secret".to_owned());
    };
    let courier: Courier = match settings::mail(whole).and_then(|_| settings::courier(whole, LIMIT)) {
        Ok(courier) => courier,
        Err(error) => return Finding::failed(STEP, format!("{error:#}"), "correct [mail]".to_owned()),
    };
    match delivery::probe(&courier).await {
        Ok(found) => Finding::ok(STEP, found),
        Err(error) => Finding::failed(STEP, error.what, error.advice.to_owned()),
    }
}

async fn sms(config: &Config, whole: Option<&Config>) -> Finding {
    const STEP: &str = "sms";
    match &config.sms {
        Sms::Off => return Finding::skipped(STEP, "switched off".to_owned()),
        Sms::Spool(folder) if !folder.exists() => {
            let detail = format!("{} is not there yet; the service makes it", folder.display());
            return Finding::ok(STEP, detail);
        }
        Sms::Spool(_) | Sms::Gateway(_) => {}
    }
    let Some(whole) = whole else {
        return Finding::skipped(STEP, "not tried without its secret".to_owned());
    };
    let tried = match settings::sms_courier(whole) {
        Ok(Some(courier)) => courier.try_out().await,
        Ok(None) => return Finding::skipped(STEP, "switched off".to_owned()),
        Err(error) => Err(format!("{error:#}")),
    };
    match tried {
        Ok(found) => Finding::ok(STEP, found),
        Err(error) => {
            let advice = "check [sms] url and the firewall, or the rights on the folder";
            Finding::failed(STEP, error, advice.to_owned())
        }
    }
}

async fn http(config: &Config, running: Option<&str>) -> Vec<Finding> {
    const STEP: &str = "http";
    if !config.http.is_on() {
        return vec![Finding::skipped(STEP, "switched off".to_owned())];
    }
    let mut found = Vec::new();
    if let Some(tls) = &config.http.tls {
        found.push(match Certificate::read(&tls.certificate, &tls.key) {
            Ok(_) => Finding::ok(STEP, format!("{} and its key belong together", tls.certificate.display())),
            Err(error) => {
                let advice = "correct [http] tls_certificate and tls_key, or the rights on the files";
                Finding::failed(STEP, error.to_string(), advice.to_owned())
            }
        });
    }
    let by_tls = config.http.tls.iter().flat_map(|tls| tls.listen.iter().copied()).map(ListenAddress::Tcp);
    for address in config.http.listen.iter().cloned().chain(by_tls) {
        found.push(listener(&address, running).await);
    }
    found
}

async fn listener(address: &ListenAddress, running: Option<&str>) -> Finding {
    const STEP: &str = "http";
    let Some(pid) = running else {
        // The listener is gone again at once.
        let free = match address {
            ListenAddress::Tcp(address) => Listener::clear(*address).await,
            ListenAddress::Unix(path) => Listener::unix(path),
        };
        return match free {
            Ok(_) => Finding::ok(STEP, format!("{address} is free")),
            Err(error) => Finding::failed(
                STEP,
                format!("{address}: {error}"),
                "stop the other program that listens there, or change [http] listen".to_owned(),
            ),
        };
    };
    let answers = match address {
        ListenAddress::Tcp(address) => {
            timeout(LIMIT, TcpStream::connect(address)).await.map(|met| met.is_ok())
        }
        ListenAddress::Unix(path) => timeout(LIMIT, UnixStream::connect(path)).await.map(|met| met.is_ok()),
    };
    if answers == Ok(true) {
        Finding::ok(STEP, format!("{address} answers (pid {pid})"))
    } else {
        Finding::failed(
            STEP,
            format!("{address} does not answer, though the service runs (pid {pid})"),
            "restart the service: it may have been started with another configuration".to_owned(),
        )
    }
}

fn base_url(config: &Config) -> Finding {
    const STEP: &str = "base_url";
    let url = &config.service.base_url;
    if settings::shows_passwords(config) {
        return Finding::warning(
            STEP,
            format!("{url} is not https: passwords and codes cross the network in clear"),
            "put a reverse proxy with TLS in front and write https:// in [service] base_url".to_owned(),
        );
    }
    Finding::ok(STEP, format!("links in letters start with {url}"))
}

async fn hashing(whole: Option<&Config>) -> Finding {
    const STEP: &str = "hashing";
    let Some(config) = whole else {
        return Finding::skipped(STEP, "not measured without the master key".to_owned());
    };
    let time = match derivation_time(config).await {
        Ok(time) => time,
        Err(error) => {
            return Finding::failed(STEP, format!("{error:#}"), "correct [hashing]".to_owned());
        }
    };
    let threads = config.hashing.threads;
    let rate = f64::from(u16::try_from(threads).unwrap_or(u16::MAX)) / time.as_secs_f64().max(1e-9);
    let detail = format!(
        "one password takes {:.1} ms; {threads} threads do about {rate:.0} registrations a second with {} MiB",
        time.as_secs_f64() * 1000.0,
        u64::from(config.hashing.memory_kib) * threads as u64 / 1024,
    );
    if config.hashing.insecure_for_tests {
        let advice = "take insecure_for_tests out of [hashing] before there are real accounts";
        return Finding::warning(STEP, detail, advice.to_owned());
    }
    Finding::ok(STEP, detail)
}

/// Measured by a broker on an empty database of its own.
async fn derivation_time(config: &Config) -> anyhow::Result<Duration> {
    let folder = tempfile::tempdir()?;
    let store =
        Store::open(&StoreSettings { path: folder.path().join("check.db"), readers: 1, cache_kib: 1024 })?;
    let broker = Broker::new(settings::operator_parts(config, store.clone())?);
    let time = broker.derivation_time().await;
    store.close().await;
    Ok(time?)
}

//! Standing by: another service has the database, and this one takes over when it has ended.

use std::{io, net::SocketAddr, time::Duration};

use anyhow::Context as _;
use tokio::{
    net::TcpListener,
    time::{Instant, MissedTickBehavior, interval, timeout},
};
use tokio_util::sync::CancellationToken;

use super::{
    lock::{InstanceLock, LockProblem},
    settings,
};
use crate::{config::Config, monitoring};

/// How often the lock is tried. One try is a few calls of the system.
const EVERY: Duration = Duration::from_millis(500);
/// How long whoever watches may take to hang up once the database is ours.
const HANG_UP: Duration = Duration::from_secs(1);

/// Takes the lock of the database as soon as nobody else has it. Until then nothing of the database is opened, and no
/// address is taken but those for monitoring. Stops waiting when it is dropped.
pub async fn take_over(config: &Config) -> anyhow::Result<InstanceLock> {
    settings::make_database_folder(config)?;
    let database = &config.database.path;
    let holder = match InstanceLock::take(database) {
        Err(LockProblem::Held { pid, .. }) => pid,
        taken => return Ok(taken?),
    };
    let (began, cancel) = (Instant::now(), CancellationToken::new());
    let watched =
        tokio::spawn(monitoring::stand_by(watchers(&config.monitoring.listen).await?, cancel.clone()));
    let _watched_no_longer = cancel.clone().drop_guard();
    tracing::info!(
        version = env!("CARGO_PKG_VERSION"),
        database = %database.display(),
        process = %holder,
        "standing by: another ostiary serves this database; taking over when it has ended"
    );
    let mut tries = interval(EVERY);
    tries.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let lock = loop {
        tries.tick().await;
        match InstanceLock::take(database) {
            Err(LockProblem::Held { .. }) => {}
            taken => break taken?,
        }
    };
    tracing::warn!(seconds = began.elapsed().as_secs(), "the other ostiary has ended: taking over");
    cancel.cancel();
    // Their addresses are needed again. Whoever does not hang up keeps a connection, not the address.
    let _ = timeout(HANG_UP, watched).await;
    Ok(lock)
}

/// The listeners for monitoring, without the addresses that the other service has: it may have been started with the same
/// configuration.
async fn watchers(addresses: &[SocketAddr]) -> anyhow::Result<Vec<TcpListener>> {
    let mut listeners = Vec::new();
    for address in addresses {
        match TcpListener::bind(address).await {
            Ok(listener) => {
                tracing::info!(%address, "listening for monitoring");
                listeners.push(listener);
            }
            Err(error) if error.kind() == io::ErrorKind::AddrInUse => {
                tracing::info!(%address, "the other ostiary listens for monitoring here, this one later");
            }
            Err(error) => {
                return Err(error)
                    .with_context(|| format!("cannot listen on {address} ([monitoring] listen)"));
            }
        }
    }
    Ok(listeners)
}

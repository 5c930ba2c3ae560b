//! `ostiary serve`: the one place where the service is put together, and where it is taken apart again.

use std::{sync::Arc, thread::available_parallelism, time::Duration};

use tokio::{
    signal::unix::{Signal, SignalKind, signal},
    time::{MissedTickBehavior, interval, timeout},
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use super::{ending::Ending, listeners, lock::InstanceLock, process, settings, standby};
use crate::{
    backend,
    broker::Broker,
    clock::{Clock, SystemClock},
    config::Config,
    delivery::Worker,
    http::{self, Web},
    metrics,
    monitoring::{self, Watched},
    random::{OsRandom, Random},
    store::Store,
    telemetry,
    text::Texts,
    xmpp::{self, Component, Context, Link, Sealed},
};

/// How long requests and letters under way may take at the end, all together.
const STOP_DEADLINE: Duration = Duration::from_secs(20);
/// How often what has run out is purged.
const PURGE_EVERY: Duration = Duration::from_secs(60);
/// How long one letter may take.
const LETTER_TIMEOUT: Duration = Duration::from_secs(60);

#[derive(Debug, clap::Args)]
pub struct ServeArguments {
    /// Wait while another ostiary serves this database, and take over when it has ended.
    #[arg(long)]
    standby: bool,
}

/// Runs the service until a signal ends it. A second signal ends it at once.
pub fn serve(arguments: &ServeArguments, config: Config) -> Result<(), Ending> {
    telemetry::start(config.log.format, &config.log.filter).map_err(|error| anyhow::anyhow!(error))?;
    if config.hashing.huge_pages {
        process::ask_for_huge_pages();
    }
    process::raise_descriptor_limit(config.http.max_connections);
    let cores = available_parallelism().map_or(1, usize::from);
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(cores.min(4)).enable_all().build()?;
    let ended = runtime.block_on(run(arguments, config));
    // What did not end in time is left to the end of the process.
    runtime.shutdown_background();
    ended
}

async fn run(arguments: &ServeArguments, config: Config) -> Result<(), Ending> {
    let mut signals = Signals::new()?;
    let lock = if arguments.standby {
        tokio::select! {
            lock = standby::take_over(&config) => lock?,
            signal = signals.next() => {
                tracing::info!(signal, "stopped while standing by");
                return Ok(());
            }
        }
    } else {
        lock(&config)?
    };
    let service = Service::start(&config, lock).await?;
    tracing::info!(signal = signals.next().await, "stopping; a second signal stops at once");
    tokio::select! {
        () = service.stop() => {
            tracing::info!("stopped");
            Ok(())
        }
        signal = signals.next() => {
            tracing::warn!(signal, "stopped at once");
            Err(Ending::Told)
        }
    }
}

/// The lock of the database, which must be free.
pub fn lock(config: &Config) -> anyhow::Result<InstanceLock> {
    settings::make_database_folder(config)?;
    Ok(InstanceLock::take(&config.database.path)?)
}

/// The running service.
#[derive(Debug)]
pub struct Service {
    store: Store,
    components: Vec<Component>,
    tasks: TaskTracker,
    cancel: CancellationToken,
    _lock: InstanceLock,
}

impl Service {
    /// Builds everything and starts it on the database whose lock this is. Nothing runs when this fails.
    pub async fn start(config: &Config, lock: InstanceLock) -> anyhow::Result<Self> {
        warn_about(config);
        let (clock, random): (Arc<dyn Clock>, Arc<dyn Random>) = (Arc::new(SystemClock), Arc::new(OsRandom));
        let keyring = settings::keyring(config)?;
        let components = settings::components(config)?;
        let (listeners, certificate) = listeners::web(&config.http).await?;
        let doors = listeners::backend(&config.backend).await?;
        let watchers = listeners::monitoring(&config.monitoring.listen).await?;
        // Before anything happens that counts.
        let counted = if watchers.is_empty() { None } else { Some(metrics::start()?) };
        let store = settings::open_store(config)?;
        let broker = Broker::new(settings::broker_parts(config, store.clone())?);
        let texts = Arc::new(Texts::new().with_standard(&config.service.language));
        let courier = settings::courier(config, LETTER_TIMEOUT)?;
        tracing::info!(%courier, "letters leave by");
        let worker = Worker::new(
            store.clone(),
            &keyring,
            Arc::clone(&texts),
            courier,
            settings::mail(config)?,
            Arc::clone(&clock),
            Arc::clone(&random),
        );

        let sms_worker = settings::sms_courier(config)?.map(|courier| {
            tracing::info!(%courier, "text messages leave by");
            let (store, texts) = (store.clone(), Arc::clone(&texts));
            let (clock, random) = (Arc::clone(&clock), Arc::clone(&random));
            Worker::for_sms(store, &keyring, texts, courier, settings::SMS, clock, random)
        });

        let (tasks, cancel) = (TaskTracker::new(), CancellationToken::new());
        let mut links = Vec::new();
        for (settings, component) in components.into_iter().zip(&config.components) {
            let link = Link::new(&settings, Arc::clone(&random));
            let context = Context {
                broker: broker.clone(),
                texts: Arc::clone(&texts),
                help: settings::help(config),
                domains: component.domains.clone().into(),
                component: settings.jid.clone(),
                sealed: Sealed::new(&keyring, Arc::clone(&clock), Arc::clone(&random)),
                link: link.clone(),
                request: None,
            };
            links.push((settings, context, link, component.has_module));
        }
        let letters_ended = CancellationToken::new();
        for worker in [worker].into_iter().chain(sms_worker) {
            let (until, ended) = (cancel.clone(), letters_ended.clone());
            tasks.spawn(async move {
                // Also when it ends in a panic.
                let _guard = ended.drop_guard();
                worker.run(until).await;
            });
        }
        if let Some(metrics) = counted {
            let links =
                links.iter().map(|(settings, _, link, _)| (settings.jid.to_string(), link.state())).collect();
            let watched = Watched { store: store.clone(), links, letters_ended, metrics };
            tasks.spawn(monitoring::serve(watchers, watched, cancel.clone()));
        }
        tasks.spawn(purge(broker.clone(), cancel.clone()));
        let answering = settings::backend(config, broker.clone(), Arc::clone(&texts), Arc::clone(&random));
        if !listeners.is_empty() {
            let web = Web::new(broker, texts, &keyring, Arc::clone(&random), settings::http(config)?);
            tasks.spawn(http::serve(listeners, web, cancel.clone()));
        }
        if !doors.is_empty() {
            tasks.spawn(backend::serve(doors, answering, cancel.clone()));
        }
        if let Some(certificate) = certificate {
            tasks.spawn(certificate.keep_fresh(cancel.clone()));
        }
        let mut components = Vec::new();
        for (settings, context, link, has_module) in links {
            for domain in &*context.domains {
                let (context, domain, cancel) = (context.clone(), domain.clone(), cancel.clone());
                if has_module {
                    tasks.spawn(xmpp::tell_account_changes(context, link.clone(), domain, cancel));
                } else {
                    tasks.spawn(xmpp::forget_account_changes(context, domain, cancel));
                }
            }
            let router = xmpp::router(&settings, &context);
            let (clock, random) = (Arc::clone(&clock), Arc::clone(&random));
            components.push(Component::start(settings, router, link, clock, random, cancel.clone())?);
        }
        tracing::info!(
            version = env!("CARGO_PKG_VERSION"),
            database = %config.database.path.display(),
            domains = config.domains.len(),
            components = components.len(),
            "ostiary serves"
        );
        Ok(Self { store, components, tasks, cancel, _lock: lock })
    }

    /// Lets what is under way finish, within a deadline, and closes the database.
    pub async fn stop(self) {
        self.cancel.cancel();
        self.tasks.close();
        let ended = async {
            self.tasks.wait().await;
            for component in self.components {
                component.stopped().await;
            }
            self.store.close().await;
        };
        if timeout(STOP_DEADLINE, ended).await.is_err() {
            tracing::warn!(seconds = STOP_DEADLINE.as_secs(), "something did not end in time; leaving it");
        }
    }
}

fn warn_about(config: &Config) {
    if config.hashing.insecure_for_tests {
        tracing::warn!(
            "[hashing] insecure_for_tests is on: passwords in this database are easy to guess. Never with real accounts!"
        );
    }
    if settings::shows_passwords(config) {
        tracing::warn!(
            base_url = %config.service.base_url,
            "[service] base_url is not https: passwords and codes cross the network in clear"
        );
    }
}

/// Purges what has run out, now and then every minute. A failure is told once, until it works again.
async fn purge(broker: Broker, cancel: CancellationToken) {
    let mut ticks = interval(PURGE_EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut failing = false;
    while cancel.run_until_cancelled(ticks.tick()).await.is_some() {
        match broker.purge().await {
            Ok(()) if failing => {
                failing = false;
                tracing::info!("purging works again");
            }
            Err(error) if !failing => {
                failing = true;
                tracing::error!(%error, "cannot purge what has run out; trying again every minute");
            }
            Ok(()) | Err(_) => {}
        }
    }
}

struct Signals {
    terminate: Signal,
    interrupt: Signal,
}

impl Signals {
    fn new() -> std::io::Result<Self> {
        Ok(Self { terminate: signal(SignalKind::terminate())?, interrupt: signal(SignalKind::interrupt())? })
    }

    async fn next(&mut self) -> &'static str {
        tokio::select! {
            _ = self.terminate.recv() => "SIGTERM",
            _ = self.interrupt.recv() => "SIGINT",
        }
    }
}

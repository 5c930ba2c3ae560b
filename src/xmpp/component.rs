//! The component: keeps a link to the server for as long as the program runs.

use std::{io, panic::AssertUnwindSafe, sync::Arc, time::Duration};

use futures::FutureExt;
use jiff::{SignedDuration, Timestamp};
use tokio::{
    sync::{Semaphore, oneshot},
    time::{Instant, sleep},
};
use tokio_util::sync::CancellationToken;

use super::{
    StreamEnd,
    pending::Link,
    router::Router,
    serving::Serving,
    settings::{ComponentSettings, LinkTimeouts},
    stream::OpenStream,
};
use crate::{
    clock::Clock,
    random::{self, Random},
};

/// XML is read on this thread alone. Sixty-four levels need 300 kB of it in a development build.
const STACK: usize = 4 * 1024 * 1024;

/// What the link is doing.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum LinkState {
    /// Trying to connect.
    Connecting,
    /// Connected and accepted by the server.
    Connected {
        /// Since when.
        since: Timestamp,
    },
    /// Not connected; pausing before the next attempt.
    Waiting {
        /// Why the last connection ended or could not be made.
        reason: StreamEnd,
        /// When the next attempt begins.
        retry_at: Timestamp,
    },
    /// Shut down for good.
    Stopped,
}

/// The running component.
#[derive(Debug)]
pub struct Component {
    stopped: oneshot::Receiver<()>,
}

impl Component {
    /// Starts the component on a thread of its own: reading, writing and handlers run there, so a busy web front does
    /// not delay the server, and the stack is as large as the XML reader may need. It ends when `shutdown` is
    /// cancelled. Fails only if the system gives no thread.
    pub fn start(
        settings: ComponentSettings,
        router: Router,
        link: Link,
        clock: Arc<dyn Clock>,
        random: Arc<dyn Random>,
        shutdown: CancellationToken,
    ) -> io::Result<Self> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let (stopping, stopped) = oneshot::channel();
        let slots = Arc::new(Semaphore::new(settings.limits.in_flight.min(Semaphore::MAX_PERMITS)));
        let keeper = Keeper { serving: Serving { settings, router, link, shutdown, slots }, clock, random };
        std::thread::Builder::new().name("xmpp".to_owned()).stack_size(STACK).spawn(move || {
            runtime.block_on(keeper.run());
            drop(runtime);
            let _ = stopping.send(());
        })?;
        Ok(Self { stopped })
    }

    /// Waits until the component has ended after its shutdown. Takes little longer than
    /// [`LinkTimeouts::drain`](super::LinkTimeouts::drain).
    pub async fn stopped(self) {
        let _ = self.stopped.await;
    }
}

struct Keeper {
    serving: Serving,
    clock: Arc<dyn Clock>,
    random: Arc<dyn Random>,
}

impl Keeper {
    async fn run(self) {
        let shutdown = self.serving.shutdown.clone();
        let mut pauses = Pauses::new(&self.serving.settings.timeouts);
        let mut told = None;
        while !shutdown.is_cancelled() {
            self.serving.link.set_state(LinkState::Connecting);
            let serving = AssertUnwindSafe(self.connect_and_serve(&mut told)).catch_unwind().await;
            let (end, held) = serving.unwrap_or_else(|_| {
                self.serving.link.lost();
                (StreamEnd::Fault, Duration::ZERO)
            });
            if end == StreamEnd::Shutdown {
                break;
            }
            let pause = pauses.next(held, &*self.random);
            self.tell(&end, pause, &mut told);
            tokio::select! {
                () = sleep(pause) => {}
                () = shutdown.cancelled() => {}
            }
        }
        self.serving.link.set_state(LinkState::Stopped);
        tracing::info!("the link to the XMPP server is shut down");
    }

    /// Returns why it ended and how long the link held.
    async fn connect_and_serve(&self, told: &mut Option<StreamEnd>) -> (StreamEnd, Duration) {
        let settings = &self.serving.settings;
        let opened = tokio::select! {
            opened = OpenStream::open(settings) => opened,
            () = self.serving.shutdown.cancelled() => Err(StreamEnd::Shutdown),
        };
        let stream = match opened {
            Ok(stream) => stream,
            Err(end) => return (end, Duration::ZERO),
        };
        *told = None;
        let began = Instant::now();
        tracing::info!(server = %settings.address, component = %settings.jid, "connected to the XMPP server");
        let end = tokio::select! {
            end = self.serving.serve(stream, self.clock.now()) => end,
            () = self.overdue() => StreamEnd::Shutdown,
        };
        self.serving.link.lost();
        (end, began.elapsed())
    }

    /// Passes when a shutdown has taken longer than all its steps may.
    async fn overdue(&self) {
        self.serving.shutdown.cancelled().await;
        sleep(self.serving.settings.timeouts.drain + Duration::from_secs(3)).await;
    }

    /// Every ending is told once; the same one again and again only at debug level.
    fn tell(&self, end: &StreamEnd, pause: Duration, told: &mut Option<StreamEnd>) {
        let server = &self.serving.settings.address;
        let (retry_in, advice) = (format_args!("{:.1}s", pause.as_secs_f32()), end.advice());
        if told.as_ref() == Some(end) {
            tracing::debug!(%server, reason = %end, %retry_in, "still no link to the XMPP server");
        } else {
            tracing::warn!(%server, reason = %end, %retry_in, advice, "no link to the XMPP server");
            *told = Some(end.clone());
        }
        let pause = SignedDuration::try_from(pause).unwrap_or(SignedDuration::ZERO);
        let retry_at = self.clock.now().checked_add(pause).unwrap_or(Timestamp::MAX);
        self.serving.link.set_state(LinkState::Waiting { reason: end.clone(), retry_at });
    }
}

/// The pauses between attempts: doubling up to a bound, spread at random so that many components do not come back at once.
struct Pauses {
    first: Duration,
    most: Duration,
    stable: Duration,
    next: Duration,
}

impl Pauses {
    fn new(timeouts: &LinkTimeouts) -> Self {
        let LinkTimeouts { retry_first, retry_most, stable, .. } = *timeouts;
        Self { first: retry_first, most: retry_most, stable, next: retry_first }
    }

    /// The pause after a link that held for `held`: between half of the present bound and all of it.
    fn next(&mut self, held: Duration, random: &dyn Random) -> Duration {
        if held >= self.stable {
            self.next = self.first;
        }
        let bound = self.next.min(self.most);
        self.next = (bound * 2).min(self.most);
        bound / 2 + bound / 2 * random::below(random, 1001) / 1000
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::SeededRandom;

    #[test]
    fn pauses_grow_to_the_bound_and_start_again_after_a_stable_link() {
        let mut pauses = Pauses::new(&LinkTimeouts::default());
        let random = SeededRandom::new(1);
        let taken: Vec<f32> = (0..12).map(|_| pauses.next(Duration::ZERO, &random).as_secs_f32()).collect();
        let mut bound = 0.5_f32;
        for pause in taken {
            assert!((bound / 2.0..=bound).contains(&pause), "{pause} is not within {bound}");
            bound = (bound * 2.0).min(30.0);
        }
        assert!(pauses.next(Duration::from_secs(59), &random) >= Duration::from_secs(15));
        assert!(pauses.next(Duration::from_secs(60), &random) <= Duration::from_millis(500));
    }

    #[test]
    fn pauses_are_spread() {
        let random = SeededRandom::new(2);
        let first = |_| Pauses::new(&LinkTimeouts::default()).next(Duration::ZERO, &random);
        let distinct: std::collections::BTreeSet<Duration> = (0..100).map(first).collect();
        assert!(distinct.len() > 50);
    }
}

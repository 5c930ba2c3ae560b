//! The outbox worker: takes due letters, sends them, and only then notes what became of them.

use std::{collections::HashMap, sync::Arc, time::Duration};

use tokio::{
    task::{Id, JoinError, JoinSet},
    time::{Instant, sleep, timeout},
};
use tokio_util::sync::CancellationToken;

use super::{
    Courier, MailSettings, SmsCourier, SmsSettings,
    desk::{Desk, Report},
    post::Post,
    retry,
};
use crate::{
    accounts::Keyring,
    clock::Clock,
    random::Random,
    store::{Dispatch, Store, StoreError},
    text::Texts,
};

/// Longest time without a look into the outbox, should a wake-up get lost.
const LONGEST_WAIT: Duration = Duration::from_secs(15);
/// Time between two looks while all letters that are due are under way.
const UNDER_WAY_WAIT: Duration = Duration::from_secs(1);
/// Registrations come in bursts: one look for many, and one write to disk. Nobody notices this delay of a letter.
const GATHER: Duration = Duration::from_millis(250);
/// Longest pause while the courier or the store is out of order.
const LONGEST_REST: Duration = Duration::from_secs(60);
/// How long letters under way may still take when the program ends.
const GRACE: Duration = Duration::from_secs(5);

/// Sends the letters of the outbox that go one way until it is cancelled. One for each database and way.
#[derive(Debug)]
pub struct Worker(Arc<Desk>);

/// The state of the loop.
#[derive(Default)]
struct Rounds {
    tasks: JoinSet<Report>,
    under_way: HashMap<Id, i64>,
    courier: Outage,
    store: Outage,
}

/// Something that is out of order: told once when it begins and once when it is over, and left alone for a while in between.
#[derive(Default)]
struct Outage {
    failures: u32,
    rest_until: Option<Instant>,
}

impl Worker {
    /// Puts the parts of the one for mail together; [`Worker::run`] does the work. `keyring` is the one that sealed the letters.
    pub fn new(
        store: Store,
        keyring: &Keyring,
        texts: Arc<Texts>,
        courier: Courier,
        settings: MailSettings,
        clock: Arc<dyn Clock>,
        random: Arc<dyn Random>,
    ) -> Self {
        let (seal, post) = (keyring.seal_key("letters"), Post::Mail(courier, Box::new(settings)));
        Self(Arc::new(Desk { store, seal, texts, post, clock, random }))
    }

    /// The same for text messages.
    pub fn for_sms(
        store: Store,
        keyring: &Keyring,
        texts: Arc<Texts>,
        courier: SmsCourier,
        settings: SmsSettings,
        clock: Arc<dyn Clock>,
        random: Arc<dyn Random>,
    ) -> Self {
        let (seal, post) = (keyring.seal_key("letters"), Post::Sms(courier, settings));
        Self(Arc::new(Desk { store, seal, texts, post, clock, random }))
    }

    /// Sends letters until `cancel`; then lets those under way finish for at most five seconds. A letter that is cut off
    /// stays in the outbox.
    pub async fn run(self, cancel: CancellationToken) {
        let desk = self.0;
        let mut rounds = Rounds::default();
        let mut changes = desk.store.letters_changed();
        while !cancel.is_cancelled() {
            let wait = rounds.start_due(&desk).await;
            let listening = rounds.ready(&desk);
            tokio::select! {
                () = cancel.cancelled() => break,
                Some(done) = rounds.tasks.join_next_with_id() => rounds.finish_all(&desk, done),
                () = changes.next(), if listening => sleep(GATHER).await,
                () = sleep(wait) => {}
            }
        }
        let _ = timeout(GRACE, async { while rounds.tasks.join_next().await.is_some() {} }).await;
        rounds.tasks.shutdown().await;
    }
}

impl Rounds {
    /// Starts as many due letters as there is room for; says how long nothing else will be due.
    async fn start_due(&mut self, desk: &Arc<Desk>) -> Duration {
        if !self.ready(desk) {
            return self.courier.rest().max(self.store.rest()).unwrap_or(LONGEST_WAIT);
        }
        match self.look(desk, self.abreast(desk) - self.under_way.len()).await {
            Ok(wait) => {
                if self.store.is_over() {
                    tracing::info!("the outbox can be read again");
                }
                wait
            }
            Err(error) => {
                if self.store.goes_on(desk) {
                    tracing::warn!(%error, "the outbox cannot be read; letters wait");
                }
                self.store.rest().unwrap_or(LONGEST_WAIT)
            }
        }
    }

    async fn look(&mut self, desk: &Arc<Desk>, room: usize) -> Result<Duration, StoreError> {
        let now = desk.clock.now();
        let limit = u32::try_from(self.under_way.len() + room).unwrap_or(u32::MAX);
        let due = desk.store.due_letters(desk.post.channel(), now, limit).await?;
        let fresh = due.into_iter().filter(|letter| !self.under_way.values().any(|id| *id == letter.id));
        let fresh: Vec<_> = fresh.take(room).collect();
        for letter in fresh {
            let (desk, id) = (Arc::clone(desk), letter.id);
            let task = self.tasks.spawn(async move { desk.send(&letter).await });
            self.under_way.insert(task.id(), id);
        }
        let next = desk.store.next_letter_at(desk.post.channel()).await?;
        let until = next.and_then(|at| Duration::try_from(at.duration_since(now)).ok());
        Ok(match (next, until) {
            (None, _) => LONGEST_WAIT,
            // Due already, so under way.
            (Some(_), None) => UNDER_WAY_WAIT,
            (Some(_), Some(until)) => until.clamp(GATHER, LONGEST_WAIT),
        })
    }

    /// Whether another letter may be started now.
    fn ready(&self, desk: &Desk) -> bool {
        self.under_way.len() < self.abreast(desk)
            && self.courier.rest().is_none()
            && self.store.rest().is_none()
    }

    /// While the courier is out of order, one letter at a time finds out whether it is back.
    fn abreast(&self, desk: &Desk) -> usize {
        if self.courier.failures > 0 { 1 } else { desk.post.abreast() }
    }

    /// Takes this report and all others that are there: they make room for one look into the outbox, not for one each.
    fn finish_all(&mut self, desk: &Arc<Desk>, first: Result<(Id, Report), JoinError>) {
        let mut next = Some(first);
        while let Some(done) = next {
            self.finish(desk, done);
            next = self.tasks.try_join_next_with_id();
        }
    }

    fn finish(&mut self, desk: &Arc<Desk>, done: Result<(Id, Report), JoinError>) {
        match done {
            Ok((task, report)) => {
                self.under_way.remove(&task);
                match report {
                    Report::Works => {
                        if self.courier.is_over() {
                            tracing::info!(courier = %desk.post, "letters are taken again");
                        }
                    }
                    Report::NotAsked => {}
                    Report::Down(error) => {
                        if self.courier.goes_on(desk) {
                            tracing::warn!(courier = %desk.post, error, "letters cannot be sent; they wait");
                        }
                    }
                }
            }
            // A letter that made the program fail would do so again.
            Err(error) => {
                if let Some(letter) = self.under_way.remove(&error.id())
                    && error.is_panic()
                {
                    let desk = Arc::clone(desk);
                    let outcome = Dispatch::Parked { error: "the program failed on this letter".to_owned() };
                    let task = self.tasks.spawn(async move {
                        desk.note(letter, outcome).await;
                        Report::NotAsked
                    });
                    self.under_way.insert(task.id(), letter);
                }
            }
        }
    }
}

impl Outage {
    /// Notes a failure; `true` when it is the first one. A failure during a rest began before it.
    fn goes_on(&mut self, desk: &Desk) -> bool {
        if self.rest().is_none() {
            let rest = retry::pause(desk.post.pauses().0, LONGEST_REST, self.failures, &*desk.random);
            self.rest_until = Some(Instant::now() + rest);
            self.failures = self.failures.saturating_add(1);
            return self.failures == 1;
        }
        false
    }

    /// Notes a success; `true` when something had been out of order.
    fn is_over(&mut self) -> bool {
        self.rest_until = None;
        std::mem::take(&mut self.failures) > 0
    }

    /// What is left of the rest.
    fn rest(&self) -> Option<Duration> {
        self.rest_until
            .map(|until| until.saturating_duration_since(Instant::now()))
            .filter(|rest| !rest.is_zero())
    }
}

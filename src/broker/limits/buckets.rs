//! Buckets of tokens that fill up evenly (the generic cell rate algorithm), kept in governor's store. The arithmetic is here
//! because governor can neither look at a bucket without taking from it, nor owe, nor put a token back.
//!
//! A bucket is one number: when it is full again.

use std::{
    fmt::Debug,
    hash::Hash,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use governor::{
    nanos::Nanos,
    state::{
        StateStore,
        keyed::{DashMapStateStore, ShrinkableKeyedStateStore},
    },
};
use jiff::Timestamp;

use crate::{accounts::Refusal, clock::Clock};

/// So many tokens in so much time.
#[derive(Debug, Clone, Copy)]
pub(super) struct Rate {
    pub(super) tokens: u32,
    pub(super) per: Duration,
}

/// Buckets by key.
#[derive(Debug)]
pub(super) struct Buckets<K: Hash + Eq + Clone> {
    full_at: DashMapStateStore<K>,
    time: Elapsed,
}

impl<K: Hash + Eq + Clone> Buckets<K> {
    /// Full buckets.
    pub(super) fn new(clock: Arc<dyn Clock>) -> Self {
        Self { full_at: DashMapStateStore::default(), time: Elapsed::new(clock) }
    }

    /// Whether there is a token.
    pub(super) fn look(&self, key: &K, rate: Rate) -> Result<(), Refusal> {
        let now = self.time.nanos();
        let wait = self
            .full_at
            .measure_and_replace(key, |full_at| Err::<((), Nanos), _>(rate.take(full_at, now).err()));
        wait.or_else(|wait| wait.map_or(Ok(()), |wait| Err(too_many(wait))))
    }

    /// Takes a token.
    pub(super) fn take(&self, key: &K, rate: Rate) -> Result<(), Refusal> {
        let now = self.time.nanos();
        self.full_at.measure_and_replace(key, |full_at| Ok(((), rate.take(full_at, now)?))).map_err(too_many)
    }

    /// Whether there is a token of each; if not, the time to wait is the longest.
    pub(super) fn look_all(&self, wanted: &[(K, Rate)]) -> Result<(), Refusal> {
        let waits = wanted.iter().filter_map(|(key, rate)| match self.look(key, *rate) {
            Err(Refusal::TooMany { retry_after }) => Some(retry_after),
            _ => None,
        });
        waits.max().map_or(Ok(()), |wait| Err(too_many(wait)))
    }

    /// Takes a token of each, or of none.
    pub(super) fn take_all(&self, wanted: &[(K, Rate)]) -> Result<(), Refusal> {
        self.look_all(wanted)?;
        for (index, (key, rate)) in wanted.iter().enumerate() {
            // Somebody else has taken it in between.
            if let Err(refusal) = self.take(key, *rate) {
                self.put_all_back(wanted.get(..index).unwrap_or_default());
                return Err(refusal);
            }
        }
        Ok(())
    }

    /// Puts a token of each back.
    pub(super) fn put_all_back(&self, taken: &[(K, Rate)]) {
        for (key, rate) in taken {
            self.put_back(key, *rate);
        }
    }

    /// Takes a token that may not be there; a bucket never owes more than it holds.
    pub(super) fn owe(&self, key: &K, rate: Rate) {
        self.replace(key, |full_at, now| {
            full_at.max(now).saturating_add(rate.step()).min(now.saturating_add(2 * rate.nanos()))
        });
    }

    /// Puts a token back.
    pub(super) fn put_back(&self, key: &K, rate: Rate) {
        self.replace(key, |full_at, _| full_at.saturating_sub(rate.step()));
    }

    /// Forgets the buckets that are full.
    pub(super) fn forget_full(&self) {
        self.full_at.retain_recent(Nanos::new(self.time.nanos()));
        ShrinkableKeyedStateStore::shrink_to_fit(&self.full_at);
    }

    /// Buckets that are remembered.
    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.full_at.len()
    }

    fn replace(&self, key: &K, new: impl Fn(u64, u64) -> u64) {
        let now = self.time.nanos();
        let _: Result<(), ()> = self.full_at.measure_and_replace(key, |full_at| {
            Ok(((), Nanos::new(new(full_at.map_or(0, Nanos::as_u64), now))))
        });
    }
}

fn too_many(wait: Duration) -> Refusal {
    Refusal::TooMany { retry_after: wait }
}

impl Rate {
    /// So many times as many tokens in the same time.
    pub(super) fn times(self, factor: u32) -> Self {
        Self { tokens: self.tokens.saturating_mul(factor), ..self }
    }

    fn nanos(self) -> u64 {
        u64::try_from(self.per.as_nanos()).unwrap_or(u64::MAX / 4).min(u64::MAX / 4)
    }

    /// Nanoseconds in which one token comes back.
    fn step(self) -> u64 {
        self.nanos() / u64::from(self.tokens.max(1))
    }

    /// When the bucket is full again after one token was taken, or how long to wait for one.
    fn take(self, full_at: Option<Nanos>, now: u64) -> Result<Nanos, Duration> {
        let full_at = full_at.map_or(now, |full_at| full_at.as_u64().max(now)).saturating_add(self.step());
        let latest = now.saturating_add(self.nanos());
        if full_at > latest { Err(Duration::from_nanos(full_at - latest)) } else { Ok(Nanos::new(full_at)) }
    }
}

/// Time that only goes on: a clock that is set back stands still here, so that nobody waits for it to catch up.
#[derive(Debug)]
struct Elapsed {
    clock: Arc<dyn Clock>,
    last: Mutex<(Timestamp, u64)>,
}

impl Elapsed {
    fn new(clock: Arc<dyn Clock>) -> Self {
        let start = clock.now();
        Self { clock, last: Mutex::new((start, 1)) }
    }

    /// Nanoseconds since the start.
    fn nanos(&self) -> u64 {
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        let now = self.clock.now();
        let step = u64::try_from(now.duration_since(last.0).as_nanos()).unwrap_or(0);
        *last = (now, last.1.saturating_add(step));
        last.1
    }
}

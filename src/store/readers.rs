//! The threads that read, and the queue they share.

use std::{
    collections::VecDeque,
    sync::{
        Arc, Condvar, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};

use rusqlite::Connection;
use tokio::sync::watch;

use super::{
    connection,
    error::{Remedy, StoreError, remedy},
    operation::{Operation, Ran},
    transaction::Transaction,
    types::StoreSettings,
};

/// Look-ups that may wait, and searches that may wait.
const WAITING: [usize; 2] = [4096, 64];
/// Look-ups that one reader takes at once: they share the cost of a read transaction.
const TOGETHER: usize = 32;

/// How long a read takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Lane {
    /// Microseconds: a few rows by a key.
    Lookup,
    /// It may go through a whole table.
    Search,
}

/// Reads that wait for a thread.
pub(super) struct ReadQueue {
    waiting: Mutex<Waiting>,
    arrived: Condvar,
    /// One for each reader, which holds the lock while it reads; `None` after a fault that only a new one may overcome.
    connections: Box<[Mutex<Option<Connection>>]>,
    troubled: AtomicBool,
    /// Whether a reader has met a lock that only ends when all connections are closed.
    stuck: AtomicBool,
}

struct Waiting {
    lookups: VecDeque<Box<dyn Operation>>,
    searches: VecDeque<Box<dyn Operation>>,
    /// Searches that are running; there is always a reader left for look-ups, if there are two.
    searching: usize,
    idle: usize,
    closed: bool,
}

impl ReadQueue {
    pub(super) fn new(readers: usize) -> Self {
        let waiting = Waiting {
            lookups: VecDeque::new(),
            searches: VecDeque::new(),
            searching: 0,
            idle: 0,
            closed: false,
        };
        Self {
            waiting: Mutex::new(waiting),
            arrived: Condvar::new(),
            connections: (0..readers).map(|_| Mutex::new(None)).collect(),
            troubled: AtomicBool::new(false),
            stuck: AtomicBool::new(false),
        }
    }

    /// Whether [`Self::close_connections`] is wanted; asking takes the wish back.
    pub(super) fn is_stuck(&self) -> bool {
        self.stuck.load(Ordering::Relaxed) && self.stuck.swap(false, Ordering::Relaxed)
    }

    /// Closes the connections of all readers, when what they read is read. They open new ones when they need them.
    pub(super) fn close_connections(&self) {
        // All at the same time: one that was opened again too early would keep the locks of the file alive.
        let mut connections: Vec<_> = self.connections.iter().map(lock).collect();
        for connection in &mut connections {
            **connection = None;
        }
    }

    /// Puts a read into the queue.
    pub(super) fn submit(&self, lane: Lane, operation: Box<dyn Operation>) -> Result<(), StoreError> {
        let mut waiting = lock(&self.waiting);
        if waiting.closed {
            return Err(StoreError::Closed);
        }
        let (queue, bound) = match lane {
            Lane::Lookup => (&mut waiting.lookups, WAITING[0]),
            Lane::Search => (&mut waiting.searches, WAITING[1]),
        };
        if queue.len() >= bound {
            return Err(StoreError::Busy);
        }
        queue.push_back(operation);
        let somebody_sleeps = waiting.idle > 0;
        drop(waiting);
        if somebody_sleeps {
            self.arrived.notify_one();
        }
        Ok(())
    }

    /// Takes no more reads; the threads end when the queue is empty.
    pub(super) fn close(&self) {
        lock(&self.waiting).closed = true;
        self.arrived.notify_all();
    }

    /// Waits for work and moves it into `batch`; `None` when the queue is closed and empty.
    fn take(&self, batch: &mut Vec<Box<dyn Operation>>) -> Option<Lane> {
        let readers = self.connections.len();
        let mut waiting = lock(&self.waiting);
        loop {
            if waiting.searching < readers.saturating_sub(1).max(1)
                && let Some(search) = waiting.searches.pop_front()
            {
                waiting.searching += 1;
                batch.push(search);
                return Some(Lane::Search);
            }
            if !waiting.lookups.is_empty() {
                // A fair share: what one reader took, another cannot do beside it.
                let share = waiting.lookups.len().div_ceil(readers).min(TOGETHER);
                batch.extend(waiting.lookups.drain(..share));
                return Some(Lane::Lookup);
            }
            if waiting.closed && waiting.searches.is_empty() {
                return None;
            }
            waiting.idle += 1;
            waiting = self.arrived.wait(waiting).unwrap_or_else(PoisonError::into_inner);
            waiting.idle -= 1;
        }
    }

    fn search_ended(&self) {
        let mut waiting = lock(&self.waiting);
        waiting.searching -= 1;
        let more = !waiting.searches.is_empty() || waiting.closed;
        drop(waiting);
        if more {
            self.arrived.notify_all();
        }
    }

    fn note(&self, settings: &StoreSettings, reason: &str, remedy: Remedy) {
        if remedy == Remedy::AllNew {
            self.stuck.store(true, Ordering::Relaxed);
        }
        if !self.troubled.swap(true, Ordering::Relaxed) {
            tracing::error!(database = %settings.path.display(), %reason, "the database cannot be read; requests are refused until it can");
        }
    }

    fn note_recovery(&self, settings: &StoreSettings) {
        if self.troubled.load(Ordering::Relaxed) && self.troubled.swap(false, Ordering::Relaxed) {
            tracing::info!(database = %settings.path.display(), "the database can be read again");
        }
    }
}

impl std::fmt::Debug for ReadQueue {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ReadQueue").field("readers", &self.connections.len()).finish_non_exhaustive()
    }
}

/// What one thread holds.
pub(super) struct Reader {
    settings: StoreSettings,
    queue: Arc<ReadQueue>,
    number: usize,
}

impl Reader {
    /// The reader of this number, from 0 on.
    pub(super) fn new(
        settings: StoreSettings,
        queue: Arc<ReadQueue>,
        number: usize,
        connection: Connection,
    ) -> Self {
        if let Some(place) = queue.connections.get(number) {
            *lock(place) = Some(connection);
        }
        Self { settings, queue, number }
    }

    /// Works until the queue is closed and empty. `_alive` is dropped at the very end.
    pub(super) fn run(self, _alive: watch::Receiver<()>) {
        let mut batch = Vec::with_capacity(TOGETHER);
        while let Some(lane) = self.queue.take(&mut batch) {
            let mut connection = self.queue.connections.get(self.number).map(lock);
            let Some(connection) = connection.as_deref_mut() else { return };
            if let Err(error) = self.read(connection, &mut batch) {
                self.queue.note(&self.settings, &error.to_string(), remedy(&error));
                // It may be stuck in a transaction; another one costs a millisecond.
                *connection = None;
                let failure = StoreError::from(error);
                for operation in batch.drain(..) {
                    operation.answer(Some(&failure));
                }
            }
            if lane == Lane::Search {
                self.queue.search_ended();
            }
        }
        if let Some(connection) = self.queue.connections.get(self.number) {
            *lock(connection) = None;
        }
    }

    /// Reads in one read transaction. It begins after the batch was taken: whoever asks sees what was committed before.
    fn read(
        &self,
        place: &mut Option<Connection>,
        batch: &mut Vec<Box<dyn Operation>>,
    ) -> rusqlite::Result<()> {
        let connection = match place.take() {
            Some(connection) => connection,
            None => connection::reader(&self.settings)?,
        };
        let connection = place.insert(connection);
        let together = batch.len() > 1;
        if together {
            connection.prepare_cached("BEGIN")?.execute([])?;
        }
        let transaction = Transaction::new(connection);
        let mut give_up = false;
        for mut operation in batch.drain(..) {
            match operation.run(&transaction) {
                Ran::Done | Ran::Undo => self.queue.note_recovery(&self.settings),
                Ran::Failed { reason, remedy } => {
                    self.queue.note(&self.settings, &reason, remedy);
                    give_up |= remedy != Remedy::Wait;
                }
            }
            operation.answer(None);
        }
        if together && !connection.is_autocommit() {
            connection.prepare_cached("COMMIT")?.execute([])?;
        }
        if give_up {
            *place = None;
        }
        Ok(())
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

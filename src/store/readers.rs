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
    error::StoreError,
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
    readers: usize,
    troubled: AtomicBool,
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
            readers,
            troubled: AtomicBool::new(false),
        }
    }

    /// Puts a read into the queue.
    pub(super) fn submit(&self, lane: Lane, operation: Box<dyn Operation>) -> Result<(), StoreError> {
        let mut waiting = self.lock();
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
        self.lock().closed = true;
        self.arrived.notify_all();
    }

    /// Waits for work and moves it into `batch`; `None` when the queue is closed and empty.
    fn take(&self, batch: &mut Vec<Box<dyn Operation>>) -> Option<Lane> {
        let mut waiting = self.lock();
        loop {
            if waiting.searching < self.readers.saturating_sub(1).max(1)
                && let Some(search) = waiting.searches.pop_front()
            {
                waiting.searching += 1;
                batch.push(search);
                return Some(Lane::Search);
            }
            if !waiting.lookups.is_empty() {
                // A fair share: what one reader took, another cannot do beside it.
                let share = waiting.lookups.len().div_ceil(self.readers).min(TOGETHER);
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
        let mut waiting = self.lock();
        waiting.searching -= 1;
        let more = !waiting.searches.is_empty() || waiting.closed;
        drop(waiting);
        if more {
            self.arrived.notify_all();
        }
    }

    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn note(&self, settings: &StoreSettings, reason: &str) {
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
        f.debug_struct("ReadQueue").field("readers", &self.readers).finish_non_exhaustive()
    }
}

/// What one thread holds.
pub(super) struct Reader {
    settings: StoreSettings,
    queue: Arc<ReadQueue>,
    /// `None` after a fault that only a new connection may overcome.
    connection: Option<Connection>,
}

impl Reader {
    pub(super) fn new(settings: StoreSettings, queue: Arc<ReadQueue>, connection: Connection) -> Self {
        Self { settings, queue, connection: Some(connection) }
    }

    /// Works until the queue is closed and empty. `_alive` is dropped at the very end.
    pub(super) fn run(mut self, _alive: watch::Receiver<()>) {
        let mut batch = Vec::with_capacity(TOGETHER);
        while let Some(lane) = self.queue.take(&mut batch) {
            if let Err(error) = self.read(&mut batch) {
                self.queue.note(&self.settings, &error.to_string());
                // It may be stuck in a transaction; another one costs a millisecond.
                self.connection = None;
                let failure = StoreError::from(error);
                for operation in batch.drain(..) {
                    operation.answer(Some(&failure));
                }
            }
            if lane == Lane::Search {
                self.queue.search_ended();
            }
        }
    }

    /// Reads in one read transaction. It begins after the batch was taken: whoever asks sees what was committed before.
    fn read(&mut self, batch: &mut Vec<Box<dyn Operation>>) -> rusqlite::Result<()> {
        let connection = match self.connection.take() {
            Some(connection) => connection,
            None => connection::reader(&self.settings)?,
        };
        let connection = self.connection.insert(connection);
        let together = batch.len() > 1;
        if together {
            connection.prepare_cached("BEGIN")?.execute([])?;
        }
        let transaction = Transaction::new(connection);
        let mut give_up = false;
        for mut operation in batch.drain(..) {
            match operation.run(&transaction) {
                Ran::Done | Ran::Undo => self.queue.note_recovery(&self.settings),
                Ran::Failed { reason, new_connection } => {
                    self.queue.note(&self.settings, &reason);
                    give_up |= new_connection;
                }
            }
            operation.answer(None);
        }
        if together && !connection.is_autocommit() {
            connection.prepare_cached("COMMIT")?.execute([])?;
        }
        if give_up {
            self.connection = None;
        }
        Ok(())
    }
}

//! The one thread that writes: many operations, one commit.

use std::{
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
        mpsc::{Receiver, RecvTimeoutError},
    },
    time::Duration,
};

use rusqlite::Connection;
use tokio::{sync::watch, time::Instant};

use super::{
    changes::Bell,
    company::Company,
    connection,
    error::{Remedy, StoreError, remedy},
    operation::{Operation, Ran},
    readers::ReadQueue,
    transaction::Transaction,
    types::StoreSettings,
};
use crate::metrics;

/// Operations that may wait. At about 1 KiB each they hold 4 MiB at most.
pub(super) const WAITING: usize = 4096;
/// Operations in one transaction: more would not be faster, and those behind them would wait longer.
const TOGETHER: usize = 512;
/// How often an idle writer looks whether another process has changed the database.
const LOOK_EVERY: Duration = Duration::from_millis(250);

/// Tells those who wait for letters and for notices, and how many changes wait.
#[derive(Debug)]
pub(super) struct Bells {
    pub(super) letters: Bell,
    pub(super) notices: Bell,
    /// Below 0 for the moment in which the writer is quicker than who counts its change.
    waiting: AtomicI64,
}

impl Bells {
    pub(super) fn new() -> Self {
        Self { letters: Bell::new(), notices: Bell::new(), waiting: AtomicI64::new(0) }
    }

    /// A change was put into the queue.
    pub(super) fn joined(&self) {
        self.waiting.fetch_add(1, Ordering::Relaxed);
    }

    fn left(&self, changes: usize) {
        self.waiting.fetch_sub(i64::try_from(changes).unwrap_or(0), Ordering::Relaxed);
    }

    pub(super) fn waiting(&self) -> u64 {
        u64::try_from(self.waiting.load(Ordering::Relaxed)).unwrap_or(0)
    }
}

/// What the thread holds.
pub(super) struct Writer {
    settings: StoreSettings,
    queue: Receiver<Box<dyn Operation>>,
    bells: Arc<Bells>,
    reads: Arc<ReadQueue>,
    /// `None` after a fault that only a new connection may overcome.
    connection: Option<Connection>,
    /// Counts the commits of other connections; unknown on a new connection.
    others: Option<i64>,
    /// Whether it has been logged that the database cannot be written.
    troubled: bool,
    company: Company,
}

/// Why a batch, or one operation of it, came to nothing.
struct Trouble {
    reason: String,
    remedy: Remedy,
}

impl Writer {
    pub(super) fn new(
        settings: StoreSettings,
        queue: Receiver<Box<dyn Operation>>,
        bells: Arc<Bells>,
        reads: Arc<ReadQueue>,
        connection: Connection,
    ) -> Self {
        Self {
            settings,
            queue,
            bells,
            reads,
            connection: Some(connection),
            others: None,
            troubled: false,
            company: Company::default(),
        }
    }

    /// Works until the last sender of the queue is gone and the queue is empty. `_alive` is dropped at the very end.
    pub(super) fn run(mut self, _alive: watch::Receiver<()>) {
        let mut batch = Vec::with_capacity(TOGETHER);
        loop {
            match self.queue.recv_timeout(LOOK_EVERY) {
                Ok(first) => {
                    batch.push(first);
                    batch.extend(self.queue.try_iter().take(TOGETHER - 1));
                    self.company.wait(&self.queue, &mut batch);
                    self.commit_together(&mut batch);
                    self.company.committed();
                }
                Err(RecvTimeoutError::Timeout) => self.look_for_others(),
                Err(RecvTimeoutError::Disconnected) => break,
            }
            if self.reads.is_stuck() {
                self.close_all();
            }
        }
        self.finish();
    }

    fn commit_together(&mut self, batch: &mut Vec<Box<dyn Operation>>) {
        let begun = Instant::now();
        let failure = match self.transact(batch) {
            Ok(()) => {
                metrics::commit(begun.elapsed(), batch.len());
                None
            }
            Err(trouble) => {
                let failure = StoreError::Unavailable(trouble.reason.clone());
                self.note(&trouble);
                Some(failure)
            }
        };
        self.bells.left(batch.len());
        for operation in batch.drain(..) {
            operation.answer(failure.as_ref());
        }
    }

    /// Runs and commits a batch; after an error nothing of it has happened.
    fn transact(&mut self, batch: &mut [Box<dyn Operation>]) -> Result<(), Trouble> {
        let connection = connected(&mut self.connection, &self.settings)?;
        let before = connection.total_changes();
        run(connection, "BEGIN IMMEDIATE")?;
        let outcome = run_all(connection, batch).and_then(|done| {
            run(connection, "COMMIT")?;
            Ok(done)
        });
        let written = connection.total_changes() > before;
        if outcome.is_err() && !connection.is_autocommit() {
            // After most faults SQLite has rolled back by itself.
            let _ = run(connection, "ROLLBACK");
        }
        if !connection.is_autocommit() {
            self.connection = None;
        }
        let Done { letters, notices, others, failed } = outcome?;
        let foreign = self.others.replace(others) != Some(others);
        if letters || foreign {
            self.bells.letters.ring();
        }
        if notices || foreign {
            self.bells.notices.ring();
        }
        match failed {
            Some(trouble) => self.note(&trouble),
            None if written => self.note_recovery(),
            None => {}
        }
        Ok(())
    }

    /// Wakes the listeners if another process has committed something, which may be a letter or a notice.
    fn look_for_others(&mut self) {
        // A fault shows at the next write; nobody waits for an answer here.
        let others = connected(&mut self.connection, &self.settings).and_then(|found| data_version(found));
        let Ok(others) = others else { return };
        if self.others.replace(others) != Some(others) {
            self.bells.letters.ring();
            self.bells.notices.ring();
        }
    }

    fn note(&mut self, trouble: &Trouble) {
        if !self.troubled {
            self.troubled = true;
            tracing::error!(
                database = %self.settings.path.display(),
                reason = %trouble.reason,
                "the database cannot be written; changes are refused until it can"
            );
        }
        match trouble.remedy {
            Remedy::Wait => {}
            Remedy::NewConnection => self.close(),
            Remedy::AllNew => self.close_all(),
        }
    }

    fn close(&mut self) {
        self.connection = None;
        self.others = None;
    }

    /// Closes every connection of this process.
    fn close_all(&mut self) {
        self.close();
        self.reads.close_connections();
    }

    fn note_recovery(&mut self) {
        if self.troubled {
            self.troubled = false;
            tracing::info!(database = %self.settings.path.display(), "the database can be written again");
        }
    }

    /// Leaves a file that needs no log beside it.
    fn finish(self) {
        let Some(connection) = self.connection else { return };
        // Another process may be reading; then the log stays, which is no harm and not worth waiting for.
        let last = "PRAGMA busy_timeout = 200; PRAGMA optimize; PRAGMA wal_checkpoint(TRUNCATE);";
        if let Err(error) = connection.execute_batch(last) {
            tracing::warn!(%error, "the write-ahead log was not folded in; it will be at the next start");
        }
    }
}

/// What the operations of a batch have in common.
struct Done {
    letters: bool,
    notices: bool,
    others: i64,
    failed: Option<Trouble>,
}

/// Runs each operation in a savepoint of its own. An error means that the whole transaction is lost.
fn run_all(connection: &Connection, batch: &mut [Box<dyn Operation>]) -> Result<Done, Trouble> {
    let transaction = Transaction::new(connection);
    let mut failed = None;
    for operation in batch {
        run(connection, "SAVEPOINT operation")?;
        match operation.run(&transaction) {
            Ran::Done => {}
            Ran::Undo => run(connection, "ROLLBACK TO operation")?,
            Ran::Failed { reason, remedy } => {
                let trouble = Trouble { reason, remedy };
                // After a full disk or an I/O error SQLite may have rolled back everything by itself.
                if connection.is_autocommit() {
                    return Err(trouble);
                }
                run(connection, "ROLLBACK TO operation")?;
                failed = Some(trouble);
            }
        }
        run(connection, "RELEASE operation")?;
    }
    let (letters, notices) = transaction.written();
    Ok(Done { letters, notices, others: data_version(connection)?, failed })
}

/// The connection, a new one if the old one was given up.
fn connected<'c>(
    connection: &'c mut Option<Connection>,
    settings: &StoreSettings,
) -> rusqlite::Result<&'c mut Connection> {
    let usable = match connection.take() {
        Some(usable) => usable,
        None => connection::writer(settings)?,
    };
    Ok(connection.insert(usable))
}

fn run(connection: &Connection, sql: &str) -> rusqlite::Result<()> {
    connection.prepare_cached(sql)?.execute([]).map(drop)
}

/// Changes when, and only when, another connection has committed.
fn data_version(connection: &Connection) -> rusqlite::Result<i64> {
    connection.prepare_cached("PRAGMA data_version")?.query_row([], |row| row.get(0))
}

impl From<rusqlite::Error> for Trouble {
    fn from(error: rusqlite::Error) -> Self {
        Self { reason: error.to_string(), remedy: remedy(&error) }
    }
}

//! One operation on its way through a thread: what it does, and whom it answers.

use std::panic::{self, AssertUnwindSafe};

use tokio::sync::oneshot;

use super::{
    error::{Fault, Remedy, StoreError},
    transaction::Transaction,
};

/// An operation in a queue.
pub(super) trait Operation: Send {
    /// Does the work and keeps the outcome.
    fn run(&mut self, transaction: &Transaction<'_>) -> Ran;
    /// Sends the outcome; if `failure` is given, then that instead.
    fn answer(self: Box<Self>, failure: Option<&StoreError>);
}

/// How an operation went, as far as its thread has to know.
pub(super) enum Ran {
    /// Its changes are to be kept.
    Done,
    /// Its changes are to be undone; the database is well.
    Undo,
    /// Its changes are to be undone; the database is not well.
    Failed { reason: String, remedy: Remedy },
}

/// The operation that `work` is, and the receiver of its outcome.
pub(super) fn operation<T, W>(work: W) -> (Box<dyn Operation>, oneshot::Receiver<Result<T, StoreError>>)
where
    T: Send + 'static,
    W: FnOnce(&Transaction<'_>) -> Result<T, Fault> + Send + 'static,
{
    let (reply, outcome) = oneshot::channel();
    (Box::new(Pending { work: Some(work), outcome: None, reply }), outcome)
}

struct Pending<T, W> {
    work: Option<W>,
    outcome: Option<Result<T, StoreError>>,
    reply: oneshot::Sender<Result<T, StoreError>>,
}

impl<T, W> Operation for Pending<T, W>
where
    T: Send,
    W: FnOnce(&Transaction<'_>) -> Result<T, Fault> + Send,
{
    fn run(&mut self, transaction: &Transaction<'_>) -> Ran {
        let Some(work) = self.work.take() else { return Ran::Undo };
        // A panic must not end the thread that everybody else waits for. The connection is given up, and with it whatever
        // state the panic left behind.
        let Ok(result) = panic::catch_unwind(AssertUnwindSafe(|| work(transaction))) else {
            let reason = "an operation ended by a panic".to_owned();
            self.outcome = Some(Err(StoreError::Unavailable(reason.clone())));
            return Ran::Failed { reason, remedy: Remedy::NewConnection };
        };
        match result {
            Ok(value) => {
                self.outcome = Some(Ok(value));
                Ran::Done
            }
            Err(fault) => {
                let ran = match &fault {
                    Fault::Sqlite(error) => Ran::Failed { reason: error.to_string(), remedy: fault.remedy() },
                    Fault::Damaged { .. } => Ran::Undo,
                };
                self.outcome = Some(Err(fault.into()));
                ran
            }
        }
    }

    fn answer(self: Box<Self>, failure: Option<&StoreError>) {
        let outcome = match failure {
            Some(failure) => Err(failure.clone()),
            None => self.outcome.unwrap_or(Err(StoreError::Closed)),
        };
        // Who no longer waits for the answer has gone away; the work was done all the same.
        let _ = self.reply.send(outcome);
    }
}

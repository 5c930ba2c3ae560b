//! One letter's way from its outbox row to the courier and back.

use std::{sync::Arc, time::Duration};

use tokio::time::sleep;
use tracing::Instrument;

use super::{SendFault, post::Post, retry};
use crate::{
    accounts::{Letter, SealKey},
    clock::Clock,
    metrics,
    random::Random,
    store::{Dispatch, OutboxLetter, Store, StoreError},
    text::Texts,
};

/// Longest pause between two attempts to note what became of a letter.
const LONGEST_PAUSE: Duration = Duration::from_secs(15);

/// What every letter needs on its way.
#[derive(Debug)]
pub(super) struct Desk {
    pub(super) store: Store,
    pub(super) seal: SealKey,
    pub(super) texts: Arc<Texts>,
    pub(super) post: Post,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) random: Arc<dyn Random>,
}

/// What an attempt says about the courier.
pub(super) enum Report {
    /// The courier works, whatever became of the letter.
    Works,
    /// The courier was not asked.
    NotAsked,
    /// The courier is out of order.
    Down(String),
}

impl Desk {
    /// One attempt: sends, then notes. In this order nothing is lost, whenever the program dies.
    pub(super) async fn send(&self, row: &OutboxLetter) -> Report {
        let span =
            tracing::error_span!("letter", request = row.request.as_deref().map(tracing::field::display));
        self.send_within(row).instrument(span).await
    }

    async fn send_within(&self, row: &OutboxLetter) -> Report {
        let (outcome, report) = self.attempt(row).await;
        let (id, kind) = (row.message_id.as_str(), row.kind.as_str());
        match &outcome {
            // When the courier is out of order, that is told once and not for each letter.
            Dispatch::Retry { at, error } if matches!(report, Report::Works) => {
                tracing::info!(letter = id, kind, error, %at, "the letter was not taken; it is tried again");
            }
            Dispatch::Retry { .. } | Dispatch::Sent => {}
            Dispatch::Parked { error } => tracing::warn!(letter = id, kind, error, "the letter is parked"),
        }
        let word = match &outcome {
            Dispatch::Sent => "sent",
            Dispatch::Retry { .. } => "delayed",
            Dispatch::Parked { .. } => "parked",
        };
        metrics::letter(kind, word);
        self.note(row.id, outcome).await;
        report
    }

    async fn attempt(&self, row: &OutboxLetter) -> (Dispatch, Report) {
        let now = self.clock.now();
        if now >= row.expires_at {
            let error = "its time was over before it could be sent".to_owned();
            return (Dispatch::Parked { error }, Report::NotAsked);
        }
        let written = match self.open(row) {
            Ok(letter) => self.post.write(row, &letter, &self.texts, now),
            Err(error) => Err(error),
        };
        let written = match written {
            Ok(written) => written,
            Err(error) => return (Dispatch::Parked { error }, Report::NotAsked),
        };
        let (first, most) = self.post.pauses();
        let pause = |attempts| retry::pause(first, most, attempts, &*self.random);
        match self.post.deliver(&written).await {
            Ok(()) => {
                let (letter, kind) = (row.message_id.as_str(), row.kind.as_str());
                tracing::info!(
                    letter,
                    kind,
                    to = written.masked_to(),
                    attempts = row.attempts + 1,
                    "the letter is sent"
                );
                (Dispatch::Sent, Report::Works)
            }
            Err(SendFault::Refused(error)) => (Dispatch::Parked { error }, Report::Works),
            Err(SendFault::Delayed(error)) => (self.later(row, pause(row.attempts), error), Report::Works),
            // The rest that the courier is given paces the attempts; the letter itself is not to blame.
            Err(SendFault::Unavailable(error)) => {
                (self.later(row, pause(0), error.clone()), Report::Down(error))
            }
        }
    }

    /// Opens the seal. What fails here fails each time.
    fn open(&self, row: &OutboxLetter) -> Result<Letter, String> {
        let plain = self.seal.open(&row.message_id, &row.sealed).map_err(|problem| problem.to_string())?;
        // The error of the parser could repeat what it read.
        Letter::from_bytes(plain).map_err(|_| "the letter cannot be read".to_owned())
    }

    fn later(&self, row: &OutboxLetter, pause: Duration, error: String) -> Dispatch {
        match retry::next_attempt(self.clock.now(), row.expires_at, pause, self.post.pauses().0) {
            Some(at) => Dispatch::Retry { at, error },
            None => Dispatch::Parked { error: format!("its time is over; last attempt: {error}") },
        }
    }

    /// Notes what became of a letter. Goes on until the store takes it: a letter that was sent and not noted is sent again.
    pub(super) async fn note(&self, letter: i64, outcome: Dispatch) {
        let first = Duration::from_millis(100);
        let mut pause = first;
        loop {
            match self.store.dispatch(letter, outcome.clone(), self.clock.now()).await {
                Ok(()) | Err(StoreError::Closed) => return,
                Err(error) => {
                    if pause == first {
                        tracing::warn!(row = letter, %error, "what became of a letter cannot be noted yet");
                    }
                    sleep(pause).await;
                    pause = (pause * 2).min(LONGEST_PAUSE);
                }
            }
        }
    }
}

//! Company for a batch of the writer: one write to the disk that serves several costs less than one for each.

use std::{sync::mpsc::Receiver, time::Duration};

use tokio::time::Instant;

/// Waiting a moment for others, so that one write to the disk serves several. It is worth it while many come, each by itself, as registrations do
/// when their derivations bound them; who comes alone does not wait for nobody.
#[derive(Debug, Default)]
pub(super) struct Company {
    last: Option<Instant>,
    /// Batches before it is tried again, and how many that are after the next time in vain.
    pause: u32,
    next_pause: u32,
}

/// How long a batch waits for others.
const COMPANY: Duration = Duration::from_millis(25);
/// A batch that comes so soon after another one may expect a third.
const SOON: Duration = Duration::from_millis(60);
/// Operations that are company enough.
const ENOUGH: usize = 8;
/// Batches that do not wait, at most, after it was in vain again and again.
const LONGEST_PAUSE: u32 = 64;

impl Company {
    /// Adds to a batch what comes within a moment.
    pub(super) fn wait<T>(&mut self, queue: &Receiver<T>, batch: &mut Vec<T>) {
        let soon = self.last.is_some_and(|last| last.elapsed() < SOON);
        if !soon || batch.len() >= ENOUGH {
            return;
        }
        if self.pause > 0 {
            self.pause -= 1;
            return;
        }
        let (alone, end) = (batch.len(), Instant::now() + COMPANY);
        while batch.len() < ENOUGH {
            match queue.recv_timeout(end.saturating_duration_since(Instant::now())) {
                Ok(another) => batch.push(another),
                Err(_) => break,
            }
        }
        if batch.len() > alone {
            self.next_pause = 0;
        } else {
            self.next_pause = (self.next_pause * 2 + 1).min(LONGEST_PAUSE);
            self.pause = self.next_pause;
        }
    }

    /// Notes the end of a batch.
    pub(super) fn committed(&mut self) {
        self.last = Some(Instant::now());
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::channel;

    use super::*;

    #[test]
    fn who_comes_first_or_alone_does_not_wait_and_many_get_company() {
        let (sender, queue) = channel();
        let mut company = Company::default();
        let wait = |company: &mut Company| {
            let mut batch = vec![0];
            company.wait(&queue, &mut batch);
            company.committed();
            batch.len()
        };
        sender.send(1).unwrap();
        assert_eq!(wait(&mut company), 1, "nothing came before");
        assert_eq!(wait(&mut company), 2, "soon after another batch");
        for (pause, waits) in [(1, "once in vain"), (3, "twice"), (7, "three times")] {
            assert_eq!(wait(&mut company), 1);
            assert_eq!(company.pause, pause, "{waits}");
            for _ in 0..pause {
                assert_eq!(wait(&mut company), 1, "not waited for at all");
            }
            assert_eq!(company.pause, 0);
        }
    }

    #[test]
    fn a_batch_that_is_large_enough_goes_at_once() {
        let (_sender, queue) = channel();
        let mut company = Company::default();
        company.committed();
        let mut batch = vec![0; ENOUGH];
        company.wait(&queue, &mut batch);
        assert_eq!((batch.len(), company.pause), (ENOUGH, 0));
    }
}

//! The thread that draws pictures: one, so that asking for forms never takes more than one core, with a bounded line before it.

use std::{
    fmt,
    sync::mpsc::{SyncSender, sync_channel},
    thread,
    time::Duration,
};

use tokio::{sync::oneshot, time::timeout};

use super::picture::Artist;
use crate::{
    accounts::{Refusal, challenge::Challenge},
    broker::{Failure, Outcome},
};

/// Pictures that may wait; the last of them waits a fifth of a second.
const WAITING: usize = 64;

/// How long somebody waits for a picture on a machine that is busy with something else.
const LONGEST_WAIT: Duration = Duration::from_secs(5);

/// When it is worth trying again.
const BUSY_FOR: Duration = Duration::from_secs(5);

/// How much the thread steps back behind those that answer (`nice`), and behind the hashing threads.
const NICENESS: i32 = 12;

/// Draws pictures. The thread ends with it.
pub(in crate::broker) struct Painter {
    jobs: Option<SyncSender<Job>>,
    longest_wait: Duration,
}

struct Job {
    text: String,
    seed: [u8; 32],
    answer: oneshot::Sender<Option<Vec<u8>>>,
}

impl Painter {
    /// Starts the thread.
    pub(in crate::broker) fn start() -> Self {
        let (jobs, queue) = sync_channel::<Job>(WAITING);
        let started = thread::Builder::new().name("painter".to_owned()).spawn(move || {
            // Where the system does not allow it, drawing goes on at the same priority.
            let _ = rustix::process::nice(NICENESS);
            let artist = Artist::new();
            for Job { text, seed, answer } in queue {
                // Nobody draws for those who went away.
                if !answer.is_closed() {
                    let _ = answer.send(artist.as_ref().and_then(|artist| artist.draw(&text, seed)));
                }
            }
        });
        if let Err(error) = &started {
            tracing::error!(%error, "the thread that draws CAPTCHA pictures could not be started");
        }
        Self { jobs: started.is_ok().then_some(jobs), longest_wait: LONGEST_WAIT }
    }

    /// Has the picture of a challenge drawn: a PNG.
    pub(in crate::broker) async fn draw(&self, challenge: &Challenge) -> Outcome<Vec<u8>> {
        let busy = || Failure::Refused(Refusal::Busy { retry_after: BUSY_FOR });
        let fault = || Failure::Fault(anyhow::anyhow!("a CAPTCHA picture could not be drawn"));
        let (answer, answered) = oneshot::channel();
        let job = Job { text: challenge.picture_text(), seed: challenge.picture_seed(), answer };
        self.jobs.as_ref().ok_or_else(fault)?.try_send(job).map_err(|_| busy())?;
        match timeout(self.longest_wait, answered).await {
            Ok(picture) => picture.ok().flatten().ok_or_else(fault),
            Err(_) => Err(busy()),
        }
    }
}

impl fmt::Debug for Painter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Painter(..)")
    }
}

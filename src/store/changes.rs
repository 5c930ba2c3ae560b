//! Telling those who wait for letters or notices that there may be some.

use tokio::sync::watch;

/// Tells that letters, or notices, may have been written since it told so last: by this process or by another one.
///
/// It is made once, kept by the task that waits, and never loses a change: one that was committed between a look at the
/// table and [`Changes::next`] makes `next` return at once. So the loop is *look, act, `next`, and again*. The first `next`
/// always returns at once; it may also return when there is nothing new.
#[derive(Debug, Clone)]
pub struct Changes {
    generation: watch::Receiver<u64>,
}

/// The sending side, with the writer.
#[derive(Debug)]
pub(super) struct Bell(watch::Sender<u64>);

impl Changes {
    /// Waits for a change. Never returns once the store is closed and every change before has been told.
    pub async fn next(&mut self) {
        if self.generation.changed().await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}

impl Bell {
    pub(super) fn new() -> Self {
        Self(watch::Sender::new(0))
    }

    /// A listener that has not heard anything yet.
    pub(super) fn listen(&self) -> Changes {
        let mut generation = self.0.subscribe();
        generation.mark_changed();
        Changes { generation }
    }

    /// Tells every listener.
    pub(super) fn ring(&self) {
        self.0.send_modify(|generation| *generation = generation.wrapping_add(1));
    }
}

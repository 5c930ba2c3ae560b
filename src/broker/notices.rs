//! Account changes that a server still has to be told.

use std::{
    future::{Future, poll_fn},
    pin::pin,
    task::Poll,
};

use super::{Broker, Outcome};
use crate::accounts::{Domain, Notice};

/// Notices handed out at a time.
const BATCH: u32 = 100;

impl Broker {
    /// The next account changes to tell the server of a domain, after the given notice; waits until there is one. Can be dropped
    /// while it waits.
    pub async fn next_notices(&self, domain: &Domain, after: i64) -> Outcome<Vec<Notice>> {
        self.served(domain)?;
        loop {
            // The wait begins before the look: what is written in between ends it.
            let mut changed = pin!(self.parts.store.notices_changed());
            let early = poll_fn(|context| Poll::Ready(changed.as_mut().poll(context))).await;
            let notices = self.parts.store.notices(domain, after, BATCH).await?;
            if !notices.is_empty() {
                return Ok(notices);
            }
            if early.is_pending() {
                changed.await;
            }
        }
    }

    /// Forgets a notice that the server has acted on.
    pub async fn notice_told(&self, notice: &Notice) -> Outcome<()> {
        Ok(self.parts.store.notice_told(notice.id).await?)
    }
}

//! Account changes that a server still has to be told.

use super::{Broker, Outcome};
use crate::accounts::{Domain, Notice};

/// Notices handed out at a time.
const BATCH: u32 = 100;

impl Broker {
    /// The next account changes to tell the server of a domain, after the given notice, oldest first; waits until there is one.
    /// Can be dropped while it waits.
    pub async fn next_notices(&self, domain: &Domain, after: i64) -> Outcome<Vec<Notice>> {
        self.served(domain)?;
        let mut changes = self.parts.store.notices_changed();
        loop {
            // The first time this returns at once; later, when something was written since the look before.
            changes.next().await;
            let notices = self.parts.store.notices(domain, after, BATCH).await?;
            if !notices.is_empty() {
                return Ok(notices);
            }
        }
    }

    /// Forgets a notice that the server has acted on.
    pub async fn notice_told(&self, notice: &Notice) -> Outcome<()> {
        Ok(self.parts.store.notice_told(notice.id).await?)
    }
}

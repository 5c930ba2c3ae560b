//! Cleaning up behind time.

use super::{Broker, Outcome};
use crate::store::{AUDIT_KEPT, Purged};

/// Rows of each kind in one round. Small, so that a registration that arrives meanwhile waits for milliseconds only.
const ROUND: u32 = 200;

impl Broker {
    /// Purges what has run out, round after round, until everything is done. Called on a timer.
    pub async fn purge(&self) -> Outcome<()> {
        self.parts.limits.forget_full();
        let now = self.now();
        let mut all = Purged::default();
        loop {
            let round = self.parts.store.purge(now, AUDIT_KEPT, ROUND).await?;
            all.accounts += round.accounts;
            all.tombstones += round.tombstones;
            all.invitations += round.invitations;
            all.letters += round.letters;
            all.audit += round.audit;
            all.spent += round.spent;
            all.recoveries += round.recoveries;
            all.email_changes += round.email_changes;
            all.recalled += round.recalled;
            if !round.reached(ROUND) {
                break;
            }
            tokio::task::yield_now().await;
        }
        let mut left = 0;
        loop {
            let round = self.delete_left(ROUND).await?;
            left += round;
            if round < u64::from(ROUND) {
                break;
            }
        }
        if left > 0 {
            tracing::info!(accounts = left, "deleted what its owners wanted to be deleted");
        }
        if all != Purged::default() {
            let Purged {
                accounts,
                tombstones,
                invitations,
                letters,
                audit,
                spent,
                recoveries,
                email_changes,
                recalled,
            } = all;
            tracing::info!(
                accounts,
                tombstones,
                invitations,
                letters,
                audit,
                spent,
                recoveries,
                email_changes,
                recalled,
                "purged what had run out"
            );
        }
        Ok(())
    }
}

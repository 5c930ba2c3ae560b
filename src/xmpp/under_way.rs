//! Whose requests are being answered: what follows from a request (a closed session) must reach the server after its answer.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use jid::BareJid;
use tokio::{sync::Notify, time::timeout};

/// The users who wait for an answer to a request of their own, with the number of those requests.
#[derive(Debug, Clone, Default)]
pub(super) struct UnderWay(Arc<Table>);

#[derive(Debug, Default)]
struct Table {
    users: Mutex<HashMap<BareJid, usize>>,
    answered: Notify,
}

/// Counts one request until it is dropped, which must be after its answer has been queued.
#[derive(Debug)]
pub(super) struct Waiting {
    table: UnderWay,
    user: BareJid,
}

impl UnderWay {
    /// Counts a request of `user`. Servers are not counted: they know by themselves what they have asked.
    pub(super) fn count(&self, user: &BareJid) -> Option<Waiting> {
        user.node()?;
        *self.users().entry(user.clone()).or_default() += 1;
        Some(Waiting { table: self.clone(), user: user.clone() })
    }

    /// Waits until every request of `user` has been answered, at most for `limit`: nobody puts off what happens to an account
    /// by asking more and more.
    pub(super) async fn answered(&self, user: &BareJid, limit: Duration) {
        let answered = async {
            loop {
                let next = self.0.answered.notified();
                if !self.users().contains_key(user) {
                    return;
                }
                next.await;
            }
        };
        let _ = timeout(limit, answered).await;
    }

    fn users(&self) -> MutexGuard<'_, HashMap<BareJid, usize>> {
        self.0.users.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        let mut users = self.table.users();
        if let Some(count) = users.get_mut(&self.user) {
            *count -= 1;
            if *count == 0 {
                users.remove(&self.user);
                self.table.0.answered.notify_waiters();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_follows_waits_for_the_answers_of_that_user_alone_and_not_for_ever() {
        let table = UnderWay::default();
        let (alice, bob) = (BareJid::new("alice@a.example").unwrap(), BareJid::new("bob@a.example").unwrap());
        let (first, second) = (table.count(&alice), table.count(&alice));
        // None of these returns before its limit unless the user has been answered.
        let for_ever = Duration::from_secs(3600);
        table.answered(&bob, for_ever).await;
        table.answered(&alice, Duration::from_millis(20)).await;

        let waiting = tokio::spawn({
            let (table, alice) = (table.clone(), alice.clone());
            async move { table.answered(&alice, for_ever).await }
        });
        drop(first);
        tokio::time::sleep(Duration::from_millis(20)).await;
        assert!(!waiting.is_finished());
        drop(second);
        timeout(Duration::from_secs(10), waiting).await.unwrap().unwrap();
        assert!(table.users().is_empty());
    }

    #[test]
    fn a_server_is_not_counted() {
        assert!(UnderWay::default().count(&BareJid::new("chat.example").unwrap()).is_none());
    }
}

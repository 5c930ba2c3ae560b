//! Invitations shown at the component's own address, where no server keeps a stream's ticket for us. Remembered for a short while, by the
//! bare JID that the sender's server vouches for; after a restart the client shows its invitation again.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use jiff::{SignedDuration, Timestamp};

use super::{after, invitations::Ticket};
use crate::accounts::{Domain, Front, Origin};

/// Remembered at most; beyond it the oldest goes.
const MOST: usize = 1000;
/// How long somebody may take to fill in the form.
const KEPT: SignedDuration = SignedDuration::from_mins(30);

/// See the module.
#[derive(Debug, Default)]
pub(super) struct ShownInvitations {
    tickets: Mutex<HashMap<(String, Domain), (Ticket, Timestamp)>>,
}

impl ShownInvitations {
    /// Remembers what somebody at the component's address was admitted with.
    pub(super) fn keep(&self, origin: &Origin, domain: &Domain, ticket: &Ticket, now: Timestamp) {
        let Some(key) = key(origin, domain) else { return };
        let mut tickets = self.tickets.lock().unwrap_or_else(PoisonError::into_inner);
        if tickets.len() >= MOST {
            tickets.retain(|_, (_, until)| *until > now);
        }
        if tickets.len() >= MOST
            && let Some(oldest) =
                tickets.iter().min_by_key(|(_, (_, until))| *until).map(|(key, _)| key.clone())
        {
            tickets.remove(&oldest);
        }
        tickets.insert(key, (ticket.clone(), after(now, KEPT)));
    }

    /// What somebody was admitted with a moment ago.
    pub(super) fn of(&self, origin: &Origin, domain: &Domain, now: Timestamp) -> Option<Ticket> {
        let tickets = self.tickets.lock().unwrap_or_else(PoisonError::into_inner);
        let (ticket, until) = tickets.get(&key(origin, domain)?)?;
        (*until > now).then(|| ticket.clone())
    }

    /// Forgets it: it has done its service.
    pub(super) fn forget(&self, origin: &Origin, domain: &Domain) {
        if let Some(key) = key(origin, domain) {
            self.tickets.lock().unwrap_or_else(PoisonError::into_inner).remove(&key);
        }
    }
}

fn key(origin: &Origin, domain: &Domain) -> Option<(String, Domain)> {
    match (origin.front, &origin.jid) {
        (Front::Component, Some(jid)) => Some((jid.clone(), domain.clone())),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(jid: &str) -> Origin {
        Origin { jid: Some(jid.to_owned()), ..Origin::of(Front::Component) }
    }

    #[test]
    fn it_is_remembered_by_jid_for_a_while_and_never_without_bound() {
        let (shown, domain) = (ShownInvitations::default(), Domain::parse("chat.example").unwrap());
        let ticket = Ticket::returned("t").unwrap();
        let minute = |n| Timestamp::UNIX_EPOCH + SignedDuration::from_mins(n);
        shown.keep(&of("a@x.example"), &domain, &ticket, minute(0));
        assert!(shown.of(&of("a@x.example"), &domain, minute(29)).is_some());
        assert!(shown.of(&of("a@x.example"), &domain, minute(30)).is_none());
        assert!(shown.of(&of("b@x.example"), &domain, minute(1)).is_none());
        shown.keep(&Origin::of(Front::Component), &domain, &ticket, minute(0));
        for n in 0..1500 {
            shown.keep(&of(&format!("{n}@x.example")), &domain, &ticket, minute(1));
        }
        assert_eq!(shown.tickets.lock().unwrap().len(), MOST);
        assert!(shown.of(&of("1499@x.example"), &domain, minute(2)).is_some());
        shown.forget(&of("1499@x.example"), &domain);
        assert!(shown.of(&of("1499@x.example"), &domain, minute(2)).is_none());
    }
}

//! Codes for names that wait for none. They are answered like wrong codes of an account that does wait, counted down in the
//! same way, so that the answers do not tell who has registered.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use jiff::Timestamp;

use super::after;
use crate::accounts::{Domain, Refusal, Username, VerificationPolicy};

/// Names counted at most. Beyond it all counts start anew, which costs nothing but a little of the likeness.
const MOST_NAMES: usize = 10_000;

/// The codes tried for names without a waiting account. In memory only.
#[derive(Debug, Default)]
pub(super) struct TriesElsewhere {
    names: Mutex<HashMap<(Domain, Username), Tries>>,
}

#[derive(Debug, Clone, Copy)]
struct Tries {
    left: u32,
    until: Timestamp,
}

impl TriesElsewhere {
    /// Counts a code and gives the answer that an account with that policy would give.
    pub(super) fn wrong_code(
        &self,
        domain: &Domain,
        username: &Username,
        policy: &VerificationPolicy,
        now: Timestamp,
    ) -> Refusal {
        let mut names = self.names.lock().unwrap_or_else(PoisonError::into_inner);
        make_room(&mut names, now);
        let fresh = Tries::fresh(policy, now);
        let tries = names.entry((domain.clone(), username.clone())).or_insert(fresh);
        if tries.until <= now {
            *tries = fresh;
        }
        if tries.left == 0 {
            return Refusal::CodeExpired;
        }
        tries.left -= 1;
        Refusal::WrongCode { tries_left: Some(tries.left) }
    }

    /// A code was asked for: from now on a name without account is counted as one with a new code would be.
    pub(super) fn begin(
        &self,
        domain: &Domain,
        username: &Username,
        policy: &VerificationPolicy,
        now: Timestamp,
    ) {
        let mut names = self.names.lock().unwrap_or_else(PoisonError::into_inner);
        make_room(&mut names, now);
        names.insert((domain.clone(), username.clone()), Tries::fresh(policy, now));
    }

    /// Another letter was asked for: a new code would have all its tries again.
    pub(super) fn forget(&self, domain: &Domain, username: &Username) {
        let mut names = self.names.lock().unwrap_or_else(PoisonError::into_inner);
        names.remove(&(domain.clone(), username.clone()));
    }
}

impl Tries {
    fn fresh(policy: &VerificationPolicy, now: Timestamp) -> Self {
        Self { left: policy.code_tries, until: after(now, policy.code_lifetime) }
    }
}

fn make_room(names: &mut HashMap<(Domain, Username), Tries>, now: Timestamp) {
    if names.len() >= MOST_NAMES {
        names.retain(|_, tries| tries.until > now);
    }
    if names.len() >= MOST_NAMES {
        names.clear();
    }
}

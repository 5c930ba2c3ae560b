//! Passwords become verifiers and SCRAM keys here, on threads of their own: a derivation costs about 15 ms and 19 MiB, so it
//! must neither wait in line with quick work nor be started more often than there are cores (DESIGN section 7).

mod argon2id;
mod pool;
mod queue;
mod scram;

pub(super) use pool::HashingPool;
pub(super) use scram::ScramSeal;

use std::time::Duration;

use crate::accounts::{PasswordHash, ScramSet};

/// What is kept of a new password.
#[derive(Debug)]
pub(super) struct Derived {
    /// The verifier.
    pub(super) hash: PasswordHash,
    /// The SCRAM keys; empty where SCRAM is off.
    pub(super) scram: ScramSet,
}

/// What a password was worth.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Checked {
    /// It is the right one.
    pub(super) right: bool,
    /// The verifier was made with other parameters than new ones are.
    pub(super) outdated: bool,
}

/// When it is worth coming back to a full queue.
pub(super) const BUSY_FOR: Duration = Duration::from_secs(5);

//! Notices a link on which nothing comes in any more.

use std::{pin::Pin, time::Duration};

use tokio::time::{Instant, Sleep, sleep};

use super::{guard::Received, settings::LinkTimeouts};

/// Watches for a link on which nothing comes in (XEP-0199 §4.2).
pub(super) struct Silence {
    received: Received,
    seen: u64,
    asked: bool,
    alarm: Pin<Box<Sleep>>,
    until_ping: Duration,
    until_dead: Duration,
}

/// What the watch found.
pub(super) enum Sign {
    /// Something came in.
    Alive,
    /// Nothing came in for a while: ask.
    Ask,
    /// Nothing came in after asking.
    Dead,
}

impl Silence {
    pub(super) fn new(timeouts: &LinkTimeouts, received: Received) -> Self {
        let (until_ping, until_dead) = (timeouts.silence, timeouts.response);
        Self {
            seen: received.bytes(),
            received,
            asked: false,
            alarm: Box::pin(sleep(until_ping)),
            until_ping,
            until_dead,
        }
    }

    /// Looks again when it is time. Nothing is done per stanza, so a busy link pays nothing for it.
    pub(super) async fn pass(&mut self) -> Sign {
        (&mut self.alarm).await;
        let received = self.received.bytes();
        let (sign, next) = if received != self.seen {
            (Sign::Alive, self.until_ping)
        } else if self.asked {
            (Sign::Dead, self.until_ping)
        } else {
            (Sign::Ask, self.until_dead)
        };
        self.asked = matches!(sign, Sign::Ask);
        self.seen = received;
        self.alarm.as_mut().reset(Instant::now() + next);
        sign
    }
}

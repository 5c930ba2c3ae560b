//! How much is going on at each domain: the times of the newest events, as many as make it busy.

use std::{
    collections::{HashMap, VecDeque},
    sync::{Mutex, PoisonError},
};

use jiff::Timestamp;

use crate::accounts::{Domain, challenge::BusyRule};

/// The newest events by domain. In memory only: after a restart every domain is quiet, and other replicas count their own.
#[derive(Debug, Default)]
pub(super) struct BusyMeter {
    events: Mutex<HashMap<Domain, VecDeque<Timestamp>>>,
}

impl BusyMeter {
    /// Notes an event.
    pub(super) fn count(&self, domain: &Domain, rule: BusyRule, now: Timestamp) {
        let mut events = self.events.lock().unwrap_or_else(PoisonError::into_inner);
        let newest = events.entry(domain.clone()).or_default();
        // The clock may have been set back.
        newest.retain(|event| *event <= now);
        newest.push_back(now);
        let most = usize::try_from(rule.events.max(1)).unwrap_or(usize::MAX);
        while newest.len() > most {
            newest.pop_front();
        }
    }

    /// Whether so many events are no older than the window.
    pub(super) fn is_busy(&self, domain: &Domain, rule: BusyRule, now: Timestamp) -> bool {
        let events = self.events.lock().unwrap_or_else(PoisonError::into_inner);
        let most = usize::try_from(rule.events.max(1)).unwrap_or(usize::MAX);
        events.get(domain).is_some_and(|newest| {
            newest.len() >= most
                && newest.front().is_some_and(|oldest| {
                    let age = now.duration_since(*oldest);
                    !age.is_negative() && age < rule.window
                })
        })
    }
}

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;

    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_second(seconds).unwrap()
    }

    #[test]
    fn a_domain_is_busy_while_the_events_of_the_window_are_as_many_as_the_rule_says() {
        let domain = |name: &str| Domain::parse(name).unwrap();
        let (busy, quiet) = (domain("busy.example"), domain("quiet.example"));
        let rule = BusyRule { events: 3, window: SignedDuration::from_secs(60) };
        let meter = BusyMeter::default();
        for second in [0, 20, 40] {
            assert!(!meter.is_busy(&busy, rule, at(second)), "{second}");
            meter.count(&busy, rule, at(second));
        }
        assert!(meter.is_busy(&busy, rule, at(40)) && meter.is_busy(&busy, rule, at(59)));
        assert!(!meter.is_busy(&quiet, rule, at(40)), "each domain by itself");
        assert!(!meter.is_busy(&busy, rule, at(60)), "the oldest of the three is out of the window");
        meter.count(&busy, rule, at(61));
        assert!(meter.is_busy(&busy, rule, at(79)) && !meter.is_busy(&busy, rule, at(80)));
    }

    #[test]
    fn events_of_a_time_when_the_clock_was_ahead_do_not_count() {
        let domain = Domain::parse("busy.example").unwrap();
        let rule = BusyRule { events: 3, window: SignedDuration::from_secs(60) };
        let meter = BusyMeter::default();
        (0..3).for_each(|second| meter.count(&domain, rule, at(3600 + second)));
        assert!(meter.is_busy(&domain, rule, at(3602)) && !meter.is_busy(&domain, rule, at(5)));
        (5..8).for_each(|second| meter.count(&domain, rule, at(second)));
        assert!(meter.is_busy(&domain, rule, at(8)));
    }

    #[test]
    fn no_more_is_kept_than_is_needed() {
        let domain = Domain::parse("busy.example").unwrap();
        let rule = BusyRule { events: 3, window: SignedDuration::from_secs(60) };
        let meter = BusyMeter::default();
        (0..1000).for_each(|second| meter.count(&domain, rule, at(second)));
        assert_eq!(meter.events.lock().unwrap()[&domain].len(), 3);
    }
}

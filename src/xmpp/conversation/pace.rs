//! How often one person gets an answer, and which account the talk was about. In memory only, with a bound: forgetting it costs a
//! question.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use jid::BareJid;
use tokio::time::Instant;

use crate::accounts::Domain;

/// Answers in a row, and the pause after which there is another one.
const ANSWERS: Pace = Pace { burst: 10, every: Duration::from_secs(6) };
/// The same for what was not understood: two programs that do not understand each other soon fall silent.
const PUZZLED: Pace = Pace { burst: 3, every: Duration::from_secs(1200) };
/// People remembered at most. Beyond it everybody is forgotten who has been quiet for long enough, else all.
const MOST: usize = 10_000;

struct Pace {
    burst: u32,
    every: Duration,
}

/// Everybody who has written lately.
#[derive(Debug, Default)]
pub(super) struct People(Mutex<HashMap<BareJid, Person>>);

#[derive(Debug)]
struct Person {
    answers_full: Instant,
    puzzled_full: Instant,
    about: Option<(Domain, String)>,
}

impl People {
    /// Whether somebody gets an answer now; one who was not `understood` gets fewer.
    pub(super) fn may_answer(&self, who: &BareJid, understood: bool, now: Instant) -> bool {
        let mut people = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if people.len() >= MOST {
            people.retain(|_, person| person.answers_full > now || person.puzzled_full > now);
        }
        if people.len() >= MOST {
            people.clear();
        }
        let person =
            people.entry(who.clone()).or_insert(Person { answers_full: now, puzzled_full: now, about: None });
        (understood || PUZZLED.take(&mut person.puzzled_full, now))
            && ANSWERS.take(&mut person.answers_full, now)
    }

    /// The talk is about this account.
    pub(super) fn talk_about(&self, who: &BareJid, account: (Domain, String)) {
        let mut people = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(person) = people.get_mut(who) {
            person.about = Some(account);
        }
    }

    /// The account that the talk was about.
    pub(super) fn about(&self, who: &BareJid) -> Option<(Domain, String)> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(who)?.about.clone()
    }
}

impl Pace {
    /// Takes one; `full` is when all of them are there again.
    fn take(&self, full: &mut Instant, now: Instant) -> bool {
        let next = (*full).max(now) + self.every;
        let fits = next.duration_since(now) <= self.every * self.burst;
        if fits {
            *full = next;
        }
        fits
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn somebody_who_is_understood_gets_ten_answers_in_a_row_and_then_one_in_six_seconds() {
        let (people, now) = (People::default(), Instant::now());
        let who = BareJid::new("a@b.example").unwrap();
        let answered = |now| (0..50).filter(|_| people.may_answer(&who, true, now)).count();
        assert_eq!(answered(now), 10);
        assert_eq!(answered(now + Duration::from_secs(6)), 1);
        assert!(people.may_answer(&BareJid::new("b@b.example").unwrap(), true, now));
    }

    #[test]
    fn who_is_never_understood_is_soon_left_alone() {
        let (people, now) = (People::default(), Instant::now());
        let who = BareJid::new("a@b.example").unwrap();
        let answered =
            (0..3600).filter(|&s| people.may_answer(&who, false, now + Duration::from_secs(s))).count();
        assert_eq!(answered, 3 + 2, "three, and one in twenty minutes for the rest of the hour");
    }

    #[test]
    fn the_number_of_people_is_bounded() {
        let (people, now) = (People::default(), Instant::now());
        for n in 0..MOST + 10 {
            people.may_answer(&BareJid::new(&format!("u{n}@b.example")).unwrap(), true, now);
        }
        assert!(people.0.lock().unwrap().len() <= MOST);
    }
}

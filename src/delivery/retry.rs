//! When to try again.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use crate::random::{Random, below};

/// The pause after an attempt that was the `attempts`th before it (0 for the first): doubled each time up to `most`, and
/// a quarter longer or shorter by chance, so that what failed together does not come back together.
pub(super) fn pause(first: Duration, most: Duration, attempts: u32, random: &dyn Random) -> Duration {
    let doubled = first.saturating_mul(2_u32.saturating_pow(attempts)).min(most);
    doubled.mul_f64(0.75 + f64::from(below(random, 501)) / 1000.0)
}

/// The moment of the next attempt, always before the letter's time is over: when the pause does not fit, half of what is
/// left is taken, until that is below `shortest`. `None` when another attempt makes no sense.
pub(super) fn next_attempt(
    now: Timestamp,
    expires_at: Timestamp,
    pause: Duration,
    shortest: Duration,
) -> Option<Timestamp> {
    let left = Duration::try_from(expires_at.duration_since(now)).ok()?;
    if left <= shortest {
        return None;
    }
    let pause = if pause < left { pause } else { left / 2 };
    now.checked_add(SignedDuration::try_from(pause).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::SeededRandom;

    const FIRST: Duration = Duration::from_secs(5);
    const MOST: Duration = Duration::from_secs(300);

    #[test]
    fn pauses_double_up_to_the_longest_and_differ() {
        let random = SeededRandom::new(1);
        for attempts in 0..200 {
            let plain = FIRST.as_secs_f64() * f64::from(attempts.min(20)).exp2();
            let plain = plain.min(MOST.as_secs_f64());
            let pause = pause(FIRST, MOST, attempts, &random).as_secs_f64();
            assert!(pause >= plain * 0.749 && pause <= plain * 1.251, "{attempts}: {pause}");
        }
        let pauses: Vec<_> = (0..5).map(|_| pause(FIRST, MOST, 3, &random)).collect();
        assert!(pauses.windows(2).any(|pair| pair[0] != pair[1]));
    }

    #[test]
    fn attempts_go_on_until_the_letter_has_expired_and_never_after() {
        let start = Timestamp::UNIX_EPOCH;
        let expires_at = start + SignedDuration::from_mins(30);
        for seed in 0..100 {
            let random = SeededRandom::new(seed);
            let (mut now, mut attempts) = (start, 0);
            while let Some(next) = next_attempt(now, expires_at, pause(FIRST, MOST, attempts, &random), FIRST)
            {
                assert!(next > now && next < expires_at);
                (now, attempts) = (next, attempts + 1);
                assert!(attempts < 60, "it ends");
            }
            assert!(attempts > 8, "{seed}: {attempts}");
            assert!(
                expires_at.duration_since(now) <= SignedDuration::from_secs(5),
                "the last was late: {now}"
            );
        }
        assert_eq!(next_attempt(expires_at, expires_at, FIRST, FIRST), None);
        assert_eq!(next_attempt(expires_at + SignedDuration::from_secs(1), expires_at, FIRST, FIRST), None);
    }
}

//! What a CAPTCHA picture costs: `cargo bench --bench captcha [-- PICTURES]`. Milliseconds of one core, and bytes.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a measurement that ends at what it does not expect"
)]

use std::time::Duration;

use hdrhistogram::Histogram;
use jiff::Timestamp;
use ostiary::{
    accounts::{
        Domain, Front, Keyring, Origin,
        challenge::{Addressee, CaptchaPolicy, ChallengeKey},
    },
    broker::captcha::picture::Artist,
};
use tokio::time::Instant;

fn main() {
    let pictures: u64 = std::env::args().find_map(|argument| argument.parse().ok()).unwrap_or(5000);
    let (key, artist) = (ChallengeKey::new(&Keyring::new([1; 32])), Artist::new().unwrap());
    let (domain, origin) = (Domain::parse("chat.example").unwrap(), Origin::of(Front::Server));
    let policy = CaptchaPolicy::default();
    let to = Addressee { domain: &domain, policy: &policy, origin: &origin };
    let mut times: Histogram<u64> = Histogram::new(3).unwrap();
    let mut sizes: Histogram<u64> = Histogram::new(3).unwrap();
    for number in 0..pictures {
        let mut nonce = [0; 16];
        nonce[8..].copy_from_slice(&number.to_be_bytes());
        let challenge = key.issue(to, nonce, Timestamp::UNIX_EPOCH);
        let start = Instant::now();
        let picture = artist.draw(&challenge.picture_text(), challenge.picture_seed()).unwrap();
        times.record(micros(start.elapsed())).unwrap();
        sizes.record(picture.len().try_into().unwrap()).unwrap();
    }
    println!("{pictures} pictures   {:>8} {:>8} {:>8} {:>8}", "mean", "p50", "p99", "most");
    for (what, seen) in [("microseconds", times), ("bytes", sizes)] {
        let [p50, p99] = [0.5, 0.99].map(|part| seen.value_at_quantile(part));
        println!("{what:<15} {:>8.0} {p50:>8} {p99:>8} {:>8}", seen.mean(), seen.max());
    }
}

fn micros(time: Duration) -> u64 {
    time.as_micros().try_into().unwrap()
}

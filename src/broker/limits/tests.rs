//! How much is allowed, with a clock that the test moves.

use jiff::Timestamp;

use super::*;
use crate::clock::ManualClock;

fn limits() -> (Limits, Arc<ManualClock>) {
    let clock = Arc::new(ManualClock::new(Timestamp::UNIX_EPOCH));
    let settings = LimitSettings {
        registrations_per_hour: 3,
        registrations_per_day: 7,
        registrations_per_key_per_hour: 2,
        registrations_per_key_per_day: 3,
        wrong_proofs_per_minute: 4,
        wrong_proofs_per_day: 100,
        letters_per_hour: 2,
        letters_per_day: 3,
        letters_to_domain_per_hour: 5,
        sms_per_hour: 2,
        sms_per_day: 3,
        sms_to_block_per_day: 4,
        sms_in_all_per_day: 6,
    };
    (Limits::new(settings, Arc::clone(&clock) as Arc<dyn Clock>), clock)
}

fn from(address: &str) -> Origin {
    Origin { address: Some(address.parse().unwrap()), ..Origin::of(Front::Web) }
}

fn wait(outcome: Result<(), Refusal>) -> Option<u64> {
    match outcome {
        Ok(()) => None,
        Err(Refusal::TooMany { retry_after }) => Some(retry_after.as_secs()),
        Err(other) => panic!("{other:?}"),
    }
}

#[test]
fn a_client_registers_as_often_as_allowed_and_again_when_time_has_passed() {
    let (limits, clock) = limits();
    let take = |address| wait(limits.take_registration(&from(address)));
    for _ in 0..3 {
        assert_eq!(take("192.0.2.1"), None);
    }
    assert_eq!(take("192.0.2.1"), Some(1200), "one comes back every 20 minutes");
    assert_eq!(take("192.0.2.2"), None, "others are not concerned");
    clock.advance(SignedDuration::from_mins(20));
    assert_eq!((take("192.0.2.1"), take("192.0.2.1")), (None, Some(1200)));
    limits.return_registration(&from("192.0.2.1"));
    assert_eq!(take("192.0.2.1"), None, "what was put back can be taken again");
}

#[test]
fn one_customer_of_a_provider_is_one_client() {
    let (limits, _) = limits();
    let take = |address| wait(limits.take_registration(&from(address)));
    for address in ["2001:db8::1", "2001:db8::2", "2001:db8:0:0:ffff::1"] {
        assert_eq!(take(address), None);
    }
    assert!(take("2001:db8::3").is_some());
    assert_eq!(take("2001:db8:0:1::1"), None);
    for _ in 0..3 {
        assert_eq!(take("::ffff:192.0.2.9"), None);
    }
    assert!(take("192.0.2.9").is_some(), "a mapped address is the IPv4 address");
}

#[test]
fn patience_does_not_pay_and_neighbours_are_no_way_around() {
    let (limits, clock) = limits();
    let register = |address: &str| limits.take_registration(&from(address)).is_ok();
    let mut made = 0;
    for _ in 0..12 {
        made += (0..3).filter(|_| register("192.0.2.1")).count();
        clock.advance(SignedDuration::from_hours(1));
    }
    assert_eq!(made, 10, "seven at once and one each three and a half hours");
    let (limits, _) = self::limits();
    let made = |address: &dyn Fn(u32) -> String| {
        (0..250).filter(|n| limits.take_registration(&from(&address(*n))).is_ok()).count()
    };
    assert_eq!(made(&|n| format!("198.51.100.{n}")), 30, "ten times as many as one address");
    assert_eq!(made(&|n| format!("2001:db8:1:{n:x}::1")), 30);
    assert_eq!(made(&|n| format!("198.51.{n}.1")), 249, "further away is somebody else");
}

#[test]
fn an_address_and_its_domain_get_so_many_letters_and_what_is_refused_takes_nothing() {
    let (limits, clock) = limits();
    let email = |text: &str| Email::parse(text).unwrap();
    let take = |text: &str| limits.take_letter(&from("192.0.2.1"), &email(text)).is_ok();
    assert_eq!((0..5).filter(|_| take("a@mail.example")).count(), 2);
    assert_eq!((0..5).filter(|n| take(&format!("b{n}@mail.example"))).count(), 3, "five an hour in all");
    assert!(take("a@other.example"));
    clock.advance(SignedDuration::from_hours(1));
    assert_eq!((0..5).filter(|_| take("a@mail.example")).count(), 1, "three a day");
    limits.return_letter(&from("192.0.2.1"), &email("a@mail.example"));
    assert!(take("a@mail.example"));
}

#[test]
fn a_number_its_block_and_all_of_them_get_so_many_messages() {
    let (limits, clock) = limits();
    let phone = |text: &str| Phone::parse(text).unwrap();
    let take = |text: &str| limits.take_sms(&from("192.0.2.1"), &phone(text)).is_ok();
    assert_eq!((0..5).filter(|_| take("+46700000001")).count(), 2, "to one number");
    assert_eq!((0..5).filter(|n| take(&format!("+4670000000{n}"))).count(), 2, "to its block, four in all");
    assert_eq!((0..9).filter(|n| take(&format!("+4671{n}000000"))).count(), 2, "six to the whole world");
    limits.return_sms(&from("192.0.2.1"), &phone("+46710000000"));
    assert!(take("+46719000000"), "what was put back can be taken by another");
    clock.advance(SignedDuration::from_hours(12));
    assert_eq!((0..9).filter(|n| take(&format!("+4672{n}000000"))).count(), 3, "half a day, half of them");
}

#[test]
fn a_foreign_server_cannot_register_without_end_by_making_up_users() {
    let (limits, _) = limits();
    let registered = (0..100)
        .filter(|n| {
            let jid = Some(format!("user{n}@evil.example"));
            limits.take_registration(&Origin { jid, ..Origin::of(Front::Component) }).is_ok()
        })
        .count();
    assert_eq!(registered, 30);
}

#[test]
fn a_key_makes_so_many_accounts_from_wherever() {
    let (limits, clock) = limits();
    let [ours, other] = [1, 2].map(|n| ApiKeyId::from_bytes([n; 16]));
    let made = |key| (0..5).filter(|_| limits.take_key(key).is_ok()).count();
    assert_eq!((made(&ours), made(&other)), (2, 2));
    limits.return_key(&ours);
    assert_eq!(made(&ours), 1);
    clock.advance(SignedDuration::from_hours(1));
    assert_eq!(made(&ours), 1, "three a day");
}

#[test]
fn the_operator_is_not_limited() {
    let (limits, _) = limits();
    assert!((0..100).all(|_| limits.take_registration(&Origin::of(Front::Cli)).is_ok()));
}

#[test]
fn wrong_proofs_stop_the_client_and_in_the_end_everybody_at_that_account() {
    let (limits, clock) = limits();
    let (domain, name) = (Domain::parse("chat.example").unwrap(), Username::prepare("alice").unwrap());
    let account = Some((&domain, &name));
    let guess = |address: &str| {
        let allowed = wait(limits.may_prove(&from(address), account));
        if allowed.is_none() {
            limits.wrong_proof(&from(address), account);
        }
        allowed
    };
    assert!((0..100).all(|_| limits.may_prove(&from("192.0.2.1"), account).is_ok()), "right ones are free");
    let wrong = (0..100).filter(|_| guess("192.0.2.1").is_none()).count();
    assert_eq!(wrong, 4);
    assert_eq!(guess("192.0.2.2"), None, "one machine does not shut the account");
    let together = (10..100).filter(|n| guess(&format!("192.0.2.{n}")).is_none()).count();
    assert_eq!(together, 15, "twenty a minute in all");
    clock.advance(SignedDuration::from_secs(3));
    assert_eq!(guess("198.51.100.1"), None, "the owner gets through again within seconds");
}

#[test]
fn proofs_under_way_at_the_same_time_are_made_up_for() {
    let (limits, clock) = limits();
    for _ in 0..50 {
        limits.wrong_proof(&from("192.0.2.1"), None);
    }
    let wait = wait(limits.may_prove(&from("192.0.2.1"), None)).unwrap();
    assert!((60..=75).contains(&wait), "never more than two minutes of debt: {wait}");
    clock.advance(SignedDuration::from_secs(120));
    assert!(limits.may_prove(&from("192.0.2.1"), None).is_ok());
    clock.advance(SignedDuration::from_hours(24));
    limits.forget_full();
    assert_eq!(limits.buckets.len(), 0, "full buckets are forgotten");
}

#[test]
fn a_clock_that_is_set_back_makes_nobody_wait_for_it() {
    let (limits, clock) = limits();
    clock.advance(SignedDuration::from_hours(5));
    assert!((0..3).all(|_| limits.take_registration(&from("192.0.2.1")).is_ok()));
    clock.advance(SignedDuration::from_hours(-5));
    assert!(limits.take_registration(&from("192.0.2.1")).is_err());
    clock.advance(SignedDuration::from_mins(20));
    assert!(limits.take_registration(&from("192.0.2.1")).is_ok());
}

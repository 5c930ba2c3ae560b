//! How much one client may ask for, and how often one account may be guessed at.
//!
//! Each limit is a bucket of tokens ([`buckets`]) that holds as many as its [`Rate`] says and fills up evenly. Most things are counted in two windows, so
//! that a burst is borne and patience does not pay; and by the client's neighbourhood too, since whoever has one address often has its neighbours.
//!
//! Wrong passwords and codes are counted in two buckets. The one of the *client* stops a machine that guesses, and nobody
//! else. The one of the *account* stops many machines that guess together: it holds [`ACCOUNT_FACTOR`] times as many tokens, so that a
//! single machine cannot empty it, and it only ever postpones for seconds: its owner is never locked out for longer than the
//! attack itself lasts and two minutes, and logins by SCRAM, which the server checks, do not pass here at all.

mod buckets;
mod busy;

use std::{
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
    sync::Arc,
    time::Duration,
};

use jiff::SignedDuration;

use self::{
    buckets::{Buckets, Rate},
    busy::BusyMeter,
};
use super::LimitSettings;
use crate::{
    accounts::{Domain, Email, Front, Origin, Refusal, Username, challenge::BusyRule},
    clock::Clock,
};

const MINUTE: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_secs(3600);
const DAY: Duration = Duration::from_secs(24 * 3600);

/// How many times more a neighbourhood may ask for than one client in it. A school or a town behind a few addresses is no attack.
const NEIGHBOURHOOD_FACTOR: u32 = 10;

/// How many times more wrong proofs an account takes than a client may give.
const ACCOUNT_FACTOR: u32 = 5;

/// How many times more all users of a foreign domain may register than one of them: whoever has a server has as many JIDs
/// as they like.
const FOREIGN_DOMAIN_FACTOR: u32 = 10;

/// The buckets of a broker. They live in memory: a restart fills them.
#[derive(Debug)]
pub(super) struct Limits {
    settings: LimitSettings,
    buckets: Buckets<Bucket>,
    busy: BusyMeter,
    clock: Arc<dyn Clock>,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Bucket {
    Registrations(Client, Window),
    ProofsBy(Client, Window),
    ProofsFor(Domain, Username),
    LettersTo(String, Window),
    LettersToDomain(String),
    Resend(Domain, Username),
    Recovery(Domain, Username),
    PasswordChanges(Domain, Username),
}

/// For how long is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Window {
    Short,
    Day,
}

/// What requests of the same client have in common.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Client {
    /// An IPv4 address, or the /64 that a provider gives to one customer (RFC 6177).
    Address(IpAddr),
    /// The IPv4 /24 or IPv6 /48 around it.
    Neighbourhood(IpAddr),
    /// A bare JID that the server has vouched for.
    Jid(String),
    /// All users of a domain.
    JidDomain(String),
    /// All clients of a front that does not know who they are.
    Unknown(Front),
}

impl Limits {
    /// Full buckets.
    pub(super) fn new(settings: LimitSettings, clock: Arc<dyn Clock>) -> Self {
        Self { settings, buckets: Buckets::new(Arc::clone(&clock)), busy: BusyMeter::default(), clock }
    }

    /// Takes one registration of the client.
    pub(super) fn take_registration(&self, origin: &Origin) -> Result<(), Refusal> {
        self.buckets.take_all(&self.registrations(origin))
    }

    /// Puts it back: the registration came to nothing, and not by the client's fault.
    pub(super) fn return_registration(&self, origin: &Origin) {
        self.buckets.put_all_back(&self.registrations(origin));
    }

    /// Whether the client may still give proofs (passwords, codes, links), for the account if one is named.
    pub(super) fn may_prove(
        &self,
        origin: &Origin,
        account: Option<(&Domain, &Username)>,
    ) -> Result<(), Refusal> {
        self.buckets.look_all(&self.proofs(origin, account))
    }

    /// Takes one wrong proof. Proofs under way at the same time may take more than was left; that is made up for later.
    pub(super) fn wrong_proof(&self, origin: &Origin, account: Option<(&Domain, &Username)>) {
        for (bucket, rate) in self.proofs(origin, account) {
            self.buckets.owe(&bucket, rate);
        }
    }

    /// Takes one letter to an address.
    pub(super) fn take_letter(&self, origin: &Origin, email: &Email) -> Result<(), Refusal> {
        match origin.front {
            Front::Cli => Ok(()),
            _ => self.buckets.take_all(&self.letters(email)),
        }
    }

    /// Puts it back: no letter was made.
    pub(super) fn return_letter(&self, origin: &Origin, email: &Email) {
        if origin.front != Front::Cli {
            self.buckets.put_all_back(&self.letters(email));
        }
    }

    /// Takes one request for another letter, whether or not there is an account of that name.
    pub(super) fn take_resend(
        &self,
        origin: &Origin,
        (domain, username): (&Domain, &Username),
        cooldown: SignedDuration,
    ) -> Result<(), Refusal> {
        self.take_after(origin, &Bucket::Resend(domain.clone(), username.clone()), cooldown)
    }

    /// Takes one request for a letter with a new password, whether or not there is an account of that name.
    pub(super) fn take_recovery(
        &self,
        origin: &Origin,
        (domain, username): (&Domain, &Username),
        cooldown: SignedDuration,
    ) -> Result<(), Refusal> {
        self.take_after(origin, &Bucket::Recovery(domain.clone(), username.clone()), cooldown)
    }

    fn take_after(&self, origin: &Origin, bucket: &Bucket, cooldown: SignedDuration) -> Result<(), Refusal> {
        let per = Duration::try_from(cooldown).unwrap_or_default();
        match origin.front {
            Front::Cli => Ok(()),
            _ => self.buckets.take(bucket, Rate { tokens: 1, per }),
        }
    }

    /// Takes one change of a password: each costs as much as a registration.
    pub(super) fn take_password_change(
        &self,
        origin: &Origin,
        (domain, username): (&Domain, &Username),
    ) -> Result<(), Refusal> {
        let rate = Rate { tokens: self.settings.registrations_per_hour, per: HOUR };
        match origin.front {
            Front::Cli => Ok(()),
            _ => self.buckets.take(&Bucket::PasswordChanges(domain.clone(), username.clone()), rate),
        }
    }

    /// Notes a registration or a wrong try.
    pub(super) fn count_event(&self, domain: &Domain, rule: BusyRule) {
        self.busy.count(domain, rule, self.clock.now());
    }

    /// Whether there is more going on at a domain than its rule calls usual.
    pub(super) fn is_busy(&self, domain: &Domain, rule: BusyRule) -> bool {
        self.busy.is_busy(domain, rule, self.clock.now())
    }

    /// Forgets the buckets that are full again. Called on a timer; without it memory would grow with every client ever seen.
    pub(super) fn forget_full(&self) {
        self.buckets.forget_full();
    }

    /// The buckets of a registration. What is asked for first is what wakes the fewest others: the widest.
    fn registrations(&self, origin: &Origin) -> Vec<(Bucket, Rate)> {
        if origin.front == Front::Cli {
            return Vec::new();
        }
        let short = Rate { tokens: self.settings.registrations_per_hour, per: HOUR };
        let day = Rate { tokens: self.settings.registrations_per_day, per: DAY };
        let client = Client::of(origin);
        let wider = client.domain().map(|domain| (domain, FOREIGN_DOMAIN_FACTOR));
        let wider = wider.or_else(|| client.neighbourhood().map(|around| (around, NEIGHBOURHOOD_FACTOR)));
        let both = |client: Client, factor| {
            [
                (Bucket::Registrations(client.clone(), Window::Day), day.times(factor)),
                (Bucket::Registrations(client, Window::Short), short.times(factor)),
            ]
        };
        wider.into_iter().chain([(client, 1)]).flat_map(|(client, factor)| both(client, factor)).collect()
    }

    fn proofs(&self, origin: &Origin, account: Option<(&Domain, &Username)>) -> Vec<(Bucket, Rate)> {
        if origin.front == Front::Cli {
            return Vec::new();
        }
        let short = Rate { tokens: self.settings.wrong_proofs_per_minute, per: MINUTE };
        let day = Rate { tokens: self.settings.wrong_proofs_per_day, per: DAY };
        let account = account.map(|(domain, username)| {
            (Bucket::ProofsFor(domain.clone(), username.clone()), short.times(ACCOUNT_FACTOR))
        });
        // Clients that nobody can tell apart are not held to one bucket: the first to guess would lock all of them out.
        let client = match Client::of(origin) {
            Client::Unknown(_) => None,
            client => Some(client),
        };
        let around = client.as_ref().and_then(Client::neighbourhood);
        let around =
            around.map(|around| (Bucket::ProofsBy(around, Window::Short), short.times(NEIGHBOURHOOD_FACTOR)));
        let client = client.into_iter().flat_map(|client| {
            [
                (Bucket::ProofsBy(client.clone(), Window::Day), day),
                (Bucket::ProofsBy(client, Window::Short), short),
            ]
        });
        around.into_iter().chain(client).chain(account).collect()
    }

    fn letters(&self, email: &Email) -> Vec<(Bucket, Rate)> {
        let rate = |tokens, per| Rate { tokens, per };
        let settings = &self.settings;
        vec![
            (
                Bucket::LettersToDomain(email.domain().to_owned()),
                rate(settings.letters_to_domain_per_hour, HOUR),
            ),
            (Bucket::LettersTo(email.key(), Window::Day), rate(settings.letters_per_day, DAY)),
            (Bucket::LettersTo(email.key(), Window::Short), rate(settings.letters_per_hour, HOUR)),
        ]
    }
}

impl Client {
    fn of(origin: &Origin) -> Self {
        match (origin.address.map(|address| address.to_canonical()), &origin.jid) {
            (Some(address), _) => Self::Address(network(address, 32, 64)),
            (None, Some(jid)) => Self::Jid(jid.clone()),
            (None, None) => Self::Unknown(origin.front),
        }
    }

    fn domain(&self) -> Option<Self> {
        let Self::Jid(jid) = self else { return None };
        let domain = jid.rsplit_once('@').map_or(jid.as_str(), |(_, domain)| domain);
        Some(Self::JidDomain(domain.to_owned()))
    }

    fn neighbourhood(&self) -> Option<Self> {
        let Self::Address(address) = self else { return None };
        Some(Self::Neighbourhood(network(*address, 24, 48)))
    }
}

/// The network around an address, of so many leading bits.
fn network(address: IpAddr, v4: u32, v6: u32) -> IpAddr {
    match address {
        IpAddr::V4(address) => Ipv4Addr::from(address.to_bits() & u32::MAX << (32 - v4)).into(),
        IpAddr::V6(address) => Ipv6Addr::from(address.to_bits() & u128::MAX << (128 - v6)).into(),
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;
    use crate::clock::ManualClock;

    fn limits() -> (Limits, Arc<ManualClock>) {
        let clock = Arc::new(ManualClock::new(Timestamp::UNIX_EPOCH));
        let settings = LimitSettings {
            registrations_per_hour: 3,
            registrations_per_day: 7,
            wrong_proofs_per_minute: 4,
            wrong_proofs_per_day: 100,
            letters_per_hour: 2,
            letters_per_day: 3,
            letters_to_domain_per_hour: 5,
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
        assert!(
            (0..100).all(|_| limits.may_prove(&from("192.0.2.1"), account).is_ok()),
            "right ones are free"
        );
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
}

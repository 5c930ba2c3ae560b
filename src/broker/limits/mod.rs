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
#[cfg(test)]
mod tests;

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
    accounts::{ApiKeyId, Domain, Email, Front, Origin, Phone, Refusal, Username, challenge::BusyRule},
    clock::Clock,
};

const MINUTE: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_secs(3600);
const DAY: Duration = Duration::from_secs(24 * 3600);

/// Hints about passwords that one client gets in a minute: one for every pause while somebody types.
const HINTS: u32 = 60;

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
    RegistrationsWith(ApiKeyId, Window),
    ProofsBy(Client, Window),
    ProofsFor(Domain, Username),
    LettersTo(String, Window),
    LettersToDomain(String),
    SmsTo(String, Window),
    SmsToBlock(String),
    SmsInAll,
    Resend(Domain, Username),
    Recovery(Domain, Username),
    PasswordChanges(Domain, Username),
    Hints(Client),
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

    /// Takes one registration with a key.
    pub(super) fn take_key(&self, key: &ApiKeyId) -> Result<(), Refusal> {
        self.buckets.take_all(&self.with_key(key))
    }

    /// Puts it back.
    pub(super) fn return_key(&self, key: &ApiKeyId) {
        self.buckets.put_all_back(&self.with_key(key));
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

    /// Takes one text message to a number. They cost money, so they are counted for whole blocks of numbers and in all, too.
    pub(super) fn take_sms(&self, origin: &Origin, phone: &Phone) -> Result<(), Refusal> {
        match origin.front {
            Front::Cli => Ok(()),
            _ => self.buckets.take_all(&self.messages(phone)),
        }
    }

    /// Puts it back: no message was made.
    pub(super) fn return_sms(&self, origin: &Origin, phone: &Phone) {
        if origin.front != Front::Cli {
            self.buckets.put_all_back(&self.messages(phone));
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

    /// Takes one hint about a password: each costs a millisecond or two.
    pub(super) fn take_hint(&self, origin: &Origin) -> Result<(), Refusal> {
        self.buckets.take(&Bucket::Hints(Client::of(origin)), Rate { tokens: HINTS, per: MINUTE })
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

    fn with_key(&self, key: &ApiKeyId) -> [(Bucket, Rate); 2] {
        let day = Rate { tokens: self.settings.registrations_per_key_per_day, per: DAY };
        let hour = Rate { tokens: self.settings.registrations_per_key_per_hour, per: HOUR };
        [
            (Bucket::RegistrationsWith(key.clone(), Window::Day), day),
            (Bucket::RegistrationsWith(key.clone(), Window::Short), hour),
        ]
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

    fn messages(&self, phone: &Phone) -> Vec<(Bucket, Rate)> {
        let rate = |tokens, per| Rate { tokens, per };
        let (settings, number) = (&self.settings, phone.as_str().to_owned());
        vec![
            (Bucket::SmsInAll, rate(settings.sms_in_all_per_day, DAY)),
            (Bucket::SmsToBlock(phone.block().to_owned()), rate(settings.sms_to_block_per_day, DAY)),
            (Bucket::SmsTo(number.clone(), Window::Day), rate(settings.sms_per_day, DAY)),
            (Bucket::SmsTo(number, Window::Short), rate(settings.sms_per_hour, HOUR)),
        ]
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

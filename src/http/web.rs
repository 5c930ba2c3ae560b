//! What the web front is built from, shared by all its requests.

use std::{fmt, sync::Arc, time::Duration};

use url::Url;

use super::{
    assets::Assets,
    brand::{Brand, DomainBrand},
    client::Network,
};
use crate::{
    accounts::{Destination, Domain, Keyring, ProofKey, SealKey, SiteService},
    broker::Broker,
    random::Random,
    text::Texts,
};

/// How the web front is reached and what it bears.
#[derive(Debug, Clone)]
pub struct HttpSettings {
    /// The address under which people reach the front. Links are made from it, never from what a request says (`Host`). Its path
    /// is the folder that all pages are in; a reverse proxy passes it on unchanged.
    pub base_url: Url,
    /// Proxies whose word about the client's address is taken.
    pub trusted_proxies: Vec<Network>,
    /// The name of the service in headings and titles.
    pub service_name: String,
    /// The operator's own look.
    pub brand: Brand,
    /// That for the people of single domains.
    pub domain_brands: Vec<DomainBrand>,
    /// Where the web form of the Agent API may send people on to.
    pub destinations: Vec<Destination>,
    /// The CAPTCHA service whose script pages may show.
    pub captcha_site: Option<CaptchaSite>,
    /// What it bears.
    pub limits: HttpLimits,
}

/// A CAPTCHA service, as its script has to be told.
#[derive(Debug, Clone)]
pub struct CaptchaSite {
    /// Which one.
    pub service: SiteService,
    /// What it knows us by.
    pub site_key: String,
    /// What the CAPTCHA is solved for.
    pub action: Option<String>,
}

impl CaptchaSite {
    /// Where its script is, by its documentation.
    pub const fn script(&self) -> &'static str {
        match self.service {
            SiteService::RecaptchaV2 | SiteService::RecaptchaV3 => "https://www.google.com/recaptcha/api.js",
            SiteService::Hcaptcha => "https://js.hcaptcha.com/1/api.js",
            SiteService::Turnstile => "https://challenges.cloudflare.com/turnstile/v0/api.js",
        }
    }

    /// The class of the element that its script looks for.
    pub const fn class(&self) -> &'static str {
        match self.service {
            SiteService::RecaptchaV2 | SiteService::RecaptchaV3 => "g-recaptcha",
            SiteService::Hcaptcha => "h-captcha",
            SiteService::Turnstile => "cf-turnstile",
        }
    }
}

/// What the web front bears.
#[derive(Debug, Clone)]
pub struct HttpLimits {
    /// Connections at a time; more wait in the kernel's queue.
    pub connections: usize,
    /// Connections of one peer at a time (an IPv4 address, or an IPv6 /64 network); more are closed at once. Trusted proxies
    /// are exempt.
    pub connections_per_client: usize,
    /// How long a request's head may take, and how long a connection may be idle before it.
    pub header_timeout: Duration,
    /// How long a request's body may take.
    pub body_timeout: Duration,
    /// How long a request may take in all.
    pub request_timeout: Duration,
    /// How long a connection may be kept, whatever it does.
    pub connection_lifetime: Duration,
    /// How long requests that are under way at the end get to finish.
    pub shutdown_deadline: Duration,
}

impl Default for HttpLimits {
    fn default() -> Self {
        Self {
            connections: 1024,
            connections_per_client: 64,
            header_timeout: Duration::from_secs(10),
            body_timeout: Duration::from_secs(10),
            request_timeout: Duration::from_secs(30),
            connection_lifetime: Duration::from_secs(600),
            shutdown_deadline: Duration::from_secs(10),
        }
    }
}

/// The web front. Cheap to clone.
#[derive(Clone)]
pub struct Web(Arc<Parts>);

/// See [`Web`].
pub struct Parts {
    /// The use cases.
    pub broker: Broker,
    /// The words.
    pub texts: Arc<Texts>,
    /// How it is reached and what it bears.
    pub settings: HttpSettings,
    /// Style sheet and icon.
    pub assets: Assets,
    /// Randomness, for sessions.
    pub random: Arc<dyn Random>,
    /// Signs the tokens in forms.
    pub csrf_key: ProofKey,
    /// Seals what a browser keeps about the account.
    pub cookie_key: SealKey,
}

impl Web {
    /// Puts the parts together.
    pub fn new(
        broker: Broker,
        texts: Arc<Texts>,
        keyring: &Keyring,
        random: Arc<dyn Random>,
        settings: HttpSettings,
    ) -> Self {
        let assets = Assets::new(&settings.brand, &settings.domain_brands);
        Self(Arc::new(Parts {
            assets,
            broker,
            texts,
            settings,
            random,
            csrf_key: keyring.proof_key("csrf"),
            cookie_key: keyring.seal_key("web cookie"),
        }))
    }

    /// The look for the people of a domain, where it has one of its own.
    pub(super) fn brand_of(&self, domain: Option<&Domain>) -> Option<&DomainBrand> {
        self.settings.domain_brands.iter().find(|brand| Some(&brand.domain) == domain)
    }

    /// The folder of all pages: empty, or `/folder`.
    pub(super) fn base(&self) -> &str {
        self.settings.base_url.path().trim_end_matches('/')
    }

    /// Whether people come by TLS.
    pub(super) fn is_secure(&self) -> bool {
        self.settings.base_url.scheme() == "https"
    }
}

impl std::ops::Deref for Web {
    type Target = Parts;

    fn deref(&self) -> &Parts {
        &self.0
    }
}

impl fmt::Debug for Web {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Web({})", self.settings.base_url)
    }
}

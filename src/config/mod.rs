//! The configuration file. One file for each section; the definition of an option there is its type, default, reader and
//! manual at once ([`manual`] renders them as `docs/configuration.md` and as the file that `ostiary init` writes).
//!
//! Every mistake is told, with file, line, key, what was found and what is allowed; serde would stop at the first.

mod agent_api;
mod backend;
mod brand;
mod captcha;
mod component;
mod database;
mod define;
mod domain;
mod hashing;
mod http;
mod keys;
mod kinds;
mod limits;
mod log;
mod mail;
pub mod manual;
mod monitoring;
mod passwords;
mod reader;
mod secret;
mod service;
mod siteverify;
mod sms;

use std::path::{Path, PathBuf};

pub use self::keys::hexadecimal;
pub use self::kinds::span as read_span;
pub use self::{
    agent_api::AgentApi,
    backend::Backend,
    brand::{Brand, DomainBrand},
    component::{Address, Component, Contacts},
    database::Database,
    hashing::Hashing,
    http::{Http, ListenAddress, Network, Tls},
    keys::Keys,
    limits::Limits,
    log::Log,
    mail::{Encryption, Mail, Smtp, Transport},
    monitoring::Monitoring,
    passwords::Passwords,
    reader::{Problem, Problems},
    secret::{Environment, SecretProblem, Secrets, read_secret},
    service::Service,
    siteverify::SiteVerify,
    sms::{Sms, SmsGateway},
};
use self::{define::SectionDef, reader::Document};
use crate::accounts::{ContactPolicy, Domain, DomainPolicy, InBand};

/// The sections, in the order of the manual.
const SECTIONS: &[&SectionDef] = &[
    &service::SECTION,
    &component::SECTION,
    &domain::SECTION,
    &database::SECTION,
    &keys::SECTION,
    &hashing::SECTION,
    &passwords::SECTION,
    &http::SECTION,
    &brand::SECTION,
    &brand::DOMAIN_SECTION,
    &agent_api::SECTION,
    &siteverify::SECTION,
    &backend::SECTION,
    &mail::SECTION,
    &sms::SECTION,
    &limits::SECTION,
    &monitoring::SECTION,
    &log::SECTION,
];

/// A whole configuration in which everything is right.
#[derive(Debug, Clone)]
pub struct Config {
    /// The file it was read from.
    pub file: PathBuf,
    /// `[service]`
    pub service: Service,
    /// `[component]`, at least one.
    pub components: Vec<Component>,
    /// `[[domain]]`, at least one; the first is the default.
    pub domains: Vec<DomainPolicy>,
    /// `[database]`
    pub database: Database,
    /// `[keys]`
    pub keys: Keys,
    /// `[hashing]`
    pub hashing: Hashing,
    /// `[passwords]`
    pub passwords: Passwords,
    /// `[http]`
    pub http: Http,
    /// `[brand]`
    pub brand: Brand,
    /// `[[domain_brand]]`
    pub domain_brands: Vec<DomainBrand>,
    /// `[agent_api]`
    pub agent_api: AgentApi,
    /// `[siteverify]`; `None` where there is no service.
    pub siteverify: Option<SiteVerify>,
    /// `[backend]`
    pub backend: Backend,
    /// `[mail]`
    pub mail: Mail,
    /// `[sms]`
    pub sms: Sms,
    /// `[limits]`
    pub limits: Limits,
    /// `[monitoring]`
    pub monitoring: Monitoring,
    /// `[log]`
    pub log: Log,
}

/// Most bytes of a configuration file.
const MOST_BYTES: u64 = 1024 * 1024;

impl Config {
    /// Reads a configuration file and the secrets it names.
    pub fn load(file: &Path, environment: &Environment<'_>) -> Result<Self, Problems> {
        let text = read_text(file).map_err(|message| Problems {
            file: file.to_owned(),
            list: vec![Problem { line: 0, place: String::new(), message }],
        })?;
        Self::parse(file, &text, environment)
    }

    /// Reads the text of a configuration file; `file` gives the folder that relative paths start from.
    pub fn parse(file: &Path, text: &str, environment: &Environment<'_>) -> Result<Self, Problems> {
        let document = Document::parse(file, text, SECTIONS, environment);
        let config = read(&document, file);
        document.finish()?;
        config.ok_or_else(|| Problems {
            file: file.to_owned(),
            list: vec![Problem {
                line: 0,
                place: String::new(),
                message: "cannot be used, and no option says why".to_owned(),
            }],
        })
    }

    /// What the service is called on a domain: by that domain's brand, by the operator, or as the domain.
    pub fn service_name_of<'a>(&'a self, domain: &'a Domain) -> &'a str {
        let own = self.domain_brands.iter().find(|brand| brand.domain == *domain);
        let own = own.and_then(|brand| brand.name.as_deref());
        own.or(self.service.name.as_deref()).unwrap_or(domain.as_str())
    }

    /// The name of the service: the operator's, or that of the first domain.
    pub fn service_name(&self) -> &str {
        let first = self.domains.first().map_or("", |policy| policy.domain.as_str());
        self.service.name.as_deref().unwrap_or(first)
    }
}

fn read_text(file: &Path) -> Result<String, String> {
    use std::io::Read;

    let mut text = String::new();
    let open = std::fs::File::open(file).map_err(|error| match error.kind() {
        std::io::ErrorKind::NotFound => {
            "no such file; `ostiary init` makes one, `--config FILE` names another".to_owned()
        }
        _ => error.to_string(),
    })?;
    match open.take(MOST_BYTES + 1).read_to_string(&mut text) {
        Ok(read) if read as u64 > MOST_BYTES => Err("is larger than 1 MiB".to_owned()),
        Ok(_) => Ok(text),
        Err(error) => Err(error.to_string()),
    }
}

fn read(document: &Document<'_>, file: &Path) -> Option<Config> {
    let service = service::read(&document.section(&service::SECTION));
    let http = http::read(&document.section(&http::SECTION));
    let web = http.as_ref().is_none_or(Http::is_on);
    let sms = sms::read(&document.section(&sms::SECTION));
    let own_host = service.as_ref().and_then(|service| service.base_url.host_str());
    let siteverify = siteverify::read(&document.section(&siteverify::SECTION), own_host);
    let helpers = Helpers { web, sms: !matches!(sms, Some(Sms::Off)), siteverify: siteverify.is_some() };
    let domains = domains(document, helpers);
    let components = component::read(document, domains.as_deref());
    let database = database::read(&document.section(&database::SECTION));
    let keys = keys::read(&document.section(&keys::SECTION));
    let hashing = hashing::read(&document.section(&hashing::SECTION));
    let brand = brand::read(&document.section(&brand::SECTION));
    let domain_brands = domain_brands(document, domains.as_deref());
    let agent_api = agent_api::read(&document.section(&agent_api::SECTION));
    let backend = backend::read(&document.section(&backend::SECTION), domains.as_deref());
    let passwords = passwords::read(&document.section(&passwords::SECTION));
    let mail = mail::read(&document.section(&mail::SECTION));
    let limits = limits::read(&document.section(&limits::SECTION));
    let monitoring = monitoring::read(&document.section(&monitoring::SECTION));
    let log = log::read(&document.section(&log::SECTION));
    Some(Config {
        file: file.to_owned(),
        service: service?,
        components: components?,
        domains: domains?,
        database: database?,
        keys: keys?,
        hashing: hashing?,
        passwords,
        http: http?,
        brand,
        domain_brands,
        agent_api: agent_api?,
        siteverify,
        backend: backend?,
        mail: mail?,
        sms: sms?,
        limits: limits?,
        monitoring: monitoring?,
        log: log?,
    })
}

/// Each for one of the domains, and once.
fn domain_brands(document: &Document<'_>, domains: Option<&[DomainPolicy]>) -> Vec<DomainBrand> {
    let mut brands: Vec<DomainBrand> = Vec::new();
    for section in document.sections(&brand::DOMAIN_SECTION) {
        let Some(read) = brand::read_domain(&section) else { continue };
        if domains.is_some_and(|domains| domains.iter().all(|policy| policy.domain != read.domain)) {
            section.note(&brand::DOMAIN, format!("{} is none of the domains", read.domain));
        }
        if brands.iter().any(|other| other.domain == read.domain) {
            section.note(&brand::DOMAIN, format!("{} is there twice", read.domain));
        }
        brands.push(read);
    }
    brands
}

/// What domains may rely on.
#[derive(Clone, Copy)]
struct Helpers {
    /// Our own pages.
    web: bool,
    /// Somebody who takes text messages.
    sms: bool,
    /// A CAPTCHA service.
    siteverify: bool,
}

fn domains(document: &Document<'_>, helpers: Helpers) -> Option<Vec<DomainPolicy>> {
    let mut domains: Vec<DomainPolicy> = Vec::new();
    let mut whole = true;
    for section in document.sections(&domain::SECTION) {
        let Some(policy) = domain::read(&section) else {
            whole = false;
            continue;
        };
        if domains.iter().any(|other| other.domain == policy.domain) {
            section.note(&domain::NAME, format!("{} is there twice", policy.domain));
        }
        if policy.in_band == InBand::Web && policy.registration_page.is_none() && !helpers.web {
            let message = "needs a page: [http] listen is empty, and registration_page is not set".to_owned();
            section.note(&domain::IN_BAND, message);
        }
        if policy.captcha.web_service && !helpers.siteverify {
            section.note(&captcha::WEB, "needs a service: set [siteverify] service".to_owned());
        }
        if policy.phone != ContactPolicy::Off && !helpers.sms {
            let message = "needs somebody who takes text messages: set [sms] transport".to_owned();
            section.note(&domain::PHONE, message);
        }
        domains.push(policy);
    }
    (whole && !domains.is_empty()).then_some(domains)
}

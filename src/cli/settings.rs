//! From the configuration to what the parts of the service are built from.

use std::{fs::DirBuilder, os::unix::fs::DirBuilderExt, sync::Arc, time::Duration};

use anyhow::Context as _;
use lettre::message::Mailbox;

use crate::{
    accounts::{Domain, Front, Keyring, Origin, RequestId, is_private},
    backend::Backend,
    broker::{BreachedList, Broker, BrokerParts, CaptchaService, HashingSettings, LimitSettings},
    clock::SystemClock,
    config::{self, Address, Config, Encryption, Sms, Smtp, Transport},
    delivery::{
        Courier, GatewaySettings, MailSettings, Sender, SmsCourier, SmsSettings, SmtpEncryption, SmtpLogin,
        SmtpSettings, SpoolSettings,
    },
    http::{Brand, CaptchaSite, DomainBrand, HttpLimits, HttpSettings, Logo},
    random::{self, OsRandom, Random},
    siteverify::{SiteRules, SiteVerify, SiteVerifySettings},
    store::{Store, StoreSettings},
    text::{Help, Texts},
    xmpp::{ComponentSettings, ContactAddresses, LinkLimits, LinkTimeouts, ServerAddress, ServiceInfo},
};

/// Opens the database of the configuration; makes its folder if it is not there.
pub fn open_store(config: &Config) -> anyhow::Result<Store> {
    make_database_folder(config)?;
    Ok(Store::open(&store(config))?)
}

/// Makes the folder of the database, for its owner only, if it is not there.
pub fn make_database_folder(config: &Config) -> anyhow::Result<()> {
    let Some(folder) = config.database.path.parent().filter(|folder| !folder.as_os_str().is_empty()) else {
        return Ok(());
    };
    DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(folder)
        .with_context(|| format!("the folder of the database, {}, cannot be made", folder.display()))
}

/// Whether people would send their passwords over the network without TLS.
pub fn shows_passwords(config: &Config) -> bool {
    !is_private(&config.service.base_url) && config.http.is_on()
}

/// The operator on the command line. Who gets an account or an invitation that way is written to in the language of the service.
pub fn operator(config: &Config) -> Origin {
    let request = Some(RequestId::from_bytes(random::bytes(&OsRandom)));
    Origin { language: config.service.language.clone(), request, ..Origin::of(Front::Cli) }
}

/// What the store is built from.
pub fn store(config: &Config) -> StoreSettings {
    StoreSettings {
        path: config.database.path.clone(),
        readers: config.database.readers,
        cache_kib: config.database.cache_kib,
    }
}

/// What the broker of the service is built from.
pub fn broker_parts(config: &Config, store: Store) -> anyhow::Result<BrokerParts> {
    Ok(BrokerParts {
        store,
        keyring: keyring(config)?,
        domains: config.domains.clone(),
        hashing: HashingSettings {
            memory_kib: config.hashing.memory_kib,
            passes: config.hashing.passes,
            scram_iterations: config.hashing.scram_iterations,
            threads: config.hashing.threads,
            queue: config.hashing.queue,
        },
        limits: LimitSettings {
            registrations_per_hour: config.limits.registrations_per_hour,
            registrations_per_day: config.limits.registrations_per_day,
            registrations_per_key_per_hour: config.limits.registrations_per_key_per_hour,
            registrations_per_key_per_day: config.limits.registrations_per_key_per_day,
            wrong_proofs_per_minute: config.limits.wrong_proofs_per_minute,
            wrong_proofs_per_day: config.limits.wrong_proofs_per_day,
            letters_per_hour: config.limits.letters_per_hour,
            letters_per_day: config.limits.letters_per_day,
            letters_to_domain_per_hour: config.limits.letters_to_domain_per_hour,
            sms_per_hour: config.limits.sms_per_hour,
            sms_per_day: config.limits.sms_per_day,
            sms_to_block_per_day: config.limits.sms_to_block_per_day,
            sms_in_all_per_day: config.limits.sms_in_all_per_day,
        },
        captcha_service: captcha_service(config)?,
        web_form_gate: config.agent_api.web_form_gate,
        breached: breached(config)?,
        clock: Arc::new(SystemClock),
        random: Arc::new(OsRandom),
    })
}

/// The list of passwords that nobody may choose.
fn breached(config: &Config) -> anyhow::Result<Option<BreachedList>> {
    let Some(path) = &config.passwords.breached_file else { return Ok(None) };
    let list = BreachedList::open(path);
    list.map(Some).with_context(|| format!("{} ([passwords] breached_file) cannot be used", path.display()))
}

/// The CAPTCHA service of somebody else, where one is configured and its secret was read.
fn captcha_service(config: &Config) -> anyhow::Result<Option<Arc<dyn CaptchaService>>> {
    let Some(site) = &config.siteverify else { return Ok(None) };
    let Some(secret) = site.secret.clone() else { return Ok(None) };
    let settings = SiteVerifySettings {
        url: site.url.clone(),
        secret,
        rules: SiteRules {
            hostnames: vec![site.hostname.clone()],
            action: site.action.clone(),
            least_score: site.least_score,
        },
        timeout: site.timeout,
    };
    Ok(Some(Arc::new(SiteVerify::new(settings)?)))
}

/// What the broker of one command is built from: the same, with one thread.
pub fn operator_parts(config: &Config, store: Store) -> anyhow::Result<BrokerParts> {
    let mut parts = broker_parts(config, store)?;
    parts.hashing.threads = 1;
    Ok(parts)
}

/// The keys of the configuration.
pub fn keyring(config: &Config) -> anyhow::Result<Keyring> {
    config.keys.keyring.clone().context("the configuration was read without the master key")
}

/// What the components are built from, in the order of the configuration.
pub fn components(config: &Config) -> anyhow::Result<Vec<ComponentSettings>> {
    config.components.iter().map(|one| component(config, one)).collect()
}

/// What one component is built from.
pub fn component(config: &Config, component: &config::Component) -> anyhow::Result<ComponentSettings> {
    let first = component.domains.first().context("no domain")?;
    let contacts = &component.contacts;
    Ok(ComponentSettings {
        jid: component.jid.as_str().parse()?,
        secret: component
            .secret
            .clone()
            .context("the configuration was read without the component's secret")?,
        address: match component.address.clone() {
            Address::Tcp(host, port) => ServerAddress::Tcp { host, port },
            Address::Tls(host, port) => ServerAddress::Tls { host, port, ca_file: component.ca_file.clone() },
            Address::Unix(path) => ServerAddress::Unix(path),
        },
        ping_domain: first.to_string(),
        service: ServiceInfo {
            name: config.service_name_of(first).to_owned(),
            software: "Ostiary".to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            os: None,
            contacts: ContactAddresses {
                abuse: contacts.abuse.clone(),
                admin: contacts.admin.clone(),
                feedback: contacts.feedback.clone(),
                sales: contacts.sales.clone(),
                security: contacts.security.clone(),
                support: contacts.support.clone(),
            },
        },
        limits: LinkLimits::default(),
        timeouts: LinkTimeouts::default(),
    })
}

/// What answers servers without our module.
pub fn backend(config: &Config, broker: Broker, texts: Arc<Texts>, random: Arc<dyn Random>) -> Backend {
    Backend {
        broker,
        secret: config.backend.secret.clone(),
        open_login: config.backend.open_login,
        scram: config.hashing.scram_iterations.is_some(),
        dovecot_domain: config.backend.dovecot_domain.clone(),
        texts,
        random,
    }
}

/// What the web front is built from.
pub fn http(config: &Config) -> anyhow::Result<HttpSettings> {
    let networks = config.http.trusted_proxies.iter();
    Ok(HttpSettings {
        base_url: config.service.base_url.clone(),
        trusted_proxies: networks
            .map(|network| format!("{}/{}", network.address, network.prefix).parse())
            .collect::<Result<_, _>>()?,
        service_name: config.service_name().to_owned(),
        brand: brand(&config.brand)?,
        domain_brands: domain_brands(config)?,
        destinations: config.agent_api.destinations.clone(),
        captcha_site: config.siteverify.as_ref().map(|site| CaptchaSite {
            service: site.service,
            site_key: site.site_key.clone(),
            action: site.action.clone(),
        }),
        limits: HttpLimits {
            connections: config.http.max_connections,
            connections_per_client: config.http.max_connections_per_client,
            ..HttpLimits::default()
        },
    })
}

/// What is not said for a domain is as for all.
fn domain_brands(config: &Config) -> anyhow::Result<Vec<DomainBrand>> {
    let usual = &config.brand;
    let merged = config.domain_brands.iter().map(|own| {
        let (domain, name, own) = (own.domain.clone(), own.name.clone(), own.brand.clone());
        let merged = config::Brand {
            logo_file: own.logo_file.or_else(|| usual.logo_file.clone()),
            colour: own.colour.or_else(|| usual.colour.clone()),
            colour_dark: own.colour_dark.or_else(|| usual.colour_dark.clone()),
            terms_url: own.terms_url.or_else(|| usual.terms_url.clone()),
            privacy_url: own.privacy_url.or_else(|| usual.privacy_url.clone()),
            imprint_url: own.imprint_url.or_else(|| usual.imprint_url.clone()),
        };
        Ok(DomainBrand { domain, name, brand: brand(&merged)? })
    });
    merged.collect()
}

fn brand(brand: &config::Brand) -> anyhow::Result<Brand> {
    let config::Brand { logo_file, colour, colour_dark, terms_url, privacy_url, imprint_url } = brand.clone();
    let logo = logo_file.map(|path| {
        let logo = Logo::read(&path).map_err(anyhow::Error::msg);
        logo.with_context(|| format!("{} ([brand] logo_file) cannot be shown", path.display()))
    });
    Ok(Brand { logo: logo.transpose()?, colour, colour_dark, terms_url, privacy_url, imprint_url })
}

/// Where texts may send people: nowhere, while the web is off.
pub fn help(config: &Config) -> Help {
    let page = |name| {
        let base = config.service.base_url.as_str().trim_end_matches('/');
        config.http.is_on().then(|| format!("{base}/{name}"))
    };
    Help {
        verify_url: page("verify"),
        register_url: page("register"),
        recover_url: page("recover"),
        keep_url: page("account/keep"),
        invite_url: page("invite"),
    }
}

/// What letters say about the service.
pub fn mail(config: &Config) -> anyhow::Result<MailSettings> {
    let sender = |domain: &Domain| -> anyhow::Result<Sender> {
        let from = match &config.mail.from {
            Some(from) => from.to_string(),
            None => format!("noreply@{}", url::Host::parse(domain.as_str())?),
        };
        let address = from
            .parse()
            .with_context(|| format!("{from} cannot be the sender of letters; set [mail] from"))?;
        let service_name = config.service_name_of(domain).to_owned();
        Ok(Sender { from: Mailbox::new(Some(service_name.clone()), address), service_name })
    };
    let domains = || config.domains.iter().map(|policy| &policy.domain);
    Ok(MailSettings {
        from: sender(domains().next().context("no domain")?)?.from,
        senders: domains()
            .map(|domain| Ok((domain.clone(), sender(domain)?)))
            .collect::<anyhow::Result<_>>()?,
        reply_to: None,
        base_url: config.service.base_url.clone(),
        retry_first: Duration::from_secs(5),
        retry_most: Duration::from_secs(300),
    })
}

/// Who takes the letters away.
pub fn courier(config: &Config, timeout: Duration) -> anyhow::Result<Courier> {
    Ok(match &config.mail.transport {
        Transport::Spool(folder) => Courier::spool(SpoolSettings { folder: folder.clone() })?,
        Transport::Smtp(smtp) => Courier::smtp(self::smtp(smtp, timeout))?,
    })
}

/// Who takes text messages away, if anybody does.
pub fn sms_courier(config: &Config) -> anyhow::Result<Option<SmsCourier>> {
    Ok(match &config.sms {
        Sms::Off => None,
        Sms::Spool(folder) => Some(SmsCourier::spool(SpoolSettings { folder: folder.clone() })?),
        Sms::Gateway(gateway) => {
            let gateway = (**gateway).clone();
            Some(SmsCourier::gateway(GatewaySettings {
                name: gateway.name.to_owned(),
                url: gateway.url,
                method: gateway.method,
                headers: gateway.headers,
                body: gateway.body,
                encoding: gateway.encoding,
                expect: gateway.expect,
                from: gateway.from,
                account: gateway.account,
                secret: gateway.secret,
                timeout: gateway.timeout,
            })?)
        }
    })
}

/// How patiently text messages are sent.
pub const SMS: SmsSettings =
    SmsSettings { retry_first: Duration::from_secs(5), retry_most: Duration::from_secs(300) };

fn smtp(smtp: &Smtp, timeout: Duration) -> SmtpSettings {
    let login = smtp.username.clone().zip(smtp.password.clone());
    SmtpSettings {
        host: smtp.host.clone(),
        port: smtp.port,
        encryption: match smtp.encryption {
            Encryption::StartTls => SmtpEncryption::StartTls,
            Encryption::Tls => SmtpEncryption::Tls,
            Encryption::None => SmtpEncryption::Plain,
        },
        login: login.map(|(username, password)| SmtpLogin { username, password }),
        ca_file: smtp.ca_file.clone(),
        hello_name: None,
        timeout,
    }
}

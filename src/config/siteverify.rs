//! `[siteverify]`: a CAPTCHA service of somebody else.

use std::time::Duration;

use secrecy::SecretString;
use toml::de::DeValue;
use url::Url;

use super::{
    define::{Fallback, OptionDef, SectionDef, Times},
    kinds,
    reader::{Kind, Section},
    secret::{Secrets, secret},
};
use crate::accounts::{SiteService, is_private};

/// A CAPTCHA service of somebody else.
#[derive(Debug, Clone)]
pub struct SiteVerify {
    /// Which one.
    pub service: SiteService,
    /// Its resource.
    pub url: Url,
    /// What pages name us by.
    pub site_key: String,
    /// The secret; `None` where the command did not ask for it.
    pub secret: Option<SecretString>,
    /// The host that the CAPTCHA must have been solved on.
    pub hostname: String,
    /// The action that it must have been solved for.
    pub action: Option<String>,
    /// The least score.
    pub least_score: Option<f64>,
    /// How long the service may take.
    pub timeout: Duration,
}

const SERVICE: OptionDef = OptionDef {
    key: "service",
    allowed: "\"recaptcha-v2\", \"recaptcha-v3\", \"hcaptcha\" or \"turnstile\"",
    default: Fallback::Described("none"),
    example: "\"turnstile\"",
    doc: "The service. Pages with its CAPTCHA load its script: whoever opens them is seen by it.",
};

const URL: OptionDef = OptionDef {
    key: "url",
    allowed: "an address that starts with https://, or with http:// on this machine",
    default: Fallback::Described("that of the service"),
    example: "\"https://challenges.cloudflare.com/turnstile/v0/siteverify\"",
    doc: "The resource that responses are held against, where it is another than the usual one.",
};

const SITE_KEY: OptionDef = OptionDef {
    key: "site_key",
    allowed: "a text",
    default: Fallback::Described("must be given with `service`"),
    example: "\"0x4AAAAAAA\"",
    doc: "The site key that the service gave you; it is public.",
};

const SECRET_FILE: OptionDef = OptionDef {
    key: "secret_file",
    allowed: "the path of a file with mode 0600 that holds one line",
    default: Fallback::Value("\"secrets/siteverify.secret\""),
    example: "\"secrets/siteverify.secret\"",
    doc: "The secret that belongs to it. The environment variable `OSTIARY_SITEVERIFY_SECRET` takes its place.",
};

const HOSTNAME: OptionDef = OptionDef {
    key: "hostname",
    allowed: "a host name or an IP address",
    default: Fallback::Described("the host of `base_url`"),
    example: "\"accounts.chat.example\"",
    doc: "The host of the page that the CAPTCHA must have been solved on. Name another one where your own page posts the form.",
};

const ACTION: OptionDef = OptionDef {
    key: "action",
    allowed: "letters, digits, `_` and `/`",
    default: Fallback::Described("none is asked for"),
    example: "\"register\"",
    doc: "The action that it must have been solved for (reCAPTCHA v3, Turnstile).",
};

const LEAST_SCORE: OptionDef = OptionDef {
    key: "least_score",
    allowed: "0.0 to 1.0",
    default: Fallback::Described("0.5 with `recaptcha-v3`, else none is asked for"),
    example: "0.5",
    doc: "The least score, from 0 (surely a robot) to 1 (surely a person).",
};

const TIMEOUT: OptionDef = OptionDef {
    key: "timeout",
    allowed: "a time from \"1s\" to \"20s\"",
    default: Fallback::Value("\"5s\""),
    example: "\"5s\"",
    doc: "How long the service may take. Without an answer nobody is let in.",
};

pub(super) const SECTION: SectionDef = SectionDef {
    name: "siteverify",
    times: Times::Once,
    doc: "A CAPTCHA service of somebody else, for the web form of the Agent API (`docs/api.md`), and for the registration page of domains with `captcha_web = \"service\"`. Off unless `service` is set; XMPP clients always have our own (`captcha` of a domain).",
    options: &[&SERVICE, &URL, &SITE_KEY, &SECRET_FILE, &HOSTNAME, &ACTION, &LEAST_SCORE, &TIMEOUT],
};

/// The configured service; `None` where there is none, and where something is wrong with it, which is noted.
pub(super) fn read(section: &Section<'_>, own_host: Option<&str>) -> Option<SiteVerify> {
    let service = section.optional(
        &SERVICE,
        kinds::choice(&[
            ("recaptcha-v2", SiteService::RecaptchaV2),
            ("recaptcha-v3", SiteService::RecaptchaV3),
            ("hcaptcha", SiteService::Hcaptcha),
            ("turnstile", SiteService::Turnstile),
        ]),
    );
    let url = section.optional(&URL, address);
    let site_key = section.optional(&SITE_KEY, kinds::text);
    let hostname = section.optional(&HOSTNAME, kinds::host);
    let action = section.optional(&ACTION, action);
    let least_score = section.optional(&LEAST_SCORE, kinds::fraction);
    let timeout = section.get(&TIMEOUT, kinds::duration(1..=20));
    let service = service?;
    if site_key.is_none() {
        section.note(&SITE_KEY, "is missing; service needs a text here".to_owned());
    }
    let wanted = section.environment().secrets == Secrets::All;
    let secret = if wanted { secret(section, &SECRET_FILE, "OSTIARY_SITEVERIFY_SECRET") } else { None };
    Some(SiteVerify {
        service,
        url: url.or_else(|| Url::parse(service.verify_url()).ok())?,
        site_key: site_key?,
        secret,
        hostname: hostname.or_else(|| own_host.map(str::to_owned))?,
        action,
        least_score: least_score.or_else(|| service.scores().then_some(0.5)),
        timeout: Duration::try_from(timeout?).ok()?,
    })
}

fn address(value: &DeValue<'_>) -> Kind<Url> {
    let url = Url::parse(&kinds::text(value)?).map_err(|_| "not an address".to_owned())?;
    if is_private(&url) && url.has_host() { Ok(url) } else { Err("not encrypted".to_owned()) }
}

fn action(value: &DeValue<'_>) -> Kind<String> {
    let text = kinds::text(value)?;
    let plain = text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '/'));
    if plain { Ok(text) } else { Err(String::new()) }
}

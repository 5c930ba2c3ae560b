//! CAPTCHA services with a `siteverify` resource: Google reCAPTCHA, hCaptcha, Cloudflare Turnstile and those that imitate them. All of
//! them take `secret`, `response` and `remoteip` as a form and answer with a JSON object whose `success` counts.

mod answer;

use std::{fmt, net::IpAddr, time::Duration};

use futures::future::BoxFuture;
use hyper::StatusCode;
use secrecy::{ExposeSecret, SecretString};
use url::Url;

use self::answer::{Answer, Judged};
use crate::{
    broker::{CaptchaService, ServiceVerdict},
    outside::Outside,
};

/// What is asked of a service.
#[derive(Debug, Clone)]
pub struct SiteVerifySettings {
    /// Its resource.
    pub url: Url,
    /// The secret of the site.
    pub secret: SecretString,
    /// What its answer must say.
    pub rules: SiteRules,
    /// How long it may take.
    pub timeout: Duration,
}

/// What an answer must say beside `success`.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct SiteRules {
    /// The host of the page that the CAPTCHA was solved on; one of these. None are asked for where there is none.
    pub hostnames: Vec<String>,
    /// The action that the page named.
    pub action: Option<String>,
    /// The least score, from 0 (a robot) to 1 (a person).
    pub least_score: Option<f64>,
}

/// A service.
pub struct SiteVerify {
    settings: SiteVerifySettings,
    outside: Outside,
}

impl SiteVerify {
    /// Makes a client of the service; nothing is sent yet.
    pub fn new(settings: SiteVerifySettings) -> std::io::Result<Self> {
        Ok(Self { outside: Outside::new(settings.timeout)?, settings })
    }

    async fn ask(&self, response: &str, address: Option<IpAddr>) -> ServiceVerdict {
        let address = address.map(|address| address.to_canonical().to_string());
        let mut fields = vec![("secret", self.settings.secret.expose_secret()), ("response", response)];
        fields.extend(address.as_deref().map(|address| ("remoteip", address)));
        let reply = match self.outside.post_form(&self.settings.url, &fields).await {
            Ok(reply) => reply,
            Err(error) => {
                tracing::error!(%error, service = self.host(), "the CAPTCHA service cannot be asked");
                return ServiceVerdict::Unavailable;
            }
        };
        // Some of them say what is wrong with a response by 400.
        let answer = match reply.status {
            StatusCode::OK | StatusCode::BAD_REQUEST => Answer::read(&reply.body),
            _ => None,
        };
        let Some(answer) = answer else {
            tracing::error!(
                status = reply.status.as_u16(),
                service = self.host(),
                "the CAPTCHA service answers nonsense"
            );
            return ServiceVerdict::Unavailable;
        };
        match answer.judge(&self.settings.rules) {
            Judged::Person => ServiceVerdict::Person,
            Judged::NotHere { what } => {
                tracing::warn!(what, service = self.host(), "a CAPTCHA was solved for something else");
                ServiceVerdict::Refused
            }
            Judged::Refused => ServiceVerdict::Refused,
            Judged::OurFault { codes } => {
                tracing::error!(
                    codes,
                    service = self.host(),
                    "the CAPTCHA service does not take what it is asked; look at [siteverify]"
                );
                ServiceVerdict::Unavailable
            }
        }
    }

    fn host(&self) -> &str {
        self.settings.url.host_str().unwrap_or_default()
    }
}

impl CaptchaService for SiteVerify {
    fn check<'a>(&'a self, response: &'a str, address: Option<IpAddr>) -> BoxFuture<'a, ServiceVerdict> {
        Box::pin(self.ask(response, address))
    }
}

impl fmt::Debug for SiteVerify {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SiteVerify({})", self.settings.url)
    }
}

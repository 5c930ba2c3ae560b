//! Cookies: the session that forms are bound to, the language chosen, and the account that the pages are about.

use axum::http::{HeaderMap, HeaderValue, header};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::{Deserialize, Serialize};

use super::web::Web;
use crate::{
    accounts::{Account, AccountState, Domain, Email, Phone, Username},
    random,
};

/// Random, in the browser for as long as it is open. Tokens in forms are bound to it.
pub const SESSION: &str = "ostiary-session";
/// The language chosen on a page.
pub const LANGUAGE: &str = "ostiary-language";
/// The domain that a page was opened for, for as long as the browser is open.
pub const DOMAIN: &str = "ostiary-domain";
/// A sealed [`KnownAccount`].
pub const ACCOUNT: &str = "ostiary-account";

/// The token of who is signed in.
pub const SIGNED_IN: &str = "ostiary-signed-in";
/// The token of the account that was made with the web form of the Agent API in this browser.
pub const MADE: &str = "ostiary-made";

/// How long a language is remembered: a year, in seconds.
pub const LANGUAGE_LIFETIME: u32 = 365 * 24 * 60 * 60;
/// How long an account is remembered: two days, in seconds, as long as a registration may stay pending by default.
const ACCOUNT_LIFETIME: u32 = 2 * 24 * 60 * 60;

/// The account that somebody registered, or asked a letter for, in this browser. It saves typing and proves nothing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KnownAccount {
    /// Its domain.
    pub domain: Domain,
    /// Its name.
    pub username: Username,
    /// Where the letter was sent, as the person typed it.
    pub email: Option<Email>,
    /// Where the text message was sent.
    #[serde(default)]
    pub phone: Option<Phone>,
    /// Whether it has become active in this browser.
    pub active: bool,
}

impl KnownAccount {
    /// What people write to.
    pub fn address(&self) -> String {
        format!("{}@{}", self.username, self.domain)
    }

    /// What a browser remembers of an account, and what that still has to prove.
    pub fn of(account: Account) -> Self {
        Self {
            active: account.state == AccountState::Active,
            domain: account.domain,
            username: account.username,
            email: account.email.filter(|_| account.email_verified_at.is_none()),
            phone: account.phone.filter(|_| account.phone_verified_at.is_none()),
        }
    }

    /// The cookie that a browser said this with.
    pub fn of_request(web: &Web, headers: &HeaderMap) -> Option<Self> {
        let sealed = URL_SAFE_NO_PAD.decode(cookie(web, headers, ACCOUNT)?).ok()?;
        serde_json::from_slice(&web.cookie_key.open(ACCOUNT, &sealed).ok()?).ok()
    }

    /// The cookie that makes a browser remember this. Sealed, since a browser's owner is not always the person.
    pub fn to_cookie(&self, web: &Web) -> HeaderValue {
        // A name, a domain and an address always serialise; if ever not, the person types the name again.
        let plain = serde_json::to_vec(self).unwrap_or_default();
        let sealed = web.cookie_key.seal(ACCOUNT, random::bytes(web.random.as_ref()), &plain);
        set_cookie(web, ACCOUNT, &URL_SAFE_NO_PAD.encode(sealed), Some(ACCOUNT_LIFETIME))
    }
}

/// The value of a cookie.
pub fn cookie<'a>(web: &Web, headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let name = full_name(web, name);
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|line| line.to_str().ok())
        .flat_map(|line| line.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find_map(|(key, value)| (key == name).then_some(value))
}

/// A `Set-Cookie` value (RFC 6265 §4.1) for all pages; `max_age` in seconds, without it until the browser is closed.
pub fn set_cookie(web: &Web, name: &str, value: &str, max_age: Option<u32>) -> HeaderValue {
    let name = full_name(web, name);
    let secure = if web.is_secure() { "; Secure" } else { "" };
    let max_age = max_age.map(|seconds| format!("; Max-Age={seconds}")).unwrap_or_default();
    let text = format!("{name}={value}; Path=/; HttpOnly; SameSite=Lax{secure}{max_age}");
    HeaderValue::try_from(text).unwrap_or_else(|_| HeaderValue::from_static(""))
}

/// With TLS no other host and no plain connection can plant a cookie of a name with this prefix (RFC 6265bis §4.1.3.2). Browsers refuse
/// it on plain connections, which only a front on loopback has.
pub fn full_name(web: &Web, name: &str) -> String {
    if web.is_secure() { format!("__Host-{name}") } else { name.to_owned() }
}

//! The pages: what they have in common. One file for each; each handler reads, calls one use case, and shows the outcome.

pub mod account;
pub mod address;
pub mod captcha;
mod form_page;
pub mod invite;
pub mod keep;
pub mod message;
pub mod recover;
pub mod register;
pub mod signin;
pub mod start;
pub mod strength;
pub mod verify;
pub mod web_form;
pub mod welcome;
mod widget;

use askama::Template;
use axum::{
    extract::Request,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};

use super::{
    assets::BrandAssets,
    cookies::KnownAccount,
    csrf,
    form::{self, BadForm, Pairs},
    visitor::Visitor,
    web::Web,
};
use crate::{
    accounts::{Domain, Refusal, form::Field},
    text::Words,
};

/// The name of the field for the code of a letter.
pub const CODE: &str = "code";
/// What is told about the answers to a CAPTCHA, whichever of its fields are there.
pub const CAPTCHA: &str = "captcha";
/// The name of the field for the domain.
pub const DOMAIN: &str = "domain";
/// The name of the field for an invitation.
pub const INVITATION: &str = "invitation";
/// The name of the field for the token of a link.
const TOKEN: &str = "token";

/// What every page knows: words, links, languages.
pub struct Page<'a> {
    web: &'a Web,
    visitor: &'a Visitor,
    /// The texts in the visitor's language.
    pub words: Words<'a>,
    /// Its heading and title.
    pub heading: String,
    /// Its own path and query, for the language links.
    here: String,
}

/// A language that a page can be had in.
pub struct LanguageLink {
    /// Its tag.
    pub tag: &'static str,
    /// What it calls itself.
    pub name: String,
    /// Where to get it.
    pub href: String,
    /// Whether this is it.
    pub current: bool,
}

impl<'a> Page<'a> {
    /// A page with the heading of that key; `here` is the path at which it can be had again, with its query if it has one.
    pub fn new(web: &'a Web, visitor: &'a Visitor, heading_key: &str, here: &str) -> Self {
        let words = web.texts.words(visitor.language);
        Self { web, visitor, words, heading: words.get(heading_key), here: here.to_owned() }
    }

    /// The name of the service.
    pub fn service(&self) -> &str {
        let own = self.web.brand_of(self.visitor.domain.as_ref()).and_then(|brand| brand.name.as_deref());
        own.unwrap_or(&self.web.settings.service_name)
    }

    /// A link to one of our pages.
    pub fn link(&self, path: &str) -> String {
        format!("{}{path}", self.web.base())
    }

    /// The style sheet.
    pub fn style(&self) -> String {
        self.link(&self.web.assets.style.path)
    }

    /// The operator's colours.
    pub fn brand(&self) -> Option<String> {
        self.assets().style.as_ref().map(|style| self.link(&style.path))
    }

    /// The picture at the top.
    pub fn logo(&self) -> String {
        self.assets().logo.as_ref().map_or_else(|| self.icon(), |logo| self.link(&logo.path))
    }

    fn assets(&self) -> &BrandAssets {
        self.web.assets.brand_of(self.visitor.domain.as_ref())
    }

    /// Where the foot of the page leads: text and address.
    pub fn foot(&self) -> Vec<(String, &str)> {
        let own = self.web.brand_of(self.visitor.domain.as_ref()).map(|own| &own.brand);
        let links = own.unwrap_or(&self.web.settings.brand).links();
        links.into_iter().map(|(key, url)| (self.words.get(key), url.as_str())).collect()
    }

    /// The script that sends a form for a CAPTCHA service that has nothing to show.
    pub fn score_script(&self) -> &str {
        &self.web.assets.score.path
    }

    /// The script that says how hard a new password is to guess.
    pub fn strength_script(&self) -> &str {
        &self.web.assets.strength.path
    }

    /// The icon.
    pub fn icon(&self) -> String {
        self.link(&self.web.assets.icon.path)
    }

    /// The page in every language.
    pub fn languages(&self) -> Vec<LanguageLink> {
        let texts = &self.web.texts;
        let join = if self.here.contains('?') { '&' } else { '?' };
        texts
            .languages()
            .map(|language| LanguageLink {
                tag: language.tag(),
                name: texts.get(language, "page-language-name"),
                href: self.link(&format!("{}{join}lang={}", self.here, language.tag())),
                current: language == self.visitor.language,
            })
            .collect()
    }
}

/// A rendered page.
fn html(status: StatusCode, page: &impl Template) -> Response {
    match page.render() {
        Ok(body) => {
            let content_type = HeaderValue::from_static("text/html; charset=utf-8");
            (status, [(header::CONTENT_TYPE, content_type)], body).into_response()
        }
        Err(error) => {
            tracing::error!(%error, "a page did not render");
            (StatusCode::INTERNAL_SERVER_ERROR, "Error: the log has it under X-Request-Id\n").into_response()
        }
    }
}

/// The answer to a form that was accepted (RFC 9110 §15.4.4): the browser gets the next page, and reloading does not send again.
pub fn see_other(web: &Web, path: &str, account: Option<&KnownAccount>) -> Response {
    let target = format!("{}{path}", web.base());
    let mut response = StatusCode::SEE_OTHER.into_response();
    let location = HeaderValue::try_from(target).unwrap_or_else(|_| HeaderValue::from_static("/"));
    response.headers_mut().insert(header::LOCATION, location);
    if let Some(account) = account {
        response.headers_mut().append(header::SET_COOKIE, account.to_cookie(web));
    }
    response
}

/// What was sent, once it is certain that our own page sent it.
async fn submission(web: &Web, visitor: &Visitor, request: Request) -> Result<Pairs, Response> {
    let (head, body) = request.into_parts();
    let bad = |bad| message::bad_form(web, visitor, bad);
    let pairs = form::read(&head.headers, body, web.settings.limits.body_timeout).await.map_err(bad)?;
    let token = pairs.text(csrf::FIELD).map_err(bad)?;
    if csrf::is_own(web, &visitor.session, token, &head.headers) {
        Ok(pairs)
    } else {
        Err(message::foreign_form(web, visitor, head.uri.path()))
    }
}

/// What stands behind the `?`.
#[expect(clippy::result_large_err, reason = "the answer is on its way out, it is not kept")]
fn query(web: &Web, visitor: &Visitor, request: &Request) -> Result<Pairs, Response> {
    let query = request.uri().query().unwrap_or_default();
    Pairs::parse(query.as_bytes()).map_err(|bad| message::bad_form(web, visitor, bad))
}

/// Name, domain and password, as sent.
fn credentials_sent(pairs: &Pairs) -> Result<(&str, Option<&str>, &str), BadForm> {
    let text = |field: Field| pairs.text(field.name());
    Ok((text(Field::Username)?, pairs.one(DOMAIN)?, text(Field::Password)?))
}

/// The domain that was sent; without one the first that is served.
fn domain_sent(web: &Web, sent: Option<&str>) -> Result<Domain, Refusal> {
    match sent {
        Some(text) => Domain::parse(text).map_err(|_| Refusal::UnknownDomain),
        None => web.broker.domains().next().map(|policy| policy.domain.clone()).ok_or(Refusal::UnknownDomain),
    }
}

//! Who asks, in which language, in which session: read once for each request.

use std::net::IpAddr;

use axum::{
    extract::FromRequestParts,
    http::{HeaderMap, Uri, header, request::Parts},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};

use super::{
    client,
    cookies::{self, KnownAccount},
    form::Pairs,
    web::Web,
};
use crate::{
    accounts::{Domain, Front, LanguageTag, Origin, RequestId},
    random,
    text::Language,
};

/// The peer of a connection.
#[derive(Debug, Clone, Copy)]
pub struct Peer {
    /// Its address; that of the machine itself for a Unix socket.
    pub address: IpAddr,
    /// Whether it is a reverse proxy, whose word about others is taken.
    pub is_proxy: bool,
}

/// Who asks.
#[derive(Debug, Clone)]
pub struct Visitor {
    /// Where from.
    pub address: IpAddr,
    /// The language of the answer.
    pub language: Language,
    /// Whether the language was chosen with this request.
    pub language_chosen: bool,
    /// The session that forms are bound to.
    pub session: Session,
    /// The account that this browser is busy with.
    pub account: Option<KnownAccount>,
    /// The domain that the pages are about: named with this request or an earlier one, or else that of the account.
    pub domain: Option<Domain>,
    /// Whether it was named with this request.
    pub domain_chosen: bool,
    /// What the request is called, in the log and to the person.
    pub request: RequestId,
}

/// A session: a random name in a cookie, nothing on the server.
#[derive(Debug, Clone)]
pub struct Session {
    id: String,
    returning: bool,
}

impl Visitor {
    /// Reads a request's head.
    pub fn of_request(web: &Web, peer: Peer, headers: &HeaderMap, uri: &Uri) -> Self {
        let chosen = chosen_language(web, uri);
        let language = chosen
            .or_else(|| language_of_tag(web, cookies::cookie(web, headers, cookies::LANGUAGE)?))
            .unwrap_or_else(|| {
                let accepted = headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
                web.texts.negotiate(accepted.unwrap_or_default())
            });
        let account = KnownAccount::of_request(web, headers);
        let named = named(uri, "domain").and_then(|name| served(web, &name));
        let remembered = || served(web, cookies::cookie(web, headers, cookies::DOMAIN)?);
        let of_account = || account.as_ref().map(|account| account.domain.clone());
        Self {
            domain_chosen: named.is_some(),
            domain: named.or_else(remembered).or_else(of_account),
            address: client::client_address(peer, headers, &web.settings.trusted_proxies),
            language,
            language_chosen: chosen.is_some(),
            session: Session::of_request(web, headers),
            account,
            request: RequestId::from_bytes(random::bytes(web.random.as_ref())),
        }
    }

    /// The origin that use cases are told.
    pub fn origin(&self) -> Origin {
        Origin {
            address: Some(self.address),
            language: LanguageTag::parse(self.language.tag()).unwrap_or_default(),
            request: Some(self.request),
            ..Origin::of(Front::Web)
        }
    }
}

impl Session {
    fn of_request(web: &Web, headers: &HeaderMap) -> Self {
        let returning = cookies::cookie(web, headers, cookies::SESSION).filter(|id| {
            id.len() == 22 && id.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'))
        });
        if let Some(id) = returning {
            return Self { id: id.to_owned(), returning: true };
        }
        Self::fresh(web)
    }

    /// A session that nobody has yet.
    pub fn fresh(web: &Web) -> Self {
        let id = URL_SAFE_NO_PAD.encode(random::bytes::<16>(web.random.as_ref()));
        Self { id, returning: false }
    }

    /// The name.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Whether the browser has been told before.
    pub fn is_returning(&self) -> bool {
        self.returning
    }
}

fn chosen_language(web: &Web, uri: &Uri) -> Option<Language> {
    language_of_tag(web, &named(uri, "lang")?)
}

fn named(uri: &Uri, parameter: &str) -> Option<String> {
    let pairs = Pairs::parse(uri.query().unwrap_or_default().as_bytes()).ok()?;
    pairs.one(parameter).ok()?.map(str::to_owned)
}

fn served(web: &Web, name: &str) -> Option<Domain> {
    web.broker.domains().map(|policy| &policy.domain).find(|domain| domain.as_str() == name).cloned()
}

fn language_of_tag(web: &Web, tag: &str) -> Option<Language> {
    web.texts.languages().find(|language| language.tag().eq_ignore_ascii_case(tag))
}

impl<S: Sync> FromRequestParts<S> for Visitor {
    type Rejection = std::convert::Infallible;

    /// The layer around all pages has put the visitor into the request.
    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        #[expect(clippy::expect_used, reason = "router::build puts every page behind the layer that sets it")]
        Ok(parts.extensions.get::<Self>().cloned().expect("the layer around all pages sets the visitor"))
    }
}

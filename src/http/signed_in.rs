//! Who is signed in: a token in a cookie. Nothing is kept on the server; another password, a suspension and the end of the account end it
//! (`broker/tokens.rs`), and so does an hour.

use axum::{
    extract::FromRequestParts,
    http::{HeaderMap, HeaderValue, header, request::Parts},
    response::{IntoResponse, Response},
};
use secrecy::ExposeSecret;

use super::{
    cookies, pages, refusal,
    visitor::{Session, Visitor},
    web::Web,
};
use crate::{
    accounts::{Refusal, TokenLifetime},
    broker::{Bearer, Failure, Token},
};

/// How long somebody stays signed in.
pub const LIFETIME: TokenLifetime = TokenLifetime::LONGEST;

/// Who is signed in; whoever is not is sent to the page for it.
#[derive(Debug)]
pub struct SignedIn(pub Bearer);

impl FromRequestParts<Web> for SignedIn {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, web: &Web) -> Result<Self, Response> {
        let Ok(visitor) = Visitor::from_request_parts(parts, web).await;
        match current(web, &visitor, &parts.headers).await? {
            Some(bearer) => Ok(Self(bearer)),
            None => Err(pages::see_other(web, "/signin", None)),
        }
    }
}

/// Who is signed in, if somebody is.
pub async fn current(web: &Web, visitor: &Visitor, headers: &HeaderMap) -> Result<Option<Bearer>, Response> {
    let Some(token) = cookies::cookie(web, headers, cookies::SIGNED_IN) else { return Ok(None) };
    match web.broker.bearer(&visitor.origin(), token).await {
        Ok(bearer) => Ok(Some(bearer)),
        Err(Failure::Refused(Refusal::TokenInvalid)) => Ok(None),
        Err(failure) => {
            let told = refusal::told(web, visitor, failure)?;
            let text = told.problems.into_iter().map(|problem| problem.text).collect::<Vec<_>>().join("\n");
            Err((told.status, text).into_response())
        }
    }
}

/// Signs somebody in with this answer. The session that forms are bound to becomes another one, so that nobody who has planted the old one
/// knows it.
pub fn sign_in(web: &Web, response: &mut Response, token: &Token) {
    let fresh = Session::fresh(web);
    add(response, cookies::set_cookie(web, cookies::SESSION, fresh.id(), None));
    let seconds = Some(LIFETIME.seconds().into());
    add(response, cookies::set_cookie(web, cookies::SIGNED_IN, token.jwt.expose_secret(), seconds));
}

/// Makes the browser forget who was signed in.
pub fn forget(web: &Web, response: &mut Response) {
    add(response, cookies::set_cookie(web, cookies::SIGNED_IN, "", Some(0)));
}

fn add(response: &mut Response, cookie: HeaderValue) {
    response.headers_mut().append(header::SET_COOKIE, cookie);
}

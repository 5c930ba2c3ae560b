//! What every answer carries, and what surrounds every page: the visitor, a time limit, a net under panics.

use std::{panic::AssertUnwindSafe, time::Duration};

use axum::{
    extract::{Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, header},
    middleware::Next,
    response::Response,
};
use futures::FutureExt;
use tokio::time::Instant;
use tracing::Instrument;

use super::{
    cookies, router,
    visitor::{Peer, Visitor},
    web::Web,
};
use crate::{
    accounts::{Destination, Refusal, SiteService},
    broker::Failure,
    metrics,
};

/// Put into a response that shows a form: the browser must learn the session that the form is bound to.
#[derive(Debug, Clone, Copy)]
pub struct NeedsSession;

/// Put into a response whose page needs more than its style sheet and icon.
#[derive(Debug, Clone, Copy, Default)]
pub struct Needs {
    /// A picture that is part of the page (RFC 2397), and not loaded from anywhere.
    pub picture: bool,
    /// Our own scripts.
    pub scripts: Scripts,
    /// The script of a CAPTCHA service.
    pub site: Option<SiteService>,
    /// A form that sends people on to where the operator allows.
    pub sends_on: bool,
}

/// Our own scripts on a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Scripts {
    /// None.
    #[default]
    None,
    /// Some.
    Own,
    /// Some that ask us something.
    Asking,
}

/// What a page may load, run and send (CSP 3).
fn content_security_policy(web: &Web, needs: Needs) -> String {
    let pictures = if needs.picture { " data:" } else { "" };
    // What the services ask for in their documentation.
    let theirs = match needs.site {
        None => "",
        Some(SiteService::RecaptchaV2 | SiteService::RecaptchaV3) => {
            " https://www.google.com/recaptcha/ https://www.gstatic.com/recaptcha/"
        }
        Some(SiteService::Hcaptcha) => " https://hcaptcha.com https://*.hcaptcha.com",
        Some(SiteService::Turnstile) => " https://challenges.cloudflare.com",
    };
    let scripts = if needs.scripts == Scripts::None {
        String::new()
    } else {
        format!("; script-src 'self'{theirs}; worker-src 'self'")
    };
    let frames = if theirs.is_empty() { String::new() } else { format!("; frame-src{theirs}") };
    let own = if needs.scripts == Scripts::Asking { " 'self'" } else { "" };
    let calls = if own.is_empty() && theirs.is_empty() {
        String::new()
    } else {
        format!("; connect-src{own}{theirs}")
    };
    // Browsers hold the address that a form is sent on to against the policy, too.
    let mut further = vec!["'self'".to_owned()];
    if needs.sends_on {
        further.extend(web.settings.destinations.iter().map(Destination::origin));
    }
    let further = further.join(" ");
    format!(
        "default-src 'none'; style-src 'self'{theirs}; img-src 'self'{pictures}{scripts}{frames}{calls}; form-action {further}; frame-ancestors 'none'; base-uri 'none'"
    )
}

const FIXED: [(HeaderName, &str); 5] = [
    // Links with tokens are addresses of ours: they must not be told to anybody.
    (header::REFERRER_POLICY, "no-referrer"),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::X_FRAME_OPTIONS, "DENY"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
];

/// Tells what the request is called in the log.
const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// When it is worth trying again after an answer took too long.
const TRY_AGAIN: Duration = Duration::from_secs(5);

/// The layer around all pages.
pub async fn surround(State(web): State<Web>, mut request: Request, next: Next) -> Response {
    let peer = request.extensions().get::<Peer>().copied();
    // Without a connection there is no peer; the unspecified address is nobody's.
    let peer = peer.unwrap_or(Peer { address: std::net::Ipv4Addr::UNSPECIFIED.into(), is_proxy: false });
    let visitor = Visitor::of_request(&web, peer, request.headers(), request.uri());
    request.extensions_mut().insert(visitor.clone());
    let span = tracing::error_span!("web", request = %visitor.request);
    answer(web, visitor, request, next).instrument(span).await
}

async fn answer(web: Web, visitor: Visitor, request: Request, next: Next) -> Response {
    let begun = Instant::now();
    let path = request.uri().path().to_owned();
    let mut response = match attempt(web.settings.limits.request_timeout, next.run(request)).await {
        Attempt::Answered(response) => response,
        Attempt::Panicked => {
            let error = anyhow::anyhow!("a page ended in a panic, which was logged before this line");
            router::in_trouble(&web, &visitor, &path, Failure::Fault(error))
        }
        Attempt::TookTooLong => {
            let busy = Refusal::Busy { retry_after: TRY_AGAIN };
            router::in_trouble(&web, &visitor, &path, busy.into())
        }
    };
    finish(&web, &visitor, &mut response);
    metrics::http(response.status().as_u16(), begun.elapsed());
    response
}

/// How making an answer ended.
#[derive(Debug, PartialEq)]
enum Attempt<T> {
    Answered(T),
    Panicked,
    TookTooLong,
}

/// Waits for an answer; one that fails in an unforeseen way takes nobody else's connection with it.
async fn attempt<T>(limit: Duration, answer: impl Future<Output = T>) -> Attempt<T> {
    match tokio::time::timeout(limit, AssertUnwindSafe(answer).catch_unwind()).await {
        Ok(Ok(answer)) => Attempt::Answered(answer),
        Ok(Err(_)) => Attempt::Panicked,
        Err(_) => Attempt::TookTooLong,
    }
}

fn finish(web: &Web, visitor: &Visitor, response: &mut Response) {
    let needs_session = response.extensions().get::<NeedsSession>().is_some();
    let needs = response.extensions().get::<Needs>().copied().unwrap_or_default();
    let headers: &mut HeaderMap = response.headers_mut();
    for (name, value) in FIXED {
        headers.insert(name, HeaderValue::from_static(value));
    }
    if web.is_secure() {
        // A year (RFC 6797); what else is on the host or below it is not ours to decide about.
        let only_by_tls = HeaderValue::from_static("max-age=31536000");
        headers.insert(header::STRICT_TRANSPORT_SECURITY, only_by_tls);
    }
    // Nothing but our own files is loaded, forms go nowhere else, nobody frames us.
    if let Ok(policy) = HeaderValue::try_from(content_security_policy(web, needs)) {
        headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    // Ours, never one that came with the request: what the log holds is not for others to write.
    if let Ok(name) = HeaderValue::try_from(visitor.request.to_string()) {
        headers.insert(REQUEST_ID, name);
    }
    if !headers.contains_key(header::CACHE_CONTROL) {
        // Pages depend on cookies and language, and many hold forms.
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
    if needs_session && !visitor.session.is_returning() {
        let cookie = cookies::set_cookie(web, cookies::SESSION, visitor.session.id(), None);
        headers.append(header::SET_COOKIE, cookie);
    }
    if let Some(domain) = visitor.domain.as_ref().filter(|_| visitor.domain_chosen) {
        headers.append(header::SET_COOKIE, cookies::set_cookie(web, cookies::DOMAIN, domain.as_str(), None));
    }
    if visitor.language_chosen {
        let lifetime = Some(cookies::LANGUAGE_LIFETIME);
        headers.append(
            header::SET_COOKIE,
            cookies::set_cookie(web, cookies::LANGUAGE, visitor.language.tag(), lifetime),
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn an_answer_that_panics_or_takes_too_long_is_noticed() {
        let limit = Duration::from_millis(50);
        assert_eq!(attempt(limit, async { 1 }).await, Attempt::Answered(1));
        assert_eq!(attempt(limit, async { panic!("on purpose") }).await, Attempt::<()>::Panicked);
        assert_eq!(attempt(limit, std::future::pending::<()>()).await, Attempt::TookTooLong);
    }
}

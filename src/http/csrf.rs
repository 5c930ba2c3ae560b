//! Forms are accepted only from our own pages in the same browser: a signed token in the form must fit the session cookie, and
//! what the browser says about the sender must not speak against it.

use axum::http::{HeaderMap, HeaderValue, header};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use subtle::ConstantTimeEq;

use super::{visitor::Session, web::Web};

/// The name of the form field.
pub const FIELD: &str = "csrf";

/// The token for forms shown in a session.
pub fn token(web: &Web, session: &Session) -> String {
    URL_SAFE_NO_PAD.encode(web.csrf_key.hash(&["form", session.id()]).as_bytes())
}

/// Whether a form with this token and these headers comes from one of our pages in this session.
pub fn is_own(web: &Web, session: &Session, token_sent: &str, headers: &HeaderMap) -> bool {
    let expected = token(web, session);
    let fits: bool = expected.as_bytes().ct_eq(token_sent.as_bytes()).into();
    fits && session.is_returning() && sender_is_own(web, headers)
}

/// `Sec-Fetch-Site` says `none` when the person sent it without a page (reload after a restart). `Origin` is `null` in every form post
/// from our pages, because they ask for `Referrer-Policy: no-referrer` (Fetch standard, "append a request Origin header"): then
/// only the other two signs count.
fn sender_is_own(web: &Web, headers: &HeaderMap) -> bool {
    let site = headers.get("sec-fetch-site").map(HeaderValue::as_bytes);
    let origin = headers.get(header::ORIGIN).map(HeaderValue::as_bytes);
    let own_origin = web.settings.base_url.origin().ascii_serialization();
    matches!(site, None | Some(b"same-origin" | b"none"))
        && origin.is_none_or(|origin| origin == b"null" || origin == own_origin.as_bytes())
}

//! Pages that only say something: errors, mostly.

use askama::Template;
use axum::{
    extract::State,
    http::{HeaderValue, StatusCode, header},
    response::Response,
};
use jiff::Timestamp;

use super::{Page, html};
use crate::{
    accounts::Front,
    http::{form::BadForm, visitor::Visitor, web::Web},
    metrics,
};

/// A heading, a text, and a way on.
#[derive(Template)]
#[template(path = "web/message.html")]
struct MessagePage<'a> {
    page: Page<'a>,
    text: String,
    /// Text and path.
    way_on: (String, &'static str),
}

/// No such page.
pub async fn not_found(State(web): State<Web>, visitor: Visitor) -> Response {
    let keys = ("page-error-not-found", "page-error-not-found-text");
    say(&web, &visitor, StatusCode::NOT_FOUND, keys, "/")
}

/// A page that is not for this method.
pub async fn method_not_allowed(State(web): State<Web>, visitor: Visitor) -> Response {
    let keys = ("page-error-method", "page-error-method-text");
    say(&web, &visitor, StatusCode::METHOD_NOT_ALLOWED, keys, "/")
}

/// A request that no page of ours makes a browser send.
pub fn bad_form(web: &Web, visitor: &Visitor, bad: BadForm) -> Response {
    let keys = match bad {
        BadForm::TooLarge => ("page-error-too-large", "page-error-too-large-text"),
        BadForm::TooSlow => ("page-error-too-slow", "page-error-too-slow-text"),
        BadForm::ContentType | BadForm::Malformed => ("page-error-malformed", "page-error-malformed-text"),
    };
    say(web, visitor, bad.status(), keys, "/")
}

/// A form that may come from somebody else's page. Nothing of it is shown again; `path` is where our own form is.
pub fn foreign_form(web: &Web, visitor: &Visitor, path: &str) -> Response {
    let own_form = match path.strip_prefix(web.base()).unwrap_or(path) {
        "/register" => "/register",
        "/verify/address" => "/verify/address",
        "/recover" | "/recover/code" => "/recover",
        "/signin" | "/signout" => "/signin",
        "/account/password" | "/account/email" | "/account/email/code" | "/account/delete" => "/account",
        _ => "/verify",
    };
    let keys = ("page-error-foreign-form", "page-error-foreign-form-text");
    say(web, visitor, StatusCode::FORBIDDEN, keys, own_form)
}

/// The new password works.
pub fn recovered(web: &Web, visitor: &Visitor) -> Response {
    say(web, visitor, StatusCode::OK, ("page-recovered", "page-recovered-text"), "/")
}

/// The account is gone.
pub fn deleted(web: &Web, visitor: &Visitor) -> Response {
    say(web, visitor, StatusCode::OK, ("page-deleted", "page-deleted-text"), "/")
}

/// The account will be deleted, and can be kept until then.
pub fn leaving(web: &Web, visitor: &Visitor, at: Timestamp) -> Response {
    let page = Page::new(web, visitor, "page-leaving", "/");
    let text = page.words.format("page-leaving-text", &[("time", &page.words.moment(at))]);
    let way_on = (page.words.get("page-keep"), "/account/keep");
    html(StatusCode::OK, &MessagePage { page, text, way_on })
}

/// The account stays.
pub fn kept(web: &Web, visitor: &Visitor) -> Response {
    say(web, visitor, StatusCode::OK, ("page-kept", "page-kept-text"), "/signin")
}

/// More work than can be done in time.
pub fn busy(web: &Web, visitor: &Visitor) -> Response {
    metrics::busy(Front::Web);
    let keys = ("page-error-busy", "page-error-busy-text");
    retry_later(say(web, visitor, StatusCode::SERVICE_UNAVAILABLE, keys, "/"))
}

/// Something broke: the operator finds it in the log by the name of the request, which the person gets.
pub fn fault(web: &Web, visitor: &Visitor, error: &anyhow::Error) -> Response {
    tracing::error!(error = format!("{error:#}"), "a web request met a fault");
    let reference = visitor.request.to_string();
    let page = Page::new(web, visitor, "page-error-fault", "/");
    let text = page.words.format("page-error-fault-text", &[("reference", &reference)]);
    let way_on = (page.words.get("page-to-start"), "/");
    let page = MessagePage { page, text, way_on };
    retry_later(html(StatusCode::SERVICE_UNAVAILABLE, &page))
}

/// `keys` are those of heading and text.
fn say(
    web: &Web,
    visitor: &Visitor,
    status: StatusCode,
    keys: (&str, &str),
    way_on: &'static str,
) -> Response {
    let page = Page::new(web, visitor, keys.0, way_on);
    let text = page.words.get(keys.1);
    let way_on_key = if way_on == "/" { "page-to-start" } else { "page-to-form" };
    let way_on = (page.words.get(way_on_key), way_on);
    html(status, &MessagePage { page, text, way_on })
}

fn retry_later(mut response: Response) -> Response {
    response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("30"));
    response
}

//! `/`: what this is and where to begin.

use askama::Template;
use axum::{extract::State, http::StatusCode, response::Response};

use super::{Page, html, register};
use crate::http::{visitor::Visitor, web::Web};

/// See [`show`].
#[derive(Template)]
#[template(path = "web/start.html")]
struct StartPage<'a> {
    page: Page<'a>,
    /// The domains that people may register on.
    domains: Vec<&'a str>,
    /// What this browser is busy with: where the account stands, and how to go on (text and path).
    account: Option<(String, String, &'static str)>,
}

/// Shows the page.
pub async fn show(State(web): State<Web>, visitor: Visitor) -> Response {
    let mut page = Page::new(&web, &visitor, "page-start", "/");
    page.heading = page.words.format("page-start", &[("service", page.service())]);
    let domains = register::open_domains(&web).iter().map(|policy| policy.domain.as_str()).collect();
    let account = visitor.account.as_ref().map(|account| {
        let address = account.address();
        let stands = |key| page.words.format(key, &[("address", &address)]);
        if account.active {
            (stands("page-start-active"), page.words.get("page-start-active-link"), "/welcome")
        } else {
            (stands("page-start-pending"), page.words.get("page-start-pending-link"), "/verify")
        }
    });
    html(StatusCode::OK, &StartPage { page, domains, account })
}

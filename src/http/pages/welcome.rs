//! `/welcome`: the XMPP address to use from now on, and programs to use it with.

use askama::Template;
use axum::{extract::State, http::StatusCode, response::Response};

use super::{Page, html, see_other};
use crate::http::{visitor::Visitor, web::Web};

/// See [`show`].
#[derive(Template)]
#[template(path = "web/welcome.html")]
struct WelcomePage<'a> {
    page: Page<'a>,
    address: String,
    clients: &'static [Client],
}

/// A program to chat with.
struct Client {
    name: &'static str,
    /// Its site; a link that people may follow, nothing is loaded from there.
    url: &'static str,
    /// Where it runs; names of systems are the same in all languages.
    systems: &'static str,
}

const CLIENTS: [Client; 6] = [
    Client { name: "Conversations", url: "https://conversations.im/", systems: "Android" },
    Client { name: "Monal", url: "https://monal-im.org/", systems: "iPhone, iPad, macOS" },
    Client { name: "Gajim", url: "https://gajim.org/", systems: "Windows, macOS, Linux" },
    Client { name: "Dino", url: "https://dino.im/", systems: "Linux" },
    Client { name: "Converse.js", url: "https://conversejs.org/", systems: "Web" },
    Client { name: "Profanity", url: "https://profanity-im.github.io/", systems: "Terminal" },
];

/// Shows the page to a browser in which an account became active; others start at the beginning.
pub async fn show(State(web): State<Web>, visitor: Visitor) -> Response {
    let Some(account) = visitor.account.as_ref().filter(|account| account.active) else {
        return see_other(&web, "/", None);
    };
    let page = Page::new(&web, &visitor, "page-welcome", "/welcome");
    let page = WelcomePage { page, address: account.address(), clients: &CLIENTS };
    html(&web, StatusCode::OK, &page)
}

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
    lead: String,
    address: String,
    clients: &'static [Client],
}

/// A program to chat with.
pub struct Client {
    pub name: &'static str,
    /// Its site; a link that people may follow, nothing is loaded from there.
    pub url: &'static str,
    /// Where it runs; names of systems are the same in all languages.
    pub systems: &'static str,
}

/// How many of the first of them have a way to register, most of them with an invitation.
pub const INVITABLE: usize = 5;

/// A few well-known ones, for the systems that most people have.
pub const CLIENTS: [Client; 7] = [
    Client { name: "Conversations", url: "https://conversations.im/", systems: "Android" },
    Client { name: "Monal", url: "https://monal-im.org/", systems: "iPhone, iPad, macOS" },
    Client { name: "Siskin", url: "https://siskin.im/", systems: "iPhone, iPad" },
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
    // Whoever was invited may have given no address.
    let lead = if account.email.is_some() { "page-welcome-lead" } else { "page-welcome-lead-ready" };
    let page =
        WelcomePage { lead: page.words.get(lead), page, address: account.address(), clients: &CLIENTS };
    html(StatusCode::OK, &page)
}

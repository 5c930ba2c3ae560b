//! The web front over real sockets: whole stories, and everything that is not a browser.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test stops at the first thing that is wrong"
)]

mod account;
mod agent_api;
mod branch_api;
mod brand;
mod browser;
mod captcha;
#[path = "../support/siteverify.rs"]
mod captcha_site;
mod hostile;
mod invitations;
mod limits;
mod phones;
mod recover;
mod safety;
mod serving;
mod stories;
#[path = "../support/mod.rs"]
mod support;

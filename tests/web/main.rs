//! The web front over real sockets: whole stories, and everything that is not a browser.

mod browser;
mod hostile;
mod limits;
mod safety;
mod stories;
#[path = "../support/mod.rs"]
mod support;

//! XEP-0077 point by point, at the three places where somebody can ask: the component's own address, and the chat domain
//! before and after login. Real broker, real database, and the real component over a socket, whose other end is the test.
//!
//! A test begins with the number of the point and of the section; `docs/xep-0077.md` lists them. What only a server can show is
//! in `tests/stories/test_xep_0077.py`.
#![expect(clippy::unwrap_used, clippy::panic, reason = "tests stop by panicking")]

#[path = "../support/broker.rs"]
mod broker;
#[path = "../support/fake_server.rs"]
mod fake_server;
#[path = "../support/running_component.rs"]
mod running_component;

mod delegation;
mod forms;
mod hostile;
mod links;
mod password;
mod places;
mod registration;
mod removal;
mod rest;
mod shapes;
mod signed;
mod table;

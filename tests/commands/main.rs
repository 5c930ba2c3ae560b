//! What people do at the component's own address, against a server of the test and a real broker.
#![expect(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

#[path = "../support/fake_server.rs"]
mod fake_server;
#[path = "../support/broker.rs"]
mod house;
#[path = "../support/running_component.rs"]
mod running_component;

mod conversation;
mod desk;
mod flows;
mod invitations;
mod protocol;
mod stories;

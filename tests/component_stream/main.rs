//! The component's stream against a server that is odd, slow, hostile or gone.
#![expect(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

#[path = "../support/fake_server.rs"]
mod fake_server;
#[path = "../support/hostile_stanzas.rs"]
mod hostile_stanzas;
#[path = "../support/running_component.rs"]
mod running_component;

mod endings;
mod hostile;
mod requests;
mod shutdown;

/// A payload for handlers that take their time.
const SLOW: &str = "<slow xmlns='urn:test:slow'/>";

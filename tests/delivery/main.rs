//! Letters on their way: through mail servers good and bad, through crashes, into the hands of the person.

#![expect(
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test stops at the first thing that is wrong"
)]

mod couriers;
mod mail_server;
mod outbox;
mod peer;
mod real_server;
mod sms;
mod worker;

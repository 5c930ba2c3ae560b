//! A load generator for everything that `scripts/bench` measures. One JSON line for each phase on standard output.
//!
//! - `load derive`: what this machine can derive from passwords at most, with nothing else going on. The bound of all registrations.
//! - `load component`: plays the XMPP server to a broker: waits for its component, then sends requests down that stream.
//! - `load server`: plays XMPP clients to a real server: registers (XEP-0077) on streams that are not logged in.
//! - `load login`: plays XMPP clients that log in at a real server.
//! - `load web`: plays programs and browsers at the web front, and connections that do nothing.
//!
//! Plain connections only: what is measured is the broker and the server, not TLS.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a measurement: reads the clock, and ends at what it does not expect"
)]

mod component;
mod derive;
mod login;
mod measure;
mod server;
mod web;
mod wire;

use clap::Parser;

#[derive(Debug, Parser)]
#[command(about = "Measures a broker and the server in front of it")]
enum Command {
    /// Derivations a second: Argon2id and both SCRAM keys, on every core at once.
    Derive(derive::Arguments),
    /// Requests down the component stream, as an XMPP server sends them.
    Component(component::Arguments),
    /// Registrations of clients at a real XMPP server.
    Server(server::Arguments),
    /// Logins of clients at a real XMPP server.
    Login(login::Arguments),
    /// Requests of programs and browsers at the web front.
    Web(web::Arguments),
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    match Command::parse() {
        Command::Derive(arguments) => derive::run(&arguments),
        Command::Component(arguments) => component::run(&arguments).await,
        Command::Server(arguments) => server::run(&arguments).await,
        Command::Login(arguments) => login::run(&arguments).await,
        Command::Web(arguments) => web::run(arguments).await,
    }
}

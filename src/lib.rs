//! Ostiary, the account broker of an XMPP service.
//!
//! It decides who gets an account, proves who they are, keeps the accounts, and answers the XMPP server when they log in.
//! Modules in reading order; who may use whom is in `ARCHITECTURE.md` and held by `tests/architecture.rs`.

#[cfg(test)]
mod fuzz_seeds;

pub mod accounts;
pub mod broker;
pub mod store;

pub mod delivery;
pub mod siteverify;
pub mod text;

pub mod backend;
pub mod cli;
pub mod http;
pub mod monitoring;
pub mod xmpp;

pub mod config;

pub mod clock;
pub mod metrics;
pub mod outside;
pub mod random;
pub mod telemetry;
pub mod unix_socket;

//! The web front: pages on which people register and prove their address, for every browser; no page
//! needs a script.
//!
//! How a request travels: [`serve`] accepts the connection within its limits; `router` finds the page; `visitor` says who asks
//! and in which language; `form` reads what was sent; one file in `pages` calls one use case and renders its outcome;
//! `refusal` turns a "no" into status and text. `headers` has what every answer carries.
//! Programs of partners come to `agent_api` and `branch_api` (`docs/api.md`), which `openapi` describes.

mod agent_api;
mod assets;
mod branch_api;
mod brand;
mod client;
mod cookies;
mod csrf;
mod form;
mod headers;
mod listener;
mod openapi;
mod pages;
mod qr;
mod refusal;
mod router;
mod server;
mod signed_in;
mod tls;
mod visitor;
mod web;

pub use brand::{Brand, DomainBrand, Logo};
pub use client::{Network, NetworkProblem};
pub use listener::Listener;
pub use server::serve;
pub use tls::{Certificate, CertificateError};
pub use web::{CaptchaSite, HttpLimits, HttpSettings, Web};

//! `[monitoring]`: for whoever watches the service.

use std::net::SocketAddr;

use super::{
    define::{Fallback, OptionDef, SectionDef, Times},
    kinds,
    reader::Section,
};

/// Monitoring.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Monitoring {
    /// Where to listen; none switches it off.
    pub listen: Vec<SocketAddr>,
}

const LISTEN: OptionDef = OptionDef {
    key: "listen",
    allowed: "a list of \"address:port\" on this machine (127.0.0.1 or [::1])",
    default: Fallback::Value("[]"),
    example: "[\"127.0.0.1:9642\"]",
    doc: "Where `/healthz`, `/readyz` and `/metrics` (Prometheus, `docs/metrics.md`) are answered, in plain HTTP and without asking who it is; hence on this machine only.",
};

pub(super) const SECTION: SectionDef = SectionDef {
    name: "monitoring",
    times: Times::Once,
    doc: "For whoever watches the service. Off unless `listen` is set.",
    options: &[&LISTEN],
};

pub(super) fn read(section: &Section<'_>) -> Option<Monitoring> {
    let listen = section.get(&LISTEN, kinds::list(kinds::socket))?;
    for address in listen.iter().filter(|address| !address.ip().is_loopback()) {
        section.note(
            &LISTEN,
            format!(
                "{address} is not on this machine: listen on 127.0.0.1, and let a reverse proxy ask who it is"
            ),
        );
    }
    Some(Monitoring { listen })
}

//! Who asks over XMPP: a client of a served domain, carried by the server's module, or anybody who writes to the component's
//! own address.

use crate::{
    accounts::{Domain, Origin},
    text::Language,
};

/// The one who asks, as far as the server has proven it.
#[derive(Debug, Clone)]
pub struct Asker {
    /// For limits, the audit table and sessions.
    pub origin: Origin,
    /// The domain whose accounts the request is about.
    pub domain: Domain,
    /// The username on that domain, when the server has authenticated the asker; `None` before login and for strangers.
    pub username: Option<String>,
    /// Whether the client's stream to its server is encrypted, as far as is known.
    pub secure: bool,
    /// Whether the request is for the component's own address, not for the domain itself.
    pub at_component: bool,
    /// The language of the answer.
    pub language: Language,
}

//! XEP-0199: XMPP ping.

use minidom::Element;
use xmpp_parsers::ping::Ping;

use super::{
    reply::Reply,
    router::Router,
    stanza::{Request, RequestKind},
};

/// Answers a ping (XEP-0199 §4).
pub(super) fn answer(_: &Router, request: &Request) -> Reply {
    if request.kind == RequestKind::Get && request.payload.name() == "ping" {
        Reply::done()
    } else {
        Reply::bad_request()
    }
}

/// The payload of our own ping.
pub(super) fn payload() -> Element {
    Ping.into()
}

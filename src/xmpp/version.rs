//! XEP-0092: software version.

use minidom::Element;
use xmpp_parsers::version::VersionResult;

use super::{
    reply::Reply,
    router::Router,
    stanza::{Request, RequestKind},
};

/// Tells name and version of the software, and the operating system if the operator wants that (XEP-0092 §3).
pub(super) fn answer(router: &Router, request: &Request) -> Reply {
    if request.kind == RequestKind::Set || request.payload.name() != "query" {
        return Reply::bad_request();
    }
    let service = router.service();
    let version = VersionResult {
        name: service.software.clone(),
        version: service.version.clone(),
        os: service.os.clone(),
    };
    Element::from(version).into()
}

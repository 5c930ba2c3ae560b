//! What the fuzz targets under `fuzz/` reach in here, and nothing else does. Each function takes whatever bytes, and panics when
//! something does not hold that should.

#[cfg(feature = "fuzzing")]
use minidom::Element;

#[cfg(feature = "fuzzing")]
use super::{
    guard,
    router::{Route, Router},
    stanza::Incoming,
};
pub use super::{guard::fuzzing::byte_guard, register::fuzzing::registration_form};

/// Has a stanza of a server answered as the component does: guard, reader, router, answer. `None` for what gets no answer here: XML
/// that the guard keeps back, and what is no request.
#[cfg(feature = "fuzzing")]
pub async fn answer(router: &Router, stanza: &[u8]) -> Option<Element> {
    let element = guard::fuzzing::stanza(stanza)?;
    match Incoming::from_stanza(element) {
        Incoming::Request(address, request) => {
            let reply = match router.find(address.asked(), &request) {
                None => super::Reply::service_unavailable(),
                Some(Route::Instant(handler)) => handler(router, &request),
                Some(Route::Slow(handler)) => handler(request).await,
            };
            Some(address.answer(reply))
        }
        Incoming::BadRequest(address) => Some(address.answer(super::Reply::bad_request())),
        Incoming::Answer { .. } | Incoming::Message { .. } | Incoming::Ignored => None,
    }
}

#[cfg(test)]
mod tests {
    use crate::fuzz_seeds::run as run_seeds;

    #[test]
    fn the_seeds_of_the_fuzz_targets_hold() {
        run_seeds("byte_guard", super::byte_guard);
        run_seeds("registration_form", super::registration_form);
    }
}

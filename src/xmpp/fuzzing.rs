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
    use std::fs;

    /// The seeds, and every input that has once made a target fail.
    fn run_seeds(target: &str, run: fn(&[u8])) {
        let mut seeds = 0;
        for entry in fs::read_dir(format!("fuzz/seeds/{target}")).unwrap() {
            run(&fs::read(entry.unwrap().path()).unwrap());
            seeds += 1;
        }
        assert!(seeds > 2, "too few seeds of {target}");
    }

    #[test]
    fn the_seeds_of_the_fuzz_targets_hold() {
        run_seeds("byte_guard", super::byte_guard);
        run_seeds("registration_form", super::registration_form);
    }
}

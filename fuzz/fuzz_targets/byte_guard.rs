//! The guard between the socket and the XML reader.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| ostiary::xmpp::fuzzing::byte_guard(data));

//! XEP-0077 queries, with and without data forms.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| ostiary::xmpp::fuzzing::registration_form(data));

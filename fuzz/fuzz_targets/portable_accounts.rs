//! Files of XEP-0227: whatever the file, the accounts in it come to an end.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| ostiary::cli::fuzzing::portable_accounts(data));

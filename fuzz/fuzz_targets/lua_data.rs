//! Accounts of Prosody: whatever the file, it is read or refused, and nothing in it is run.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| ostiary::cli::fuzzing::lua_data(data));

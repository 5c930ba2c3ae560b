//! Dumps of ejabberd's SQL database: whatever the file, the accounts in it come to an end.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| ostiary::cli::fuzzing::sql_dump(data));

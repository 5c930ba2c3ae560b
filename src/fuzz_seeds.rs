//! Runs what the fuzz targets begin with, so that `cargo test` knows when one of them has come to fail.

use std::fs;

/// Runs a target over its seeds, and over every input that has once made it fail.
pub fn run(target: &str, run: fn(&[u8])) {
    let mut seeds = 0;
    for entry in fs::read_dir(format!("fuzz/seeds/{target}")).unwrap() {
        run(&fs::read(entry.unwrap().path()).unwrap());
        seeds += 1;
    }
    assert!(seeds > 1, "too few seeds of {target}");
}

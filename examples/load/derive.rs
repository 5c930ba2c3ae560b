//! The bound: how many passwords this machine derives in a second when it does nothing else.
//!
//! Made of the crates alone, not of the broker's own code, so that it shows what the broker loses.

use std::{
    thread,
    time::{Duration, Instant},
};

use argon2::{Algorithm, Argon2, Block, Params, Version};
use clap::Args;
use pbkdf2::pbkdf2_hmac;
use sha1::Sha1;
use sha2::Sha256;

#[derive(Debug, Args)]
pub struct Arguments {
    /// Argon2id memory in KiB.
    #[arg(long, default_value_t = 19_456)]
    memory_kib: u32,
    /// Argon2id passes.
    #[arg(long, default_value_t = 2)]
    passes: u32,
    /// PBKDF2 rounds of each of the two SCRAM keys.
    #[arg(long, default_value_t = 10_000)]
    scram_iterations: u32,
    /// Threads; as many as cores where not said.
    #[arg(long)]
    threads: Option<usize>,
    /// How long, in seconds.
    #[arg(long, default_value_t = 5.0)]
    seconds: f64,
}

/// Prints the rate.
pub fn run(arguments: &Arguments) {
    let threads = arguments.threads.unwrap_or_else(|| thread::available_parallelism().map_or(1, usize::from));
    let limit = Duration::from_secs_f64(arguments.seconds);
    let rate: f64 = thread::scope(|scope| {
        let workers: Vec<_> = (0..threads).map(|_| scope.spawn(|| derive_for(limit, arguments))).collect();
        workers.into_iter().map(|worker| worker.join().unwrap()).sum()
    });
    let line = serde_json::json!({ "phase": "derive", "threads": threads, "per_second": rate });
    println!("{line}");
}

/// Derivations a second of one thread; a derivation that is not finished in time does not shorten the time of the others.
fn derive_for(limit: Duration, arguments: &Arguments) -> f64 {
    let params = Params::new(arguments.memory_kib, arguments.passes, 1, Some(32)).unwrap();
    let mut memory = vec![Block::new(); params.block_count()];
    let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
    let (mut done, mut output) = (0_u32, [0; 32]);
    let begun = Instant::now();
    while begun.elapsed() < limit {
        let password = format!("correct horse {done}");
        argon2
            .hash_password_into_with_memory(password.as_bytes(), &[7; 16], &mut output, &mut memory)
            .unwrap();
        pbkdf2_hmac::<Sha1>(password.as_bytes(), &[7; 16], arguments.scram_iterations, &mut output[..20]);
        pbkdf2_hmac::<Sha256>(password.as_bytes(), &[7; 16], arguments.scram_iterations, &mut output);
        std::hint::black_box(output);
        done += 1;
    }
    f64::from(done) / begun.elapsed().as_secs_f64()
}

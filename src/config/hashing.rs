//! `[hashing]`: how passwords are derived, and how much of it at a time.

use std::thread::available_parallelism;

use toml::de::DeValue;

use super::{
    define::{Fallback, OptionDef, SectionDef, Times},
    kinds,
    reader::{Kind, Section},
};

/// How passwords are derived.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hashing {
    /// Argon2id memory in KiB.
    pub memory_kib: u32,
    /// Argon2id passes.
    pub passes: u32,
    /// PBKDF2 rounds of the SCRAM keys; `None` where SCRAM is off.
    pub scram_iterations: Option<u32>,
    /// Threads.
    pub threads: usize,
    /// Derivations that may wait.
    pub queue: usize,
    /// Whether the memory of derivations is to lie in huge pages.
    pub huge_pages: bool,
    /// `true` where the floors have been switched off.
    pub insecure_for_tests: bool,
}

const MEMORY: OptionDef = OptionDef {
    key: "memory_kib",
    allowed: "8 to 4194304, and together with passes not below OWASP's minimum: 47104 with 1 pass, 19456 with 2, 12288 with 3, 9216 with 4, 7168 with 5 or more",
    default: Fallback::Value("19456"),
    example: "19456",
    doc: "Memory of one Argon2id derivation in KiB. Each hashing thread keeps as much while it has work. Existing accounts follow at their next login.",
};

const PASSES: OptionDef = OptionDef {
    key: "passes",
    allowed: "1 to 100",
    default: Fallback::Value("2"),
    example: "2",
    doc: "Passes of Argon2id over that memory.",
};

const SCRAM: OptionDef = OptionDef {
    key: "scram",
    allowed: "true or false",
    default: Fallback::Value("true"),
    example: "true",
    doc: "Whether SCRAM keys are kept (sealed with the master key) beside the Argon2id hash. With `false` people log in by PLAIN over TLS only, and each login costs a derivation.",
};

const SCRAM_ITERATIONS: OptionDef = OptionDef {
    key: "scram_iterations",
    allowed: "4096 to 1000000 (RFC 7677 §4 asks for 4096 at least)",
    default: Fallback::Value("10000"),
    example: "10000",
    doc: "PBKDF2 rounds of the SCRAM keys. Phones do them at each first login.",
};

const THREADS: OptionDef = OptionDef {
    key: "threads",
    allowed: "\"auto\" or 1 to 256",
    default: Fallback::Value("\"auto\""),
    example: "\"auto\"",
    doc: "Threads that derive; `auto` takes as many as there are processor cores.",
};

const QUEUE: OptionDef = OptionDef {
    key: "queue",
    allowed: "1 to 100000",
    default: Fallback::Value("256"),
    example: "256",
    doc: "Derivations that may wait. Beyond it, requests are refused with \"try again later\".",
};

const HUGE_PAGES: OptionDef = OptionDef {
    key: "huge_pages",
    allowed: "true or false",
    default: Fallback::Value("true"),
    example: "true",
    doc: "Asks Linux for huge pages, where it gives them on request (`madvise`): derivations are 5 to 8 % faster. `ostiary serve` starts itself anew for this, as the same process, with `GLIBC_TUNABLES` set.",
};

const INSECURE: OptionDef = OptionDef {
    key: "insecure_for_tests",
    allowed: "true or false",
    default: Fallback::Value("false"),
    example: "false",
    doc: "Lets `memory_kib`, `passes` and `scram_iterations` be as low as you like, for tests and benchmarks. Never with real accounts.",
};

pub(super) const SECTION: SectionDef = SectionDef {
    name: "hashing",
    times: Times::Once,
    doc: "How passwords are derived, and how much of it at a time. `ostiary check` measures what it costs on this machine.",
    options: &[&MEMORY, &PASSES, &SCRAM, &SCRAM_ITERATIONS, &THREADS, &QUEUE, &HUGE_PAGES, &INSECURE],
};

pub(super) fn read(section: &Section<'_>) -> Option<Hashing> {
    let memory = section.get(&MEMORY, kinds::number::<u32>(8..=4_194_304));
    let passes = section.get(&PASSES, kinds::number::<u32>(1..=100));
    let scram = section.get(&SCRAM, kinds::switch);
    let iterations = section.get(&SCRAM_ITERATIONS, kinds::number::<u32>(1..=1_000_000));
    let threads = section.get(&THREADS, threads);
    let queue = section.get(&QUEUE, kinds::number(1..=100_000));
    let huge_pages = section.get(&HUGE_PAGES, kinds::switch);
    let insecure_for_tests = section.get(&INSECURE, kinds::switch)?;
    if !insecure_for_tests {
        if let (Some(memory), Some(passes)) = (memory, passes)
            && memory < floor(passes)
        {
            section
                .note(&MEMORY, format!("found {memory} with {passes} passes; allowed: {}", MEMORY.allowed));
        }
        if let Some(iterations) = iterations.filter(|iterations| *iterations < 4096) {
            section.note(
                &SCRAM_ITERATIONS,
                format!("found {iterations}; allowed: {}", SCRAM_ITERATIONS.allowed),
            );
        }
    }
    let scram_iterations = if scram? { Some(iterations?) } else { None };
    Some(Hashing {
        memory_kib: memory?,
        passes: passes?,
        scram_iterations,
        threads: threads?,
        queue: queue?,
        huge_pages: huge_pages?,
        insecure_for_tests,
    })
}

/// Least memory in KiB for a number of passes (OWASP Password Storage Cheat Sheet, Argon2id).
fn floor(passes: u32) -> u32 {
    match passes {
        0 | 1 => 47_104,
        2 => 19_456,
        3 => 12_288,
        4 => 9_216,
        _ => 7_168,
    }
}

fn threads(value: &DeValue<'_>) -> Kind<usize> {
    if value.as_str() == Some("auto") {
        return Ok(available_parallelism().map_or(1, usize::from));
    }
    kinds::number(1..=256)(value)
}

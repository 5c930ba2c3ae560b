//! Holds the import table of the layers against the code, and files to a size that a head can hold.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

/// Which folder of `src/` may use which others. `cli` may use everything.
const MAY_USE: &[(&str, &[&str])] = &[
    ("accounts", &[]),
    ("broker", &["accounts", "store"]),
    ("store", &["accounts"]),
    ("delivery", &["store", "accounts", "text"]),
    ("siteverify", &["broker", "accounts"]),
    ("text", &["accounts"]),
    // The fronts see the store's plain values only where the broker's own signatures hand them on.
    ("xmpp", &["broker", "accounts", "text"]),
    ("http", &["broker", "accounts", "text"]),
    ("backend", &["broker", "accounts", "text"]),
    ("monitoring", &["store", "xmpp"]),
    ("config", &["accounts"]),
];

/// Rooms without rules of their own, open to all but the core.
const FOR_ALL: &[&str] = &["clock", "fuzz_seeds", "metrics", "outside", "random", "telemetry", "unix_socket"];

/// What the core must not touch: it has no I/O, no clock, no randomness, no XMPP, HTTP or SQL.
const NOT_IN_THE_CORE: &[&str] = &[
    "tokio",
    "rusqlite",
    "minidom",
    "xmpp_parsers",
    "tokio_xmpp",
    "hyper",
    "axum",
    "std::fs",
    "std::thread",
    "getrandom",
    "SystemTime",
    "Instant",
];

const LONGEST_FILE: usize = 450;

#[test]
fn every_layer_uses_only_what_it_may() {
    let mut wrong = Vec::new();
    for (layer, allowed) in MAY_USE {
        for file in rust_files(&Path::new("src").join(layer)) {
            for used in crate_modules(&fs::read_to_string(&file).unwrap()) {
                let shared = FOR_ALL.contains(&used.as_str()) && *layer != "accounts";
                if used != *layer && !shared && !allowed.contains(&used.as_str()) {
                    wrong.push(format!("{} uses {used}", file.display()));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "the import table in ARCHITECTURE.md does not allow:\n{}", wrong.join("\n"));
}

#[test]
fn the_table_names_every_layer() {
    let known: BTreeSet<_> = MAY_USE.iter().map(|(layer, _)| *layer).chain(["cli"]).collect();
    for entry in fs::read_dir("src").unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            let name = path.file_name().unwrap().to_str().unwrap();
            assert!(known.contains(name), "src/{name} is in no line of the import table");
        }
    }
}

#[test]
fn the_core_is_pure() {
    let mut wrong = Vec::new();
    for file in rust_files(Path::new("src/accounts")) {
        for (number, line) in fs::read_to_string(&file).unwrap().lines().enumerate() {
            let code = line.split("//").next().unwrap_or_default();
            for word in NOT_IN_THE_CORE {
                if code.contains(&format!("{word}::")) || code.contains(&format!("use {word}")) {
                    wrong.push(format!("{}:{}: {word}", file.display(), number + 1));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn files_stay_small_enough_to_hold_in_the_head() {
    let long: Vec<_> = rust_files(Path::new("src"))
        .into_iter()
        .map(|file| (fs::read_to_string(&file).unwrap().lines().count(), file))
        .filter(|(lines, _)| *lines > LONGEST_FILE)
        .map(|(lines, file)| format!("{}: {lines} lines", file.display()))
        .collect();
    assert!(long.is_empty(), "more than {LONGEST_FILE} lines:\n{}", long.join("\n"));
}

#[test]
fn the_scan_sees_every_way_to_name_a_module() {
    let text = "use crate::{accounts::{A, B}, store::C};\nfn f() { crate::http::g() }\nuse crate::text;";
    let expected = ["accounts", "http", "store", "text"].map(str::to_owned);
    assert_eq!(crate_modules(text), BTreeSet::from(expected));
}

fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display())) {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(rust_files(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    files
}

/// The modules named after `crate::`, singly or in braces.
fn crate_modules(text: &str) -> BTreeSet<String> {
    let word = |text: &str| text.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect::<String>();
    let mut modules = BTreeSet::new();
    for (at, _) in text.match_indices("crate::") {
        let rest = &text[at + "crate::".len()..];
        let Some(group) = rest.strip_prefix('{') else {
            modules.insert(word(rest));
            continue;
        };
        let mut depth = 0;
        let mut item = String::new();
        for c in group.chars() {
            match c {
                '{' => depth += 1,
                '}' if depth == 0 => break,
                '}' => depth -= 1,
                ',' if depth == 0 => {
                    modules.insert(word(item.trim()));
                    item.clear();
                }
                c if depth == 0 => item.push(c),
                _ => {}
            }
        }
        modules.insert(word(item.trim()));
    }
    modules.remove("");
    modules
}

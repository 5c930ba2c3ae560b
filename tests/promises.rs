//! What docs/security.md and docs/reliability.md promise names the tests that show it; each of them is there.
#![expect(clippy::unwrap_used, reason = "a test ends at what it does not expect")]

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

#[test]
fn every_test_that_a_promise_names_is_there() {
    let tests = names_of_tests();
    for document in ["docs/security.md", "docs/reliability.md"] {
        let text = fs::read_to_string(document).unwrap();
        let rows: Vec<&str> = text.lines().filter(|line| line.starts_with("| ")).skip(1).collect();
        assert!(rows.len() > 10, "{document} has its table");
        for row in rows {
            let named = row.trim_end_matches(" |").rsplit(" | ").next().unwrap();
            let listed: Vec<&str> = named.split(", ").map(|name| name.trim_matches('`')).collect();
            for name in listed {
                assert!(tests.contains(name), "{document}: no test is called {name:?}\n{row}");
            }
        }
    }
}

fn names_of_tests() -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for file in ["src", "tests"].into_iter().flat_map(|folder| files(Path::new(folder))) {
        let text = fs::read_to_string(&file).unwrap();
        for line in text.lines().map(str::trim_start) {
            let rust = line.strip_prefix("async fn ").or_else(|| line.strip_prefix("fn "));
            let python = line.strip_prefix("async def test_").or_else(|| line.strip_prefix("def test_"));
            if let Some((name, _)) = rust.or(python).and_then(|rest| rest.split_once('(')) {
                names.insert(name.to_owned());
            }
        }
    }
    names
}

/// The sources of tests below a folder.
fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() && !path.ends_with("node_modules") {
            found.extend(files(&path));
        } else if path.extension().is_some_and(|kind| kind == "rs" || kind == "py") {
            found.push(path);
        }
    }
    found
}

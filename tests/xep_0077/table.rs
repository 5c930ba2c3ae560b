//! The table of the points and the tests belong together.

use std::{collections::BTreeSet, fs, path::Path};

const POINTS: usize = 48;

fn read(path: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap()
}

/// The names of the tests that begin with a point, here and in the stories.
fn tests() -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for file in ["forms", "password", "registration", "removal", "rest", "shapes"] {
        let source = read(&format!("tests/xep_0077/{file}.rs"));
        found.extend(names(&source, "async fn p"));
    }
    found.extend(names(&read("tests/stories/test_xep_0077.py"), "async def test_p"));
    found
}

fn names(source: &str, before: &str) -> Vec<String> {
    let lines = source.lines().filter_map(|line| line.strip_prefix(before));
    lines.map(|rest| format!("p{}", rest.split('(').next().unwrap())).collect()
}

#[test]
fn every_point_has_its_row_with_code_and_tests_and_every_test_its_row() {
    let (table, tests) = (read("docs/xep-0077.md"), tests());
    let mut listed = BTreeSet::new();
    for point in 1..=POINTS {
        let row = table.lines().find(|line| line.starts_with(&format!("| {point} |")));
        let cells: Vec<&str> =
            row.unwrap_or_else(|| panic!("no row {point}")).split('|').map(str::trim).collect();
        assert_eq!(cells.len(), 8, "row {point}");
        for file in quoted(cells[5]) {
            let found = ["", "src/", "integrations/prosody/"]
                .iter()
                .any(|folder| Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("{folder}{file}")).exists());
            assert!(found, "row {point}: no file {file}");
        }
        let named = quoted(cells[6]);
        assert!(!named.is_empty(), "row {point} names no test");
        let section = cells[2].replace('.', "_");
        for name in named {
            assert!(tests.contains(name), "row {point}: no test {name}");
            assert!(name.starts_with(&format!("p{point:02}_s{section}_")), "row {point}: {name}");
            listed.insert(name.to_owned());
        }
    }
    let unlisted: Vec<_> = tests.difference(&listed).collect();
    assert!(unlisted.is_empty(), "not in docs/xep-0077.md: {unlisted:?}");
}

fn quoted(cell: &str) -> Vec<&str> {
    cell.split('`').skip(1).step_by(2).collect()
}

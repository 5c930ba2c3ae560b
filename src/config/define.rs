//! How an option is defined: one constant holds its name, what it may be, its default and its place in the manual. The reader,
//! the manual, and the file that `ostiary init` writes are all made from these constants.

/// A section of the configuration file.
#[derive(Debug)]
pub struct SectionDef {
    /// The name in the brackets.
    pub name: &'static str,
    /// How often it may be written.
    pub times: Times,
    /// What the section is about, in the words of the manual.
    pub doc: &'static str,
    /// Its options, in the order of the manual.
    pub options: &'static [&'static OptionDef],
}

/// How often a section may be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Times {
    /// Once or not at all.
    Once,
    /// In single brackets when it is there once, in double brackets when several times.
    OnceOrSeveral,
    /// In double brackets, at least once.
    Some,
    /// In double brackets, also not at all.
    Any,
}

/// An option of a section.
#[derive(Debug)]
pub struct OptionDef {
    /// The key.
    pub key: &'static str,
    /// What may stand there, as the end of "allowed: ...".
    pub allowed: &'static str,
    /// What counts when nothing stands there.
    pub default: Fallback,
    /// A value as it is written in the file, for the commented example.
    pub example: &'static str,
    /// What it does, in the words of the manual.
    pub doc: &'static str,
}

/// What counts when an option is left out.
#[derive(Debug, Clone, Copy)]
pub enum Fallback {
    /// Nothing: it must be given.
    Required,
    /// This value, written as in the file and read by the same reader.
    Value(&'static str),
    /// Something that no value says; described here.
    Described(&'static str),
}

impl SectionDef {
    /// The section as it is written: `[http]` or `[[domain]]`.
    pub fn heading(&self) -> String {
        match self.times {
            Times::Once | Times::OnceOrSeveral => format!("[{}]", self.name),
            Times::Some | Times::Any => format!("[[{}]]", self.name),
        }
    }
}

/// The known name closest to `given`, if one is close enough to have been meant.
pub fn nearest<'n>(given: &str, known: impl IntoIterator<Item = &'n str>) -> Option<&'n str> {
    known
        .into_iter()
        .map(|name| (distance(given, name), name))
        .filter(|(distance, name)| *distance <= 1 + name.len() / 4 || name.contains(given) && given.len() > 3)
        .min()
        .map(|(_, name)| name)
}

/// How many letters have to be added, dropped or changed to make one text of the other (Levenshtein).
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().take(64).enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, y) in b.iter().enumerate() {
            let changed = diagonal + usize::from(x != *y);
            diagonal = row[j + 1];
            row[j + 1] = changed.min(diagonal + 1).min(row[j] + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_misspelt_name_finds_the_one_that_was_meant() {
        let known = ["listen", "trusted_proxies", "behind_proxy", "jid"];
        for (given, meant) in [
            ("lisen", Some("listen")),
            ("trusted_proxy", Some("trusted_proxies")),
            ("proxies", Some("trusted_proxies")),
            ("colour", None),
        ] {
            assert_eq!(nearest(given, known), meant, "{given}");
        }
    }
}

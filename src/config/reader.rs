//! Reads a TOML text section by section and collects every mistake with its line, where serde would stop at the first.

use std::{
    cell::RefCell,
    fmt,
    path::{Path, PathBuf},
};

use toml::{
    Spanned,
    de::{DeString, DeTable, DeValue},
};

use super::{
    define::{Fallback, OptionDef, SectionDef, Times, nearest},
    secret::Environment,
};

/// A mistake in the configuration.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Problem {
    /// Line in the file, from 1; 0 where the whole file is meant.
    pub line: usize,
    /// Section and key, such as `[http] listen`; empty where the text is no TOML.
    pub place: String,
    /// What was found and what is allowed.
    pub message: String,
}

/// All mistakes in a configuration file, in the order of its lines.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct Problems {
    /// The file.
    pub file: PathBuf,
    /// At least one.
    pub list: Vec<Problem>,
}

/// A configuration file that is being read.
pub struct Document<'t> {
    file: &'t Path,
    text: &'t str,
    root: DeTable<'t>,
    known: &'static [&'static SectionDef],
    problems: RefCell<Vec<Problem>>,
    /// Where secrets may stand beside files.
    pub environment: &'t Environment<'t>,
}

/// One section of it; an empty one where the file has none.
pub struct Section<'d> {
    document: &'d Document<'d>,
    def: &'static SectionDef,
    table: Option<&'d DeTable<'d>>,
    line: usize,
}

/// What a kind says about a value: the typed value, or why it is none (empty where the list of allowed values says it all).
pub type Kind<T> = Result<T, String>;

impl<'t> Document<'t> {
    /// Takes the text apart and notes syntax mistakes and unknown sections.
    pub fn parse(
        file: &'t Path,
        text: &'t str,
        known: &'static [&'static SectionDef],
        environment: &'t Environment<'t>,
    ) -> Self {
        let (root, errors) = DeTable::parse_recoverable(text);
        let document = Self {
            file,
            text,
            root: root.into_inner(),
            known,
            problems: RefCell::new(Vec::new()),
            environment,
        };
        for error in errors {
            let line = document.line(error.span().map_or(0, |span| span.start));
            document.note(line, "", error.message().to_owned());
        }
        document.note_unknown_sections();
        document
    }

    /// The section of that definition.
    pub fn section(&self, def: &'static SectionDef) -> Section<'_> {
        let (table, line) = match self.root.iter().find(|(name, _)| name.as_ref() == def.name) {
            Some((name, value)) => {
                let line = self.line(name.span().start);
                if value.as_ref().as_table().is_none() {
                    let message = format!("write it as {} with options below it", def.heading());
                    self.note(line, &def.heading(), message);
                }
                (value.as_ref().as_table(), line)
            }
            None => (None, 0),
        };
        Section::new(self, def, table, line)
    }

    /// The sections of that definition; at least one of them is demanded, where it says so. One that may be there once or several
    /// times is there at least once, empty where the file has none.
    pub fn sections(&self, def: &'static SectionDef) -> Vec<Section<'_>> {
        let Some((name, value)) = self.root.iter().find(|(name, _)| name.as_ref() == def.name) else {
            if def.times == Times::Some {
                self.note(0, &def.heading(), "the section is missing; at least one is needed".to_owned());
            }
            let one = (def.times == Times::OnceOrSeveral).then(|| Section::new(self, def, None, 0));
            return one.into_iter().collect();
        };
        let wrong = |line| {
            self.note(line, &def.heading(), format!("write it as {} with options below it", def.heading()));
        };
        if let (Times::OnceOrSeveral, Some(table)) = (def.times, value.as_ref().as_table()) {
            return vec![Section::new(self, def, Some(table), self.line(name.span().start))];
        }
        let Some(tables) = value.as_ref().as_array() else {
            wrong(self.line(name.span().start));
            return Vec::new();
        };
        let mut sections = Vec::new();
        for item in tables {
            let line = self.line(item.span().start);
            match item.as_ref().as_table() {
                Some(table) => sections.push(Section::new(self, def, Some(table), line)),
                None => wrong(line),
            }
        }
        sections
    }

    /// The folder that relative paths start from.
    pub fn folder(&self) -> &Path {
        match self.file.parent() {
            Some(folder) if !folder.as_os_str().is_empty() => folder,
            _ => Path::new("."),
        }
    }

    /// Ends the reading: what was read counts only if this is `Ok`.
    pub fn finish(self) -> Result<(), Problems> {
        let mut list = self.problems.into_inner();
        list.sort();
        list.dedup();
        if list.is_empty() { Ok(()) } else { Err(Problems { file: self.file.to_owned(), list }) }
    }

    fn note(&self, line: usize, place: &str, message: String) {
        self.problems.borrow_mut().push(Problem { line, place: place.to_owned(), message });
    }

    fn note_unknown_sections(&self) {
        for (name, value) in &self.root {
            let known = self.known.iter().map(|def| def.name);
            if known.clone().any(|known| known == name.as_ref()) {
                continue;
            }
            let meant = match nearest(name.as_ref(), known.clone()) {
                Some(meant) => format!("did you mean {meant}?"),
                None => format!("allowed: {}", known.collect::<Vec<_>>().join(", ")),
            };
            let what =
                if value.as_ref().is_table() || value.as_ref().is_array() { "section" } else { "option" };
            let line = self.line(name.span().start);
            let place = shorten(name.as_ref(), 40);
            self.note(line, &place, format!("unknown {what}; {meant}"));
        }
    }

    fn line(&self, offset: usize) -> usize {
        let before = self.text.as_bytes().get(..offset).unwrap_or(self.text.as_bytes());
        1 + before.split(|b| *b == b'\n').count().saturating_sub(1)
    }
}

impl<'d> Section<'d> {
    fn new(
        document: &'d Document<'d>,
        def: &'static SectionDef,
        table: Option<&'d DeTable<'d>>,
        line: usize,
    ) -> Self {
        let section = Self { document, def, table, line };
        section.note_unknown_keys();
        section
    }

    /// The value of an option or its default. `None`: there is a mistake, and it has been noted.
    pub fn get<T>(&self, option: &OptionDef, kind: impl FnOnce(&DeValue<'_>) -> Kind<T>) -> Option<T> {
        if let Some(value) = self.value(option) {
            return self.read(option, value, kind);
        }
        match option.default {
            Fallback::Value(text) => {
                let value = DeValue::parse(text).ok()?;
                kind(value.as_ref()).ok()
            }
            Fallback::Required | Fallback::Described(_) => {
                self.note(option, format!("is missing; allowed: {}", option.allowed));
                None
            }
        }
    }

    /// The value of an option that may be left out. `None`: it is not there, or there is a mistake, which has been noted.
    pub fn optional<T>(&self, option: &OptionDef, kind: impl FnOnce(&DeValue<'_>) -> Kind<T>) -> Option<T> {
        self.value(option).and_then(|value| self.read(option, value, kind))
    }

    /// Whether the option stands in the file.
    pub fn has(&self, option: &OptionDef) -> bool {
        self.value(option).is_some()
    }

    /// Notes a mistake in an option.
    pub fn note(&self, option: &OptionDef, message: String) {
        let line = self.value(option).map_or(self.line, |value| self.document.line(value.span().start));
        self.document.note(line, &format!("{} {}", self.def.heading(), option.key), message);
    }

    /// Where secrets may stand beside files.
    pub fn environment(&self) -> &Environment<'d> {
        self.document.environment
    }

    /// Makes a path whole: a relative one starts from the folder of the configuration file.
    pub fn path(&self, path: &str) -> PathBuf {
        self.document.folder().join(path)
    }

    fn read<T>(
        &self,
        option: &OptionDef,
        value: &Spanned<DeValue<'_>>,
        kind: impl FnOnce(&DeValue<'_>) -> Kind<T>,
    ) -> Option<T> {
        match kind(value.as_ref()) {
            Ok(value) => Some(value),
            Err(reason) => {
                let found = self.document.text.get(value.span()).unwrap_or_default();
                let reason = if reason.is_empty() { reason } else { format!(" ({reason})") };
                let message = format!("found {}{reason}; allowed: {}", shorten(found, 60), option.allowed);
                self.note(option, message);
                None
            }
        }
    }

    fn value(&self, option: &OptionDef) -> Option<&'d Spanned<DeValue<'d>>> {
        debug_assert!(self.def.options.iter().any(|known| known.key == option.key), "{}", option.key);
        self.table?.iter().find(|(key, _)| key.as_ref() == option.key).map(|(_, value)| value)
    }

    fn note_unknown_keys(&self) {
        for (key, _) in self.table.into_iter().flatten() {
            let known = self.def.options.iter().map(|option| option.key);
            if known.clone().any(|known| known == key.as_ref()) {
                continue;
            }
            // The value is not shown: a key that is not known may well hold a password.
            let message = match nearest(key.as_ref(), known.clone()) {
                Some(meant) => format!("unknown option; did you mean {meant}?"),
                None => format!("unknown option; allowed: {}", known.collect::<Vec<_>>().join(", ")),
            };
            let line = self.key_line(key);
            self.document.note(
                line,
                &format!("{} {}", self.def.heading(), shorten(key.as_ref(), 40)),
                message,
            );
        }
    }

    fn key_line(&self, key: &Spanned<DeString<'_>>) -> usize {
        self.document.line(key.span().start)
    }
}

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, problem) in self.list.iter().enumerate() {
            if index > 0 {
                f.write_str("\n")?;
            }
            write!(f, "{}:", self.file.display())?;
            if problem.line > 0 {
                write!(f, "{}:", problem.line)?;
            }
            if !problem.place.is_empty() {
                write!(f, " {}:", problem.place)?;
            }
            write!(f, " {}", problem.message)?;
        }
        Ok(())
    }
}

/// The first line of a text, at most `most` characters, without control characters.
fn shorten(text: &str, most: usize) -> String {
    let line = text.lines().next().unwrap_or_default();
    let mut short: String = line.chars().take(most).filter(|c| !c.is_control()).collect();
    if short.len() < text.len() {
        short.push_str("...");
    }
    short
}

//! What the command says: text for people, or one JSON document on standard output.

use std::{
    fmt::Display,
    io::{self, Write},
};

use comfy_table::{Table, presets};
use jiff::Timestamp;
use serde::Serialize;

use super::ending::Ending;
use crate::store::AuditEntry;

/// Where the command speaks to.
pub struct Output {
    json: bool,
    stdout: Box<dyn Write>,
    stderr: Box<dyn Write>,
}

impl Output {
    /// The standard streams of the process.
    pub fn standard(json: bool) -> Self {
        Self { json, stdout: Box::new(io::stdout()), stderr: Box::new(io::stderr()) }
    }

    /// Whether JSON is asked for.
    pub fn is_json(&self) -> bool {
        self.json
    }

    /// Gives the result: the value where JSON is asked for, the text otherwise.
    pub fn result(&mut self, value: &impl Serialize, text: impl Display) -> io::Result<()> {
        if self.json {
            serde_json::to_writer_pretty(&mut self.stdout, value)?;
            writeln!(self.stdout)?;
        } else {
            write!(self.stdout, "{text}")?;
        }
        self.stdout.flush()
    }

    /// Gives text that is the result itself, whatever form was asked for.
    pub fn text(&mut self, text: impl Display) -> io::Result<()> {
        write!(self.stdout, "{text}")?;
        self.stdout.flush()
    }

    /// Tells how the command ended, on standard error, and as JSON where that is asked for.
    pub fn failure(&mut self, ending: &Ending) {
        if matches!(ending, Ending::Told) {
            return;
        }
        // Nobody is left to tell when this cannot be written.
        let _ = writeln!(self.stderr, "ostiary: {ending}");
        if !self.json {
            return;
        }
        let mut error = serde_json::json!({ "kind": ending.kind(), "message": ending.to_string() });
        if let Ending::Refused(refusal) = ending {
            error["code"] = refusal.code().into();
        }
        if let Ending::Configuration(problems) = ending {
            error["problems"] = problems
                .list
                .iter()
                .map(|problem| {
                    serde_json::json!({
                        "file": problems.file.display().to_string(),
                        "line": (problem.line > 0).then_some(problem.line),
                        "place": problem.place,
                        "message": problem.message,
                    })
                })
                .collect();
        }
        let _ = serde_json::to_writer_pretty(&mut self.stdout, &serde_json::json!({ "error": error }));
        let _ = writeln!(self.stdout);
    }
}

/// A moment for people, in UTC, to the minute.
pub fn moment(at: Timestamp) -> String {
    at.strftime("%Y-%m-%d %H:%M UTC").to_string()
}

/// A text that came from somebody else, without characters that a terminal would act on.
pub fn plain(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect()
}

/// A table for people, with the names of its columns.
pub fn table(header: &[&str]) -> Table {
    let mut table = Table::new();
    table.load_style(presets::NOTHING);
    table.set_header(header.iter().map(|name| name.to_uppercase()));
    table
}

/// A table without the blanks at both ends of its lines.
pub fn trimmed(table: &Table) -> String {
    table.lines().map(|line| line.trim().to_owned()).collect::<Vec<_>>().join("\n")
}

/// What happened, newest first; with the accounts that it happened to where they are not all the same.
pub fn history_table(history: &[AuditEntry], with_accounts: bool) -> String {
    let columns = ["when", "what", "through", "client", "account"];
    let columns = if with_accounts { &columns[..] } else { &columns[..4] };
    let mut table = table(columns);
    for entry in history {
        let account = with_accounts.then(|| plain(&entry.account));
        let row = [
            moment(entry.at),
            plain(&entry.action),
            plain(&entry.front),
            entry.client.as_deref().map(plain).unwrap_or_default(),
        ];
        table.add_row(row.into_iter().chain(account));
    }
    trimmed(&table)
}

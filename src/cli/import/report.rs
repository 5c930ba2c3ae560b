//! What an import says it has done, or would do.

use std::{collections::BTreeMap, fmt::Write as _, path::PathBuf, time::Duration};

use serde::Serialize;

use crate::{accounts::Unfit, cli::output::plain, store::Importation};

/// Accounts named for each reason; `--report` names all.
const MOST_EXAMPLES: usize = 5;

/// What was found and what became of it; also the JSON document.
#[derive(Debug, Default, Serialize)]
pub struct Report {
    /// `false` when nothing was changed.
    pub applied: bool,
    /// Accounts that were found.
    pub found: u64,
    /// Accounts that are here now, or would be.
    pub imported: u64,
    /// Of those: may not log in.
    pub suspended: u64,
    /// Of those: the password itself was there, and everything is derived from it.
    pub from_passwords: u64,
    /// Of those: there are keys for SCRAM-SHA-1 and none for SCRAM-SHA-256.
    pub without_scram_sha_256: u64,
    /// Of those: there are keys for SCRAM-SHA-256 and none for SCRAM-SHA-1.
    pub without_scram_sha_1: u64,
    /// Those that are not taken over.
    pub skipped: Vec<Skipped>,
    /// The file that names all of these.
    #[serde(rename = "report")]
    pub left_out: Option<PathBuf>,
    /// How long the derivations would take.
    #[serde(skip)]
    pub estimate: Duration,
    #[serde(skip)]
    reasons: BTreeMap<String, Skipped>,
}

/// Accounts that are not taken over for the same reason.
#[derive(Debug, Serialize)]
pub struct Skipped {
    /// A stable word.
    reason: &'static str,
    /// The reason for people.
    explanation: String,
    accounts: u64,
    /// Some of them.
    examples: Vec<String>,
}

/// Why an account is not taken over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reason {
    /// Something about itself.
    Unfit(Unfit),
    /// Something that is here.
    Here(Importation),
    /// It cannot be read.
    Unreadable(String),
}

impl Reason {
    fn code(&self) -> &'static str {
        match self {
            Self::Unfit(Unfit::Domain) => "unknown-domain",
            Self::Unfit(Unfit::Name) => "bad-name",
            Self::Unfit(Unfit::NoSecret) => "no-password",
            Self::Unfit(Unfit::Password) => "bad-password",
            Self::Unfit(Unfit::Mechanism(_)) => "unknown-mechanism",
            Self::Unfit(Unfit::Keys) => "bad-keys",
            Self::Here(Importation::Imported) => "imported",
            Self::Here(Importation::ThereAlready) => "there-already",
            Self::Here(Importation::Deleted) => "deleted-here",
            Self::Here(Importation::KeptForInvited) => "kept-for-invited",
            Self::Unreadable(_) => "unreadable",
        }
    }

    /// The reason in words, without anything that is different for each account.
    fn explanation(&self) -> String {
        match self {
            Self::Unfit(Unfit::Domain) => "the domain is not in the configuration".to_owned(),
            Self::Unfit(Unfit::Name) => "no XMPP address can have this name".to_owned(),
            Self::Unfit(Unfit::NoSecret) => "neither a password nor keys are there".to_owned(),
            Self::Unfit(Unfit::Password) => {
                "the password has characters that no client can send, or is too long".to_owned()
            }
            Self::Unfit(Unfit::Mechanism(mechanism)) => {
                format!(
                    "the keys are for {} only, which is not kept here; a new password is needed",
                    plain(mechanism)
                )
            }
            Self::Unfit(Unfit::Keys) => {
                "the keys are damaged, or ask for more than 1,000,000 rounds".to_owned()
            }
            Self::Here(Importation::Imported) => "imported".to_owned(),
            Self::Here(Importation::ThereAlready) => {
                "there is such an account already; it was left as it is".to_owned()
            }
            Self::Here(Importation::Deleted) => {
                "an account of this name was deleted here, and the name is kept from others for a while"
                    .to_owned()
            }
            Self::Here(Importation::KeptForInvited) => {
                "the name is kept for somebody who is invited (ostiary invite list)".to_owned()
            }
            Self::Unreadable(_) => "cannot be read".to_owned(),
        }
    }

    /// The whole reason.
    pub fn in_full(&self) -> String {
        match self {
            Self::Unreadable(problem) => plain(problem),
            _ => self.explanation(),
        }
    }
}

impl Report {
    /// The report of a run that has not begun.
    pub fn new(applied: bool, left_out: Option<PathBuf>) -> Self {
        Self { applied, left_out, ..Self::default() }
    }

    /// Counts an account that is not taken over.
    pub fn skip(&mut self, account: &str, reason: &Reason) {
        let explanation = reason.explanation();
        let skipped = self.reasons.entry(explanation.clone()).or_insert_with(|| Skipped {
            reason: reason.code(),
            explanation,
            accounts: 0,
            examples: Vec::new(),
        });
        skipped.accounts += 1;
        if skipped.examples.len() < MOST_EXAMPLES {
            skipped.examples.push(plain(account));
        }
    }

    /// Puts the reasons in order, the most frequent first.
    pub fn finish(&mut self) {
        self.skipped = std::mem::take(&mut self.reasons).into_values().collect();
        self.skipped.sort_by_key(|skipped| std::cmp::Reverse(skipped.accounts));
    }

    /// The report for people.
    pub fn text(&self) -> String {
        let Self { found, imported, .. } = self;
        let mut text = if self.applied {
            format!("imported: {imported} of {found} accounts\n")
        } else {
            format!("dry run: {imported} of {found} accounts would be imported\n")
        };
        let mut note = |count: u64, what: &str| {
            if count > 0 {
                // Writing to a text cannot fail.
                let _ = writeln!(text, "  {count} {what}");
            }
        };
        note(self.suspended, "of them suspended, because they were disabled");
        note(self.from_passwords, "of them from the password itself");
        let no_sha_256 = "of them without keys for SCRAM-SHA-256: switch it off in the server, or their clients cannot log in \
                          (docs/import.md)";
        note(self.without_scram_sha_256, no_sha_256);
        let no_sha_1 = "of them without keys for SCRAM-SHA-1: switch it off in the server, or their clients cannot log in \
                        (docs/import.md)";
        note(self.without_scram_sha_1, no_sha_1);
        for skipped in &self.skipped {
            let Skipped { explanation, accounts, examples, .. } = skipped;
            let more = if *accounts > examples.len() as u64 { ", ..." } else { "" };
            let _ = writeln!(
                text,
                "not imported: {accounts}, because {explanation}: {}{more}",
                examples.join(", ")
            );
        }
        if let Some(file) = &self.left_out {
            let _ = writeln!(text, "{} names all that are not imported", file.display());
        }
        if !self.applied {
            if self.estimate > Duration::from_secs(1) {
                let _ =
                    writeln!(text, "Deriving from the passwords will take about {}.", rounded(self.estimate));
            }
            text.push_str("Nothing was changed. The same command with --apply imports them.\n");
        }
        text
    }
}

/// A time as a person says it.
fn rounded(time: Duration) -> String {
    match time.as_secs() {
        seconds @ ..120 => format!("{seconds} seconds"),
        seconds @ 120..7200 => format!("{} minutes", seconds / 60),
        seconds => format!("{} hours", seconds / 3600),
    }
}

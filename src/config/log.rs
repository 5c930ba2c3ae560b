//! `[log]`: what is written to standard error.

use toml::de::DeValue;

use super::{
    define::{Fallback, OptionDef, SectionDef, Times},
    kinds,
    reader::{Kind, Section},
};
use crate::telemetry::{LogFormat, check_filter};

/// What is written to standard error.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Log {
    /// In which form.
    pub format: LogFormat,
    /// What of it, as a filter of the `tracing` family.
    pub filter: String,
}

const FORMAT: OptionDef = OptionDef {
    key: "format",
    allowed: "\"text\" or \"json\"",
    default: Fallback::Value("\"text\""),
    example: "\"json\"",
    doc: "Lines for people, or one JSON object on each line. In the journal of systemd each has its priority as well (`docs/logs.md`).",
};

const FILTER: OptionDef = OptionDef {
    key: "filter",
    allowed: "a level (\"error\", \"warn\", \"info\", \"debug\", \"trace\") or a list such as \"info,ostiary::xmpp=debug\"",
    default: Fallback::Value("\"info\""),
    example: "\"info\"",
    doc: "How much is told. The environment variable `OSTIARY_LOG` takes its place. Parts that would show passwords stay shut whatever is written here.",
};

pub(super) const SECTION: SectionDef = SectionDef {
    name: "log",
    times: Times::Once,
    doc: "What is written to standard error.",
    options: &[&FORMAT, &FILTER],
};

pub(super) fn read(section: &Section<'_>) -> Option<Log> {
    let format = section.get(&FORMAT, kinds::choice(&[("text", LogFormat::Text), ("json", LogFormat::Json)]));
    let filter = match (section.environment().variable)("OSTIARY_LOG") {
        Some(filter) if check_filter(&filter).is_ok() => Some(filter),
        Some(_) => {
            let message =
                format!("the environment variable OSTIARY_LOG is no filter; allowed: {}", FILTER.allowed);
            section.note(&FILTER, message);
            None
        }
        None => section.get(&FILTER, filter),
    };
    Some(Log { format: format?, filter: filter? })
}

fn filter(value: &DeValue<'_>) -> Kind<String> {
    let text = kinds::text(value)?;
    check_filter(&text).map(|()| text)
}

//! The manual of the configuration file, made from the definitions of its options: as Markdown, and as a commented file.

use std::fmt::Write;

use super::{
    SECTIONS, component,
    define::{Fallback, OptionDef, SectionDef, Times},
    domain, service,
};

/// What a new configuration file must say because no default can.
#[derive(Debug, Clone)]
pub struct Answers {
    /// The domain whose accounts are kept.
    pub domain: String,
    /// The component's address.
    pub component_jid: String,
    /// Public address of the web pages.
    pub base_url: String,
}

/// The manual as Markdown: `docs/configuration.md`.
pub fn markdown() -> String {
    let mut out = String::from(INTRODUCTION);
    for section in SECTIONS {
        let _ = write!(out, "\n## `{}`\n\n{}\n", section.heading(), section.doc);
        for option in section.options {
            let default = match option.default {
                Fallback::Required => "none: must be given".to_owned(),
                Fallback::Value(value) => format!("`{value}`"),
                Fallback::Described(words) => words.to_owned(),
            };
            let _ = write!(
                out,
                "\n### `{}`\n\n{}\n\n- Allowed: {}\n- Default: {default}\n- Example: `{} = {}`\n",
                option.key, option.doc, option.allowed, option.key, option.example
            );
        }
    }
    out
}

/// A configuration file with every option: what `answers` say is set, everything else stands in comments with its default.
pub fn commented(answers: &Answers) -> String {
    let mut out = String::from(HEADER);
    for section in SECTIONS {
        let _ = writeln!(out);
        comment(&mut out, section.doc);
        // One that need not be there stands in comments as a whole.
        let mark = if section.times == Times::Any { "#" } else { "" };
        let _ = writeln!(out, "{mark}{}", section.heading());
        for option in section.options {
            let _ = writeln!(out);
            comment(&mut out, option.doc);
            comment(&mut out, &format!("Allowed: {}.", option.allowed));
            let _ = match (answer(section, option, answers), option.default) {
                (Some(value), _) => writeln!(out, "{} = {value}", option.key),
                (None, Fallback::Value(value)) => writeln!(out, "#{} = {value}", option.key),
                (None, Fallback::Required) => writeln!(out, "{mark}{} = {}", option.key, option.example),
                (None, Fallback::Described(words)) => {
                    comment(&mut out, &format!("Default: {words}."));
                    writeln!(out, "#{} = {}", option.key, option.example)
                }
            };
        }
    }
    out
}

const INTRODUCTION: &str = "# Configuration

Made from the definitions in `src/config/`; a test holds the two equal (`OSTIARY_BLESS=1 cargo test --test config` writes
this file anew).

One TOML file, `ostiary.toml` in the working folder or where `--config` or `OSTIARY_CONFIG` says. `ostiary init` writes one with
everything in it. Relative paths start from the folder of the file. Times are numbers with a unit, `s`, `m`, `h` or `d`:
`\"90s\"`, `\"1h 30m\"`. Secrets never stand in this file: they are read from files that only their owner can read, or from the
environment. Mistakes are told all at once, with line, option and what is allowed, before anything starts (exit code 2).
";

const HEADER: &str = "# Configuration of ostiary, the account broker. `ostiary check` tries it out.
# A line that starts with # and a name shows the default: take the # away to change it.
# Relative paths start from the folder of this file. Times are like \"90s\", \"30m\", \"24h\", \"90d\".
";

fn answer(section: &SectionDef, option: &OptionDef, answers: &Answers) -> Option<String> {
    let value = match (section.name, option.key) {
        (name, key) if name == service::SECTION.name && key == service::BASE_URL.key => &answers.base_url,
        (name, key) if name == component::SECTION.name && key == component::JID.key => &answers.component_jid,
        (name, key) if name == domain::SECTION.name && key == domain::NAME.key => &answers.domain,
        _ => return None,
    };
    Some(toml::Value::String(value.clone()).to_string())
}

fn comment(out: &mut String, text: &str) {
    let mut line = String::from("#");
    for word in text.split_whitespace() {
        if line.len() + 1 + word.len() > 100 {
            let _ = writeln!(out, "{line}");
            line = String::from("#");
        }
        line.push(' ');
        line.push_str(word);
    }
    let _ = writeln!(out, "{line}");
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::{
        accounts::{Domain, DomainPolicy},
        config::{Config, Environment, Secrets},
    };

    #[test]
    fn every_default_and_every_example_is_read_without_a_complaint() {
        for pick in [default_line, example_line] {
            let mut text = String::new();
            for section in SECTIONS {
                let _ = writeln!(text, "{}", section.heading());
                for option in section.options {
                    text.push_str(&pick(option));
                }
            }
            let environment = Environment { variable: &|_| None, secrets: Secrets::None };
            // The one example that has no meaning beside the others' examples.
            let text = text.replace("ca_file = \"/etc/ostiary/ca.pem\"\n", "");
            let config = Config::parse(Path::new("ostiary.toml"), &text, &environment);
            assert!(config.is_ok(), "{text}\n{}", config.unwrap_err());
        }
    }

    #[test]
    fn the_defaults_of_a_domain_are_those_of_the_core() {
        let text = "[service]\nbase_url = 'https://a.example'\n[component]\njid = 'r.a.example'\n[[domain]]\nname = 'a.example'\n";
        let environment = Environment { variable: &|_| None, secrets: Secrets::None };
        let config = Config::parse(Path::new("ostiary.toml"), text, &environment).unwrap();
        assert_eq!(config.domains, [DomainPolicy::new(Domain::parse("a.example").unwrap())]);
    }

    fn default_line(option: &OptionDef) -> String {
        match option.default {
            Fallback::Value(value) => format!("{} = {value}\n", option.key),
            Fallback::Required => example_line(option),
            Fallback::Described(_) => String::new(),
        }
    }

    fn example_line(option: &OptionDef) -> String {
        format!("{} = {}\n", option.key, option.example)
    }
}

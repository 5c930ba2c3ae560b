//! `ostiary check`: tries out everything that the service needs, and says what to do about each failure. Changes nothing.

mod steps;

use std::{fmt::Write, path::Path};

use serde::Serialize;

use super::{ending::Ending, environment, output::Output};
use crate::config::{Config, Problems, Secrets};

/// What one step found.
#[derive(Debug, Serialize)]
pub struct Finding {
    step: &'static str,
    outcome: Outcome,
    /// What was tried and what happened.
    detail: String,
    /// What to do about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    advice: Option<String>,
}

/// How a step went.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
enum Outcome {
    Ok,
    Warning,
    Failed,
    Skipped,
}

#[derive(Debug, Serialize)]
struct Report {
    ok: bool,
    steps: Vec<Finding>,
}

/// Tries everything, and ends well only if nothing failed.
pub fn check(file: &Path, output: &mut Output) -> Result<(), Ending> {
    let steps = match Config::load(file, &environment(Secrets::None)) {
        Ok(config) => {
            let mut found = vec![Finding::ok("configuration", format!("{} is right", file.display()))];
            let whole = Config::load(file, &environment(Secrets::All));
            found.push(secrets(whole.as_ref().err()));
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
            runtime.block_on(steps::all(&config, whole.as_ref().ok(), &mut found));
            // A host name that is still being looked up is not waited for.
            runtime.shutdown_background();
            found
        }
        Err(problems) => vec![Finding::failed(
            "configuration",
            problems.to_string(),
            "correct these lines; docs/configuration.md has every option".to_owned(),
        )],
    };
    let report = Report { ok: steps.iter().all(|step| step.outcome != Outcome::Failed), steps };
    output.result(&report, text(&report))?;
    if report.ok { Ok(()) } else { Err(Ending::Told) }
}

fn secrets(problems: Option<&Problems>) -> Finding {
    match problems {
        None => Finding::ok("secrets", "every secret can be read, and by its owner only".to_owned()),
        Some(problems) => Finding::failed(
            "secrets",
            problems.to_string(),
            "`ostiary init` makes secrets that are missing; run this check as the user that runs the service".to_owned(),
        ),
    }
}

fn text(report: &Report) -> String {
    let mut text = String::new();
    for finding in &report.steps {
        let word = match finding.outcome {
            Outcome::Ok => "ok",
            Outcome::Warning => "WARN",
            Outcome::Failed => "FAIL",
            Outcome::Skipped => "-",
        };
        let detail = finding.detail.replace('\n', "\n                    ");
        let _ = writeln!(text, "{word:<5} {:<13} {detail}", finding.step);
        if let Some(advice) = &finding.advice {
            let _ = writeln!(text, "{:<19} -> {advice}", "");
        }
    }
    let failed = report.steps.iter().filter(|step| step.outcome == Outcome::Failed).count();
    let _ = match failed {
        0 => writeln!(text, "\nall is well"),
        1 => writeln!(text, "\n1 step failed"),
        many => writeln!(text, "\n{many} steps failed"),
    };
    text
}

impl Finding {
    fn ok(step: &'static str, detail: String) -> Self {
        Self { step, outcome: Outcome::Ok, detail, advice: None }
    }

    fn warning(step: &'static str, detail: String, advice: String) -> Self {
        Self { step, outcome: Outcome::Warning, detail, advice: Some(advice) }
    }

    fn failed(step: &'static str, detail: String, advice: String) -> Self {
        Self { step, outcome: Outcome::Failed, detail, advice: Some(advice) }
    }

    fn skipped(step: &'static str, detail: String) -> Self {
        Self { step, outcome: Outcome::Skipped, detail, advice: None }
    }
}

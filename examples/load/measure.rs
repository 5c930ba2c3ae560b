//! What a phase measured: answers by kind, time to answer, and what the processes used.

use std::{collections::BTreeMap, fs, time::Duration};

use hdrhistogram::Histogram;
use serde_json::{Value, json};

/// Answers of one kind.
#[derive(Debug)]
pub struct Answers {
    /// By outcome: `result`, or the condition of the error.
    outcomes: BTreeMap<String, u64>,
    /// Microseconds from the moment when the request was to be sent.
    times: Histogram<u64>,
}

impl Default for Answers {
    fn default() -> Self {
        Self { outcomes: BTreeMap::new(), times: Histogram::new(3).unwrap() }
    }
}

impl Answers {
    pub fn note(&mut self, outcome: &str, time: Duration) {
        *self.outcomes.entry(outcome.to_owned()).or_default() += 1;
        self.times.record(u64::try_from(time.as_micros()).unwrap()).unwrap();
    }

    /// The rate counts results only: a refusal is no registration.
    pub fn to_json(&self, seconds: f64) -> Value {
        #[expect(clippy::cast_precision_loss, reason = "far below 2^52")]
        let done = self.outcomes.get("result").copied().unwrap_or_default() as f64;
        let at = |quantile| self.times.value_at_quantile(quantile);
        json!({
            "per_second": done / seconds,
            "outcomes": self.outcomes,
            "p50_us": at(0.5), "p90_us": at(0.9), "p99_us": at(0.99), "p999_us": at(0.999), "max_us": self.times.max(),
        })
    }
}

/// The word for an answer: `result`, or the condition of the error.
pub fn outcome<'a>(kind: &'a str, text: &'a str) -> &'a str {
    if kind == "result" {
        return kind;
    }
    text.split_once("<error")
        .and_then(|(_, rest)| rest.split_once('>'))
        .and_then(|(_, rest)| rest.trim_start_matches('<').split([' ', '/', '>']).next())
        .unwrap_or(kind)
}

/// A process that is watched: its name in the output, and its number.
#[derive(Debug, Clone)]
pub struct Watched {
    name: String,
    pid: u32,
}

/// Processor time and memory of the watched processes since a moment.
#[derive(Debug)]
pub struct Usage {
    watched: Vec<Watched>,
    ticks: Vec<u64>,
}

pub fn parse_watched(text: &str) -> Result<Watched, String> {
    let (name, pid) = text.split_once('=').ok_or("NAME=PID")?;
    Ok(Watched { name: name.to_owned(), pid: pid.parse().map_err(|_| "NAME=PID".to_owned())? })
}

impl Usage {
    pub fn since_now(watched: &[Watched]) -> Self {
        let ticks = watched.iter().map(|each| cpu_ticks(each.pid)).collect();
        Self { watched: watched.to_vec(), ticks }
    }

    /// Cores used on average, and resident memory now, in KiB.
    pub fn to_json(&self, seconds: f64) -> Value {
        let each = self.watched.iter().zip(&self.ticks).map(|(watched, before)| {
            #[expect(clippy::cast_precision_loss, reason = "far below 2^52")]
            let used = (cpu_ticks(watched.pid) - before) as f64 / 100.0;
            let figures = json!({ "cores": used / seconds, "rss_kib": resident_kib(watched.pid) });
            (watched.name.clone(), figures)
        });
        Value::Object(each.collect())
    }
}

/// User and system time of a process in hundredths of a second (proc(5): fields 14 and 15, and 100 a second on Linux).
fn cpu_ticks(pid: u32) -> u64 {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).expect("the watched process runs");
    let (_, fields) = stat.rsplit_once(')').unwrap();
    fields.split_whitespace().skip(11).take(2).map(|ticks| ticks.parse::<u64>().unwrap()).sum()
}

fn resident_kib(pid: u32) -> u64 {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).expect("the watched process runs");
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    line.trim().trim_end_matches(" kB").parse().unwrap()
}

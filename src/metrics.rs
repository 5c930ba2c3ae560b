//! What is counted and measured, under the names that Prometheus sees. Labels have few values and name no person. Where nobody has asked for metrics
//! (`[monitoring]`), counting does nothing.

use std::time::Duration;

use metrics::{Gauge, counter, describe_counter, describe_gauge, describe_histogram, gauge, histogram};
use metrics_exporter_prometheus::{BuildError, Matcher, PrometheusBuilder, PrometheusHandle};

use crate::accounts::{Front, Refusal};

/// A metric, as the manual has it.
#[derive(Debug, Clone, Copy)]
pub struct Metric {
    /// Its name.
    pub name: &'static str,
    /// `counter`, `gauge` or `histogram`.
    pub kind: &'static str,
    /// Its labels and their values.
    pub labels: &'static str,
    /// What it says.
    pub about: &'static str,
}

const fn metric(name: &'static str, kind: &'static str, labels: &'static str, about: &'static str) -> Metric {
    Metric { name, kind, labels, about }
}

const REGISTRATIONS: &str = "ostiary_registrations_total";
const REFUSALS: &str = "ostiary_refusals_total";
const VERIFICATIONS: &str = "ostiary_verifications_total";
const LOGINS: &str = "ostiary_logins_total";
const BACKEND: &str = "ostiary_backend_requests_total";
const LOOKUPS: &str = "ostiary_credential_lookups_total";
const HASH_SECONDS: &str = "ostiary_hash_seconds";
const HASH_QUEUE: &str = "ostiary_hash_queue";
const WRITE_QUEUE: &str = "ostiary_write_queue";
const COMMIT_SECONDS: &str = "ostiary_commit_seconds";
const COMMIT_OPERATIONS: &str = "ostiary_commit_operations";
const LETTERS: &str = "ostiary_letters_total";
const LINK_UP: &str = "ostiary_link_up";
const LINK_REQUESTS: &str = "ostiary_link_requests_under_way";
const LINK_CONNECTIONS: &str = "ostiary_link_connections_total";
const FORGED: &str = "ostiary_forged_requests_total";
const HTTP_REQUESTS: &str = "ostiary_http_requests_total";
const HTTP_SECONDS: &str = "ostiary_http_request_seconds";
const ACCOUNTS: &str = "ostiary_accounts";
const LETTERS_WAITING: &str = "ostiary_letters_waiting";
const LETTERS_PARKED: &str = "ostiary_letters_parked";
const NOTICES_WAITING: &str = "ostiary_notices_waiting";
const BUILD: &str = "ostiary_build_info";

/// Every metric, in the order of the manual.
pub const ALL: [Metric; 23] = [
    metric(
        REGISTRATIONS,
        "counter",
        "`front`: server, component, web, cli; `outcome`: pending, active, refused, fault",
        "Registrations whose form was right.",
    ),
    metric(
        REFUSALS,
        "counter",
        "`front`; `code`: the refusal's own word, such as name-taken",
        "Everything that was refused, by what was told.",
    ),
    metric(VERIFICATIONS, "counter", "`outcome`: proven, refused, fault", "Codes and links that were tried."),
    metric(
        LOGINS,
        "counter",
        "`front`; `mechanism`: password, signature, scram-sha-1, scram-sha-256; `outcome`: right, refused, fault",
        "Proofs that the broker has held against an account: a password (PLAIN, the pages, the Agent API), a signed login, a SCRAM proof in the Dovecot protocol.",
    ),
    metric(
        LOOKUPS,
        "counter",
        "",
        "Look-ups of SCRAM keys, one for each SCRAM login that a server begins. The server checks the proof itself, so neither the mechanism nor the outcome is known here.",
    ),
    metric(
        BACKEND,
        "counter",
        "`protocol`: http, dovecot, extauth; `outcome`: yes, no, refused, too-many, later, unauthorized",
        "Answers to servers without our module.",
    ),
    metric(HASH_SECONDS, "histogram", "", "Time of one derivation or check on a hashing thread."),
    metric(HASH_QUEUE, "gauge", "", "Derivations that wait."),
    metric(WRITE_QUEUE, "gauge", "", "Changes that wait for the thread that writes, or that it is writing."),
    metric(COMMIT_SECONDS, "histogram", "", "Time of one transaction, to the end of its commit on disk."),
    metric(COMMIT_OPERATIONS, "histogram", "", "Changes that one commit carried."),
    metric(
        LETTERS,
        "counter",
        "`kind`: verify, verify-phone, recover, recover-by-phone, change-email, email-changed, leaving, invitation, already-registered; `outcome`: sent, delayed, parked",
        "Attempts to send a letter.",
    ),
    metric(
        LINK_UP,
        "gauge",
        "`component`: its address",
        "1 while the component is connected to its XMPP server.",
    ),
    metric(
        LINK_CONNECTIONS,
        "counter",
        "`component`: its address",
        "Connections to the XMPP server that were accepted.",
    ),
    metric(
        LINK_REQUESTS,
        "gauge",
        "`component`: its address",
        "Requests over XMPP that wait for their answer; beyond a limit, further ones are refused as busy.",
    ),
    metric(
        FORGED,
        "counter",
        "`kind`: link, delegation",
        "Requests over XMPP that only the server itself may send, and somebody else did; refused.",
    ),
    metric(HTTP_REQUESTS, "counter", "`status`: 2xx, 3xx, 4xx, 5xx", "Requests of browsers and programs."),
    metric(HTTP_SECONDS, "histogram", "", "Time until the answer to such a request was made."),
    metric(ACCOUNTS, "gauge", "`state`: pending, active, suspended", "Accounts."),
    metric(LETTERS_WAITING, "gauge", "", "Letters that wait to be sent."),
    metric(
        LETTERS_PARKED,
        "gauge",
        "",
        "Letters that can never be sent; `ostiary check` and the log say why.",
    ),
    metric(NOTICES_WAITING, "gauge", "", "Changes that the XMPP server has not been told yet."),
    metric(BUILD, "gauge", "`version`", "Always 1."),
];

/// Upper bounds of the buckets of times, in seconds.
const SECONDS: [f64; 13] = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0];
/// Upper bounds of the buckets of changes in a commit.
const OPERATIONS: [f64; 8] = [1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0];

/// What only a look into the database tells.
#[derive(Debug, Clone, Copy, Default)]
pub struct Standing {
    /// Accounts: pending, active, suspended.
    pub accounts: [u64; 3],
    /// Letters that wait, and those that are parked.
    pub letters: [u64; 2],
    /// Notices that wait.
    pub notices: u64,
    /// Changes that wait to be written.
    pub writes: u64,
}

/// Begins to count, for the whole process. Only the first call in a process counts.
pub fn start() -> Result<PrometheusHandle, BuildError> {
    let handle = PrometheusBuilder::new()
        .set_buckets_for_metric(Matcher::Suffix("_seconds".to_owned()), &SECONDS)?
        .set_buckets_for_metric(Matcher::Full(COMMIT_OPERATIONS.to_owned()), &OPERATIONS)?
        .install_recorder()?;
    for Metric { name, kind, about, .. } in ALL {
        match kind {
            "counter" => describe_counter!(name, about),
            "gauge" => describe_gauge!(name, about),
            _ => describe_histogram!(name, about),
        }
    }
    gauge!(BUILD, "version" => env!("CARGO_PKG_VERSION")).set(1.0);
    gauge!(HASH_QUEUE).set(0.0);
    // A counter that appears with its first fault has not risen, as Prometheus sees it.
    for front in [Front::Server, Front::Component, Front::Web] {
        counter!(REGISTRATIONS, "front" => front.as_str(), "outcome" => "fault").increment(0);
        counter!(LOGINS, "front" => front.as_str(), "mechanism" => "password", "outcome" => "fault")
            .increment(0);
    }
    counter!(VERIFICATIONS, "outcome" => "fault").increment(0);
    Ok(handle)
}

/// A registration came to an end.
pub fn registration(front: Front, outcome: &'static str) {
    counter!(REGISTRATIONS, "front" => front.as_str(), "outcome" => outcome).increment(1);
}

/// Something was refused.
pub fn refusal(front: Front, code: &'static str) {
    counter!(REFUSALS, "front" => front.as_str(), "code" => code).increment(1);
}

/// Something was refused because too much is under way, before anybody has looked at it.
pub fn busy(front: Front) {
    refusal(front, Refusal::Busy { retry_after: Duration::ZERO }.code());
}

/// A code or a link was tried.
pub fn verification(outcome: &'static str) {
    counter!(VERIFICATIONS, "outcome" => outcome).increment(1);
}

/// Somebody has tried to prove to be the owner of an account.
pub fn login(front: Front, mechanism: &'static str, outcome: &'static str) {
    counter!(LOGINS, "front" => front.as_str(), "mechanism" => mechanism, "outcome" => outcome).increment(1);
}

/// A server without our module was answered.
pub fn backend(protocol: &'static str, outcome: &'static str) {
    counter!(BACKEND, "protocol" => protocol, "outcome" => outcome).increment(1);
}

/// The server asked for SCRAM keys.
pub fn lookup() {
    counter!(LOOKUPS).increment(1);
}

/// A hashing thread has finished a piece of work.
pub fn hashed(time: Duration) {
    histogram!(HASH_SECONDS).record(time.as_secs_f64());
}

/// So many derivations wait.
pub fn hash_queue(waiting: usize) {
    gauge!(HASH_QUEUE).set(f64::from(u32::try_from(waiting).unwrap_or(u32::MAX)));
}

/// A transaction was committed.
pub fn commit(time: Duration, operations: usize) {
    histogram!(COMMIT_SECONDS).record(time.as_secs_f64());
    histogram!(COMMIT_OPERATIONS).record(f64::from(u32::try_from(operations).unwrap_or(u32::MAX)));
}

/// An attempt to send a letter came to an end.
pub fn letter(kind: &str, outcome: &'static str) {
    counter!(LETTERS, "kind" => kind.to_owned(), "outcome" => outcome).increment(1);
}

/// The link of a component to its XMPP server is up, or no longer.
pub fn link(component: &str, is_up: bool) {
    gauge!(LINK_UP, "component" => component.to_owned()).set(if is_up { 1.0 } else { 0.0 });
    if is_up {
        counter!(LINK_CONNECTIONS, "component" => component.to_owned()).increment(1);
    }
}

/// Holds the number of requests on a component that wait for their answer. Kept by whoever counts: to find it each time would cost more than to set it.
pub fn link_requests(component: &str) -> Gauge {
    gauge!(LINK_REQUESTS, "component" => component.to_owned())
}

/// Somebody has sent what only the server itself may send.
pub fn forged(kind: &'static str) {
    counter!(FORGED, "kind" => kind).increment(1);
}

/// A request of a browser or a program was answered.
pub fn http(status: u16, time: Duration) {
    let class = match status {
        0..300 => "2xx",
        300..400 => "3xx",
        400..500 => "4xx",
        _ => "5xx",
    };
    counter!(HTTP_REQUESTS, "status" => class).increment(1);
    histogram!(HTTP_SECONDS).record(time.as_secs_f64());
}

/// How the database stands.
pub fn standing(standing: Standing) {
    #[expect(clippy::cast_precision_loss, reason = "beyond 2^53 the last digit is of no interest")]
    let set = |name: &'static str, value: u64| gauge!(name).set(value as f64);
    for (state, count) in ["pending", "active", "suspended"].into_iter().zip(standing.accounts) {
        #[expect(clippy::cast_precision_loss, reason = "beyond 2^53 the last digit is of no interest")]
        gauge!(ACCOUNTS, "state" => state).set(count as f64);
    }
    set(LETTERS_WAITING, standing.letters[0]);
    set(LETTERS_PARKED, standing.letters[1]);
    set(NOTICES_WAITING, standing.notices);
    set(WRITE_QUEUE, standing.writes);
}

//! A real mail server, aiosmtpd. `OSTIARY_TEST_PYTHON` names a Python that has it; `scripts/test` sets it.

use std::{
    env,
    io::{self, Write},
    path::PathBuf,
    process::Stdio,
    time::Duration,
};

use serde_json::Value;
use tokio::{
    io::{AsyncBufReadExt, BufReader, Lines},
    process::{Child, ChildStdout, Command},
    time::timeout,
};

/// The running server; ends when dropped.
#[derive(Debug)]
pub struct MailServer {
    pub port: u16,
    folder: tempfile::TempDir,
    lines: Lines<BufReader<ChildStdout>>,
    _process: Child,
}

impl MailServer {
    /// Starts it, or says on the test's output that the variable is missing. A Python that does not work is a failure.
    pub async fn start(encryption: &str, login: Option<(&str, &str)>, mechanism: &str) -> Option<Self> {
        let Some(python) = env::var_os("OSTIARY_TEST_PYTHON") else {
            not_run();
            return None;
        };
        let folder = tempfile::tempdir().expect("a temporary folder");
        let wish = serde_json::json!({
            "encryption": encryption, "login": login, "mechanism": mechanism, "folder": folder.path(),
        });
        let mut process = Command::new(&python)
            .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/delivery/mail_server.py"))
            .arg(wish.to_string())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap_or_else(|error| panic!("OSTIARY_TEST_PYTHON={}: {error}", python.display()));
        let lines = BufReader::new(process.stdout.take().expect("it is piped")).lines();
        let mut server = Self { port: 0, folder, lines, _process: process };
        let ready = server.next().await;
        server.port = u16::try_from(ready["port"].as_u64().expect("a port")).expect("a port");
        Some(server)
    }

    /// The next letter, as Python's parser read it.
    pub async fn next(&mut self) -> Value {
        let line = timeout(Duration::from_secs(20), self.lines.next_line()).await;
        let line = line.expect("a letter in time").expect("a readable line");
        serde_json::from_str(&line.expect("the mail server runs (does OSTIARY_TEST_PYTHON have aiosmtpd?)"))
            .expect("JSON")
    }

    pub fn ca_file(&self) -> PathBuf {
        self.folder.path().join("ca.pem")
    }
}

/// Written past the test runner, which shows what a test prints only when it fails.
fn not_run() {
    let _ = writeln!(
        io::stderr(),
        "NOT RUN: a test of tests/delivery needs a Python with aiosmtpd; run scripts/test, or set OSTIARY_TEST_PYTHON"
    );
}

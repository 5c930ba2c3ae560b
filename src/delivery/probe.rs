//! Tries a courier out without sending anything, for `ostiary check`.

use tokio::time::timeout;

use super::{
    Courier, SmtpEncryption,
    smtp::{Smtp, Stage},
};

/// A courier that cannot take letters now: what was tried, what happened, and what to do.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{what}; {advice}")]
pub struct ProbeError {
    /// What was tried and what happened.
    pub what: String,
    /// What the operator can do.
    pub advice: &'static str,
}

/// Connects, encrypts and logs in as for a letter, then leaves; or writes and removes a file. Says what was found.
pub async fn probe(courier: &Courier) -> Result<String, ProbeError> {
    match courier {
        Courier::Smtp(smtp) => probe_smtp(&smtp.0).await,
        Courier::Spool(spool) => match spool.0.try_out().await {
            Ok(()) => Ok(format!("letters can be written to {}", spool.0.folder().display())),
            Err(error) => Err(ProbeError {
                what: format!("{courier}: {error}"),
                advice: "let the user that runs ostiary own the folder, and see that the disk has room",
            }),
        },
    }
}

async fn probe_smtp(smtp: &Smtp) -> Result<String, ProbeError> {
    let limit = smtp.settings().timeout;
    let connected = timeout(limit, smtp.connect()).await.map_err(|_| ProbeError {
        what: format!("{smtp}: no answer within {} s", limit.as_secs()),
        advice: "check host, port and firewall; a server that expects TLS from the first byte is silent without it",
    })?;
    let mut connection = connected.map_err(|fault| ProbeError {
        what: format!("{smtp}: {}: {}", fault.stage, fault.error),
        advice: advice(fault.stage, smtp.settings().encryption),
    })?;
    let name = connection.server_info().name().to_owned();
    let name: String = name.chars().filter(|c| !c.is_control()).take(100).collect();
    let _ = timeout(limit, connection.quit()).await;
    let protection = match smtp.settings().encryption {
        SmtpEncryption::Plain => "not encrypted",
        SmtpEncryption::StartTls => "encrypted by STARTTLS",
        SmtpEncryption::Tls => "encrypted by TLS",
    };
    let login = if smtp.settings().login.is_some() { "login accepted" } else { "no login" };
    Ok(format!("{smtp} greets as {name}, {protection}, {login}"))
}

const fn advice(stage: Stage, encryption: SmtpEncryption) -> &'static str {
    match (stage, encryption) {
        (Stage::Reach, _) => "check host and port, and that the mail server runs",
        (Stage::Greeting, _) => {
            "check that a mail server listens on this port, and that it accepts this machine"
        }
        (Stage::Tls, SmtpEncryption::StartTls) => {
            "check that the server offers STARTTLS on this port and that its certificate is valid for the host name; set the CA file for an own CA"
        }
        (Stage::Tls, _) => {
            "check host and port, that the server speaks TLS from the first byte there, and that its certificate is valid for the host name; set the CA file for an own CA"
        }
        (Stage::Login, _) => "check username and password",
    }
}

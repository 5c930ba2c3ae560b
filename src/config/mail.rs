//! `[mail]`: how letters leave the house.

use std::path::PathBuf;

use secrecy::SecretString;
use toml::de::DeValue;

use super::{
    define::{Fallback, OptionDef, SectionDef, Times},
    kinds,
    reader::{Kind, Section},
    secret::{Secrets, secret},
};
use crate::accounts::Email;

/// How letters leave the house.
#[derive(Debug, Clone)]
pub struct Mail {
    /// The sender; `None` where the operator named none.
    pub from: Option<Email>,
    /// The way out.
    pub transport: Transport,
}

/// The way out.
#[derive(Debug, Clone)]
pub enum Transport {
    /// Files in a folder.
    Spool(PathBuf),
    /// A mail server.
    Smtp(Smtp),
}

/// A mail server.
#[derive(Debug, Clone)]
pub struct Smtp {
    /// Its host.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// How the connection is protected.
    pub encryption: Encryption,
    /// Whom to log in as.
    pub username: Option<String>,
    /// The password; `None` without `username`, and where the command did not ask for it.
    pub password: Option<SecretString>,
    /// Further certificate authorities.
    pub ca_file: Option<PathBuf>,
}

/// How the connection to the mail server is protected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encryption {
    /// TLS after a greeting in clear, demanded (RFC 3207).
    StartTls,
    /// TLS from the first byte (RFC 8314).
    Tls,
    /// None; loopback only.
    None,
}

const TRANSPORT: OptionDef = OptionDef {
    key: "transport",
    allowed: "\"spool\" or \"smtp\"",
    default: Fallback::Value("\"spool\""),
    example: "\"smtp\"",
    doc: "`smtp` gives letters to a mail server; `spool` writes them as `.eml` files into a folder, for trying out and for mail systems that collect files.",
};

const FROM: OptionDef = OptionDef {
    key: "from",
    allowed: "an e-mail address",
    default: Fallback::Described(
        "`noreply@` the domain of the account with `spool`; must be given with `smtp`",
    ),
    example: "\"accounts@chat.example\"",
    doc: "Sender of the letters, under the name that the service has on the domain. The mail server must be allowed to send for its domain (SPF, DKIM).",
};

const SPOOL_DIR: OptionDef = OptionDef {
    key: "spool_dir",
    allowed: "the path of a folder",
    default: Fallback::Value("\"spool\""),
    example: "\"spool\"",
    doc: "Folder for the letters of `transport = \"spool\"`. They hold codes: keep it closed to others.",
};

const HOST: OptionDef = OptionDef {
    key: "host",
    allowed: "a host name or an IP address",
    default: Fallback::Value("\"localhost\""),
    example: "\"mail.chat.example\"",
    doc: "The mail server.",
};

const PORT: OptionDef = OptionDef {
    key: "port",
    allowed: "1 to 65535",
    default: Fallback::Described("587 with `starttls`, 465 with `tls`, 25 with `none`"),
    example: "587",
    doc: "Its port.",
};

const ENCRYPTION: OptionDef = OptionDef {
    key: "encryption",
    allowed: "\"starttls\", \"tls\" or \"none\" (for a server on the same machine only)",
    default: Fallback::Value("\"starttls\""),
    example: "\"starttls\"",
    doc: "How the connection is protected. With `starttls` a server that does not offer it gets no letter.",
};

const USERNAME: OptionDef = OptionDef {
    key: "username",
    allowed: "a text",
    default: Fallback::Described("no login"),
    example: "\"accounts@chat.example\"",
    doc: "Whom to log in as at the mail server.",
};

const PASSWORD_FILE: OptionDef = OptionDef {
    key: "password_file",
    allowed: "the path of a file with mode 0600 that holds one line",
    default: Fallback::Value("\"secrets/mail.password\""),
    example: "\"secrets/mail.password\"",
    doc: "The password of that user. The environment variable `OSTIARY_MAIL_PASSWORD` takes its place.",
};

const CA_FILE: OptionDef = OptionDef {
    key: "ca_file",
    allowed: "the path of a PEM file",
    default: Fallback::Described("the certificate authorities of the system"),
    example: "\"/etc/ostiary/mail-ca.pem\"",
    doc: "Further certificate authorities to trust at the mail server.",
};

pub(super) const SECTION: SectionDef = SectionDef {
    name: "mail",
    times: Times::Once,
    doc: "How letters leave the house.",
    options: &[&TRANSPORT, &FROM, &SPOOL_DIR, &HOST, &PORT, &ENCRYPTION, &USERNAME, &PASSWORD_FILE, &CA_FILE],
};

pub(super) fn read(section: &Section<'_>) -> Option<Mail> {
    let smtp = section.get(&TRANSPORT, kinds::choice(&[("spool", false), ("smtp", true)]));
    let from = section.optional(&FROM, email);
    let spool = section.get(&SPOOL_DIR, kinds::text).map(|path| section.path(&path));
    let server = server(section, smtp == Some(true));
    let transport = if smtp? {
        if !section.has(&FROM) {
            section.note(&FROM, "is missing; transport = \"smtp\" needs an e-mail address here".to_owned());
        }
        Transport::Smtp(server?)
    } else {
        Transport::Spool(spool?)
    };
    Some(Mail { from, transport })
}

fn server(section: &Section<'_>, used: bool) -> Option<Smtp> {
    let host = section.get(&HOST, kinds::host);
    let port = section.optional(&PORT, kinds::number(1..=65_535));
    let encryption = section.get(
        &ENCRYPTION,
        kinds::choice(&[
            ("starttls", Encryption::StartTls),
            ("tls", Encryption::Tls),
            ("none", Encryption::None),
        ]),
    );
    let username = section.optional(&USERNAME, kinds::text);
    let wanted = used && username.is_some() && section.environment().secrets == Secrets::All;
    let password = if wanted { secret(section, &PASSWORD_FILE, "OSTIARY_MAIL_PASSWORD") } else { None };
    let ca_file = section.optional(&CA_FILE, kinds::text).map(|path| section.path(&path));
    let (host, encryption) = (host?, encryption?);
    if used && encryption == Encryption::None && !is_local(&host) {
        section.note(
            &ENCRYPTION,
            format!("found \"none\" for {host}, which is not this machine: letters hold codes; use \"starttls\" or \"tls\""),
        );
    }
    let port = port.unwrap_or(match encryption {
        Encryption::StartTls => 587,
        Encryption::Tls => 465,
        Encryption::None => 25,
    });
    Some(Smtp { host, port, encryption, username, password, ca_file })
}

fn is_local(host: &str) -> bool {
    host == "localhost" || host.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}

fn email(value: &DeValue<'_>) -> Kind<Email> {
    Email::parse(&kinds::text(value)?).map_err(|_| "not an e-mail address".to_owned())
}

//! `[component]`: the link to the XMPP server (XEP-0114).

use std::{fmt, path::PathBuf};

use secrecy::SecretString;
use toml::de::DeValue;

use super::{
    define::{Fallback, OptionDef, SectionDef, Times},
    kinds,
    reader::{Kind, Section},
    secret::{Secrets, secret},
};
use crate::accounts::Domain;

/// The link to the XMPP server.
#[derive(Debug, Clone)]
pub struct Component {
    /// The component's own address.
    pub jid: Domain,
    /// Where the server listens for components.
    pub address: Address,
    /// Further certificate authorities for `tls:` addresses.
    pub ca_file: Option<PathBuf>,
    /// The file that holds the secret, for hints; it may not exist where the environment holds the secret.
    pub secret_file: PathBuf,
    /// The secret; `None` where the command did not ask for it.
    pub secret: Option<SecretString>,
    /// Whom to turn to, by purpose (XEP-0157 §2).
    pub contacts: Contacts,
}

/// Where an XMPP server listens for components.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Address {
    /// Plain TCP.
    Tcp(String, u16),
    /// TLS from the first byte.
    Tls(String, u16),
    /// A Unix domain socket.
    Unix(PathBuf),
}

/// Contact addresses (URIs) by purpose, XEP-0157 §2.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Contacts {
    /// To report abuse.
    pub abuse: Vec<String>,
    /// The people who run the service.
    pub admin: Vec<String>,
    /// For praise and complaints.
    pub feedback: Vec<String>,
    /// For commercial questions.
    pub sales: Vec<String>,
    /// To report a weakness.
    pub security: Vec<String>,
    /// For help.
    pub support: Vec<String>,
}

pub(super) const JID: OptionDef = OptionDef {
    key: "jid",
    allowed: "a domain name",
    default: Fallback::Required,
    example: "\"register.chat.example\"",
    doc: "Address of the component, as the XMPP server knows it. Not one of the domains whose accounts are kept.",
};

const ADDRESS: OptionDef = OptionDef {
    key: "address",
    allowed: "\"host:port\", \"tls:host:port\" or \"unix:/path/of/socket\"",
    default: Fallback::Value("\"127.0.0.1:5347\""),
    example: "\"127.0.0.1:5347\"",
    doc: "Where the XMPP server listens for components. The stream carries passwords: use plain TCP on one machine or a protected network only.",
};

const CA_FILE: OptionDef = OptionDef {
    key: "ca_file",
    allowed: "the path of a PEM file",
    default: Fallback::Described("the certificate authorities of the system"),
    example: "\"/etc/ostiary/ca.pem\"",
    doc: "Further certificate authorities to trust on `tls:` addresses.",
};

pub(super) const SECRET_FILE: OptionDef = OptionDef {
    key: "secret_file",
    allowed: "the path of a file with mode 0600 that holds one line",
    default: Fallback::Value("\"secrets/component.secret\""),
    example: "\"secrets/component.secret\"",
    doc: "The secret shared with the XMPP server. The environment variable `OSTIARY_COMPONENT_SECRET` takes its place.",
};

const ALLOWED_ADDRESSES: &str = "a list of addresses that start with mailto:, xmpp:, https: or tel:";
const NO_ADDRESSES: Fallback = Fallback::Value("[]");

const ABUSE: OptionDef = OptionDef {
    key: "abuse_addresses",
    allowed: ALLOWED_ADDRESSES,
    default: NO_ADDRESSES,
    example: "[\"mailto:abuse@chat.example\"]",
    doc: "Where to report abuse (XEP-0157).",
};

const ADMIN: OptionDef = OptionDef {
    key: "admin_addresses",
    allowed: ALLOWED_ADDRESSES,
    default: NO_ADDRESSES,
    example: "[\"xmpp:admin@chat.example\"]",
    doc: "The people who run the service (XEP-0157).",
};

const FEEDBACK: OptionDef = OptionDef {
    key: "feedback_addresses",
    allowed: ALLOWED_ADDRESSES,
    default: NO_ADDRESSES,
    example: "[\"mailto:feedback@chat.example\"]",
    doc: "Where praise and complaints go (XEP-0157).",
};

const SALES: OptionDef = OptionDef {
    key: "sales_addresses",
    allowed: ALLOWED_ADDRESSES,
    default: NO_ADDRESSES,
    example: "[\"mailto:sales@chat.example\"]",
    doc: "Where commercial questions go (XEP-0157).",
};

const SECURITY: OptionDef = OptionDef {
    key: "security_addresses",
    allowed: ALLOWED_ADDRESSES,
    default: NO_ADDRESSES,
    example: "[\"mailto:security@chat.example\"]",
    doc: "Where to report a weakness (XEP-0157).",
};

const SUPPORT: OptionDef = OptionDef {
    key: "support_addresses",
    allowed: ALLOWED_ADDRESSES,
    default: NO_ADDRESSES,
    example: "[\"xmpp:help@chat.example\"]",
    doc: "Where to get help (XEP-0157).",
};

pub(super) const SECTION: SectionDef = SectionDef {
    name: "component",
    times: Times::Once,
    doc: "The link to the XMPP server: an external component (XEP-0114).",
    options: &[
        &JID,
        &ADDRESS,
        &CA_FILE,
        &SECRET_FILE,
        &ABUSE,
        &ADMIN,
        &FEEDBACK,
        &SALES,
        &SECURITY,
        &SUPPORT,
    ],
};

pub(super) fn read(section: &Section<'_>) -> Option<Component> {
    let jid = section.get(&JID, kinds::domain);
    let address = section.get(&ADDRESS, |value| address(section, value));
    let ca_file = section.optional(&CA_FILE, kinds::text).map(|path| section.path(&path));
    let secret_file = section.get(&SECRET_FILE, kinds::text).map(|path| section.path(&path));
    let secret = match section.environment().secrets {
        Secrets::All | Secrets::Component => secret(section, &SECRET_FILE, "OSTIARY_COMPONENT_SECRET"),
        Secrets::MasterKey | Secrets::None => None,
    };
    if ca_file.is_some() && !matches!(address, Some(Address::Tls(..)) | None) {
        section.note(&CA_FILE, "has no effect: the address does not start with tls:".to_owned());
    }
    let contact = |option| section.get(option, kinds::list(contact)).unwrap_or_default();
    let contacts = Contacts {
        abuse: contact(&ABUSE),
        admin: contact(&ADMIN),
        feedback: contact(&FEEDBACK),
        sales: contact(&SALES),
        security: contact(&SECURITY),
        support: contact(&SUPPORT),
    };
    Some(Component { jid: jid?, address: address?, ca_file, secret_file: secret_file?, secret, contacts })
}

fn address(section: &Section<'_>, value: &DeValue<'_>) -> Kind<Address> {
    let text = kinds::text(value)?;
    if let Some(path) = text.strip_prefix("unix:") {
        return if path.is_empty() { Err(String::new()) } else { Ok(Address::Unix(section.path(path))) };
    }
    match text.strip_prefix("tls:") {
        Some(rest) => kinds::host_and_port(rest).map(|(host, port)| Address::Tls(host, port)),
        None => kinds::host_and_port(&text).map(|(host, port)| Address::Tcp(host, port)),
    }
    .ok_or_else(String::new)
}

fn contact(value: &DeValue<'_>) -> Kind<String> {
    let text = kinds::text(value)?;
    let known = ["mailto:", "xmpp:", "https:", "tel:"];
    if known.iter().any(|scheme| text.starts_with(scheme)) && url::Url::parse(&text).is_ok() {
        Ok(text)
    } else {
        Err(String::new())
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tcp(host, port) => write!(f, "{host}:{port}"),
            Self::Tls(host, port) => write!(f, "tls:{host}:{port}"),
            Self::Unix(path) => write!(f, "unix:{}", path.display()),
        }
    }
}

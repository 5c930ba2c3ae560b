//! `[component]`: the links to the XMPP servers (XEP-0114), one for each server.

use std::{borrow::Cow, fmt, path::PathBuf};

use secrecy::SecretString;
use toml::de::DeValue;

use super::{
    define::{Fallback, OptionDef, SectionDef, Times},
    kinds,
    reader::{Document, Kind, Section},
    secret::{Secrets, secret},
};
use crate::accounts::{Domain, DomainPolicy};

/// The link to an XMPP server.
#[derive(Debug, Clone)]
pub struct Component {
    /// The component's own address.
    pub jid: Domain,
    /// The domains of that server, at least one. Nobody else's accounts are shown to it.
    pub domains: Vec<Domain>,
    /// Whether the server has our module, and is told what happens to accounts.
    pub has_module: bool,
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

const DOMAINS: OptionDef = OptionDef {
    key: "domains",
    allowed: "a list of names of domains",
    default: Fallback::Described("all of them, where there is one component; otherwise it must be given"),
    example: "[\"chat.example\"]",
    doc: "The domains whose XMPP server this is. The server is trusted for these and sees nothing of the others. Each domain belongs to one component.",
};

const HAS_MODULE: OptionDef = OptionDef {
    key: "has_module",
    allowed: "true or false",
    default: Fallback::Value("true"),
    example: "false",
    doc: "Whether the server has Ostiary's own module (`ostiary integrate`). Without it the server cannot be told that an account was suspended, deleted or given another password: open sessions stay.",
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
    doc: "The secret shared with the XMPP server. The environment variable `OSTIARY_COMPONENT_SECRET` takes its place; for a second component `OSTIARY_COMPONENT_SECRET_2`, and so on.",
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
    times: Times::OnceOrSeveral,
    doc: "The link to the XMPP server: an external component (XEP-0114). For several servers write one `[[component]]`, in double brackets, for each.",
    options: &[
        &JID,
        &DOMAINS,
        &HAS_MODULE,
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

/// All of them; `domains` is `None` where those could not be read.
pub(super) fn read(document: &Document<'_>, domains: Option<&[DomainPolicy]>) -> Option<Vec<Component>> {
    let sections = document.sections(&SECTION);
    let mut components: Vec<Component> = Vec::new();
    let mut whole = !sections.is_empty();
    for (index, section) in sections.iter().enumerate() {
        let Some(mut component) = read_one(section, index) else {
            whole = false;
            continue;
        };
        for other in &components {
            note_shared(section, &component, other);
        }
        if let Some(domains) = domains {
            assign(section, &mut component, domains, sections.len() == 1);
        }
        components.push(component);
    }
    if let Some((domains, last)) = domains.zip(sections.last()).filter(|_| whole) {
        let missing =
            |policy: &&DomainPolicy| components.iter().all(|one| !one.domains.contains(&policy.domain));
        for policy in domains.iter().filter(missing) {
            last.note(&DOMAINS, format!("no component has {} among its domains", policy.domain));
        }
    }
    whole.then_some(components)
}

fn read_one(section: &Section<'_>, index: usize) -> Option<Component> {
    let jid = section.get(&JID, kinds::domain);
    let domains = section.optional(&DOMAINS, kinds::list(kinds::domain)).unwrap_or_default();
    let has_module = section.get(&HAS_MODULE, kinds::switch);
    let address = section.get(&ADDRESS, |value| address(section, value));
    let ca_file = section.optional(&CA_FILE, kinds::text).map(|path| section.path(&path));
    let secret_file = section.get(&SECRET_FILE, kinds::text).map(|path| section.path(&path));
    let variable = match index {
        0 => Cow::Borrowed("OSTIARY_COMPONENT_SECRET"),
        _ => Cow::Owned(format!("OSTIARY_COMPONENT_SECRET_{}", index + 1)),
    };
    let secret = match section.environment().secrets {
        Secrets::All | Secrets::Component => secret(section, &SECRET_FILE, &variable),
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
    let (jid, has_module, address, secret_file) = (jid?, has_module?, address?, secret_file?);
    Some(Component { jid, domains, has_module, address, ca_file, secret_file, secret, contacts })
}

/// What two components may not have in common: whoever runs one server could take the other's place.
fn note_shared(section: &Section<'_>, component: &Component, other: &Component) {
    if component.jid == other.jid {
        section.note(&JID, format!("{} is there twice", component.jid));
    }
    if component.secret_file == other.secret_file {
        section
            .note(&SECRET_FILE, format!("is that of {} as well; each server has one of its own", other.jid));
    }
    for domain in component.domains.iter().filter(|domain| other.domains.contains(domain)) {
        section.note(&DOMAINS, format!("{domain} belongs to {} already", other.jid));
    }
}

fn assign(section: &Section<'_>, component: &mut Component, domains: &[DomainPolicy], alone: bool) {
    if alone && component.domains.is_empty() {
        component.domains = domains.iter().map(|policy| policy.domain.clone()).collect();
    }
    if component.domains.is_empty() {
        section.note(
            &DOMAINS,
            "is missing; with several components each says which domains it is for".to_owned(),
        );
    }
    for domain in &component.domains {
        if domains.iter().all(|policy| policy.domain != *domain) {
            section.note(&DOMAINS, format!("{domain} is none of the domains"));
        }
    }
    if domains.iter().any(|policy| policy.domain == component.jid) {
        let jid = &component.jid;
        section.note(&JID, format!("{jid} is one of the domains; the component needs an address of its own"));
    }
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

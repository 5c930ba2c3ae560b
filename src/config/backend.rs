//! `[backend]`: for XMPP servers that have no module of ours.

use std::path::PathBuf;

use secrecy::SecretString;

use super::{
    define::{Fallback, OptionDef, SectionDef, Times},
    http::{ListenAddress, address},
    kinds,
    reader::Section,
    secret::{Secrets, secret},
};
use crate::accounts::{Domain, DomainPolicy};

/// For XMPP servers that have no module of ours.
#[derive(Debug, Clone)]
pub struct Backend {
    /// Where HTTP authentication is answered; none switches it off.
    pub http: Vec<ListenAddress>,
    /// What a server shows there on TCP; `None` where nothing listens on TCP, or the command did not ask for it.
    pub secret: Option<SecretString>,
    /// Whether anybody on this machine may have passwords checked there.
    pub open_login: bool,
    /// Where the Dovecot authentication protocol is spoken; none switches it off.
    pub dovecot: Vec<ListenAddress>,
    /// The domain of the names there; `None` where names bring their own.
    pub dovecot_domain: Option<Domain>,
    /// The Unix socket of `ostiary extauth`; `None` switches it off.
    pub extauth: Option<PathBuf>,
}

const HTTP: OptionDef = OptionDef {
    key: "http",
    allowed: "a list of \"address:port\" on this machine (127.0.0.1 or [::1]) and \"unix:/path\"",
    default: Fallback::Value("[]"),
    example: "[\"127.0.0.1:5281\"]",
    doc: "Where HTTP authentication is answered (`docs/servers.md`), for Prosody's `mod_auth_http` and MongooseIM. On TCP the server shows the secret of `secret_file`; on a Unix socket the owner and its group may ask.",
};

const SECRET_FILE: OptionDef = OptionDef {
    key: "secret_file",
    allowed: "the path of a file with mode 0600 that holds one line",
    default: Fallback::Value("\"secrets/backend.secret\""),
    example: "\"secrets/backend.secret\"",
    doc: "What a server that asks over TCP shows as the password of HTTP Basic, with any name. Read only where `http` has a TCP address. The environment variable `OSTIARY_BACKEND_SECRET` takes its place.",
};

const OPEN_LOGIN: OptionDef = OptionDef {
    key: "open_login",
    allowed: "true or false",
    default: Fallback::Value("false"),
    example: "true",
    doc: "Whether `/login/DOMAIN` is answered on TCP, too, for Prosody's `mod_auth_http_async`: it sends the user's own name and password and can show no secret, so that everybody on this machine may have passwords checked. Guessing is limited for each account as everywhere.",
};

const DOVECOT: OptionDef = OptionDef {
    key: "dovecot",
    allowed: "a list of \"address:port\" on this machine (127.0.0.1 or [::1]) and \"unix:/path\"",
    default: Fallback::Value("[]"),
    example: "[\"unix:/run/ostiary/dovecot-auth.sock\"]",
    doc: "Where the Dovecot authentication protocol is spoken, for Prosody's `mod_auth_dovecot`: PLAIN, SCRAM-SHA-1, SCRAM-SHA-256. The protocol knows no secret: whoever connects may have passwords checked, and nothing else. Guessing is limited for each account as everywhere.",
};

const DOVECOT_DOMAIN: OptionDef = OptionDef {
    key: "dovecot_domain",
    allowed: "the name of one of the domains",
    default: Fallback::Described("none: names bring their domain (`auth_append_host` of `mod_auth_dovecot`)"),
    example: "\"chat.example\"",
    doc: "The domain of the names in the Dovecot protocol, where they come without one. A name that brings a domain is then nobody's.",
};

const EXTAUTH: OptionDef = OptionDef {
    key: "extauth",
    allowed: "the path of a Unix socket, starting with /",
    default: Fallback::Described("none: switched off"),
    example: "\"/run/ostiary/extauth.sock\"",
    doc: "Where the workers of `ostiary extauth` connect (ejabberd's external authentication). The owner of the socket and its group may ask.",
};

pub(super) const SECTION: SectionDef = SectionDef {
    name: "backend",
    times: Times::Once,
    doc: "For XMPP servers that have no module of ours. Off unless `http`, `dovecot` or `extauth` is set. Nothing of it is reached from other machines.",
    options: &[&HTTP, &SECRET_FILE, &OPEN_LOGIN, &DOVECOT, &DOVECOT_DOMAIN, &EXTAUTH],
};

pub(super) fn read(section: &Section<'_>, domains: Option<&[DomainPolicy]>) -> Option<Backend> {
    let http = listeners(section, &HTTP)?;
    let dovecot = listeners(section, &DOVECOT)?;
    let dovecot_domain = section.optional(&DOVECOT_DOMAIN, kinds::domain);
    if let Some(domain) = dovecot_domain
        .as_ref()
        .filter(|own| domains.is_some_and(|all| all.iter().all(|policy| policy.domain != **own)))
    {
        section.note(&DOVECOT_DOMAIN, format!("{domain} is none of the domains"));
    }
    let on_tcp = http.iter().any(|address| matches!(address, ListenAddress::Tcp(_)));
    let secret = match section.environment().secrets {
        Secrets::All if on_tcp => secret(section, &SECRET_FILE, "OSTIARY_BACKEND_SECRET"),
        _ => None,
    };
    let open_login = section.get(&OPEN_LOGIN, kinds::switch)?;
    let extauth = section.optional(&EXTAUTH, |value| {
        let path = PathBuf::from(kinds::text(value)?);
        if path.is_absolute() { Ok(path) } else { Err("a relative path".to_owned()) }
    });
    Some(Backend { http, secret, open_login, dovecot, dovecot_domain, extauth })
}

fn listeners(section: &Section<'_>, option: &OptionDef) -> Option<Vec<ListenAddress>> {
    let addresses = section.get(option, kinds::list(address))?;
    for address in &addresses {
        if let ListenAddress::Tcp(address) = address
            && !address.ip().is_loopback()
        {
            let message = format!(
                "{address} is not on this machine, and passwords would cross the network: listen on 127.0.0.1"
            );
            section.note(option, message);
        }
    }
    Some(addresses)
}

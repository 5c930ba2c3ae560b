//! `[agent_api]`: the interface for programs that the TAG Neuron has, too.

use toml::de::DeValue;

use super::{
    define::{Fallback, OptionDef, SectionDef, Times},
    kinds,
    reader::{Kind, Section},
};
use crate::accounts::{Destination, WebFormGate};

/// The Agent API.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AgentApi {
    /// Which CAPTCHA stands before the web form.
    pub web_form_gate: WebFormGate,
    /// Where the web form may send people on to.
    pub destinations: Vec<Destination>,
}

const WEB_FORM_CAPTCHA: OptionDef = OptionDef {
    key: "web_form_captcha",
    allowed: "\"siteverify\" or \"own\"",
    default: Fallback::Value("\"siteverify\""),
    example: "\"own\"",
    doc: "Which CAPTCHA stands before `CreateWebForm`: that of the service in `[siteverify]`, without which the form is closed, or our own, which needs no third party (the `captcha_…` options of the domain say which; `captcha` itself does not matter here).",
};

const REDIRECTION_URLS: OptionDef = OptionDef {
    key: "redirection_urls",
    allowed: "a list of addresses that start with https://, or with http:// on this machine, without user, query and fragment",
    default: Fallback::Value("[]"),
    example: "[\"https://app.chat.example/signup/\"]",
    doc: "Where `CreateWebForm` may send people on to (`RedirectionUrl`): these addresses and what lies below them, and nowhere else. Pages of these hosts may also ask for the token of the session (`GetSessionToken`).",
};

pub(super) const SECTION: SectionDef = SectionDef {
    name: "agent_api",
    times: Times::Once,
    doc: "The Agent API of the TAG Neuron (`docs/api.md`).",
    options: &[&WEB_FORM_CAPTCHA, &REDIRECTION_URLS],
};

pub(super) fn read(section: &Section<'_>) -> Option<AgentApi> {
    let gate = section.get(
        &WEB_FORM_CAPTCHA,
        kinds::choice(&[("siteverify", WebFormGate::Service), ("own", WebFormGate::OwnCaptcha)]),
    );
    let destinations = section.get(&REDIRECTION_URLS, kinds::list(destination));
    Some(AgentApi { web_form_gate: gate?, destinations: destinations? })
}

fn destination(value: &DeValue<'_>) -> Kind<Destination> {
    Destination::parse(&kinds::text(value)?).map_err(|problem| problem.to_string())
}

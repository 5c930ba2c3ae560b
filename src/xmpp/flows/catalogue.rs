//! Which flows there are (XEP-0389 §6.1).

use minidom::Element;
use rxml::Namespace;

use super::{NS, NS_OOB, Speech, steps::Step};
use crate::{
    accounts::{Domain, DomainPolicy},
    xmpp::{asker::Asker, attributes, context::Context, data_form, registration},
};

/// What a flow is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Process {
    Register,
    Recovery,
}

/// A flow.
pub(super) struct Flow {
    pub(super) id: String,
    /// The key of its name, and the domain that it is for.
    name: (&'static str, String),
    pub(super) challenge: Challenge,
}

/// How a flow begins. None has challenges of another type later.
pub(super) enum Challenge {
    Form(Step),
    Page(String),
}

impl Process {
    pub(super) fn of_name(name: &str) -> Option<Self> {
        [Self::Register, Self::Recovery].into_iter().find(|process| process.name() == name)
    }

    const fn name(self) -> &'static str {
        match self {
            Self::Register => "register",
            Self::Recovery => "recovery",
        }
    }
}

/// The flows for somebody: none for who is logged in at a served domain, and so has an account and its password.
pub(super) fn flows(context: &Context, asker: &Asker, process: Process) -> Vec<Flow> {
    if asker.username.is_some() {
        Vec::new()
    } else if asker.at_component {
        of_domains(context, process, &context.policies().collect::<Vec<_>>())
    } else {
        of_domains(context, process, context.broker.policy(&asker.domain).as_slice())
    }
}

/// §6.2: the list, in the language of whoever asks.
pub(super) fn list(context: &Context, asker: &Asker, process: Process) -> Element {
    rendered(context, process, &flows(context, asker, process), Speech::In(asker.language))
}

/// The stream features of a domain (§6.1), in every language; those without flows are left out.
pub fn offered(context: &Context, domain: &Domain) -> Vec<Element> {
    [Process::Register, Process::Recovery]
        .into_iter()
        .map(|process| (process, of_domains(context, process, context.broker.policy(domain).as_slice())))
        .filter(|(_, flows)| !flows.is_empty())
        .map(|(process, flows)| rendered(context, process, &flows, Speech::Everything))
        .collect()
}

fn of_domains(context: &Context, process: Process, policies: &[&DomainPolicy]) -> Vec<Flow> {
    let flow = |kind: &str, name, policy: &DomainPolicy, challenge| Flow {
        id: format!("{kind}:{}", policy.domain),
        name: (name, policy.domain.to_string()),
        challenge,
    };
    let (mut forms, mut pages) = (Vec::new(), Vec::<Flow>::new());
    for policy in policies {
        let domain = policy.domain.to_string();
        let (form, page) = match process {
            Process::Register => {
                let form = registration::is_open(context, policy).then_some(Step::Register { domain });
                (form, context.page(&policy.domain))
            }
            Process::Recovery if policy.self_service => {
                (Some(Step::AskRecovery { domain }), context.help.recover_url.as_deref())
            }
            Process::Recovery => (None, None),
        };
        let name = if process == Process::Register { "flow-register" } else { "flow-recover" };
        forms.extend(form.map(|step| flow("form", name, policy, Challenge::Form(step))));
        // One page may serve several domains.
        let known = |page: &str| {
            pages.iter().any(|flow| matches!(&flow.challenge, Challenge::Page(known) if known == page))
        };
        if let Some(page) = page.filter(|page| !known(page)) {
            pages.push(flow("web", "flow-web", policy, Challenge::Page(page.to_owned())));
        }
    }
    forms.into_iter().chain(pages).collect()
}

fn rendered(context: &Context, process: Process, flows: &[Flow], speech: Speech) -> Element {
    let languages: Vec<_> = match speech {
        Speech::In(language) => vec![language],
        Speech::Everything => context.texts.languages().collect(),
    };
    let mut list = Element::builder(process.name(), NS);
    for flow in flows {
        let (key, domain) = &flow.name;
        let names = languages.iter().map(|&language| {
            let text = context.texts.format(language, key, &[("domain", domain)]);
            let mut name = Element::builder("name", NS).append(text).build();
            name.set_attr(Namespace::XML, attributes::LANG.to_owned(), language.tag());
            name
        });
        let kind = match flow.challenge {
            Challenge::Form(_) => data_form::NS,
            Challenge::Page(_) => NS_OOB,
        };
        let challenge = Element::builder("challenge", NS).attr(attributes::TYPE.to_owned(), kind).build();
        list = list.append(
            Element::builder("flow", NS)
                .attr(attributes::ID.to_owned(), flow.id.as_str())
                .append_all(names)
                .append(challenge)
                .build(),
        );
    }
    list.build()
}

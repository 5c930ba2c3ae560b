//! What every handler of this front works with.

use std::sync::Arc;

use jid::BareJid;
use tracing::{Instrument, instrument::Instrumented};

use super::{pending::Link, sealed::Sealed, stanza::Requester};
use crate::{
    accounts::{Domain, DomainPolicy, LanguageTag, RequestId},
    broker::Broker,
    text::{Help, Language, Texts},
};

/// The broker and the texts, shared by all handlers.
#[derive(Debug, Clone)]
pub struct Context {
    /// The use cases.
    pub broker: Broker,
    /// The texts in all languages.
    pub texts: Arc<Texts>,
    /// Where the web pages are, for texts that send people there.
    pub help: Help,
    /// The domains of the server that this link is to: nothing of any other is shown on it, and nobody speaks for any other.
    pub domains: Arc<[Domain]>,
    /// The component's own address.
    pub component: BareJid,
    /// What clients keep for us.
    pub sealed: Sealed,
    /// The way to the server, for what we say by ourselves.
    pub link: Link,
    /// What the request is called that is being answered; `None` between requests.
    pub request: Option<RequestId>,
}

impl Context {
    /// Has a request answered under a name of its own, which every line about it in the log has.
    pub(super) fn named<A: Future>(&self, answer: impl FnOnce(Self) -> A) -> Instrumented<A> {
        let request = self.link.new_request();
        let span = tracing::error_span!("xmpp", %request);
        answer(Self { request: Some(request), ..self.clone() }).instrument(span)
    }

    /// The served domain that is exactly the sender: a bare domain, no local part, no resource. Only the server itself can send
    /// from there, so this is the whole trust rule (`docs/link.md`).
    pub fn trusted_domain(&self, from: &Requester) -> Option<Domain> {
        self.served(from.as_domain()?)
    }

    /// The domain of that name, if it is one of this link.
    pub fn served(&self, domain: &str) -> Option<Domain> {
        let domain = Domain::parse(domain).ok()?;
        self.domains.contains(&domain).then_some(domain)
    }

    /// The policies of the domains of this link; the first is the default.
    pub fn policies(&self) -> impl Iterator<Item = &DomainPolicy> {
        self.domains.iter().filter_map(|domain| self.broker.policy(domain))
    }

    /// The web page for people who want an account on that domain.
    pub fn page(&self, domain: &Domain) -> Option<&str> {
        self.broker.policy(domain)?.page(self.help.register_url.as_deref())
    }

    /// Where texts about that domain may send people.
    pub fn help_of(&self, domain: &Domain) -> Help {
        Help { register_url: self.page(domain).map(str::to_owned), ..self.help.clone() }
    }

    /// Which account somebody means who typed a name or a whole address: a name belongs to `domain`.
    pub fn meant(&self, domain: &Domain, typed: &str) -> (Domain, String) {
        let typed = typed.trim();
        let whole = typed.split_once('@').and_then(|(name, domain)| Some((self.served(domain)?, name)));
        match whole {
            Some((domain, name)) => (domain, name.to_owned()),
            None => (domain.clone(), typed.to_owned()),
        }
    }

    /// The nearest language there is; the standard one when none was asked for.
    pub fn language(&self, wanted: Option<&str>) -> (LanguageTag, Language) {
        let Some(tag) = wanted.and_then(LanguageTag::parse) else {
            let standard = self.texts.standard();
            return (LanguageTag::parse(standard.tag()).unwrap_or_default(), standard);
        };
        let language = self.texts.choose(&tag);
        (tag, language)
    }
}

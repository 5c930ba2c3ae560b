//! Who asks over XMPP: a client of a served domain, carried by the server's module, or anybody who writes to the component's
//! own address.

use super::{
    context::Context,
    stanza::{Request, Requester},
};
use crate::{
    accounts::{Domain, Front, Origin},
    broker::Presented,
    text::Language,
};

/// The one who asks, as far as the server has proven it.
#[derive(Debug, Clone)]
pub struct Asker {
    /// For limits, the audit table and sessions.
    pub origin: Origin,
    /// The domain whose accounts the request is about.
    pub domain: Domain,
    /// The username on that domain, when the server has authenticated the asker; `None` before login and for strangers.
    pub username: Option<String>,
    /// Whether the client's stream to its server is encrypted, as far as is known.
    pub secure: bool,
    /// Whether a login has failed on the asker's stream.
    pub tried_login: bool,
    /// Whether the request is for the component's own address, not for the domain itself.
    pub at_component: bool,
    /// What the asker was admitted with before, as the server's module has kept it.
    pub invitation: Option<Presented>,
    /// The id of the request, for forms that name it (XEP-0158).
    pub request: Option<String>,
    /// The language of the answer.
    pub language: Language,
}

impl Asker {
    /// Who sent a request to the component's own address.
    pub fn at_component(context: &Context, request: &Request) -> Option<Self> {
        let asker = Self::of(context, &request.from, request.lang.as_deref())?;
        Some(Self { request: Some(request.id.clone()), ..asker })
    }

    /// Who wrote to the component's own address. The asker's server has stamped `from`, so a user of a served domain is known to be
    /// that user; everybody else asks about the first domain. `None` where no domain is served.
    pub fn of(context: &Context, from: &Requester, lang: Option<&str>) -> Option<Self> {
        let (tag, language) = context.language(lang);
        let jid = from.bare();
        let own = context.served(jid.domain().as_str());
        let username = own.as_ref().and(jid.node()).map(|node| node.as_str().to_owned());
        let domain = own.or_else(|| context.policies().next().map(|policy| policy.domain.clone()))?;
        let origin = Origin {
            jid: Some(jid.to_string()),
            session: username.is_some().then(|| from.as_str().to_owned()),
            language: tag,
            request: context.request,
            ..Origin::of(Front::Component)
        };
        // How the asker is connected to a server of its own is unknown here; that server has decided what it lets through.
        Some(Self {
            origin,
            domain,
            username,
            secure: true,
            tried_login: false,
            at_component: true,
            invitation: None,
            request: None,
            language,
        })
    }
}

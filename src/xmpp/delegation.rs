//! XEP-0355: in-band requests of logged-in users, handed over by a server that has no module of ours. It serves the change of a password
//! and the removal of an account; before login nothing is delegated. ejabberd (23.01 to 26.07) speaks version 1, Prosody version 2; both
//! look the same (`server-integration.md` §5.3).

use std::collections::BTreeSet;

use jid::Jid;
use minidom::Element;
use rxml::Namespace;
use xmpp_parsers::{
    disco::DiscoInfoResult,
    ns,
    stanza_error::{DefinedCondition as Condition, ErrorType},
};

use super::{
    asker::Asker,
    attributes,
    context::Context,
    link::server_itself,
    register,
    reply::{NS_CLIENT, Reply, carried_answer},
    stanza::{Request, RequestKind},
};
use crate::accounts::{Domain, Front, Origin};

/// The namespaces of both versions.
pub const NAMESPACES: [&str; 2] = ["urn:xmpp:delegation:1", "urn:xmpp:delegation:2"];

/// Answers a delegated request with the wrapper around its answer (§4.3). Whoever is not the server itself gets `forbidden`.
pub async fn answer(context: Context, request: Request) -> Reply {
    let domain = match server_itself(&context, &request, "delegation") {
        Ok(domain) => domain,
        Err(forbidden) => return forbidden,
    };
    let Some(inner) = forwarded(&request.payload).filter(|_| request.kind == RequestKind::Set) else {
        return Reply::bad_request();
    };
    let reply = match Delegated::read(&context, &domain, inner) {
        Err(reply) => reply,
        Ok(Delegated { asker, kind, payload }) => {
            register::answer(&context, &asker, kind, payload).await.reply
        }
    };
    wrap(&request.payload.ns(), inner, reply)
}

/// What a server asks before it delegates (§4.2): what is to be told on the server's behalf, at its domain and at the bare address of
/// each user.
pub fn info(node: &str) -> Option<Reply> {
    let delegated = NAMESPACES.iter().find_map(|namespace| node.strip_prefix(namespace))?;
    let features = match delegated {
        "::jabber:iq:register" => BTreeSet::from([register::NS.to_owned()]),
        ":bare:jabber:iq:register" => BTreeSet::new(),
        _ => return None,
    };
    let node = Some(node.to_owned());
    let info = DiscoInfoResult { node, identities: Vec::new(), features, extensions: Vec::new() };
    Some(Element::from(info).into())
}

struct Delegated<'a> {
    asker: Asker,
    kind: RequestKind,
    payload: &'a Element,
}

impl<'a> Delegated<'a> {
    /// `Err` is the answer to whoever sent it.
    fn read(context: &Context, domain: &Domain, inner: &'a Element) -> Result<Self, Reply> {
        let kind = match inner.attr("type") {
            Some("get") => RequestKind::Get,
            Some("set") => RequestKind::Set,
            _ => return Err(Reply::bad_request()),
        };
        let mut payloads = inner.children();
        let payload = match (payloads.next(), payloads.next()) {
            (Some(payload), None) if payload.has_ns(register::NS) => payload,
            (Some(_), None) => return Err(Reply::service_unavailable()),
            _ => return Err(Reply::bad_request()),
        };
        let asker = asker(context, domain, inner).ok_or_else(forbidden)?;
        Ok(Self { asker, kind, payload })
    }
}

/// Who asks: a user of the domain, about the own account. A server delegates what others send to its domain or to a user as well, from
/// other servers too, and leaves it to us to look at that.
fn asker(context: &Context, domain: &Domain, inner: &Element) -> Option<Asker> {
    let from = Jid::new(inner.attr("from")?).ok()?;
    let username = from.node().filter(|_| from.domain().as_str() == domain.as_str())?.as_str().to_owned();
    if let Some(to) = inner.attr("to") {
        let to = Jid::new(to).ok()?;
        let is_domain = to.node().is_none() && to.resource().is_none() && to.domain() == from.domain();
        if !is_domain && to.to_bare() != from.to_bare() {
            return None;
        }
    }
    let (tag, language) = context.language(inner.attr_ns(Namespace::xml(), "lang"));
    let origin = Origin {
        jid: Some(from.to_bare().to_string()),
        session: Some(from.to_string()),
        language: tag,
        request: context.request,
        ..Origin::of(Front::Server)
    };
    Some(Asker {
        origin,
        domain: domain.clone(),
        username: Some(username),
        // How the session is connected is not said; the server has let it log in.
        secure: true,
        tried_login: false,
        at_component: false,
        invitation: None,
        request: inner.attr("id").map(str::to_owned),
        language,
    })
}

fn forbidden() -> Reply {
    Reply::error(Condition::Forbidden, ErrorType::Auth)
}

fn forwarded(delegation: &Element) -> Option<&Element> {
    if delegation.name() != "delegation" {
        return None;
    }
    delegation.get_child("forwarded", ns::FORWARD)?.get_child("iq", NS_CLIENT)
}

fn wrap(namespace: &str, inner: &Element, reply: Reply) -> Reply {
    let mut answer = carried_answer(inner.attr("id"), reply);
    answer.set_attr(Namespace::NONE, attributes::FROM.to_owned(), inner.attr("to"));
    answer.set_attr(Namespace::NONE, attributes::TO.to_owned(), inner.attr("from"));
    let forwarded = Element::builder("forwarded", ns::FORWARD).append(answer);
    Element::builder("delegation", namespace).append(forwarded).build().into()
}

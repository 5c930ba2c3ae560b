//! A client's stanza, carried by the server's module with the context that only the server knows (`docs/link.md` §2).

use std::net::IpAddr;

use jid::Jid;
use minidom::Element;
use rxml::Namespace;

use super::{
    super::{
        asker::Asker,
        attributes,
        context::Context,
        flows, preauth, register,
        reply::{NS_CLIENT, Reply, carried_answer},
        stanza::RequestKind,
    },
    NS,
};
use crate::{
    accounts::{Domain, Front, Origin},
    broker::{Presented, Registered, Ticket},
};

/// Answers a carried stanza with the wrapper around its answer.
pub async fn answer(context: &Context, domain: &Domain, carry: &Element) -> Reply {
    let Some((asker, inner)) = read(context, domain, carry) else {
        return Reply::bad_request();
    };
    let kind = match inner.attr("type") {
        Some("get") => RequestKind::Get,
        Some("set") => RequestKind::Set,
        _ => return Reply::bad_request(),
    };
    let mut payloads = inner.children();
    let mut ticket = None;
    let answered = match (payloads.next(), payloads.next()) {
        (Some(payload), None) if payload.has_ns(register::NS) => {
            register::answer(context, &asker, kind, payload).await
        }
        // XEP-0445 §4: before login only.
        (Some(payload), None) if payload.has_ns(preauth::NS) && asker.username.is_none() => {
            let (reply, accepted) = preauth::answer(context, &asker, kind, payload).await;
            ticket = accepted;
            register::Answered { reply, registered: None }
        }
        (Some(payload), None) if payload.has_ns(flows::NS) => {
            flows::carried(context, &asker, kind, payload).await
        }
        (Some(_), None) => register::Answered { reply: Reply::service_unavailable(), registered: None },
        _ => register::Answered { reply: Reply::bad_request(), registered: None },
    };
    wrap(inner.attr("id"), answered, ticket.as_ref()).into()
}

fn wrap(id: Option<&str>, answered: register::Answered, ticket: Option<&Ticket>) -> Element {
    let mut carry = Element::builder("carry", NS);
    if let Some(ticket) = ticket {
        let accepted = Element::builder("accepted", NS).attr(attributes::TICKET.to_owned(), ticket.expose());
        carry = carry.append(accepted.build());
    }
    if let Some(Registered { username, state, .. }) = &answered.registered {
        carry = carry.append(
            Element::builder("registered", NS)
                .attr(attributes::USER.to_owned(), username.as_str())
                .attr(attributes::STATE.to_owned(), state.as_str())
                .build(),
        );
    }
    carry.append(carried_answer(id, answered.reply)).build()
}

fn read<'a>(context: &Context, domain: &Domain, carry: &'a Element) -> Option<(Asker, &'a Element)> {
    let client = carry.get_child("client", NS)?;
    let inner = carry.get_child("iq", NS_CLIENT)?;
    let session = client.attr("session").filter(|session| session.len() <= 128);
    let jid = match client.attr("jid") {
        // The module may speak for users of its own domain only.
        Some(jid) => Some(Jid::new(jid).ok().filter(|jid| jid.domain().as_str() == domain.as_str())?),
        None => None,
    };
    let username = match &jid {
        Some(jid) => Some(jid.node()?.as_str().to_owned()),
        None => None,
    };
    let lang = inner.attr_ns(Namespace::xml(), "lang").or_else(|| client.attr("lang"));
    let (tag, language) = context.language(lang);
    let origin = Origin {
        front: Front::Server,
        address: client.attr("address").and_then(|address| address.parse::<IpAddr>().ok()),
        // Without an address, the stream is all that requests of one client have in common.
        jid: jid
            .as_ref()
            .map(|jid| jid.to_bare().to_string())
            .or_else(|| session.map(|id| format!("{domain}/{id}"))),
        session: jid.as_ref().map(ToString::to_string),
        language: tag,
        request: context.request,
    };
    let invitation = client.attr("ticket").and_then(Ticket::returned).map(Presented::Ticket);
    let secure = client.attr("secure") == Some("true");
    let asker = Asker {
        origin,
        domain: domain.clone(),
        username,
        secure,
        tried_login: client.attr("tried-login") == Some("true"),
        at_component: false,
        invitation,
        request: inner.attr("id").map(str::to_owned),
        language,
    };
    Some((asker, inner))
}

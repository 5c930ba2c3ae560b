//! XEP-0445 Pre-Authenticated In-Band Registration: a client shows the token of an invitation before it registers.
//!
//! The broker keeps nothing of it. Before login the accepted token becomes a ticket that the server's module keeps with the
//! client's stream and sends along from then on (`docs/link.md` §2).

use minidom::Element;

use super::{
    asker::Asker,
    context::Context,
    refusal,
    reply::Reply,
    stanza::{Request, RequestKind},
};
use crate::{
    accounts::{Front, InvitationToken, Refusal},
    broker::{Failure, Ticket},
};

/// The namespace of the token (XEP-0379 §5).
pub const NS: &str = "urn:xmpp:pars:0";

/// Answers a token at the component's own address; the broker remembers for a while who has shown it.
pub async fn at_component(context: Context, request: Request) -> Reply {
    match Asker::at_component(&context, &request) {
        Some(asker) => answer(&context, &asker, request.kind, &request.payload).await.0,
        None => {
            refusal::refused(&context, Front::Component, context.language(None).1, &Refusal::UnknownDomain)
        }
    }
}

/// Answers `<preauth token=''/>`; the ticket where the token was accepted.
pub async fn answer(
    context: &Context,
    asker: &Asker,
    kind: RequestKind,
    payload: &Element,
) -> (Reply, Option<Ticket>) {
    if kind != RequestKind::Set || payload.name() != "preauth" {
        return (Reply::bad_request(), None);
    }
    let Some(token) = payload.attr("token") else { return (Reply::bad_request(), None) };
    let accepted = match InvitationToken::parse(token) {
        Some(token) => context.broker.accept_invitation(&asker.origin, &asker.domain, token).await,
        None => Err(Failure::Refused(Refusal::InvitationInvalid)),
    };
    match accepted {
        Ok(ticket) => (Reply::done(), Some(ticket)),
        Err(failure) => (refusal::failure(context, asker.origin.front, asker.language, &failure), None),
    }
}

//! The link protocol with the server's own module (`docs/link.md`): registration before and after login, logins, notices.
//!
//! | payload | answered by |
//! |---|---|
//! | `status` | this file |
//! | `carry` | `carry.rs` |
//! | `credentials`, `authenticate`, `account`, `set-password`, `remove` | `login.rs` |
//! | `account-changed` (ours) | `notices.rs` |

mod carry;
mod login;
mod notices;

use std::sync::atomic::{AtomicBool, Ordering};

use minidom::Element;
use xmpp_parsers::stanza_error::{DefinedCondition as Condition, ErrorType};

use super::{
    attributes,
    context::Context,
    flows,
    reply::Reply,
    stanza::{Request, RequestKind},
};
use crate::{
    accounts::{Domain, InvitationMode, RegistrationMode, Shape},
    metrics,
};

pub use self::notices::{forget, tell};

/// Namespace and disco feature of version 1.
pub const NS: &str = "urn:ostiary:link:1";

/// Answers a request of this namespace. Whoever is not the server itself gets `forbidden` and learns nothing.
///
/// What only asks comes by the ten thousand a second and leaves no line in the log, so it gets a name only where something broke.
pub async fn answer(context: Context, request: Request) -> Reply {
    match request.kind {
        RequestKind::Get => answer_from(context, request).await,
        RequestKind::Set => context.named(|context| answer_from(context, request)).await,
    }
}

async fn answer_from(context: Context, request: Request) -> Reply {
    let domain = match server_itself(&context, &request, "link") {
        Ok(domain) => domain,
        Err(forbidden) => return forbidden,
    };
    match (request.kind, request.payload.name()) {
        (RequestKind::Get, "status") => status(&context, &domain).into(),
        (RequestKind::Set, "carry") => carry::answer(&context, &domain, &request.payload).await,
        (RequestKind::Get, "credentials") => login::credentials(&context, &domain, &request.payload).await,
        (RequestKind::Set, "authenticate") => login::authenticate(&context, &domain, &request.payload).await,
        (RequestKind::Get, "account") => login::account(&context, &domain, &request.payload).await,
        (RequestKind::Set, "set-password") => login::set_password(&context, &domain, &request.payload).await,
        (RequestKind::Set, "remove") => login::remove(&context, &domain, &request.payload).await,
        _ => Reply::bad_request(),
    }
}

/// The domain in whose name its server asks; otherwise the answer to whoever only says so, which is counted as `kind`. The first one is
/// told: it may be a domain of the server that was forgotten in the configuration. Anybody can send these, so the others must not
/// fill the log.
pub(super) fn server_itself(
    context: &Context,
    request: &Request,
    kind: &'static str,
) -> Result<Domain, Reply> {
    static TOLD: AtomicBool = AtomicBool::new(false);
    if let Some(domain) = context.trusted_domain(&request.from) {
        return Ok(domain);
    }
    metrics::forged(kind);
    let from = request.from.bare();
    if TOLD.swap(true, Ordering::Relaxed) {
        tracing::debug!(%from, kind, "somebody sent what only the server of a served domain may send; refused");
    } else {
        tracing::warn!(
            %from,
            kind,
            "somebody sent what only the server of a served domain may send; refused. Further ones are counted (ostiary_forged_requests_total), not told"
        );
    }
    Err(Reply::error(Condition::Forbidden, ErrorType::Auth))
}

fn status(context: &Context, domain: &Domain) -> Element {
    let page = context.page(domain).is_some();
    let policy = context.broker.policy(domain);
    let open = policy.is_some_and(|policy| Shape::of(policy, false, page) != Shape::Nothing);
    let invitations = policy.filter(|policy| policy.registration == RegistrationMode::Open);
    let invitations = invitations.map_or(InvitationMode::Off, |policy| policy.invitations.mode);
    Element::builder("status", NS)
        .attr(attributes::REGISTRATION.to_owned(), if open { "open" } else { "closed" })
        .attr(attributes::INVITATIONS.to_owned(), invitations.as_str())
        .append_all(flows::offered(context, domain))
        .build()
}

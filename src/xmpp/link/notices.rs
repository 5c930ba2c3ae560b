//! Account-changed notices (`docs/link.md` §4): told in order, kept until the server has acted, told again after a reconnect.

use std::time::Duration;

use jid::BareJid;
use minidom::Element;
use tokio_util::sync::CancellationToken;

use super::{
    super::{
        attributes,
        component::LinkState,
        context::Context,
        pending::{IqFailure, Link},
        stanza::RequestKind,
    },
    NS,
    login::text_element,
};
use crate::{
    accounts::{Domain, Notice},
    broker::Failure,
};

/// How long the server may take to close sessions and purge data.
const ANSWER_WITHIN: Duration = Duration::from_secs(20);
/// How long a notice waits for answers to its user. Only the answer is left to be made then: the change is on disk.
const ANSWER_FIRST: Duration = Duration::from_millis(250);
/// The pause before a notice is told again, or the store is asked again after a fault.
const PAUSE: Duration = Duration::from_secs(5);

/// Tells the server of `domain` every account change, until `cancel`.
pub async fn tell(context: Context, link: Link, domain: Domain, cancel: CancellationToken) {
    cancel.run_until_cancelled(tell_for_ever(&context, &link, &domain)).await;
}

/// Forgets the account changes of a domain whose server has no module that could be told, until `cancel`.
pub async fn forget(context: Context, domain: Domain, cancel: CancellationToken) {
    cancel.run_until_cancelled(forget_for_ever(&context, &domain)).await;
}

async fn forget_for_ever(context: &Context, domain: &Domain) {
    let mut told = 0;
    loop {
        let forgotten = async {
            for notice in context.broker.next_notices(domain, told).await? {
                context.broker.notice_told(&notice).await?;
                told = notice.id;
            }
            Ok::<_, Failure>(())
        };
        if let Err(failure) = forgotten.await {
            tracing::error!(%domain, error = %failure, "account changes cannot be forgotten; trying again");
            tokio::time::sleep(PAUSE).await;
        }
    }
}

async fn tell_for_ever(context: &Context, link: &Link, domain: &Domain) {
    let mut told = 0;
    // A fault of the store or a server without the module is said once, not at every try.
    let mut complained = false;
    loop {
        connected(link).await;
        let notices = match context.broker.next_notices(domain, told).await {
            Ok(notices) => notices,
            Err(failure) => {
                tracing::error!(%domain, error = %failure, "account changes cannot be read; trying again");
                tokio::time::sleep(PAUSE).await;
                continue;
            }
        };
        for notice in notices {
            // The person who changed something sees the answer before the session ends (XEP-0077 §3.2).
            if let Ok(user) = BareJid::new(&format!("{}@{domain}", notice.username)) {
                link.under_way().answered(&user, ANSWER_FIRST).await;
            }
            match link.request(RequestKind::Set, domain.as_str(), element(&notice), ANSWER_WITHIN).await {
                Ok(_) => {
                    complained = false;
                    if let Err(failure) = context.broker.notice_told(&notice).await {
                        // It will be told again after a restart; the server does no harm by acting twice.
                        tracing::error!(%domain, error = %failure, "a told account change could not be forgotten");
                    }
                    told = notice.id;
                }
                Err(failure) => {
                    if !complained && failure != IqFailure::LinkLost {
                        tracing::warn!(%domain, error = %failure, "the server does not take account changes; is its ostiary module loaded? trying again");
                        complained = true;
                    }
                    tokio::time::sleep(PAUSE).await;
                    break;
                }
            }
        }
    }
}

async fn connected(link: &Link) {
    let mut state = link.state();
    // An error means that the link is gone for good; then this task is cancelled too.
    if state.wait_for(|state| matches!(state, LinkState::Connected { .. })).await.is_err() {
        std::future::pending::<()>().await;
    }
}

fn element(notice: &Notice) -> Element {
    let mut element = Element::builder("account-changed", NS)
        .attr(attributes::USER.to_owned(), notice.username.as_str())
        .attr(attributes::EVENT.to_owned(), notice.event.as_str())
        .attr(attributes::KEEP.to_owned(), notice.keep.as_deref())
        .attr(attributes::INVITER.to_owned(), notice.inviter.as_deref());
    if let Some(text) = &notice.text {
        element = element.append(text_element(text));
    }
    element.build()
}

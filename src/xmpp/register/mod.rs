//! XEP-0077 In-Band Registration, for the chat domain (carried by the server's module) and for the component's own address.
//! `docs/xep-0077.md` has every point of it, with the place in the code and the tests.
//!
//! | what | file |
//! |---|---|
//! | who asks, and what is done for whom | this file |
//! | the query: what was sent, the blank form, what is on file | `query.rs` |
//! | deleting an account and changing a password | `account.rs` |
//! | the forms that ask for a proof first | `proof.rs` |
//! | forms that are signed with an API key | `signed.rs` |

mod account;
#[cfg(any(test, feature = "fuzzing"))]
pub(super) mod fuzzing;
mod proof;
mod query;
mod signed;

use minidom::Element;

use self::query::{Blank, Submission};
use super::{
    asker::Asker,
    captcha,
    context::Context,
    data_form::TooLarge,
    refusal,
    reply::Reply,
    stanza::{Request, RequestKind},
};
use crate::{
    accounts::{Front, Refusal, Shape},
    broker::{Failure, Registered, Submitted},
};

pub use self::{query::NS, signed::alternatives};

/// The answer to a request, and the account that it made.
#[derive(Debug)]
pub struct Answered {
    /// What the asker gets.
    pub reply: Reply,
    /// The new account, for the server's own events.
    pub registered: Option<Registered>,
}

/// Answers a request to the component's own address.
pub async fn at_component(context: Context, request: Request) -> Reply {
    let Some(asker) = Asker::at_component(&context, &request) else {
        let (_, language) = context.language(request.lang.as_deref());
        return refusal::refused(&context, Front::Component, language, &Refusal::UnknownDomain);
    };
    answer(&context, &asker, request.kind, &request.payload).await.reply
}

/// Answers a request of `asker`, wherever it came from.
pub async fn answer(context: &Context, asker: &Asker, kind: RequestKind, payload: &Element) -> Answered {
    if payload.name() != "query" {
        return Answered { reply: Reply::bad_request(), registered: None };
    }
    let mut answered = match kind {
        RequestKind::Get => Answered { reply: get(context, asker).await, registered: None },
        RequestKind::Set => set(context, asker, payload).await,
    };
    if let Some(key) = query::key(payload) {
        answered.reply.add_to_payload(key);
    }
    answered
}

/// What is on file for somebody who has an account (XEP-0077 §3.1, `<registered/>`), else the form.
async fn get(context: &Context, asker: &Asker) -> Reply {
    if let Some(username) = &asker.username {
        match context.broker.account(&asker.domain, username).await {
            Ok(account) => return query::on_file(context, asker, &account).into(),
            Err(Failure::Refused(Refusal::NoSuchAccount)) => {}
            Err(failure) => return refusal::failure(context, asker.origin.front, asker.language, &failure),
        }
    }
    match offered_to_all_or_to_sign(context, asker).await {
        Ok(Some(query)) => query.into(),
        Ok(None) => refusal::refused_of(context, asker, &Refusal::RegistrationClosed),
        Err(failure) => refusal::failure_of(context, asker, &failure),
    }
}

/// What somebody is offered who asks how to register. Programs that sign (XEP-0348) try to log in first, and get a form of their own
/// where the usual answer cannot be signed: people need an invitation, a web page or a picture there.
async fn offered_to_all_or_to_sign(context: &Context, asker: &Asker) -> Result<Option<Element>, Failure> {
    let usual = offered(context, asker).await?;
    match (&usual, context.broker.policy(&asker.domain)) {
        (Some(query), Some(policy)) if asker.tried_login && !signed::can_be_signed(query) => {
            let token = context.broker.form_token(&asker.domain).await?;
            Ok(token.map(|token| query::to_sign(context, asker, &policy.signed(), &token)).or(usual))
        }
        _ => Ok(usual),
    }
}

/// What everybody is offered who asks how to register.
async fn offered(context: &Context, asker: &Asker) -> Result<Option<Element>, Failure> {
    let policy = context.broker.policy(&asker.domain).ok_or(Refusal::UnknownDomain)?;
    let page = context.page(&policy.domain);
    let offer = match context.broker.offer(&asker.origin, &asker.domain, asker.invitation.as_ref()).await {
        Ok(offer) => offer,
        Err(Failure::Refused(Refusal::InvitationRequired)) => {
            return Ok(Some(query::invited_only(context, asker, page)));
        }
        Err(Failure::Refused(Refusal::WebOnly | Refusal::RegistrationClosed)) => {
            return Ok(page.map(|page| query::web(context, asker, page)));
        }
        Err(failure) => return Err(failure),
    };
    let challenge =
        if offer.is_trusted { None } else { context.broker.challenge(&asker.origin, &asker.domain).await? };
    // Whoever is invited does it here, also where the others are sent to the web.
    let shape = match Shape::of(policy, challenge.is_some(), page.is_some()) {
        Shape::Web | Shape::Nothing => Shape::FieldsAndForm,
        shape => shape,
    };
    let mut more = Vec::new();
    if let Some(challenge) = &challenge {
        let words = context.texts.words(asker.language);
        more = captcha::fields(&words, challenge, asker.request.as_deref());
    }
    // The clients that sign put a picture into the signature in a way that nobody else can follow.
    if challenge.as_ref().is_none_or(|challenge| challenge.picture.is_none()) {
        let token = context.broker.form_token(&asker.domain).await?;
        more.extend(token.iter().flat_map(signed::fields));
    }
    let (fields, tasks) = (offer.fields, challenge.is_some());
    let blank = Blank { page, fields, username: offer.username, tasks, more };
    Ok(match shape {
        Shape::FieldsAndForm => Some(query::fields_and_form(context, asker, blank)),
        Shape::Form => {
            let mut query = query::form_only(context, asker, blank);
            challenge.as_ref().and_then(captcha::data).map(|data| query.append_child(data));
            Some(query)
        }
        Shape::Web | Shape::Nothing => None,
    })
}

/// Registration, password change (§3.3) or removal (§3.2), told apart by who asks and what was sent.
async fn set(context: &Context, asker: &Asker, payload: &Element) -> Answered {
    let address = if asker.at_component { context.component.as_str() } else { asker.domain.as_str() };
    let reply = match Submission::read(payload, address) {
        Ok(Submission::Cancelled) => Reply::done(),
        Err(TooLarge) | Ok(Submission::Remove { alone: false }) => Reply::bad_request(),
        Ok(Submission::Remove { alone: true }) => account::remove(context, asker).await,
        Ok(_) if !is_safe_enough(context, asker) => {
            refusal::refused(context, asker.origin.front, asker.language, &Refusal::InsecureChannel)
        }
        Ok(Submission::ProvenRemoval(fields)) => account::prove_and_remove(context, asker, &fields).await,
        Ok(Submission::PasswordChange(fields, old)) => {
            account::change_password(context, asker, &fields, old.as_ref()).await
        }
        Ok(Submission::Fields(submitted)) => match has_account(context, asker).await {
            Ok(true) => account::change_password(context, asker, &submitted.form, None).await,
            Ok(false) => {
                let invitation = asker.invitation.clone();
                return register(context, asker, Submitted { invitation, ..submitted }).await;
            }
            Err(failure) => refusal::failure(context, asker.origin.front, asker.language, &failure),
        },
    };
    Answered { reply, registered: None }
}

async fn register(context: &Context, asker: &Asker, submitted: Submitted) -> Answered {
    match context.broker.register(&asker.origin, &asker.domain, submitted).await {
        Ok(registered) => Answered { reply: Reply::done(), registered: Some(registered) },
        Err(failure) => {
            let reply = refusal::failure_of(context, asker, &failure);
            // Gajim lets the person correct and retry only when a fresh form comes with the error; nothing of what was submitted
            // comes back. Where no challenge can be had at the moment, the error goes alone.
            let fresh = match &failure {
                Failure::Refused(refusal) if wants_fresh_form(refusal) => {
                    offered(context, asker).await.ok().flatten()
                }
                _ => None,
            };
            Answered { reply: reply.with_payload(fresh), registered: None }
        }
    }
}

/// Whether the person can go on with another form. The challenge of the old one may be used up.
fn wants_fresh_form(refusal: &Refusal) -> bool {
    matches!(
        refusal,
        Refusal::Invalid(_) | Refusal::CaptchaRequired | Refusal::CaptchaWrong | Refusal::CaptchaExpired
    )
}

fn is_safe_enough(context: &Context, asker: &Asker) -> bool {
    asker.secure || context.broker.policy(&asker.domain).is_some_and(|policy| !policy.require_encryption)
}

/// Whether the asker has an account. When the store cannot tell, nothing is assumed: a password change must not turn into the
/// registration of a second account.
async fn has_account(context: &Context, asker: &Asker) -> Result<bool, Failure> {
    match &asker.username {
        Some(username) => context.broker.account_exists(&asker.domain, username).await,
        None => Ok(false),
    }
}

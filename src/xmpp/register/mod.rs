//! XEP-0077 In-Band Registration, for the chat domain (carried by the server's module) and for the component's own address.

mod query;

use minidom::Element;
use xmpp_parsers::stanza_error::{DefinedCondition as Condition, ErrorType};

use self::query::Submission;
use super::{
    asker::Asker,
    context::Context,
    data_form::TooLarge,
    refusal,
    reply::Reply,
    stanza::{Request, RequestKind},
};
use crate::{
    accounts::{Front, Origin, Refusal, RegistrationMode, Username, form},
    broker::{Failure, Registered},
};

pub use self::query::NS;

/// The answer to a request, and the account that it made.
#[derive(Debug)]
pub struct Answered {
    /// What the asker gets.
    pub reply: Reply,
    /// The new account, for the server's own events.
    pub registered: Option<Registered>,
}

/// Answers a request to the component's own address. The asker's server has stamped `from`, so a user of a served domain is
/// known to be that user; everybody else may register on the first domain.
pub async fn at_component(context: Context, request: Request) -> Reply {
    let (tag, language) = context.language(request.lang.as_deref());
    let jid = request.from.bare();
    let own = context.served(jid.domain().as_str());
    let username = own.as_ref().and(jid.node()).map(|node| node.as_str().to_owned());
    let Some(domain) = own.or_else(|| context.broker.domains().next().map(|policy| policy.domain.clone()))
    else {
        return refusal::refused(&context, language, &Refusal::UnknownDomain);
    };
    let origin = Origin {
        jid: Some(jid.to_string()),
        session: username.is_some().then(|| request.from.as_str().to_owned()),
        language: tag,
        ..Origin::of(Front::Component)
    };
    // How the asker is connected to a server of its own is unknown here; that server has decided what it lets through.
    let asker = Asker { origin, domain, username, secure: true, at_component: true, language };
    answer(&context, &asker, request.kind, &request.payload).await.reply
}

/// Answers a request of `asker`, wherever it came from.
pub async fn answer(context: &Context, asker: &Asker, kind: RequestKind, payload: &Element) -> Answered {
    if payload.name() != "query" {
        return Answered { reply: Reply::bad_request(), registered: None };
    }
    match kind {
        RequestKind::Get => Answered { reply: get(context, asker).await, registered: None },
        RequestKind::Set => set(context, asker, payload).await,
    }
}

/// What is on file for somebody who has an account (XEP-0077 §3.1, `<registered/>`), else the form.
async fn get(context: &Context, asker: &Asker) -> Reply {
    if let Some(username) = &asker.username {
        match context.broker.account(&asker.domain, username).await {
            Ok(account) => return query::on_file(context, asker, &account).into(),
            Err(Failure::Refused(Refusal::NoSuchAccount)) => {}
            Err(failure) => return refusal::failure(context, asker.language, &failure),
        }
    }
    match context.broker.policy(&asker.domain) {
        None => refusal::refused(context, asker.language, &Refusal::UnknownDomain),
        Some(policy) if policy.registration == RegistrationMode::Closed => {
            refusal::refused(context, asker.language, &Refusal::RegistrationClosed)
        }
        Some(policy) => query::blank(context, asker, &form::fields(policy)).into(),
    }
}

/// Registration, password change (§3.3) or removal (§3.2), told apart by who asks and what was sent.
async fn set(context: &Context, asker: &Asker, payload: &Element) -> Answered {
    let reply = match Submission::read(payload) {
        Err(TooLarge) => Reply::bad_request(),
        Ok(Submission::Fields(_)) if !is_safe_enough(context, asker) => {
            refusal::refused(context, asker.language, &Refusal::InsecureChannel)
        }
        Ok(Submission::Cancelled) => Reply::done(),
        Ok(Submission::Remove { alone }) => remove(context, asker, alone).await,
        Ok(Submission::Fields(fields)) => match registered_name(context, asker).await {
            Ok(Some(own)) => change_password(context, asker, own, &fields).await,
            Ok(None) => return register(context, asker, fields).await,
            Err(failure) => refusal::failure(context, asker.language, &failure),
        },
    };
    Answered { reply, registered: None }
}

async fn register(context: &Context, asker: &Asker, fields: form::RawForm) -> Answered {
    match context.broker.register(&asker.origin, &asker.domain, fields.into()).await {
        Ok(registered) => Answered { reply: Reply::done(), registered: Some(registered) },
        Err(failure) => {
            let mut reply = refusal::failure(context, asker.language, &failure);
            // Gajim lets the person correct and retry only when a fresh form comes with the error; nothing of what was submitted
            // comes back.
            if let (Failure::Refused(Refusal::Invalid(_)), Reply::Error { payload, .. }) =
                (&failure, &mut reply)
            {
                *payload = context
                    .broker
                    .policy(&asker.domain)
                    .map(|policy| query::blank(context, asker, &form::fields(policy)));
            }
            Answered { reply, registered: None }
        }
    }
}

async fn change_password(context: &Context, asker: &Asker, own: &str, fields: &form::RawForm) -> Reply {
    let (given, password) = (fields.get(form::Field::Username), fields.get(form::Field::Password));
    if given.is_empty() || password.is_empty() {
        // XEP-0077 §3.3: an incomplete request never sets an empty password.
        let text = context.texts.get(asker.language, "xmpp-password-change-incomplete");
        return Reply::error_with_text(Condition::BadRequest, ErrorType::Modify, asker.language.tag(), &text);
    }
    if !Username::prepare(given).is_ok_and(|name| name.as_str() == own) {
        return refusal::refused(context, asker.language, &Refusal::NotAllowed);
    }
    match context.broker.change_password(&asker.origin, &asker.domain, own, password).await {
        Ok(()) => Reply::done(),
        Err(failure) => refusal::failure(context, asker.language, &failure),
    }
}

async fn remove(context: &Context, asker: &Asker, alone: bool) -> Reply {
    if !alone {
        return Reply::bad_request();
    }
    let Some(username) = &asker.username else {
        // XEP-0077 §3.2: before login a server knows no sender; a component answers somebody who has no account here.
        return if asker.at_component {
            refusal::refused(context, asker.language, &Refusal::NotRegistered)
        } else {
            Reply::error(Condition::UnexpectedRequest, ErrorType::Wait)
        };
    };
    match context.broker.remove(&asker.origin, &asker.domain, username).await {
        Ok(_) => Reply::done(),
        Err(Failure::Refused(Refusal::NoSuchAccount)) => {
            refusal::refused(context, asker.language, &Refusal::NotRegistered)
        }
        Err(failure) => refusal::failure(context, asker.language, &failure),
    }
}

fn is_safe_enough(context: &Context, asker: &Asker) -> bool {
    asker.secure || context.broker.policy(&asker.domain).is_some_and(|policy| !policy.require_encryption)
}

/// The asker's name, if it has an account. When the store cannot tell, nothing is assumed: a password change must not turn into
/// the registration of a second account.
async fn registered_name<'a>(context: &Context, asker: &'a Asker) -> Result<Option<&'a str>, Failure> {
    let Some(username) = &asker.username else { return Ok(None) };
    let exists = context.broker.account_exists(&asker.domain, username).await?;
    Ok(exists.then_some(username.as_str()))
}

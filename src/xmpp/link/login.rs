//! Logins and what else the server asks of its auth provider (`docs/link.md` §3).

use std::net::IpAddr;

use base64::{Engine, engine::general_purpose::STANDARD};
use minidom::Element;

use super::{
    super::{attributes, context::Context, refusal, reply::Reply},
    NS,
};
use crate::{
    accounts::{AccountState, Domain, Front, Origin, Refusal, Username},
    broker::{Failure, ScramCredentials},
    text::Language,
};

/// The SCRAM keys of a user; made-up ones for a name that has no account.
pub async fn credentials(context: &Context, domain: &Domain, payload: &Element) -> Reply {
    let Some(user) = user(payload) else { return Reply::bad_request() };
    let (_, language) = context.language(payload.attr("lang"));
    match context.broker.scram_credentials(domain, user).await {
        Ok(credentials) => credentials_element(context, language, &credentials).into(),
        Err(failure) => failed(context, language, failure).await,
    }
}

/// Checks a password; the state is told only when it was right.
pub async fn authenticate(context: &Context, domain: &Domain, payload: &Element) -> Reply {
    let (Some(user), Some(password)) = (user(payload), payload.get_child("password", NS)) else {
        return Reply::bad_request();
    };
    let (tag, language) = context.language(payload.attr("lang"));
    let address = payload.attr("address").and_then(|address| address.parse::<IpAddr>().ok());
    let origin = Origin { address, language: tag, request: context.request, ..Origin::of(Front::Server) };
    let password = secrecy::SecretString::from(password.text());
    let outcome = context
        .broker
        .authenticate(&origin, domain, user, secrecy::ExposeSecret::expose_secret(&password))
        .await;
    let state = match &outcome {
        Ok(_) => AccountState::Active,
        Err(Failure::Refused(Refusal::AccountPending)) => AccountState::Pending,
        Err(Failure::Refused(Refusal::AccountSuspended { .. } | Refusal::AccountLeaving { .. })) => {
            AccountState::Suspended
        }
        Err(failure) => return refusal::failure(context, Front::Server, language, failure),
    };
    let mut element =
        Element::builder("authenticated", NS).attr(attributes::STATE.to_owned(), state.as_str());
    if let Some(name) = outcome.as_ref().ok().cloned().or_else(|| Username::prepare(user).ok()) {
        element = element.attr(attributes::USER.to_owned(), name.as_str());
    }
    if let Err(Failure::Refused(reason)) = &outcome {
        element = element.append(text_element(&context.texts.refusal(language, reason, &context.help)));
    }
    element.build().into()
}

/// Whether a user exists.
pub async fn account(context: &Context, domain: &Domain, payload: &Element) -> Reply {
    let Some(user) = user(payload) else { return Reply::bad_request() };
    match context.broker.account_exists(domain, user).await {
        Ok(exists) => Element::builder("account", NS)
            .attr(attributes::USER.to_owned(), user)
            .attr(attributes::EXISTS.to_owned(), if exists { "true" } else { "false" })
            .build()
            .into(),
        Err(failure) => failed(context, context.language(None).1, failure).await,
    }
}

/// The answer to a look-up that has no name yet.
async fn failed(context: &Context, language: Language, failure: Failure) -> Reply {
    context.named(async |context| refusal::failure(&context, Front::Server, language, &failure)).await
}

/// Sets a password on behalf of the server's own administration.
pub async fn set_password(context: &Context, domain: &Domain, payload: &Element) -> Reply {
    let (Some(user), Some(password)) = (user(payload), payload.get_child("password", NS)) else {
        return Reply::bad_request();
    };
    let (tag, language) = context.language(payload.attr("lang"));
    let origin = Origin { language: tag, request: context.request, ..Origin::of(Front::Server) };
    let password = secrecy::SecretString::from(password.text());
    let password = secrecy::ExposeSecret::expose_secret(&password);
    done(context, language, context.broker.change_password(&origin, domain, user, password, None).await)
}

/// Removes an account on behalf of the server's own administration.
pub async fn remove(context: &Context, domain: &Domain, payload: &Element) -> Reply {
    let Some(user) = user(payload) else { return Reply::bad_request() };
    let (tag, language) = context.language(payload.attr("lang"));
    let origin = Origin { language: tag, request: context.request, ..Origin::of(Front::Server) };
    done(context, language, context.broker.remove(&origin, domain, user, None).await.map(|_| ()))
}

fn done(context: &Context, language: Language, outcome: Result<(), Failure>) -> Reply {
    match outcome {
        Ok(()) => Reply::done(),
        Err(failure) => refusal::failure(context, Front::Server, language, &failure),
    }
}

fn user(payload: &Element) -> Option<&str> {
    payload.attr("user").filter(|user| !user.is_empty())
}

fn credentials_element(context: &Context, language: Language, credentials: &ScramCredentials) -> Element {
    let mut element = Element::builder("credentials", NS)
        .attr(attributes::USER.to_owned(), credentials.username.as_str())
        .attr(attributes::STATE.to_owned(), credentials.state.as_str());
    for keys in &credentials.keys {
        element = element.append(
            Element::builder("scram", NS)
                .attr(attributes::MECHANISM.to_owned(), keys.mechanism.as_str())
                .attr(attributes::ITERATIONS.to_owned(), keys.iterations.to_string())
                .attr(attributes::SALT.to_owned(), STANDARD.encode(keys.salt.as_bytes()))
                .attr(attributes::STORED_KEY.to_owned(), STANDARD.encode(&keys.stored_key))
                .attr(attributes::SERVER_KEY.to_owned(), STANDARD.encode(&keys.server_key))
                .build(),
        );
    }
    if let Some(refusal) = &credentials.refusal {
        element = element.append(text_element(&context.texts.refusal(language, refusal, &context.help)));
    }
    element.build()
}

pub(super) fn text_element(text: &str) -> Element {
    Element::builder("text", NS).append(text).build()
}

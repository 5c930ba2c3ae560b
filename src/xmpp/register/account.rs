//! What the owner of an account does with it: deletes it (XEP-0077 §3.2), or changes its password (§3.3).

use secrecy::{ExposeSecret, SecretString};
use xmpp_parsers::stanza_error::{DefinedCondition as Condition, ErrorType};

use super::{
    super::{asker::Asker, context::Context, refusal, reply::Reply},
    proof,
};
use crate::{
    accounts::{
        Refusal, Username,
        form::{Field, RawForm},
    },
    broker::Failure,
};

/// Deletes the account of whoever asks.
pub async fn remove(context: &Context, asker: &Asker) -> Reply {
    let Some(own) = &asker.username else { return unknown(context, asker) };
    remove_own(context, asker, own, None).await
}

/// Deletes it after the form with the proof.
pub async fn prove_and_remove(context: &Context, asker: &Asker, fields: &RawForm) -> Reply {
    let Some(own) = &asker.username else { return unknown(context, asker) };
    let (given, password) = (fields.get(Field::Username), fields.get(Field::Password));
    if !given.is_empty() && !names(asker, own, given) {
        return refusal::refused_of(context, asker, &Refusal::NotAllowed);
    }
    remove_own(context, asker, own, Some(password).filter(|password| !password.is_empty())).await
}

/// Sets a new password for the account of whoever asks.
pub async fn change_password(
    context: &Context,
    asker: &Asker,
    fields: &RawForm,
    old: Option<&SecretString>,
) -> Reply {
    let Some(own) = &asker.username else { return unknown(context, asker) };
    let (given, password) = (fields.get(Field::Username), fields.get(Field::Password));
    if given.is_empty() || password.is_empty() {
        // XEP-0077 §3.3: an incomplete request never sets an empty password.
        let text = context.texts.get(asker.language, "xmpp-password-change-incomplete");
        return Reply::error_with_text(Condition::BadRequest, ErrorType::Modify, asker.language.tag(), &text);
    }
    if !names(asker, own, given) {
        return refusal::refused_of(context, asker, &Refusal::NotAllowed);
    }
    let old = old.map(ExposeSecret::expose_secret);
    match context.broker.change_password(&asker.origin, &asker.domain, own, password, old).await {
        Ok(()) => Reply::done(),
        Err(failure) => {
            let reply = refusal::failure_of(context, asker, &failure);
            if wants_proof(&failure) {
                reply.with_payload(proof::password_form(context, asker))
            } else {
                reply
            }
        }
    }
}

async fn remove_own(context: &Context, asker: &Asker, own: &str, proof: Option<&str>) -> Reply {
    match context.broker.remove(&asker.origin, &asker.domain, own, proof).await {
        Ok(_) => Reply::done(),
        Err(Failure::Refused(Refusal::NoSuchAccount)) => {
            refusal::refused_of(context, asker, &Refusal::NotRegistered)
        }
        Err(failure) => {
            let mut reply = refusal::failure_of(context, asker, &failure);
            if let (Failure::Refused(Refusal::ProofNeeded), Reply::Error { error, .. }) =
                (&failure, &mut reply)
            {
                // XEP-0077 §3.2 has another condition for this than §3.3.
                (error.type_, error.defined_condition) = (ErrorType::Cancel, Condition::NotAllowed);
            }
            if wants_proof(&failure) {
                reply.with_payload(proof::removal_form(context, asker))
            } else {
                reply
            }
        }
    }
}

/// No proof was given, or a wrong one. The error for a wrong one is of type `auth`, so that a client which fills in the form by
/// itself does not do so for ever.
fn wants_proof(failure: &Failure) -> bool {
    matches!(failure, Failure::Refused(Refusal::ProofNeeded | Refusal::WrongPassword))
}

/// XEP-0077 §3.2, §3.3: before login a server knows no sender; a component answers somebody who has no account here.
fn unknown(context: &Context, asker: &Asker) -> Reply {
    if asker.at_component {
        refusal::refused_of(context, asker, &Refusal::NotRegistered)
    } else {
        Reply::error(Condition::UnexpectedRequest, ErrorType::Wait)
    }
}

/// Whether `given` names the asker's own account: as `alice`, or as `alice@chat.example` (as in the examples of XEP-0077).
fn names(asker: &Asker, own: &str, given: &str) -> bool {
    let name = given.rsplit_once('@').map_or(given, |(name, domain)| {
        if domain.eq_ignore_ascii_case(asker.domain.as_str()) { name } else { given }
    });
    Username::prepare(name).is_ok_and(|name| name.as_str() == own)
}

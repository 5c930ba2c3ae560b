//! Refusals as stanza errors: the tuples that clients decode (DESIGN section 9). One match, no wildcard.

use xmpp_parsers::stanza_error::{DefinedCondition as Condition, ErrorType};

use super::{asker::Asker, context::Context, register::alternatives, reply::Reply};
use crate::{
    accounts::{FieldError, FieldProblem, Front, Refusal, form::Field},
    broker::Failure,
    metrics,
    text::{Help, Language, PASSWORD_TOO_WEAK},
};

/// The stanza error for a use case that did not do what was asked. Faults are logged here, once, and told as "try again later".
pub fn failure(context: &Context, front: Front, language: Language, failure: &Failure) -> Reply {
    told(context, front, language, &context.help, failure)
}

/// The same for somebody who asks about one domain, which may have a web page of its own.
pub fn failure_of(context: &Context, asker: &Asker, failure: &Failure) -> Reply {
    let help = context.help_of(&asker.domain);
    told(context, asker.origin.front, asker.language, &help, failure)
}

fn told(context: &Context, front: Front, language: Language, help: &Help, failure: &Failure) -> Reply {
    match failure {
        Failure::Refused(refusal) => error(context, front, language, help, refusal),
        Failure::Fault(_) => {
            let text = words(context, front, language, failure);
            Reply::error_with_text(Condition::ResourceConstraint, ErrorType::Wait, language.tag(), &text)
        }
    }
}

/// The same in words alone, for answers that are no stanza errors.
pub fn words(context: &Context, front: Front, language: Language, failure: &Failure) -> String {
    match failure {
        Failure::Refused(refusal) => {
            metrics::refusal(front, refusal.code());
            context.texts.refusal(language, refusal, &context.help)
        }
        Failure::Fault(fault) => {
            tracing::error!(error = format!("{fault:#}"), "a request over XMPP failed");
            match context.request {
                Some(request) => {
                    let reference = request.to_string();
                    context.texts.format(language, "xmpp-try-later-reference", &[("reference", &reference)])
                }
                None => context.texts.get(language, "xmpp-try-later"),
            }
        }
    }
}

/// The stanza error for a refusal.
pub fn refused(context: &Context, front: Front, language: Language, refusal: &Refusal) -> Reply {
    error(context, front, language, &context.help, refusal)
}

/// The same for somebody who asks about one domain.
pub fn refused_of(context: &Context, asker: &Asker, refusal: &Refusal) -> Reply {
    error(context, asker.origin.front, asker.language, &context.help_of(&asker.domain), refusal)
}

fn error(context: &Context, front: Front, language: Language, help: &Help, refusal: &Refusal) -> Reply {
    metrics::refusal(front, refusal.code());
    let (kind, condition) = condition(refusal);
    let text = text(context, language, help, refusal);
    let reply = Reply::error_with_text(condition, kind, language.tag(), &text);
    match refusal {
        Refusal::NameTakenBut { free } if !free.is_empty() => reply.with_detail(alternatives(free)),
        _ => reply,
    }
}

fn condition(refusal: &Refusal) -> (ErrorType, Condition) {
    match refusal {
        Refusal::Invalid(_) | Refusal::WrongCode { .. } | Refusal::CodeExpired | Refusal::CaptchaRequired => {
            (ErrorType::Modify, Condition::NotAcceptable)
        }
        Refusal::NameTaken | Refusal::NameTakenBut { .. } | Refusal::AddressInUse => {
            (ErrorType::Cancel, Condition::Conflict)
        }
        Refusal::InvitationForName(_) => (ErrorType::Modify, Condition::NotAcceptable),
        // XEP-0445 §4.
        Refusal::InvitationInvalid => (ErrorType::Cancel, Condition::ItemNotFound),
        Refusal::RegistrationClosed => (ErrorType::Cancel, Condition::ServiceUnavailable),
        // XEP-0348 §3.1: what a wrong signature has to be told with. A failed CAPTCHA: Kaidan knows it by this pair (and by one of type
        // `cancel`) and the word in the text; Gajim keeps its form and shows the fresh one for the type `modify` alone.
        Refusal::WrongSignature
        | Refusal::WrongClock
        | Refusal::WrongBranch
        | Refusal::CaptchaWrong
        | Refusal::CaptchaExpired => (ErrorType::Modify, Condition::BadRequest),
        // An exhausted key has room again when the operator raises its limit, or when accounts of it go.
        Refusal::TooMany { .. } | Refusal::Busy { .. } | Refusal::KeyExhausted => {
            (ErrorType::Wait, Condition::ResourceConstraint)
        }
        Refusal::WrongPassword | Refusal::TokenInvalid => (ErrorType::Auth, Condition::NotAuthorized),
        // An invitation: XEP-0445 §4.
        Refusal::InvitationRequired
        | Refusal::AccountPending
        | Refusal::AccountSuspended { .. }
        | Refusal::AccountLeaving { .. }
        | Refusal::KeyRevoked => (ErrorType::Auth, Condition::Forbidden),
        // XEP-0077 §3.2: the sender was not registered.
        Refusal::NotRegistered => (ErrorType::Auth, Condition::RegistrationRequired),
        Refusal::NoSuchAccount | Refusal::NoSuchKey | Refusal::NoSuchBranch | Refusal::UnknownDomain => {
            (ErrorType::Cancel, Condition::ItemNotFound)
        }
        Refusal::NotAllowed | Refusal::WebOnly | Refusal::InvitationsOff => {
            (ErrorType::Cancel, Condition::NotAllowed)
        }
        // XEP-0077 §3.3: the channel is not safe enough, or more must be given than was.
        Refusal::InsecureChannel | Refusal::ProofNeeded => (ErrorType::Modify, Condition::NotAuthorized),
    }
}

/// The text for the person. Two clients decide by the exact English words for a weak password (Conversations, Kaidan), so these
/// words stand alone when nothing else is wrong.
fn text(context: &Context, language: Language, help: &Help, refusal: &Refusal) -> String {
    let only_weak = |errors: &[FieldError]| {
        matches!(
            errors,
            [FieldError {
                field: Field::Password,
                problem: FieldProblem::TooWeak { .. } | FieldProblem::Breached
            }]
        )
    };
    match refusal {
        Refusal::Invalid(errors) if only_weak(errors) => context.texts.get(language, PASSWORD_TOO_WEAK),
        _ => context.texts.refusal(language, refusal, help),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::{Help, Texts};

    #[test]
    fn no_text_of_not_acceptable_reads_like_a_ban() {
        let texts = crate::text::Texts::new();
        let page = Some("https://accounts.example/page".to_owned());
        let help = Help { verify_url: page.clone(), register_url: page, ..Help::default() };
        let problems = [
            FieldProblem::Missing,
            FieldProblem::Repeated,
            FieldProblem::Malformed,
            FieldProblem::Characters,
            FieldProblem::TooShort { min: 3 },
            FieldProblem::TooLong { max: 64 },
            FieldProblem::Reserved,
            FieldProblem::TooWeak { min: 8 },
            FieldProblem::Breached,
        ];
        let field = |field| problems.map(|problem| FieldError { field, problem });
        let mut refusals = Refusal::samples();
        refusals.extend(Field::ALL.map(|name| Refusal::Invalid(field(name).to_vec())));
        refusals.extend([None, Some(0), Some(1)].map(|tries_left| Refusal::WrongCode { tries_left }));
        refusals.retain(|refusal| condition(refusal).1 == Condition::NotAcceptable);
        assert!(refusals.len() > 6);
        for language in texts.languages() {
            for refusal in &refusals {
                let text = texts.refusal(language, refusal, &help).to_lowercase();
                // Kaidan takes these for a ban, and gives up.
                assert!(!text.contains("ip") && !text.contains("quickly"), "{}: {text}", language.tag());
            }
        }
    }

    #[test]
    fn clients_find_the_tuples_they_decode() {
        let tuple = |refusal: &Refusal| condition(refusal);
        assert_eq!(tuple(&Refusal::NameTaken), (ErrorType::Cancel, Condition::Conflict));
        assert_eq!(tuple(&Refusal::Invalid(Vec::new())), (ErrorType::Modify, Condition::NotAcceptable));
        for refusal in Refusal::samples() {
            if matches!(refusal, Refusal::TooMany { .. } | Refusal::Busy { .. }) {
                assert_eq!(tuple(&refusal), (ErrorType::Wait, Condition::ResourceConstraint));
            }
        }
    }

    #[test]
    fn no_client_takes_a_text_of_not_acceptable_for_a_ban() {
        let texts = Texts::new();
        let mut refusals = Refusal::samples();
        refusals.extend([None, Some(0), Some(1)].map(|tries_left| Refusal::WrongCode { tries_left }));
        let page = Some("https://chat.example".to_owned());
        let pages = Help { verify_url: page.clone(), register_url: page, ..Help::default() };
        for help in [Help::default(), pages] {
            for refusal in refusals.iter().filter(|refusal| condition(refusal).1 == Condition::NotAcceptable)
            {
                for language in texts.languages() {
                    let text = texts.refusal(language, refusal, &help).to_lowercase();
                    // Kaidan looks for these.
                    assert!(!text.contains("ip") && !text.contains("quickly"), "{}: {text}", language.tag());
                }
            }
        }
    }
}

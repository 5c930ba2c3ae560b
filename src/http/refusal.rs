//! Refusals as people see them in a browser: a status, texts at the fields they belong to, and when to try again.

use std::time::Duration;

use axum::{http::StatusCode, response::Response};

use super::{
    pages::{self, CAPTCHA, CODE, DOMAIN, INVITATION},
    visitor::Visitor,
    web::Web,
};
use crate::{
    accounts::{Front, Refusal, form::Field},
    broker::Failure,
    metrics,
    text::Help,
};

/// A refusal, ready to be shown.
#[derive(Debug)]
pub struct Told {
    /// The status.
    pub status: StatusCode,
    /// When it is worth trying again.
    pub retry_after: Option<Duration>,
    /// What to say.
    pub problems: Vec<Problem>,
}

/// One thing that is wrong.
#[derive(Debug, Clone)]
pub struct Problem {
    /// The name of the field that it is about.
    pub field: Option<&'static str>,
    /// The text.
    pub text: String,
}

/// What to say of a failure; a fault has an answer of its own.
#[expect(clippy::result_large_err, reason = "the answer is on its way out, it is not kept")]
pub fn told(web: &Web, visitor: &Visitor, failure: Failure) -> Result<Told, Response> {
    match failure {
        Failure::Refused(refusal) => Ok(tell(web, visitor, &refusal)),
        Failure::Fault(error) => Err(pages::message::fault(web, visitor, &error)),
    }
}

/// What to say of a refusal.
pub fn tell(web: &Web, visitor: &Visitor, refusal: &Refusal) -> Told {
    metrics::refusal(Front::Web, refusal.code());
    let (status, field) = status_and_field(refusal);
    let problems = if let Refusal::Invalid(errors) = refusal {
        let text = |error| web.texts.field_error(visitor.language, error);
        errors.iter().map(|error| Problem { field: Some(error.field.name()), text: text(error) }).collect()
    } else {
        // The pages have their own links, so the texts need not name addresses.
        let text = web.texts.refusal(visitor.language, refusal, &Help::default());
        vec![Problem { field, text }]
    };
    Told { status, retry_after: retry_after(refusal), problems }
}

/// The status of each refusal (RFC 9110 §15.5), and the field that it is about.
fn status_and_field(refusal: &Refusal) -> (StatusCode, Option<&'static str>) {
    match refusal {
        Refusal::Invalid(_) => (StatusCode::UNPROCESSABLE_ENTITY, None),
        Refusal::InvitationForName(_) => (StatusCode::UNPROCESSABLE_ENTITY, Some(Field::Username.name())),
        Refusal::InvitationRequired => (StatusCode::FORBIDDEN, Some(INVITATION)),
        Refusal::InvitationInvalid => (StatusCode::NOT_FOUND, Some(INVITATION)),
        Refusal::NameTaken | Refusal::NameTakenBut { .. } => {
            (StatusCode::CONFLICT, Some(Field::Username.name()))
        }
        Refusal::TooMany { .. } => (StatusCode::TOO_MANY_REQUESTS, None),
        Refusal::Busy { .. } => (StatusCode::SERVICE_UNAVAILABLE, None),
        // 401 would have to name an HTTP authentication scheme.
        Refusal::WrongPassword | Refusal::ProofNeeded => {
            (StatusCode::FORBIDDEN, Some(Field::Password.name()))
        }
        Refusal::WrongCode { .. } => (StatusCode::UNPROCESSABLE_ENTITY, Some(CODE)),
        Refusal::CodeExpired => (StatusCode::GONE, Some(CODE)),
        Refusal::AddressInUse => (StatusCode::CONFLICT, Some(Field::Email.name())),
        Refusal::CaptchaRequired | Refusal::CaptchaWrong | Refusal::CaptchaExpired => {
            (StatusCode::UNPROCESSABLE_ENTITY, Some(CAPTCHA))
        }
        Refusal::UnknownDomain => (StatusCode::UNPROCESSABLE_ENTITY, Some(DOMAIN)),
        Refusal::NoSuchAccount => (StatusCode::NOT_FOUND, Some(Field::Username.name())),
        Refusal::NoSuchKey | Refusal::NoSuchBranch => (StatusCode::NOT_FOUND, None),
        Refusal::WrongSignature | Refusal::WrongClock | Refusal::WrongBranch => {
            (StatusCode::BAD_REQUEST, None)
        }
        Refusal::RegistrationClosed
        | Refusal::WebOnly
        | Refusal::KeyExhausted
        | Refusal::KeyRevoked
        | Refusal::TokenInvalid
        | Refusal::InvitationsOff
        | Refusal::AccountPending
        | Refusal::AccountSuspended { .. }
        | Refusal::AccountLeaving { .. }
        | Refusal::NotRegistered
        | Refusal::NotAllowed
        | Refusal::InsecureChannel => (StatusCode::FORBIDDEN, None),
    }
}

fn retry_after(refusal: &Refusal) -> Option<Duration> {
    match refusal {
        Refusal::TooMany { retry_after } | Refusal::Busy { retry_after } => Some(*retry_after),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_refusal_is_a_client_error_except_being_busy() {
        for refusal in Refusal::samples() {
            let (status, _) = status_and_field(&refusal);
            match refusal {
                Refusal::Busy { .. } => assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE),
                _ => assert!(status.is_client_error(), "{refusal:?}: {status}"),
            }
        }
    }

    #[test]
    fn who_must_wait_is_told_how_long() {
        for refusal in Refusal::samples() {
            let waits = matches!(refusal, Refusal::TooMany { .. } | Refusal::Busy { .. });
            assert_eq!(retry_after(&refusal).is_some(), waits, "{refusal:?}");
        }
    }
}

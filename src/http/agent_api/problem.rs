//! What is answered when it is not done: a status and a plain text, which the known clients show as it is (account-apis §1.5).

use std::time::Duration;

use axum::{
    http::{HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use jiff::Timestamp;

use crate::{
    accounts::{Front, Refusal, Username},
    broker::{Failure, Outcome},
    http::{form::BadForm, visitor::Visitor, web::Web},
    metrics,
    text::Help,
};

/// A "no".
#[derive(Debug)]
pub struct Problem {
    status: StatusCode,
    text: String,
    more: Vec<(HeaderName, HeaderValue)>,
}

impl Problem {
    /// A status and a text.
    pub fn new(status: StatusCode, text: impl Into<String>) -> Self {
        Self { status, text: text.into(), more: Vec::new() }
    }

    /// A request that does not have the form of this resource.
    pub fn bad_request(text: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, text)
    }

    /// With a header.
    #[must_use]
    pub fn with(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.more.push((name, value));
        self
    }

    /// 401, with the way to log in (RFC 9110 §15.5.2).
    #[must_use]
    pub fn unauthorized(text: impl Into<String>, challenge: &str) -> Self {
        let challenge = HeaderValue::from_str(challenge).unwrap_or(HeaderValue::from_static("Bearer"));
        Self::new(StatusCode::UNAUTHORIZED, text).with(header::WWW_AUTHENTICATE, challenge)
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut answer = (self.status, self.text).into_response();
        for (name, value) in self.more {
            answer.headers_mut().append(name, value);
        }
        answer
    }
}

impl From<BadForm> for Problem {
    fn from(bad: BadForm) -> Self {
        let text = match bad {
            BadForm::ContentType => "Send application/json, text/xml or application/xml, in UTF-8.",
            BadForm::TooLarge => "The request is too large.",
            BadForm::TooSlow => "The request did not arrive in time.",
            BadForm::Malformed => "The request was cut short.",
        };
        Self::new(bad.status(), text)
    }
}

/// The outcome of a use case.
pub fn told<T>(web: &Web, visitor: &Visitor, outcome: Outcome<T>) -> Result<T, Problem> {
    outcome.map_err(|failure| match failure {
        Failure::Refused(refusal) => refused(web, visitor, &refusal),
        Failure::Fault(error) => {
            tracing::error!(error = format!("{error:#}"), "a request to the Agent API met a fault");
            let reference = visitor.request;
            let text = format!("Something is out of order here (reference {reference}). Try again later.");
            Problem::new(StatusCode::INTERNAL_SERVER_ERROR, text)
        }
    })
}

fn refused(web: &Web, visitor: &Visitor, refusal: &Refusal) -> Problem {
    metrics::refusal(Front::Web, refusal.code());
    let text = match refusal {
        // The usual words are about forms.
        Refusal::WrongSignature => {
            "The API key or the signature is wrong, or the nonce was used before.".to_owned()
        }
        Refusal::Invalid(errors) => {
            let texts = errors.iter().map(|error| web.texts.field_error(visitor.language, error));
            texts.collect::<Vec<_>>().join("\n")
        }
        _ => web.texts.refusal(visitor.language, refusal, &Help::default()),
    };
    match refusal {
        Refusal::TooMany { retry_after } | Refusal::Busy { retry_after } => {
            wait(web.broker.now(), status(refusal), &text, *retry_after)
        }
        Refusal::TokenInvalid => {
            Problem::unauthorized(text, &bearer_challenge(web, ", error=\"invalid_token\""))
        }
        Refusal::NameTakenBut { free } => {
            let names = (1..).zip(free).filter_map(|(number, name)| alternative(number, name));
            names
                .fold(Problem::new(status(refusal), text), |problem, (name, value)| problem.with(name, value))
        }
        _ => Problem::new(status(refusal), text),
    }
}

/// How to come with a token (RFC 6750 §3).
pub fn bearer_challenge(web: &Web, error: &str) -> String {
    format!("Bearer realm=\"{}\"{error}", web.settings.base_url.host_str().unwrap_or("accounts"))
}

/// The text also says the time, which the documentation of this interface promises (account-apis §1.5).
fn wait(now: Timestamp, status: StatusCode, text: &str, retry_after: Duration) -> Problem {
    let seconds = retry_after.as_secs().max(1);
    let at = i64::try_from(seconds)
        .ok()
        .and_then(|seconds| Timestamp::from_second(now.as_second() + seconds + 1).ok());
    let text = at.map_or_else(|| text.to_owned(), |at| format!("{text} ({at})"));
    Problem::new(status, text).with(header::RETRY_AFTER, seconds.into())
}

/// `X-AlternativeName1` and on. A name that no browser hands to a page unharmed is left out.
fn alternative(number: u32, name: &Username) -> Option<(HeaderName, HeaderValue)> {
    let header = HeaderName::try_from(format!("x-alternativename{number}")).ok()?;
    name.as_str()
        .is_ascii()
        .then(|| HeaderValue::from_str(name.as_str()).ok().map(|value| (header, value)))?
}

/// The status of each refusal. Which one the original uses is mostly not documented (account-apis §1.5); its clients only tell 200 from
/// all others.
fn status(refusal: &Refusal) -> StatusCode {
    match refusal {
        Refusal::Invalid(_)
        | Refusal::InvitationForName(_)
        | Refusal::WrongCode { .. }
        | Refusal::CodeExpired
        | Refusal::CaptchaRequired
        | Refusal::CaptchaWrong
        | Refusal::CaptchaExpired => StatusCode::BAD_REQUEST,
        Refusal::NameTaken | Refusal::NameTakenBut { .. } | Refusal::AddressInUse => StatusCode::CONFLICT,
        Refusal::TooMany { .. } => StatusCode::TOO_MANY_REQUESTS,
        Refusal::Busy { .. } => StatusCode::SERVICE_UNAVAILABLE,
        Refusal::TokenInvalid => StatusCode::UNAUTHORIZED,
        Refusal::UnknownDomain
        | Refusal::NoSuchAccount
        | Refusal::NoSuchKey
        | Refusal::NoSuchBranch
        | Refusal::InvitationInvalid => StatusCode::NOT_FOUND,
        // 401 would have to name an HTTP authentication scheme.
        Refusal::WrongPassword
        | Refusal::ProofNeeded
        | Refusal::WrongSignature
        | Refusal::WrongClock
        | Refusal::WrongBranch
        | Refusal::RegistrationClosed
        | Refusal::WebOnly
        | Refusal::KeyExhausted
        | Refusal::KeyRevoked
        | Refusal::InvitationsOff
        | Refusal::InvitationRequired
        | Refusal::AccountPending
        | Refusal::AccountSuspended { .. }
        | Refusal::AccountLeaving { .. }
        | Refusal::NotRegistered
        | Refusal::NotAllowed
        | Refusal::InsecureChannel => StatusCode::FORBIDDEN,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_refusal_is_a_success_or_a_fault() {
        for refusal in Refusal::samples() {
            let status = status(&refusal);
            let busy = matches!(refusal, Refusal::Busy { .. });
            assert!(status.is_client_error() || busy, "{refusal:?}: {status}");
        }
    }

    #[test]
    fn who_must_wait_reads_until_when() {
        let now = "2026-11-21T12:00:00.5Z".parse().unwrap();
        let problem = wait(now, StatusCode::TOO_MANY_REQUESTS, "Later.", Duration::from_secs(59));
        assert_eq!(problem.text, "Later. (2026-11-21T12:01:00Z)");
        assert_eq!(problem.into_response().headers()[header::RETRY_AFTER], "59");
    }

    #[test]
    fn names_to_take_instead_are_numbered_from_one_without_zeros() {
        let name = |text| Username::prepare(text).unwrap();
        let (header, value) = alternative(1, &name("alice17")).unwrap();
        assert_eq!((header.as_str(), value.to_str().unwrap()), ("x-alternativename1", "alice17"));
        assert!(alternative(2, &name("жанна")).is_none());
    }
}

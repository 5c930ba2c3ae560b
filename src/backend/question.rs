//! What a server may ask, and the few answers there are. Every question is the server's own, on behalf of nobody (`docs/link.md` §3.4): whether
//! a user is logged in who changes a password is the server's business.

use tracing::{Instrument, instrument::Instrumented};

use super::Backend;
use crate::{
    accounts::{
        Domain, Front, Origin, Refusal, RequestId, ScramKeys,
        form::{Field, RawForm},
    },
    broker::Failure,
    metrics, random,
};

/// An answer as these protocols know it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// Yes, or done.
    Yes,
    /// The password is wrong, or the account may not log in; nobody learns which.
    No,
    /// The name is taken.
    Conflict,
    /// There is no such account or domain.
    NotFound,
    /// A rule says no; the stable code of the refusal.
    NotAllowed(&'static str),
    /// Not now for this account or client: too much was tried.
    TooMany,
    /// Not now, for anybody.
    Later,
}

impl Answer {
    /// The word that it is counted under.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Yes => "yes",
            Self::No => "no",
            Self::Conflict | Self::NotFound | Self::NotAllowed(_) => "refused",
            Self::TooMany => "too-many",
            Self::Later => "later",
        }
    }
}

/// Whether a password is right and the account may log in.
pub async fn check_password(backend: &Backend, server: &str, user: &str, password: &str) -> Answer {
    let Ok(domain) = Domain::parse(server) else { return Answer::NotFound };
    named(backend, |origin| async move {
        answer(backend.broker.authenticate(&origin, &domain, user, password).await.map(drop))
    })
    .await
}

/// Whether there is such an account.
pub async fn user_exists(backend: &Backend, server: &str, user: &str) -> Answer {
    let Ok(domain) = Domain::parse(server) else { return Answer::NotFound };
    named(backend, |_| async move {
        match backend.broker.account_exists(&domain, user).await {
            Ok(true) => Answer::Yes,
            Ok(false) => Answer::No,
            Err(failure) => answer(Err(failure)),
        }
    })
    .await
}

/// The SCRAM keys of an account that may log in; made-up ones otherwise, because the server could not be told why it may not.
pub async fn scram_keys(backend: &Backend, server: &str, user: &str) -> Result<Vec<ScramKeys>, Answer> {
    let Ok(domain) = Domain::parse(server) else { return Err(Answer::NotFound) };
    named(backend, |_| async move {
        let keys = backend.broker.usable_scram_keys(&domain, user).await;
        keys.map_err(|failure| answer(Err(failure)))
    })
    .await
}

/// Sets another password.
pub async fn set_password(backend: &Backend, server: &str, user: &str, password: &str) -> Answer {
    let Ok(domain) = Domain::parse(server) else { return Answer::NotFound };
    named(backend, |origin| async move {
        answer(backend.broker.change_password(&origin, &domain, user, password, None).await)
    })
    .await
}

/// Makes an account of a name and a password, where the domain wants no more.
pub async fn register(backend: &Backend, server: &str, user: &str, password: &str) -> Answer {
    let Ok(domain) = Domain::parse(server) else { return Answer::NotFound };
    let mut form = RawForm::default();
    form.set(Field::Username, user.to_owned());
    form.set(Field::Password, password.to_owned());
    named(backend, |origin| async move {
        answer(backend.broker.register(&origin, &domain, form.into()).await.map(drop))
    })
    .await
}

/// Removes an account.
pub async fn remove_user(backend: &Backend, server: &str, user: &str) -> Answer {
    let Ok(domain) = Domain::parse(server) else { return Answer::NotFound };
    named(backend, |origin| async move {
        answer(backend.broker.remove(&origin, &domain, user, None).await.map(drop))
    })
    .await
}

/// Has a question answered under a name of its own, which every line about it in the log has. The origin is the server itself, on behalf of nobody.
pub fn named<A: Future>(backend: &Backend, answer: impl FnOnce(Origin) -> A) -> Instrumented<A> {
    let request = RequestId::from_bytes(random::bytes(&*backend.random));
    let origin = Origin { request: Some(request), ..Origin::of(Front::Server) };
    answer(origin).instrument(tracing::error_span!("backend", %request))
}

/// What was refused, counted; `None` where something broke, which is logged.
pub fn expected(failure: Failure) -> Option<Refusal> {
    match failure {
        Failure::Fault(error) => {
            tracing::error!(%error, "a question of a server without our module failed");
            None
        }
        Failure::Refused(refusal) => {
            metrics::refusal(Front::Server, refusal.code());
            Some(refusal)
        }
    }
}

fn answer(outcome: Result<(), Failure>) -> Answer {
    match outcome {
        Ok(()) => Answer::Yes,
        Err(failure) => expected(failure).map_or(Answer::Later, |refusal| refused(&refusal)),
    }
}

fn refused(refusal: &Refusal) -> Answer {
    match refusal {
        Refusal::WrongPassword
        | Refusal::TokenInvalid
        | Refusal::AccountPending
        | Refusal::AccountSuspended { .. }
        | Refusal::AccountLeaving { .. } => Answer::No,
        Refusal::NameTaken | Refusal::NameTakenBut { .. } | Refusal::AddressInUse => Answer::Conflict,
        Refusal::NotRegistered
        | Refusal::NoSuchAccount
        | Refusal::NoSuchKey
        | Refusal::NoSuchBranch
        | Refusal::UnknownDomain => Answer::NotFound,
        Refusal::TooMany { .. } => Answer::TooMany,
        Refusal::Busy { .. } => Answer::Later,
        Refusal::Invalid(_)
        | Refusal::WrongSignature
        | Refusal::WrongClock
        | Refusal::WrongBranch
        | Refusal::WrongCode { .. }
        | Refusal::CodeExpired
        | Refusal::CaptchaRequired
        | Refusal::CaptchaWrong
        | Refusal::CaptchaExpired
        | Refusal::KeyExhausted
        | Refusal::KeyRevoked
        | Refusal::RegistrationClosed
        | Refusal::WebOnly
        | Refusal::InvitationsOff
        | Refusal::InvitationRequired
        | Refusal::InvitationInvalid
        | Refusal::InvitationForName(_)
        | Refusal::NotAllowed
        | Refusal::InsecureChannel
        | Refusal::ProofNeeded => Answer::NotAllowed(refusal.code()),
    }
}

//! What a server may ask, and the few answers there are. Every question is the server's own, on behalf of nobody (`docs/link.md` §3.4): whether
//! a user is logged in who changes a password is the server's business.

use crate::{
    accounts::{
        Domain, Front, Origin, Refusal, ScramKeys,
        form::{Field, RawForm},
    },
    broker::{Broker, Failure},
    metrics,
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
pub async fn check_password(broker: &Broker, server: &str, user: &str, password: &str) -> Answer {
    let Ok(domain) = Domain::parse(server) else { return Answer::NotFound };
    answer(broker.authenticate(&origin(), &domain, user, password).await.map(drop))
}

/// Whether there is such an account.
pub async fn user_exists(broker: &Broker, server: &str, user: &str) -> Answer {
    let Ok(domain) = Domain::parse(server) else { return Answer::NotFound };
    match broker.account_exists(&domain, user).await {
        Ok(true) => Answer::Yes,
        Ok(false) => Answer::No,
        Err(failure) => answer(Err(failure)),
    }
}

/// The SCRAM keys of an account that may log in; made-up ones otherwise, because the server could not be told why it may not.
pub async fn scram_keys(broker: &Broker, server: &str, user: &str) -> Result<Vec<ScramKeys>, Answer> {
    let Ok(domain) = Domain::parse(server) else { return Err(Answer::NotFound) };
    match broker.usable_scram_keys(&domain, user).await {
        Ok(keys) => Ok(keys),
        Err(failure) => Err(answer(Err(failure))),
    }
}

/// Sets another password.
pub async fn set_password(broker: &Broker, server: &str, user: &str, password: &str) -> Answer {
    let Ok(domain) = Domain::parse(server) else { return Answer::NotFound };
    answer(broker.change_password(&origin(), &domain, user, password, None).await)
}

/// Makes an account of a name and a password, where the domain wants no more.
pub async fn register(broker: &Broker, server: &str, user: &str, password: &str) -> Answer {
    let Ok(domain) = Domain::parse(server) else { return Answer::NotFound };
    let mut form = RawForm::default();
    form.set(Field::Username, user.to_owned());
    form.set(Field::Password, password.to_owned());
    answer(broker.register(&origin(), &domain, form.into()).await.map(drop))
}

/// Removes an account.
pub async fn remove_user(broker: &Broker, server: &str, user: &str) -> Answer {
    let Ok(domain) = Domain::parse(server) else { return Answer::NotFound };
    answer(broker.remove(&origin(), &domain, user, None).await.map(drop))
}

/// The server itself, on behalf of nobody.
pub fn origin() -> Origin {
    Origin::of(Front::Server)
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

//! CAPTCHA services of others, as the broker asks them.

use std::{fmt, net::IpAddr};

use futures::future::BoxFuture;

use crate::{
    accounts::{Origin, Refusal},
    broker::{Broker, Outcome, hashing::BUSY_FOR},
};

/// Somebody else's CAPTCHA service. Its script has put a response into a form; the service alone can say what that is worth.
pub trait CaptchaService: fmt::Debug + Send + Sync {
    /// Asks the service about a response that came from `address`.
    fn check<'a>(&'a self, response: &'a str, address: Option<IpAddr>) -> BoxFuture<'a, ServiceVerdict>;
}

/// What the service said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ServiceVerdict {
    /// A person, here and now.
    Person,
    /// Not so: made up, used before, too old, for another page, or by a robot.
    Refused,
    /// Nothing that could be relied on. It was logged.
    Unavailable,
}

/// Bytes of a response at most; the longest known ones have 2,000 or so.
const LONGEST_RESPONSE: usize = 8 * 1024;

impl Broker {
    /// Holds a response against the CAPTCHA service. Where the service says nothing, nobody is let in.
    pub(in crate::broker) async fn ask_captcha_service(
        &self,
        origin: &Origin,
        response: &str,
    ) -> Outcome<()> {
        self.parts.limits.may_prove(origin, None)?;
        let Some(service) = &self.parts.captcha_service else { return Err(Refusal::NotAllowed.into()) };
        if response.trim().is_empty() {
            return Err(Refusal::CaptchaRequired.into());
        }
        let verdict = if response.len() > LONGEST_RESPONSE {
            ServiceVerdict::Refused
        } else {
            service.check(response, origin.address).await
        };
        match verdict {
            ServiceVerdict::Person => Ok(()),
            ServiceVerdict::Refused => {
                self.parts.limits.wrong_proof(origin, None);
                Err(Refusal::CaptchaWrong.into())
            }
            ServiceVerdict::Unavailable => Err(Refusal::Busy { retry_after: BUSY_FOR }.into()),
        }
    }
}

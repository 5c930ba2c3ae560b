//! What lets a registration in: the one place where that is decided.

use super::Broker;
use crate::accounts::{DomainPolicy, Refusal, RegistrationMode, form::RawForm};

/// What somebody hands in to get an account.
#[derive(Debug, Clone, Default)]
pub struct Submitted {
    /// The filled-in form.
    pub form: RawForm,
}

impl From<RawForm> for Submitted {
    fn from(form: RawForm) -> Self {
        Self { form }
    }
}

impl Broker {
    /// Whether a registration is let in.
    pub(super) fn admit(&self, policy: &DomainPolicy) -> Result<(), Refusal> {
        match policy.registration {
            RegistrationMode::Open => Ok(()),
            RegistrationMode::Closed => Err(Refusal::RegistrationClosed),
        }
    }
}

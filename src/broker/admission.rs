//! What lets a registration in: the one place where that is decided.

use std::borrow::Cow;

use super::{Broker, Outcome};
use crate::accounts::{
    ApiKeyId, DomainPolicy, Front, InBand, Origin, Refusal, RegistrationMode, SignedForm, form::RawForm,
};

/// What somebody hands in to get an account.
#[derive(Debug, Clone, Default)]
pub struct Submitted {
    /// The filled-in form.
    pub form: RawForm,
    /// The same form as it was signed with an API key, where it was.
    pub signature: Option<SignedForm>,
}

/// Somebody who is let in.
#[derive(Debug)]
pub(super) struct Admission<'p> {
    /// The domain's policy as it holds for this registration.
    pub(super) policy: Cow<'p, DomainPolicy>,
    /// The API key that vouches for it.
    pub(super) key: Option<ApiKeyId>,
}

impl From<RawForm> for Submitted {
    fn from(form: RawForm) -> Self {
        Self { form, ..Self::default() }
    }
}

impl Broker {
    /// Whether a registration is let in, and under which conditions.
    pub(super) async fn admit<'p>(
        &self,
        origin: &Origin,
        policy: &'p DomainPolicy,
        submitted: &Submitted,
    ) -> Outcome<Admission<'p>> {
        if policy.registration == RegistrationMode::Closed {
            return Err(Refusal::RegistrationClosed.into());
        }
        match &submitted.signature {
            Some(signed) => Ok(Admission {
                key: Some(self.signer(origin, &policy.domain, signed).await?),
                policy: Cow::Owned(policy.signed()),
            }),
            None if policy.in_band == InBand::Web && in_band(origin) => Err(Refusal::WebOnly.into()),
            None => Ok(Admission { policy: Cow::Borrowed(policy), key: None }),
        }
    }
}

/// Whether somebody asks with an XMPP client.
fn in_band(origin: &Origin) -> bool {
    matches!(origin.front, Front::Server | Front::Component)
}

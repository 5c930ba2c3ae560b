//! What lets a registration in: the one place where that is decided. What is used up by it (an invitation, an account of a key) is
//! counted in the account's own transaction, so a registration that fails costs nothing (XEP-0445 §4).

use std::borrow::Cow;

use super::{Broker, Outcome, invitations::Presented};
use crate::{
    accounts::{
        AccountId, ApiKeyId, ContactPolicy, Domain, DomainPolicy, Email, Front, InBand, InvitationMode,
        Origin, Refusal, RegistrationMode, SignedForm, Username,
        challenge::CaptchaAnswers,
        form::{self, Application, FormField, RawForm},
    },
    store::{BranchMember, Creation, InvitationUse},
};

/// What somebody hands in to get an account.
#[derive(Debug, Clone, Default)]
pub struct Submitted {
    /// The filled-in form.
    pub form: RawForm,
    /// The same form as it was signed with an API key, where it was.
    pub signature: Option<SignedForm>,
    /// The answers to a CAPTCHA.
    pub captcha: Option<CaptchaAnswers>,
    /// An invitation.
    pub invitation: Option<Presented>,
}

/// The form that somebody is to fill in.
#[derive(Debug, Clone)]
pub struct Offer {
    /// Its fields, in their order.
    pub fields: Vec<FormField>,
    /// The one name that can be registered, where an invitation says so.
    pub username: Option<Username>,
    /// The address that an invitation has proven already.
    pub email: Option<Email>,
    /// Whether somebody answers for the registration, so that no CAPTCHA need be solved.
    pub is_trusted: bool,
}

/// Somebody who is let in.
#[derive(Debug)]
pub(super) struct Admission<'p> {
    /// The domain's policy as it holds for this registration.
    pub(super) policy: Cow<'p, DomainPolicy>,
    /// The API key that vouches for it.
    pub(super) key: Option<ApiKeyId>,
    /// Whether everybody may use that key, so that it vouches for nobody.
    pub(super) everybodys: bool,
    /// The invitation that it uses.
    pub(super) invitation: Option<InvitationUse>,
    /// The branch that makes it.
    pub(super) member: Option<BranchMember>,
    /// The one name that can be registered.
    username: Option<Username>,
    /// The address that counts as proven.
    pub(super) proven: Option<Email>,
}

impl From<RawForm> for Submitted {
    fn from(form: RawForm) -> Self {
        Self { form, ..Self::default() }
    }
}

impl Broker {
    /// The form for a domain, or why nobody gets one.
    pub async fn offer(
        &self,
        origin: &Origin,
        domain: &Domain,
        invitation: Option<&Presented>,
    ) -> Outcome<Offer> {
        let submitted = Submitted { invitation: invitation.cloned(), ..Submitted::default() };
        let admission = self.admit(origin, self.served(domain)?, &submitted).await?;
        let is_trusted = admission.is_trusted();
        let Admission { policy, username, proven, .. } = admission;
        Ok(Offer { fields: form::fields(&policy), username, email: proven, is_trusted })
    }

    /// Whether a registration is let in, and under which conditions.
    pub(super) async fn admit<'p>(
        &self,
        origin: &Origin,
        policy: &'p DomainPolicy,
        submitted: &Submitted,
    ) -> Outcome<Admission<'p>> {
        closed(policy)?;
        if let Some(signed) = &submitted.signature {
            let key = self.signer(origin, &policy.domain, signed).await?;
            return Ok(Admission { key: Some(key), ..Admission::of(Cow::Owned(policy.signed())) });
        }
        let shown = self.parts.shown.of(origin, &policy.domain, self.now()).map(Presented::Ticket);
        match (policy.invitations.mode, submitted.invitation.as_ref().or(shown.as_ref())) {
            (InvitationMode::Optional | InvitationMode::Required, Some(invitation)) => {
                self.admit_invited(origin, policy, invitation).await
            }
            (InvitationMode::Required, None) => Err(Refusal::InvitationRequired.into()),
            // Where invitations are off, one is worth nothing, but does no harm.
            _ if policy.in_band == InBand::Web && in_band(origin) => Err(Refusal::WebOnly.into()),
            (InvitationMode::Off, _) | (InvitationMode::Optional, None) => {
                Ok(Admission::of(Cow::Borrowed(policy)))
            }
        }
    }

    /// Whoever is invited has somebody's trust: they need not give an address, and one that they have proven is not asked for again. A
    /// name that the invitation is bound to was chosen by who invites, and may be a reserved one.
    async fn admit_invited<'p>(
        &self,
        origin: &Origin,
        policy: &'p DomainPolicy,
        presented: &Presented,
    ) -> Outcome<Admission<'p>> {
        let (invitation, token, asked) = self.open_invitation(origin, policy, presented).await?;
        let mut policy = policy.clone();
        policy.email = match (&invitation.email, policy.email) {
            (Some(_), _) | (None, ContactPolicy::Off) => ContactPolicy::Off,
            (None, ContactPolicy::Required | ContactPolicy::Optional) => ContactPolicy::Optional,
        };
        policy.phone = policy.phone.relaxed();
        if invitation.username.is_some() {
            policy.username.reserved.clear();
        }
        let email_unique = policy.email_unique;
        Ok(Admission {
            invitation: Some(InvitationUse { token, asked, email_unique }),
            username: invitation.username,
            proven: invitation.email,
            ..Admission::of(Cow::Owned(policy))
        })
    }
}

impl<'p> Admission<'p> {
    /// Under a policy, and nothing else.
    pub(super) fn of(policy: Cow<'p, DomainPolicy>) -> Self {
        Self {
            policy,
            key: None,
            everybodys: false,
            invitation: None,
            member: None,
            username: None,
            proven: None,
        }
    }

    /// Whether somebody else vouches for the address in the form, so that nobody need prove it.
    pub(super) fn is_vouched_for(&self) -> bool {
        self.member.is_some()
    }

    /// Whether it counts against what one client may register: all programs of a key's owner, or of a branch, may come from one address,
    /// and a key has a limit of its own.
    pub(super) fn is_counted(&self) -> bool {
        self.everybodys || self.key.is_none() && self.member.is_none()
    }

    /// Whether somebody answers for this registration, so that no CAPTCHA need be solved.
    pub(super) fn is_trusted(&self) -> bool {
        self.key.is_some() || self.invitation.is_some() || self.member.is_some()
    }

    /// Reads a filled-in form under the conditions of this admission.
    pub(super) fn read(&self, form: &RawForm) -> Result<Application, Refusal> {
        let application = form::parse(form, &self.policy).map_err(Refusal::Invalid)?;
        match &self.username {
            Some(name) if *name != application.username => Err(Refusal::InvitationForName(name.clone())),
            _ => Ok(application),
        }
    }
}

/// Nobody gets an account where registration is closed.
pub(super) fn closed(policy: &DomainPolicy) -> Result<(), Refusal> {
    match policy.registration {
        RegistrationMode::Open => Ok(()),
        RegistrationMode::Closed => Err(Refusal::RegistrationClosed),
    }
}

/// Whether somebody asks with an XMPP client.
fn in_band(origin: &Origin) -> bool {
    matches!(origin.front, Front::Server | Front::Component)
}

/// What became of a new account, as the person is told.
pub(super) fn made(creation: Creation) -> Result<AccountId, Refusal> {
    match creation {
        Creation::Created(id) => Ok(id),
        Creation::NameTaken => Err(Refusal::NameTaken),
        Creation::AlreadySpent => Err(Refusal::CaptchaExpired),
        Creation::KeyExhausted => Err(Refusal::KeyExhausted),
        Creation::KeyRevoked => Err(Refusal::KeyRevoked),
        Creation::NotInvited => Err(Refusal::InvitationInvalid),
        Creation::AddressInUse => Err(Refusal::AddressInUse),
        Creation::BranchRevoked => Err(Refusal::WrongBranch),
    }
}

//! What a domain asks of its accounts.

use jiff::SignedDuration;
use serde::{Deserialize, Serialize};

use super::{
    Domain, InBand, InvitationMode, InvitationPolicy, PasswordPolicy, UsernamePolicy,
    challenge::CaptchaPolicy,
};

/// Which CAPTCHA stands before the web form of the Agent API.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum WebFormGate {
    /// That of a service of somebody else (`[siteverify]`); without one the form is closed.
    #[default]
    Service,
    /// Our own: work for the browser, and a picture or a question where no script runs.
    OwnCaptcha,
}

/// Who may register.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RegistrationMode {
    /// Everybody.
    #[default]
    Open,
    /// Nobody; accounts are made by the operator.
    Closed,
}

/// What a contact is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ContactPolicy {
    /// Must be given, and proven before the account can be used.
    #[default]
    Required,
    /// May be given; if given, it must be proven before the account can be used.
    Optional,
    /// Is not asked for.
    Off,
}

impl ContactPolicy {
    /// The same for somebody who need not give it.
    #[must_use]
    pub const fn relaxed(self) -> Self {
        match self {
            Self::Off => Self::Off,
            Self::Required | Self::Optional => Self::Optional,
        }
    }
}

/// How contacts are proven.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct VerificationPolicy {
    /// How long a code works.
    pub code_lifetime: SignedDuration,
    /// How many wrong codes may be typed.
    pub code_tries: u32,
    /// How long a link works.
    pub link_lifetime: SignedDuration,
    /// How long to wait between two letters to the same account.
    pub resend_cooldown: SignedDuration,
    /// How long an account may stay pending before it lapses and its name is free again.
    pub pending_lifetime: SignedDuration,
}

/// For what somebody who is logged in must give the password once more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ProofPolicy {
    /// To delete the account (XEP-0077 §3.2).
    pub removal: bool,
    /// To set a new password (XEP-0077 §3.3).
    pub password_change: bool,
}

/// Everything that one domain asks of its accounts.
#[expect(clippy::struct_excessive_bools, reason = "each is an option of its own in the configuration")]
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DomainPolicy {
    /// The domain.
    pub domain: Domain,
    /// Who may register.
    pub registration: RegistrationMode,
    /// What XMPP clients are offered.
    pub in_band: InBand,
    /// An https address where people learn how to get an account, instead of our own page.
    pub registration_page: Option<String>,
    /// What invitations are good for.
    pub invitations: InvitationPolicy,
    /// Whether somebody who registers without an invitation or a key must solve a CAPTCHA.
    pub captcha: CaptchaPolicy,
    /// Whether an e-mail address is asked for.
    pub email: ContactPolicy,
    /// Whether a phone number is asked for.
    pub phone: ContactPolicy,
    /// Whether an e-mail address is asked of registrations that an API key has signed.
    pub signed_email: ContactPolicy,
    /// Whether an address may prove one account only.
    pub email_unique: bool,
    /// What names must be like.
    pub username: UsernamePolicy,
    /// What passwords must be like.
    pub password: PasswordPolicy,
    /// How contacts are proven.
    pub verification: VerificationPolicy,
    /// How long the name of a deleted account is kept from others.
    pub tombstone_lifetime: SignedDuration,
    /// How long somebody who deletes the account on a page may take that back; zero for not at all.
    pub deletion_grace: SignedDuration,
    /// Whether people may delete their account and change their password themselves.
    pub self_service: bool,
    /// Whether programs may log in with a signature whose key is the password (account-apis §1.4).
    pub signed_login: bool,
    /// What they must prove once more before they do.
    pub proof: ProofPolicy,
    /// Whether passwords are taken over encrypted connections only (XEP-0077 §3.3, §11).
    pub require_encryption: bool,
}

impl Default for VerificationPolicy {
    fn default() -> Self {
        Self {
            code_lifetime: SignedDuration::from_mins(30),
            code_tries: 5,
            link_lifetime: SignedDuration::from_hours(24),
            resend_cooldown: SignedDuration::from_secs(60),
            pending_lifetime: SignedDuration::from_hours(48),
        }
    }
}

impl DomainPolicy {
    /// Whether people may have an invitation sent to their own address, and so prove it before they register: where the door is open
    /// and an address is wanted.
    pub fn invites_by_letter(&self) -> bool {
        self.registration == RegistrationMode::Open
            && self.invitations.mode == InvitationMode::Optional
            && self.email != ContactPolicy::Off
    }

    /// The policy for a registration that an API key has signed. An address that nobody is asked for is not asked for here either, and
    /// a phone number need not be given.
    #[must_use]
    pub fn signed(&self) -> Self {
        let email = if self.email == ContactPolicy::Off { ContactPolicy::Off } else { self.signed_email };
        Self { email, phone: self.phone.relaxed(), ..self.clone() }
    }

    /// The policy that a domain has when the operator says nothing else.
    pub fn new(domain: Domain) -> Self {
        Self {
            domain,
            registration: RegistrationMode::Open,
            in_band: InBand::default(),
            registration_page: None,
            invitations: InvitationPolicy::default(),
            captcha: CaptchaPolicy::default(),
            email: ContactPolicy::Required,
            phone: ContactPolicy::Off,
            signed_email: ContactPolicy::Optional,
            email_unique: true,
            username: UsernamePolicy::default(),
            password: PasswordPolicy::default(),
            verification: VerificationPolicy::default(),
            tombstone_lifetime: SignedDuration::from_hours(24 * 90),
            deletion_grace: SignedDuration::from_hours(24 * 7),
            self_service: true,
            signed_login: false,
            proof: ProofPolicy::default(),
            require_encryption: true,
        }
    }
}

//! Refusals: every expected "no", without any transport. Each front maps them in one exhaustive match.

use std::time::Duration;

use jiff::Timestamp;

use super::{EmailProblem, PasswordProblem, PhoneProblem, Username, UsernameProblem, form::Field};

/// An expected "no". Not an error to log: the person is told, and can act on it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("refused: {}", self.code())]
pub enum Refusal {
    /// One or more fields cannot be used; all of them at once.
    Invalid(Vec<FieldError>),
    /// The name belongs to somebody, or did until recently.
    NameTaken,
    /// The same, told to a program with an API key, with names that nobody has.
    NameTakenBut {
        /// The names to choose from; may be empty.
        free: Vec<Username>,
    },
    /// The signature of a form is wrong, too old, used before, or made with no key of ours.
    WrongSignature,
    /// The signature is right, but the clock of the one who signed is too far from ours.
    WrongClock,
    /// The API key has made all accounts that it may make.
    KeyExhausted,
    /// The API key is no longer good.
    KeyRevoked,
    /// There is no such API key. Told to operators only.
    NoSuchKey,
    /// There is no such branch, or it was revoked. Told to operators only.
    NoSuchBranch,
    /// No branch has this number and both of these secrets; which of it is wrong is not told.
    WrongBranch,
    /// Nobody may register here.
    RegistrationClosed,
    /// People register on the web page here, not in their XMPP client.
    WebOnly,
    /// Invitations are good for nothing here. Told to operators.
    InvitationsOff,
    /// Nobody may register here without an invitation.
    InvitationRequired,
    /// The invitation is unknown, used up, expired or taken back; which of it is not told.
    InvitationInvalid,
    /// The invitation is for this name only.
    InvitationForName(Username),
    /// Too many requests of this client or for this account.
    TooMany {
        /// When it is worth trying again.
        retry_after: Duration,
    },
    /// More work than the broker can do now, or a part of it is out of order.
    Busy {
        /// When it is worth trying again.
        retry_after: Duration,
    },
    /// Wrong name or wrong password; which of the two is not told.
    WrongPassword,
    /// The token is none of ours, or no longer good; which of it is not told.
    TokenInvalid,
    /// The operator wants the password once more before this is done (XEP-0077 §3.2, §3.3).
    ProofNeeded,
    /// The right password, but a contact must be proven first.
    AccountPending,
    /// The right password, but the operator suspended the account.
    AccountSuspended {
        /// The operator's words for the person.
        reason: Option<String>,
    },
    /// The right password, but its owner asked for the account to be deleted, and may still take that back.
    AccountLeaving {
        /// When it is deleted.
        at: Timestamp,
    },
    /// The code or link is not the right one.
    WrongCode {
        /// Codes that may still be tried, where an account waits for one.
        tries_left: Option<u32>,
    },
    /// The code or link came too late, or after too many tries.
    CodeExpired,
    /// The address proves another account already.
    AddressInUse,
    /// The asking user has no account here (XEP-0077 §3.2 `registration-required`).
    NotRegistered,
    /// There is no such account. Told to operators and to the server only.
    NoSuchAccount,
    /// People may not do this themselves here.
    NotAllowed,
    /// The channel is not encrypted (XEP-0077 §3.3).
    InsecureChannel,
    /// A CAPTCHA must be solved, and no answer came.
    CaptchaRequired,
    /// The answer to the CAPTCHA is not right; the challenge is used up.
    CaptchaWrong,
    /// The challenge was answered too late, was used before, or was made for somebody else.
    CaptchaExpired,
    /// Not a domain that this broker serves.
    UnknownDomain,
}

/// What is wrong with one field of the registration form.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct FieldError {
    /// The field.
    pub field: Field,
    /// What is wrong with it.
    pub problem: FieldProblem,
}

/// What can be wrong with a field. The numbers are the limits that were missed, for the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FieldProblem {
    /// Required and not given.
    Missing,
    /// Given more than once.
    Repeated,
    /// Not in the form that such a value has.
    Malformed,
    /// A character that cannot be used here.
    Characters,
    /// Too few characters.
    TooShort {
        /// Fewest allowed.
        min: usize,
    },
    /// Too many characters.
    TooLong {
        /// Most allowed.
        max: usize,
    },
    /// A reserved name.
    Reserved,
    /// A password too easy to guess.
    TooWeak {
        /// Fewest characters allowed.
        min: usize,
    },
    /// A password that is on a list of those that others have lost.
    Breached,
}

impl Refusal {
    /// A short, stable word for programs, counters and the audit table.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Invalid(_) => "invalid",
            Self::NameTaken | Self::NameTakenBut { .. } => "name-taken",
            Self::WrongSignature => "wrong-signature",
            Self::WrongClock => "wrong-clock",
            Self::KeyExhausted => "key-exhausted",
            Self::KeyRevoked => "key-revoked",
            Self::NoSuchKey => "no-such-key",
            Self::NoSuchBranch => "no-such-branch",
            Self::WrongBranch => "wrong-branch",
            Self::RegistrationClosed => "registration-closed",
            Self::WebOnly => "web-only",
            Self::InvitationsOff => "invitations-off",
            Self::InvitationRequired => "invitation-required",
            Self::InvitationInvalid => "invitation-invalid",
            Self::InvitationForName(_) => "invitation-for-name",
            Self::TooMany { .. } => "too-many",
            Self::Busy { .. } => "busy",
            Self::WrongPassword => "wrong-password",
            Self::TokenInvalid => "token-invalid",
            Self::ProofNeeded => "proof-needed",
            Self::AccountPending => "account-pending",
            Self::AccountSuspended { .. } => "account-suspended",
            Self::AccountLeaving { .. } => "account-leaving",
            Self::WrongCode { .. } => "wrong-code",
            Self::CodeExpired => "code-expired",
            Self::AddressInUse => "address-in-use",
            Self::NotRegistered => "not-registered",
            Self::NoSuchAccount => "no-such-account",
            Self::NotAllowed => "not-allowed",
            Self::InsecureChannel => "insecure-channel",
            Self::CaptchaRequired => "captcha-required",
            Self::CaptchaWrong => "captcha-wrong",
            Self::CaptchaExpired => "captcha-expired",
            Self::UnknownDomain => "unknown-domain",
        }
    }

    /// One of each, for tests that hold a table against the list.
    pub fn samples() -> Vec<Self> {
        let retry_after = Duration::from_secs(60);
        #[expect(clippy::expect_used, reason = "five letters are a name")]
        let juliet = Username::prepare("juliet").expect("a name");
        vec![
            Self::Invalid(vec![FieldError { field: Field::Username, problem: FieldProblem::Missing }]),
            Self::NameTaken,
            Self::NameTakenBut { free: Vec::new() },
            Self::WrongSignature,
            Self::WrongClock,
            Self::KeyExhausted,
            Self::KeyRevoked,
            Self::NoSuchKey,
            Self::NoSuchBranch,
            Self::WrongBranch,
            Self::RegistrationClosed,
            Self::WebOnly,
            Self::InvitationsOff,
            Self::InvitationRequired,
            Self::InvitationInvalid,
            Self::InvitationForName(juliet),
            Self::TooMany { retry_after },
            Self::Busy { retry_after },
            Self::WrongPassword,
            Self::TokenInvalid,
            Self::ProofNeeded,
            Self::AccountPending,
            Self::AccountSuspended { reason: Some("Unpaid".to_owned()) },
            Self::AccountLeaving { at: Timestamp::UNIX_EPOCH },
            Self::WrongCode { tries_left: Some(4) },
            Self::CodeExpired,
            Self::AddressInUse,
            Self::NotRegistered,
            Self::NoSuchAccount,
            Self::NotAllowed,
            Self::InsecureChannel,
            Self::CaptchaRequired,
            Self::CaptchaWrong,
            Self::CaptchaExpired,
            Self::UnknownDomain,
        ]
    }
}

impl Refusal {
    /// What is wrong with a name.
    pub fn bad_name(problem: UsernameProblem, policy: &super::UsernamePolicy) -> Self {
        let problem = FieldProblem::of_username(problem, policy);
        Self::Invalid(vec![FieldError { field: Field::Username, problem }])
    }
}

impl FieldProblem {
    /// A short, stable word.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::Repeated => "repeated",
            Self::Malformed => "malformed",
            Self::Characters => "characters",
            Self::TooShort { .. } => "too-short",
            Self::TooLong { .. } => "too-long",
            Self::Reserved => "reserved",
            Self::TooWeak { .. } => "too-weak",
            Self::Breached => "breached",
        }
    }

    pub(super) fn of_username(problem: UsernameProblem, policy: &super::UsernamePolicy) -> Self {
        match problem {
            UsernameProblem::Missing => Self::Missing,
            UsernameProblem::Characters => Self::Characters,
            UsernameProblem::TooShort => Self::TooShort { min: policy.min_length },
            UsernameProblem::TooLong => Self::TooLong { max: policy.max_length },
            UsernameProblem::Reserved => Self::Reserved,
        }
    }

    /// The problem of a new password.
    pub fn of_password(problem: PasswordProblem, policy: &super::PasswordPolicy) -> Self {
        match problem {
            PasswordProblem::Missing => Self::Missing,
            PasswordProblem::TooWeak => Self::TooWeak { min: policy.min_length },
            PasswordProblem::TooLong => Self::TooLong { max: policy.max_bytes },
            PasswordProblem::Characters => Self::Characters,
        }
    }

    /// The problem of a phone number.
    pub fn of_phone(problem: PhoneProblem) -> Self {
        match problem {
            PhoneProblem::Missing => Self::Missing,
            PhoneProblem::Malformed => Self::Malformed,
        }
    }

    /// The problem of an address.
    pub fn of_email(problem: EmailProblem) -> Self {
        match problem {
            EmailProblem::Missing => Self::Missing,
            EmailProblem::Malformed => Self::Malformed,
            EmailProblem::TooLong => Self::TooLong { max: 254 },
        }
    }
}

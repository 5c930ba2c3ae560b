//! The core: values and rules. Pure: no I/O, no clock, no randomness of its own, no XMPP, HTTP or SQL.
//!
//! The words, used everywhere in code, messages and documents:
//!
//! - *account*: a username on a domain, in one [`AccountState`]; a deleted one leaves a *tombstone* that keeps its name;
//! - *contact*: an e-mail address or a phone number, verified or not;
//! - *verification*: a code or link proves a contact;
//! - *registration*: the act that makes an account, described once in [`form`];
//! - *API key*: an identifier and a secret with which a program makes accounts, up to a limit ([`ApiKey`]);
//! - *branch*: an office of a partner that makes accounts for its people, active at once ([`Branch`]);
//! - *invitation*: a token that lets somebody register ([`Invitation`]);
//! - *refusal*: an expected "no", with a stable code ([`Refusal`]); a *fault* is something broken;
//! - *origin*: which front, client address and language a request came from.

mod account;
mod agent;
mod alternatives;
mod api_key;
mod branch;
pub mod challenge;
mod contact;
mod credentials;
mod domain;
mod foreign;
pub mod form;
mod form_token;
mod gateway;
mod invitation;
mod jwt;
mod letter;
mod login_key;
mod origin;
mod password;
mod phone;
mod policy;
mod profile;
mod redirection;
mod refusal;
mod request_id;
mod scram;
mod scram_look;
mod seal;
mod shape;
mod signature;
mod site_service;
mod strength;
mod username;
mod verification;

pub use account::{Account, AccountEvent, AccountId, AccountState, Notice};
pub use agent::{Nonce, SignedCreation};
pub use alternatives::alternatives;
pub use api_key::{ApiKey, ApiKeyId, ApiSecret, KeyOwner, OwnerProblem};
pub use branch::{Branch, BranchHashes, BranchId, BranchSecrets};
pub use contact::{Channel, Contact, Email, EmailProblem};
pub use credentials::{Mechanism, PasswordHash, Salt, ScramKeys, ScramSet};
pub use domain::{Domain, DomainProblem};
pub use foreign::{ForeignAccount, ForeignKeys, ForeignSecret, ReadyAccount, ReadySecret, Unfit};
pub use form_token::FormToken;
pub use gateway::{Encoding, GatewayTemplate, GatewayValues, UnknownPlace};
pub use invitation::{
    Invitation, InvitationKind, InvitationMode, InvitationPolicy, InvitationToken, Standing,
};
pub use jwt::{Claims, SignedToken, TokenKey, TokenLifetime};
pub use letter::{Letter, LetterKind};
pub use login_key::{LoginKey, SignedLogin};
pub use origin::{Front, LanguageTag, Origin};
pub use password::{Password, PasswordPolicy, PasswordProblem};
pub use phone::{Phone, PhoneProblem};
pub use policy::{
    ContactPolicy, DomainPolicy, ProofPolicy, RegistrationMode, VerificationPolicy, WebFormGate,
};
pub use profile::{Profile, ProfileField, ProfileProblem};
pub use redirection::{Destination, DestinationProblem, is_private};
pub use refusal::{FieldError, FieldProblem, Refusal};
pub use request_id::RequestId;
pub use scram::{ClientFirst, ScramExchange, ScramProblem};
pub use scram_look::ScramLook;
pub use seal::{Keyring, SealKey, SealProblem};
pub use shape::{InBand, Shape};
pub use signature::{CLOCK_MARGIN, Claim, Escape, FieldOrder, NS_SIGNATURE, OauthField, SignedForm, Variant};
pub use site_service::SiteService;
pub use strength::Strength;
pub use username::{Alphabet, Username, UsernamePolicy, UsernameProblem};
pub use verification::{
    Code, LinkToken, PhoneVerification, Proof, ProofHash, ProofKey, Verdict, Verification,
};

//! The core: values and rules. Pure: no I/O, no clock, no randomness of its own, no XMPP, HTTP or SQL.
//!
//! The words, used everywhere in code, messages and documents:
//!
//! - *account*: a username on a domain, in one [`AccountState`]; a deleted one leaves a *tombstone* that keeps its name;
//! - *contact*: an e-mail address, verified or not;
//! - *verification*: a code or link proves a contact;
//! - *registration*: the act that makes an account, described once in [`form`];
//! - *refusal*: an expected "no", with a stable code ([`Refusal`]); a *fault* is something broken;
//! - *origin*: which front, client address and language a request came from.

mod account;
mod contact;
mod credentials;
mod domain;
pub mod form;
mod letter;
mod origin;
mod password;
mod policy;
mod refusal;
mod seal;
mod username;
mod verification;

pub use account::{Account, AccountEvent, AccountId, AccountState, Notice};
pub use contact::{Email, EmailProblem};
pub use credentials::{Mechanism, PasswordHash, ScramKeys, ScramSet};
pub use domain::{Domain, DomainProblem};
pub use letter::{Letter, LetterKind};
pub use origin::{Front, LanguageTag, Origin};
pub use password::{Password, PasswordPolicy, PasswordProblem};
pub use policy::{ContactPolicy, DomainPolicy, RegistrationMode, VerificationPolicy};
pub use refusal::{FieldError, FieldProblem, Refusal};
pub use seal::{Keyring, SealKey, SealProblem};
pub use username::{Alphabet, Username, UsernamePolicy, UsernameProblem};
pub use verification::{Code, LinkToken, Proof, ProofHash, ProofKey, Verdict, Verification};

//! A wrong address of a pending account is corrected.

use super::{Broker, Outcome, letters::Addressee};
use crate::{
    accounts::{
        AccountState, ContactPolicy, Domain, Email, FieldError, FieldProblem, Origin, Refusal, form::Field,
    },
    store::{Actor, NewVerification, Replacement},
};

impl Broker {
    /// Corrects the address of a pending account, whose password is asked for, and sends a new letter there.
    pub async fn correct_email(
        &self,
        origin: &Origin,
        domain: &Domain,
        username: &str,
        password: &str,
        email: &str,
    ) -> Outcome<()> {
        let policy = self.served(domain)?;
        if policy.email == ContactPolicy::Off {
            return Err(Refusal::NotAllowed.into());
        }
        let email = Email::parse(email).map_err(|problem| {
            let problem = FieldProblem::of_email(problem);
            Refusal::Invalid(vec![FieldError { field: Field::Email, problem }])
        })?;
        let known = self.check_password(origin, domain, username, password).await?;
        match known.credentials.state {
            AccountState::Pending => {}
            AccountState::Active => return Err(Refusal::NotAllowed.into()),
            AccountState::Suspended => {
                return Err(Refusal::AccountSuspended { reason: known.credentials.suspension }.into());
            }
        }

        // No cooldown: who has mistyped the address sees it at once. But it counts as a registration, as it sends a letter to
        // an address that nobody has proven.
        let limits = &self.parts.limits;
        limits.take_registration(origin)?;
        limits.take_letter(origin, &email).inspect_err(|_| limits.return_registration(origin))?;
        let now = self.now();
        let addressee = Addressee { username: &known.username, email: &email, language: &origin.language };
        let (verification, letter) = self.ask_for_proof(policy, addressee, now).await?;
        let new = NewVerification {
            domain: domain.clone(),
            username: known.username,
            email: Some(email.clone()),
            verification,
            letter,
            not_since: now,
            at: now,
            actor: Actor::from(origin),
        };
        match self.parts.store.replace_verification(new).await? {
            Replacement::Replaced => Ok(()),
            Replacement::TooSoon | Replacement::NotPending => {
                limits.return_registration(origin);
                limits.return_letter(origin, &email);
                Err(Refusal::NotAllowed.into())
            }
        }
    }
}

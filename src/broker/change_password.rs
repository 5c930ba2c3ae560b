//! A new password.

use super::{Broker, Outcome, by_operator, existing_name, nobody};
use crate::{
    accounts::{Domain, FieldError, FieldProblem, Origin, Password, Refusal, form::Field},
    store::{Actor, NewCredentials, Replaced},
};

impl Broker {
    /// Sets a new password for the account of a logged-in person, or by the operator.
    ///
    /// The front has proven that the person is the account's owner; `proof` is the old password, for policies that want it. All sessions are told to end, except the one that made the
    /// change ([`Origin::session`]).
    pub async fn change_password(
        &self,
        origin: &Origin,
        domain: &Domain,
        username: &str,
        password: &str,
        proof: Option<&str>,
    ) -> Outcome<()> {
        let policy = self.served(domain)?;
        if !policy.self_service && !by_operator(origin) {
            return Err(Refusal::NotAllowed.into());
        }
        let password = Password::choose(password, username, &policy.password).map_err(|problem| {
            let problem = FieldProblem::of_password(problem, &policy.password);
            Refusal::Invalid(vec![FieldError { field: Field::Password, problem }])
        })?;
        let username = existing_name(origin, username)?;
        if self.parts.store.account(domain, &username).await?.is_none() {
            return Err(nobody(origin).into());
        }
        self.prove_owner(origin, domain, &username, policy.proof.password_change, proof).await?;
        self.parts.limits.take_password_change(origin, (domain, &username))?;

        self.not_breached(&password).await?;
        let sealed_login = self.login_key(domain, &username, &password);
        let derived = self.parts.hashing.derive(password).await?;
        let new = NewCredentials {
            sealed_scram: self.seal_scram(domain, &username, &derived.scram),
            sealed_login,
            domain: domain.clone(),
            username,
            password_hash: derived.hash,
            replaces: Replaced::Anything,
            changed: true,
            keep: origin.session.clone(),
            at: self.now(),
            actor: Actor::from(origin),
        };
        if self.parts.store.set_credentials(new).await? { Ok(()) } else { Err(nobody(origin).into()) }
    }
}

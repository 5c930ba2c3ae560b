//! Verification: a code or a link proves a contact.

use super::{Broker, Failure, Outcome, ProofInput};
use crate::{
    accounts::{Account, Code, Domain, LinkToken, Origin, Refusal, Username},
    metrics,
    store::{Actor, ProofAttempt, Verified},
};

impl Broker {
    /// Proves a contact; gives the account, now active, or still pending where it has another contact to prove.
    ///
    /// A code for a name without a waiting account is answered like a wrong code.
    pub async fn verify(&self, origin: &Origin, proof: ProofInput) -> Outcome<Account> {
        let verified = match proof {
            ProofInput::Code { domain, username, code } => {
                self.verify_code(origin, &domain, &username, &code).await
            }
            ProofInput::Link(token) => self.verify_link(origin, &token).await,
        };
        metrics::verification(verified.as_ref().map_or_else(Failure::word, |_| "proven"));
        verified
    }

    /// Which pending account a link is for, without using the link up.
    pub async fn look_at_link(&self, origin: &Origin, token: &LinkToken) -> Outcome<Account> {
        self.parts.limits.may_prove(origin, None)?;
        let hash = self.parts.proofs.hash_link(token);
        let account = self.parts.store.link_account(hash).await?;
        account.ok_or_else(|| {
            self.parts.limits.wrong_proof(origin, None);
            Refusal::WrongCode { tries_left: None }.into()
        })
    }

    async fn verify_code(
        &self,
        origin: &Origin,
        domain: &Domain,
        username: &str,
        code: &str,
    ) -> Outcome<Account> {
        let policy = self.served(domain)?;
        let wrong = Refusal::WrongCode { tries_left: None };
        // What is no code, or no name, costs no try: somebody has mistyped.
        let code = Code::parse(code).ok_or_else(|| wrong.clone())?;
        let username = Username::prepare(username.trim()).map_err(|_| wrong)?;
        let account = Some((domain, &username));
        self.parts.limits.may_prove(origin, account)?;

        let hash = self.parts.proofs.hash_code(domain, &username, &code);
        let attempt =
            ProofAttempt::Code { domain: domain.clone(), username: username.clone(), hash, channel: None };
        let now = self.now();
        let verified =
            self.parts.store.verify(attempt, policy.email_unique, now, Actor::from(origin)).await?;
        let refusal = match verified {
            Verified::Activated(account) | Verified::Further(account) => return Ok(account),
            Verified::AddressInUse => return Err(Refusal::AddressInUse.into()),
            Verified::Wrong { tries_left } => Refusal::WrongCode { tries_left: Some(tries_left) },
            Verified::Expired => Refusal::CodeExpired,
            Verified::Unknown => self.parts.tries.wrong_code(domain, &username, &policy.verification, now),
        };
        self.parts.limits.wrong_proof(origin, account);
        Err(refusal.into())
    }

    async fn verify_link(&self, origin: &Origin, token: &LinkToken) -> Outcome<Account> {
        self.parts.limits.may_prove(origin, None)?;
        let hash = self.parts.proofs.hash_link(token);
        // The link names the account, the account the domain, and the domain whether an address proves one account only.
        let unique = match self.parts.store.link_account(hash).await? {
            Some(account) => self.served(&account.domain)?.email_unique,
            None => true,
        };
        let attempt = ProofAttempt::Link { hash };
        let refusal = match self.parts.store.verify(attempt, unique, self.now(), Actor::from(origin)).await? {
            Verified::Activated(account) | Verified::Further(account) => return Ok(account),
            Verified::AddressInUse => return Err(Refusal::AddressInUse.into()),
            Verified::Expired => Refusal::CodeExpired,
            Verified::Wrong { .. } | Verified::Unknown => Refusal::WrongCode { tries_left: None },
        };
        self.parts.limits.wrong_proof(origin, None);
        Err(refusal.into())
    }
}

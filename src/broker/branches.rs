//! Branches: made, listed, given new secrets, revoked by the operator; and the accounts that their programs make.

use std::borrow::Cow;

use super::{
    Broker, Failure, Outcome, Registered,
    admission::{Admission, closed},
};
use crate::{
    accounts::{
        Branch, BranchId, BranchSecrets, ContactPolicy, Domain, DomainPolicy, KeyOwner, Origin, Profile,
        Refusal,
        form::{Application, RawForm},
    },
    random,
    store::{Actor, BranchChange, BranchMember, NewBranch, StoreError},
};

/// What a program says about the branch that it belongs to.
#[derive(Debug, Clone)]
pub struct BranchClaim {
    /// The number.
    pub id: BranchId,
    /// The secrets.
    pub secrets: BranchSecrets,
}

/// A branch whose secrets were right.
#[derive(Debug)]
pub struct ProvenBranch(Branch);

impl Broker {
    /// Makes a branch. Its secrets are given here and never again.
    pub async fn create_branch(
        &self,
        origin: &Origin,
        domain: &Domain,
        owner: KeyOwner,
    ) -> Outcome<(Branch, BranchSecrets)> {
        self.served(domain)?;
        let secrets = self.new_branch_secrets();
        let new = NewBranch {
            domain: domain.clone(),
            owner,
            hashes: secrets.hashes(&self.parts.branch_proofs),
            at: self.now(),
            actor: Actor::from(origin),
        };
        Ok((self.parts.store.create_branch(new).await?, secrets))
    }

    /// Looks a branch up.
    pub async fn branch(&self, id: BranchId) -> Outcome<Branch> {
        Ok(self.parts.store.branch(id).await?.ok_or(Refusal::NoSuchBranch)?.branch)
    }

    /// Lists branches, of one domain or of all.
    pub async fn branches(&self, domain: Option<&Domain>) -> Outcome<Vec<Branch>> {
        Ok(self.parts.store.branches(domain).await?)
    }

    /// Gives a branch new secrets; the old ones work no longer.
    pub async fn rotate_branch(&self, origin: &Origin, id: BranchId) -> Outcome<(Branch, BranchSecrets)> {
        let secrets = self.new_branch_secrets();
        let change = BranchChange::Rotate(secrets.hashes(&self.parts.branch_proofs));
        Ok((self.change_branch(origin, id, change).await?, secrets))
    }

    /// Ends a branch for good. The accounts that it made stay.
    pub async fn revoke_branch(&self, origin: &Origin, id: BranchId) -> Outcome<Branch> {
        self.change_branch(origin, id, BranchChange::Revoke).await
    }

    /// The branch that a program belongs to. Nothing said, an unknown number, a wrong secret, a wrong token, a revoked branch: the
    /// answer is the same, at the same cost.
    pub async fn prove_branch(&self, origin: &Origin, claim: Option<&BranchClaim>) -> Outcome<ProvenBranch> {
        self.parts.limits.may_prove(origin, None)?;
        let proven = match claim {
            None => None,
            Some(claim) => {
                let stored = self.parts.store.branch(claim.id).await?;
                let said = claim.secrets.hashes(&self.parts.branch_proofs);
                let right = stored.as_ref().is_some_and(|stored| stored.hashes.match_both(&said));
                stored.map(|stored| stored.branch).filter(|branch| right && branch.is_enabled())
            }
        };
        let Some(branch) = proven else {
            self.parts.limits.wrong_proof(origin, None);
            return Err(Refusal::WrongBranch.into());
        };
        Ok(ProvenBranch(branch))
    }

    /// Makes an account that is active at once: the branch vouches for the person and the address. Everything that speaks against it is
    /// told at once, because a program cannot try and try again as a person does.
    pub async fn register_for_branch(
        &self,
        origin: &Origin,
        ProvenBranch(branch): &ProvenBranch,
        form: RawForm,
        profile: Profile,
    ) -> Outcome<Result<Registered, Vec<Refusal>>> {
        let policy = self.served(&branch.domain)?;
        closed(policy)?;
        let policy =
            DomainPolicy { email: ContactPolicy::Required, phone: ContactPolicy::Off, ..policy.clone() };
        let mut admission = Admission::of(Cow::Owned(policy));
        admission.member = Some(BranchMember { branch: branch.id, profile });
        let application = match admission.read(&form) {
            Ok(application) => application,
            Err(refusal) => return Ok(Err(vec![refusal])),
        };
        drop(form);
        let taken = self.taken(&branch.domain, &application).await?;
        if !taken.is_empty() {
            return Ok(Err(taken));
        }
        // Somebody may have been quicker.
        match self.register_admitted(origin, &admission, application, None).await {
            Ok(registered) => Ok(Ok(registered)),
            Err(Failure::Refused(refusal @ (Refusal::NameTaken | Refusal::AddressInUse))) => {
                Ok(Err(vec![refusal]))
            }
            Err(failure) => Err(failure),
        }
    }

    /// What of an application belongs to somebody else, as far as can be seen now.
    async fn taken(&self, domain: &Domain, application: &Application) -> Result<Vec<Refusal>, StoreError> {
        let store = &self.parts.store;
        let names = vec![application.username.clone()];
        let mut taken = Vec::new();
        if store.free_names(domain, names, self.now()).await?.is_empty() {
            taken.push(Refusal::NameTaken);
        }
        if let Some(email) = &application.email
            && store.email_owner(domain, email).await?.is_some()
        {
            taken.push(Refusal::AddressInUse);
        }
        Ok(taken)
    }

    async fn change_branch(&self, origin: &Origin, id: BranchId, change: BranchChange) -> Outcome<Branch> {
        let branch = self.parts.store.change_branch(id, change, self.now(), Actor::from(origin)).await?;
        branch.ok_or(Failure::Refused(Refusal::NoSuchBranch))
    }

    fn new_branch_secrets(&self) -> BranchSecrets {
        let random = &*self.parts.random;
        BranchSecrets::from_bytes(random::bytes(random), random::bytes(random))
    }
}

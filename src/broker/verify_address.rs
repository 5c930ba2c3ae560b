//! A code that a program sends with the address or number it went to, and without the name of the account.

use super::{Broker, Outcome};
use crate::{
    accounts::{Account, Code, Contact, Origin, ProofHash, Refusal},
    random,
    store::{Actor, AddressProof, Spending, Verified},
};

impl Broker {
    /// Proves an address or a number; gives the account, now active, or still pending where it has another contact to prove. A program does not say which domain it made the account on, so the code is
    /// held against those of every domain.
    ///
    /// A wrong code, one that has run out, and an address that nothing waits for are the same answer.
    pub async fn verify_address(&self, origin: &Origin, contact: &Contact, code: &str) -> Outcome<Account> {
        let wrong = Refusal::WrongCode { tries_left: None };
        let code = Code::parse(code).ok_or_else(|| wrong.clone())?;
        self.parts.limits.may_prove(origin, None)?;
        let now = self.now();
        for policy in self.domains() {
            let proof = AddressProof {
                domain: policy.domain.clone(),
                contact: contact.clone(),
                decoy: Spending {
                    hash: ProofHash::from_bytes(random::bytes(&*self.parts.random)),
                    expires_at: now,
                },
                unique: policy.email_unique,
                at: now,
                actor: Actor::from(origin),
            };
            let (proofs, domain, code) = (self.parts.proofs.clone(), policy.domain.clone(), code.clone());
            let hash = move |username: &_| proofs.hash_code(&domain, username, &code);
            match self.parts.store.verify_address(proof, hash).await? {
                Verified::Activated(account) | Verified::Further(account) => return Ok(account),
                Verified::AddressInUse => return Err(Refusal::AddressInUse.into()),
                Verified::Wrong { .. } | Verified::Expired | Verified::Unknown => {}
            }
        }
        self.parts.limits.wrong_proof(origin, None);
        Err(wrong.into())
    }
}

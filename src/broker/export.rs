//! What another server needs to take an account over.

use super::{Broker, Failure, Outcome};
use crate::{
    accounts::{Domain, Refusal, ScramSet, Username},
    store::StoredCredentials,
};

impl Broker {
    /// The SCRAM keys of an account that may log in, for the operator; none where only the Argon2id verifier is kept, which no other
    /// server knows. An account that may not log in is refused with why: elsewhere nothing would keep it from that.
    pub async fn keys_to_take_along(&self, domain: &Domain, username: &Username) -> Outcome<ScramSet> {
        self.served(domain)?;
        let stored = self.parts.store.credentials(domain, username).await?;
        let stored = stored.ok_or(Refusal::NoSuchAccount)?;
        if let Some(refusal) = stored.refusal() {
            return Err(refusal.into());
        }
        let StoredCredentials { sealed_scram, .. } = stored;
        let Some(sealed) = sealed_scram else { return Ok(ScramSet::new()) };
        let opened = self.parts.scram_seal.open(domain, username, &sealed);
        opened.map_err(|problem| Failure::Fault(problem.into()))
    }
}

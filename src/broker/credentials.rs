//! Look-ups for the server: SCRAM keys, and whether an account exists.

use super::{Broker, Failure, Outcome, ScramCredentials};
use crate::{
    accounts::{Account, AccountState, Domain, Refusal, ScramLook, ScramSet, Username},
    metrics,
    store::{LoginLookup, StoredCredentials},
};

impl Broker {
    /// The SCRAM keys of an account; made-up ones for a name without account, in the same time.
    pub async fn scram_credentials(&self, domain: &Domain, username: &str) -> Outcome<ScramCredentials> {
        Ok(self.look_up(domain, username).await?.0)
    }

    /// The SCRAM keys of an account that may log in, for servers that cannot be told why another one may not; for all others keys that are made
    /// up, so that no proof is right.
    pub async fn usable_scram_keys(&self, domain: &Domain, username: &str) -> Outcome<ScramSet> {
        let (credentials, made_up) = self.look_up(domain, username).await?;
        Ok(if credentials.refusal.is_none() { credentials.keys } else { made_up })
    }

    /// Whether an account exists. For the server and the operator only.
    pub async fn account_exists(&self, domain: &Domain, username: &str) -> Outcome<bool> {
        self.served(domain)?;
        let Ok(username) = Username::prepare(username) else { return Ok(false) };
        Ok(self.parts.store.account(domain, &username).await?.is_some())
    }

    /// What is on file about an account. For its owner and the operator.
    pub async fn account(&self, domain: &Domain, username: &str) -> Outcome<Account> {
        self.served(domain)?;
        let username = Username::prepare(username).map_err(|_| Refusal::NoSuchAccount)?;
        Ok(self.parts.store.account(domain, &username).await?.ok_or(Refusal::NoSuchAccount)?)
    }

    /// Seals the keys of an account; `None` where SCRAM is off.
    pub(super) fn seal_scram(
        &self,
        domain: &Domain,
        username: &Username,
        keys: &ScramSet,
    ) -> Option<Vec<u8>> {
        self.parts.scram_seal.seal(domain, username, keys, &*self.parts.random)
    }

    /// What is known of a name, and what would be told of it if it had no account.
    async fn look_up(&self, domain: &Domain, username: &str) -> Outcome<(ScramCredentials, ScramSet)> {
        self.served(domain)?;
        metrics::lookup();
        let username = Username::prepare(username).map_err(|_| Refusal::NoSuchAccount)?;
        let login = self.parts.store.login(domain, &username).await?;
        // Made up for an account that exists, too: a few microseconds that would tell the two apart.
        let made_up = self.made_up_keys(domain, &username, &login);
        let Some(stored) = login.credentials else {
            self.parts.scram_seal.open_decoy();
            let (state, keys) = (AccountState::Active, made_up.clone());
            return Ok((ScramCredentials { username, state, refusal: None, keys }, made_up));
        };
        let refusal = stored.refusal();
        let StoredCredentials { state, sealed_scram, .. } = stored;
        let keys = match sealed_scram.filter(|_| self.parts.scram_iterations.is_some()) {
            None => Vec::new(),
            Some(sealed) => self
                .parts
                .scram_seal
                .open(domain, &username, &sealed)
                .map_err(|problem| Failure::Fault(problem.into()))?,
        };
        Ok((ScramCredentials { username, state, refusal, keys }, made_up))
    }

    fn made_up_keys(&self, domain: &Domain, username: &Username, login: &LoginLookup) -> ScramSet {
        let Some(iterations) = self.parts.scram_iterations else { return ScramSet::new() };
        let key = &self.parts.made_up;
        let own = ScramLook::own(iterations);
        let look = ScramLook::for_nobody(&login.looks, key, domain, username).unwrap_or(&own);
        look.made_up(key, domain, username)
    }
}

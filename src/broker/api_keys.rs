//! API keys, for the operator: made, listed, limited, revoked.

use super::{Broker, Failure, Outcome};
use crate::{
    accounts::{ApiKey, ApiKeyId, ApiSecret, Domain, KeyOwner, Origin, Refusal},
    random,
    store::{Actor, AuditEntry, KeyChange, NewApiKey},
};

impl Broker {
    /// Makes a key that may have `limit` accounts at the same time. Its secret is given here and never again.
    pub async fn create_key(
        &self,
        origin: &Origin,
        domain: &Domain,
        owner: KeyOwner,
        limit: u32,
    ) -> Outcome<(ApiKey, ApiSecret)> {
        self.served(domain)?;
        let random = &*self.parts.random;
        let id = ApiKeyId::from_bytes(random::bytes(random));
        let secret = ApiSecret::from_bytes(random::bytes(random));
        let new = NewApiKey {
            id: id.clone(),
            domain: domain.clone(),
            owner,
            sealed_secret: self.parts.key_seal.seal(
                id.as_str(),
                random::bytes(random),
                secret.expose().as_bytes(),
            ),
            limit,
            at: self.now(),
            actor: Actor::from(origin),
        };
        self.parts.store.create_api_key(new).await?;
        Ok((self.key(&id).await?, secret))
    }

    /// Looks a key up.
    pub async fn key(&self, id: &ApiKeyId) -> Outcome<ApiKey> {
        let stored = self.parts.store.api_key(id).await?;
        Ok(stored.ok_or(Refusal::NoSuchKey)?.key)
    }

    /// Lists keys, of one domain or of all, those of one owner together.
    pub async fn keys(&self, domain: Option<&Domain>) -> Outcome<Vec<ApiKey>> {
        Ok(self.parts.store.api_keys(domain).await?)
    }

    /// The newest audit entries about a key: what was done to it, and the accounts that it made.
    pub async fn key_history(&self, id: &ApiKeyId, limit: u32) -> Outcome<Vec<AuditEntry>> {
        Ok(self.parts.store.audit_of_key(id, limit).await?)
    }

    /// Sets how many accounts a key may have at the same time. Accounts that it has already are not touched.
    pub async fn limit_key(&self, origin: &Origin, id: &ApiKeyId, limit: u32) -> Outcome<ApiKey> {
        self.change_key(origin, id, KeyChange::Limit(limit)).await
    }

    /// Ends a key for good. The accounts that were made with it stay.
    pub async fn revoke_key(&self, origin: &Origin, id: &ApiKeyId) -> Outcome<ApiKey> {
        self.change_key(origin, id, KeyChange::Revoke).await
    }

    async fn change_key(&self, origin: &Origin, id: &ApiKeyId, change: KeyChange) -> Outcome<ApiKey> {
        let key = self.parts.store.change_api_key(id, change, self.now(), Actor::from(origin)).await?;
        key.ok_or(Failure::Refused(Refusal::NoSuchKey))
    }
}

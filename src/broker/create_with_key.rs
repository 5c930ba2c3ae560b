//! An account that a program makes for its user, with an API key and without a form: the Agent API's way.

use std::borrow::Cow;

use jiff::Timestamp;
use secrecy::{ExposeSecret, SecretString};

use super::{
    Broker, Failure, Outcome, Token,
    admission::{Admission, closed},
    tokens::Holder,
};
use crate::{
    accounts::{
        AccountState, ApiKey, ApiKeyId, ApiSecret, ContactPolicy, Domain, DomainPolicy, Nonce, Origin,
        Refusal, SignedCreation, TokenLifetime,
        form::{Field, RawForm},
    },
    random,
    store::Spending,
};

/// What a program sends.
#[derive(Debug, Clone)]
pub struct KeyApplication {
    /// The name, as sent.
    pub username: String,
    /// The address, as sent.
    pub email: String,
    /// The phone number, as sent, if one was.
    pub phone: Option<String>,
    /// The password, as sent.
    pub password: SecretString,
    /// The API key, as sent.
    pub key: String,
    /// Never used before.
    pub nonce: Nonce,
    /// Of all that, in Base64.
    pub signature: String,
    /// The names that the program may know us by.
    pub hosts: Vec<String>,
}

/// What became of it.
#[derive(Debug, Clone)]
pub struct MadeWithKey {
    /// When the account was made; long ago, if it was there.
    pub created_at: Timestamp,
    /// Whether it can be used.
    pub enabled: bool,
    /// Whether a letter is on its way.
    pub letter: bool,
    /// Whether a text message is on its way.
    pub message: bool,
    /// Its first token.
    pub token: Token,
}

impl Broker {
    /// Makes an account, pending until its address is proven, and logs it in. One that is there already, is active and has the same
    /// password is logged in, so that a program whose answer got lost may ask again (with another nonce).
    pub async fn create_with_key(
        &self,
        origin: &Origin,
        application: KeyApplication,
        life: TokenLifetime,
    ) -> Outcome<MadeWithKey> {
        let key = self.application_key(origin, &application).await?;
        let policy = self.served(&key.domain)?;
        closed(policy)?;
        let domain = policy.domain.clone();
        let KeyApplication { username, email, phone, password, .. } = application;
        let made = if key.left() == 0 {
            Err(Refusal::KeyExhausted.into())
        } else {
            // The code goes there; without it there is nothing to enable the account with.
            let policy = DomainPolicy { email: ContactPolicy::Required, ..policy.clone() };
            let mut admission = Admission::of(Cow::Owned(policy));
            admission.key = Some(key.id);
            let mut form = RawForm::default();
            form.set(Field::Username, username.clone());
            form.set(Field::Email, email);
            form.set(Field::Phone, phone.unwrap_or_default());
            form.set(Field::Password, password.expose_secret().to_owned());
            let applied = admission.read(&form)?;
            drop(form);
            // The nonce is used up already, whatever becomes of this.
            self.register_admitted(origin, &admission, applied, None).await
        };
        match made {
            Ok(registered) => Ok(MadeWithKey {
                created_at: registered.created_at,
                enabled: registered.state == AccountState::Active,
                letter: registered.email.is_some(),
                message: registered.phone.is_some(),
                token: self.issue_token(&Holder::from(&registered), life),
            }),
            Err(Failure::Refused(
                refusal @ (Refusal::NameTaken | Refusal::NameTakenBut { .. } | Refusal::KeyExhausted),
            )) => {
                let there = self.log_in_instead(origin, &domain, &username, &password, life).await?;
                there.ok_or(Failure::Refused(refusal))
            }
            Err(failure) => Err(failure),
        }
    }

    /// Logs in an account that is there; `None` if it is somebody else's, or not active.
    async fn log_in_instead(
        &self,
        origin: &Origin,
        domain: &Domain,
        username: &str,
        password: &SecretString,
        life: TokenLifetime,
    ) -> Outcome<Option<MadeWithKey>> {
        let holder = match self.let_in(origin, domain, username.trim(), password.expose_secret()).await {
            Ok(holder) => holder,
            Err(failure @ (Failure::Fault(_) | Failure::Refused(Refusal::Busy { .. }))) => {
                return Err(failure);
            }
            Err(Failure::Refused(_)) => return Ok(None),
        };
        let account = self.parts.store.account(domain, &holder.username).await?;
        Ok(account.filter(|account| account.id == holder.id).map(|account| MadeWithKey {
            created_at: account.created_at,
            enabled: true,
            letter: false,
            message: false,
            token: self.issue_token(&holder, life),
        }))
    }

    /// The key that an application was signed with. A right signature counts once; a wrong one counts against the client like a wrong
    /// password. An unknown key and a wrong signature are the same answer at the same cost.
    async fn application_key(&self, origin: &Origin, application: &KeyApplication) -> Outcome<ApiKey> {
        self.parts.limits.may_prove(origin, None)?;
        let stored = match ApiKeyId::parse(&application.key) {
            Some(id) => self.parts.store.api_key(&id).await?,
            None => None,
        };
        let secret = match &stored {
            Some(stored) => {
                self.open_secret(&stored.key.id, &stored.sealed_secret).map_err(Failure::Fault)?
            }
            None => ApiSecret::from_bytes(random::bytes(&*self.parts.random)),
        };
        let signed = SignedCreation {
            username: &application.username,
            email: &application.email,
            phone: application.phone.as_deref(),
            password: application.password.expose_secret(),
            key: &application.key,
            nonce: &application.nonce,
        };
        // Programs that know the domain only sign that, wherever its web server passes the request on to.
        let domain = stored.as_ref().map(|stored| stored.key.domain.to_string());
        let hosts: Vec<String> = application.hosts.iter().cloned().chain(domain).collect();
        let right = signed.is_signed_with(&secret, &hosts, &application.signature);
        let Some(stored) = stored.filter(|_| right) else {
            self.parts.limits.wrong_proof(origin, None);
            return Err(Refusal::WrongSignature.into());
        };
        if !stored.key.is_enabled() {
            return Err(Refusal::KeyRevoked.into());
        }
        // The signature carries no time, so it could be sent again at any time: its nonce is kept for good.
        let hash =
            self.parts.forms.hash(&["agent nonce", stored.key.id.as_str(), application.nonce.as_str()]);
        if !self.parts.store.spend(Spending { hash, expires_at: Timestamp::MAX }).await? {
            self.parts.limits.wrong_proof(origin, None);
            return Err(Refusal::WrongSignature.into());
        }
        Ok(stored.key)
    }
}

//! Logging in with a signature that the password is the key of, where the operator wants that.

use jiff::Timestamp;

use super::{Broker, Failure, Outcome, Token, tokens::Holder};
use crate::{
    accounts::{Domain, LoginKey, Origin, Password, Refusal, SealKey, SignedLogin, TokenLifetime, Username},
    metrics, random,
    store::Spending,
};

/// Seals and opens login keys.
#[derive(Debug)]
pub(super) struct LoginSeal {
    key: SealKey,
    /// The sealed key of nobody.
    decoy: Vec<u8>,
}

/// The place of the decoy: no account has an empty name.
const NOWHERE: &str = "@";

impl LoginSeal {
    /// The seal of a service.
    pub(super) fn new(key: SealKey, random: &dyn random::Random) -> Self {
        let nobody = LoginKey::of_password(&String::from_utf8_lossy(&random::bytes::<32>(random)));
        let decoy = key.seal(NOWHERE, random::bytes(random), nobody.as_bytes());
        Self { key, decoy }
    }

    fn open(&self, place: &str, sealed: &[u8]) -> Result<LoginKey, Failure> {
        let bytes = self.key.open(place, sealed).map_err(|problem| Failure::Fault(problem.into()))?;
        LoginKey::from_bytes(bytes).ok_or_else(|| Failure::Fault(anyhow::anyhow!("a login key is damaged")))
    }
}

impl Broker {
    /// A token for an account whose password has signed the login. Unknown names, accounts without such a key, wrong signatures and used
    /// nonces are the same answer in the same time. Where the operator does not want it, it is [`Refusal::NotAllowed`].
    pub async fn log_in_signed(
        &self,
        origin: &Origin,
        domain: &Domain,
        username: &str,
        login: &SignedLogin,
        life: TokenLifetime,
    ) -> Outcome<Token> {
        let outcome = self.hold_signature(origin, domain, username, login, life).await;
        metrics::login(origin.front, "signature", outcome.as_ref().map_or_else(Failure::word, |_| "right"));
        outcome
    }

    async fn hold_signature(
        &self,
        origin: &Origin,
        domain: &Domain,
        username: &str,
        login: &SignedLogin,
        life: TokenLifetime,
    ) -> Outcome<Token> {
        if !self.served(domain)?.signed_login {
            return Err(Refusal::NotAllowed.into());
        }
        let username = Username::prepare(username.trim()).map_err(|_| Refusal::WrongPassword)?;
        let account = Some((domain, &username));
        self.parts.limits.may_prove(origin, account)?;
        let stored = self.parts.store.credentials(domain, &username).await?;
        let seal = &self.parts.login_seal;
        let stored = stored.and_then(|stored| Some((stored.sealed_login.clone()?, stored)));
        let key = match &stored {
            Some((sealed, _)) => seal.open(&place(domain, &username), sealed)?,
            None => seal.open(NOWHERE, &seal.decoy)?,
        };
        let right = key.verifies(login);
        // The signature carries no time, so it could be sent again at any time: its nonce is kept for good.
        let parts = ["login nonce", domain.as_str(), username.as_str(), login.nonce.as_str()];
        let spending = Spending { hash: self.parts.forms.hash(&parts), expires_at: Timestamp::MAX };
        let Some((_, stored)) = stored.filter(|_| right) else {
            self.parts.limits.wrong_proof(origin, account);
            return Err(Refusal::WrongPassword.into());
        };
        if !self.parts.store.spend(spending).await? {
            self.parts.limits.wrong_proof(origin, account);
            return Err(Refusal::WrongPassword.into());
        }
        if let Some(refusal) = stored.refusal() {
            return Err(refusal.into());
        }
        let epoch = stored.token_epoch;
        Ok(self.issue_token(&Holder { id: stored.id, domain: domain.clone(), username, epoch }, life))
    }

    /// The sealed key of a password, on a domain where it may sign.
    pub(super) fn login_key(
        &self,
        domain: &Domain,
        username: &Username,
        password: &Password,
    ) -> Option<Vec<u8>> {
        self.policy(domain).filter(|policy| policy.signed_login)?;
        let key = LoginKey::of_password(password.expose());
        let nonce = random::bytes(&*self.parts.random);
        Some(self.parts.login_seal.key.seal(&place(domain, username), nonce, key.as_bytes()))
    }
}

fn place(domain: &Domain, username: &Username) -> String {
    format!("{username}@{domain}")
}

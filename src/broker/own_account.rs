//! What somebody who is logged in with a token does to the own account. A token alone is not enough for it: it may lie in a browser that was
//! left open, so the password is asked for once more.

use super::{
    Broker, Outcome,
    tokens::{Bearer, Holder, Token},
};
use crate::accounts::{Account, Origin, Refusal, TokenLifetime};

impl Broker {
    /// Sets a new password. Every session ends, here and on the XMPP server; the token to go on with is given.
    pub async fn change_own_password(
        &self,
        origin: &Origin,
        bearer: &Bearer,
        old: &str,
        new: &str,
        life: TokenLifetime,
    ) -> Outcome<Token> {
        let Account { id, domain, username, .. } = &bearer.account;
        self.change_password(origin, domain, username.as_str(), new, Some(old)).await?;
        let stored = self.parts.store.credentials(domain, username).await?;
        let stored = stored.filter(|stored| stored.id == *id).ok_or(Refusal::NotRegistered)?;
        let holder =
            Holder { id: *id, domain: domain.clone(), username: username.clone(), epoch: stored.token_epoch };
        Ok(self.issue_token(&holder, life))
    }

    /// Deletes the account, at once or after a while; gives it as it is now, or as it was.
    pub async fn remove_own_account(
        &self,
        origin: &Origin,
        bearer: &Bearer,
        password: &str,
    ) -> Outcome<Account> {
        let Account { domain, username, .. } = &bearer.account;
        self.leave(origin, domain, username.as_str(), password).await
    }
}

//! Invitations: made and taken back by operators and users, accepted by whoever holds the token (XEP-0445, XEP-0401).

use std::time::Duration;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use jiff::{SignedDuration, Timestamp};
use secrecy::{ExposeSecret, SecretString};
use zeroize::Zeroizing;

use super::{Broker, Outcome, after};
use crate::{
    accounts::{
        Domain, DomainPolicy, Invitation, InvitationKind, InvitationToken, Origin, ProofHash, Refusal,
        RegistrationMode, Standing, Username,
    },
    random,
    store::{Actor, InvitationFilter, Invited, InviterLimit, NewInvitation},
};

/// How long a ticket counts: longer than any client's stream lasts that is about to register.
const TICKET_LIFETIME: SignedDuration = SignedDuration::from_hours(24);

/// The time in which a user may make so many invitations.
const WEEK: SignedDuration = SignedDuration::from_hours(7 * 24);

/// Accounts shown of one invitation.
const ACCOUNTS_SHOWN: u32 = 1000;

/// What somebody shows to be let in.
#[derive(Debug, Clone)]
pub enum Presented {
    /// The token of an invitation.
    Token(InvitationToken),
    /// That a token was accepted before; what it was accepted for holds even if the invitation has expired since.
    Ticket(Ticket),
}

/// The broker's own word that it has accepted a token: sealed, so that whoever keeps it for a while can neither read nor make one. So
/// the broker remembers nothing between the acceptance and the registration, whichever way these come.
#[derive(Debug, Clone)]
pub struct Ticket(SecretString);

/// What an invitation is to be like.
#[derive(Debug, Clone)]
pub struct InvitationWish {
    /// See [`Invitation`].
    pub kind: InvitationKind,
    /// The one name, as typed.
    pub username: Option<String>,
    /// See [`Invitation`].
    pub inviter: Option<String>,
    /// See [`Invitation`].
    pub subscribe: bool,
    /// See [`Invitation`].
    pub note: Option<String>,
    /// How many accounts may be made with it.
    pub uses: u32,
    /// How long it works; the domain's policy says it otherwise.
    pub lifetime: Option<SignedDuration>,
}

/// How much somebody may invite over XMPP.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Inviting {
    /// So many in a week.
    Some(u32),
    /// As many as they like, and for a name.
    WithoutLimit,
}

/// A new invitation with its token, which is kept nowhere.
#[derive(Debug, Clone)]
pub struct NewlyInvited {
    /// The invitation.
    pub invitation: Invitation,
    /// Its token.
    pub token: InvitationToken,
}

impl Default for InvitationWish {
    fn default() -> Self {
        Self {
            kind: InvitationKind::Account,
            username: None,
            inviter: None,
            subscribe: false,
            note: None,
            uses: 1,
            lifetime: None,
        }
    }
}

impl Ticket {
    /// Takes a ticket that came back; whether it is one is seen when it is used.
    pub fn returned(text: &str) -> Option<Self> {
        (text.len() <= 256).then(|| Self(SecretString::from(text)))
    }

    /// The text, for whoever keeps it.
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }
}

impl Broker {
    /// Invites, by the operator.
    pub async fn invite(
        &self,
        origin: &Origin,
        domain: &Domain,
        wish: InvitationWish,
    ) -> Outcome<NewlyInvited> {
        self.make_invitation(origin, domain, wish, None).await
    }

    /// Whether somebody may invite over XMPP, and without a limit.
    pub fn invites(&self, origin: &Origin, domain: &Domain) -> Option<Inviting> {
        let (policy, jid) = (self.policy(domain)?, origin.jid.as_ref()?);
        if !policy.invitations.mode.is_on() || policy.registration == RegistrationMode::Closed {
            None
        } else if policy.invitations.inviters.contains(jid) {
            Some(Inviting::WithoutLimit)
        } else {
            let own = jid.split_once('@').is_some_and(|(_, at)| at == domain.as_str());
            (own && policy.invitations.per_user > 0).then_some(Inviting::Some(policy.invitations.per_user))
        }
    }

    /// Invites over XMPP, by somebody whose server has vouched for them (XEP-0401).
    pub async fn invite_as_user(
        &self,
        origin: &Origin,
        domain: &Domain,
        wish: InvitationWish,
    ) -> Outcome<NewlyInvited> {
        let limit = match self.invites(origin, domain) {
            None => return Err(Refusal::NotAllowed.into()),
            Some(Inviting::WithoutLimit) => None,
            Some(Inviting::Some(most)) => Some(InviterLimit { most, since: after(self.now(), -WEEK) }),
        };
        self.make_invitation(origin, domain, InvitationWish { inviter: origin.jid.clone(), ..wish }, limit)
            .await
    }

    async fn make_invitation(
        &self,
        origin: &Origin,
        domain: &Domain,
        wish: InvitationWish,
        limit: Option<InviterLimit>,
    ) -> Outcome<NewlyInvited> {
        let policy = self.served(domain)?;
        if !policy.invitations.mode.is_on() {
            return Err(Refusal::InvitationsOff.into());
        }
        // Names are held against the policy, but reserved ones may be given away: they are kept for the operator.
        let mut names = policy.username.clone();
        names.reserved.clear();
        let username = wish.username.as_deref().map(|name| Username::choose(name, &names));
        let username = username.transpose().map_err(|problem| Refusal::bad_name(problem, &names))?;
        let now = self.now();
        let token = InvitationToken::from_bytes(random::bytes(&*self.parts.random));
        let new = NewInvitation {
            token: self.parts.invitations.hash_invitation(&token),
            domain: domain.clone(),
            kind: wish.kind,
            username,
            email: None,
            inviter: wish.inviter,
            subscribe: wish.subscribe,
            note: wish.note,
            uses: wish.uses,
            created_at: now,
            expires_at: after(now, wish.lifetime.unwrap_or(policy.invitations.lifetime)),
            limit,
            actor: Actor::from(origin),
        };
        match self.parts.store.invite(new).await? {
            Invited::Made(invitation) => Ok(NewlyInvited { invitation, token }),
            Invited::NameTaken => Err(Refusal::NameTaken.into()),
            Invited::TooMany => Err(Refusal::TooMany { retry_after: Duration::from_secs(24 * 3600) }.into()),
        }
    }

    /// Accepts the token of an invitation to a domain: it is open now (XEP-0445 §4). Using it up is left to the registration.
    pub async fn accept_invitation(
        &self,
        origin: &Origin,
        domain: &Domain,
        token: InvitationToken,
    ) -> Outcome<Ticket> {
        let policy = self.served(domain)?;
        let asked = self.now();
        let ticket = self.ticket(domain, &token, asked);
        self.open_invitation(origin, policy, &Presented::Token(token)).await?;
        self.parts.shown.keep(origin, domain, &ticket, asked);
        Ok(ticket)
    }

    /// The open invitation with that token, without using it.
    pub async fn look_at_invitation(&self, origin: &Origin, token: &InvitationToken) -> Outcome<Invitation> {
        self.parts.limits.may_prove(origin, None)?;
        let hash = self.parts.invitations.hash_invitation(token);
        let found = self.parts.store.invitation_of(hash).await?;
        let is_on =
            |domain: &Domain| self.policy(domain).is_some_and(|policy| policy.invitations.mode.is_on());
        found
            .filter(|found| is_on(&found.domain) && found.standing(self.now()) == Standing::Open)
            .ok_or_else(|| self.wrong_invitation(origin).into())
    }

    /// Invitations, the newest first.
    pub async fn invitations(
        &self,
        mut filter: InvitationFilter,
        only_open: bool,
    ) -> Outcome<Vec<Invitation>> {
        filter.open_at = only_open.then(|| self.now());
        Ok(self.parts.store.invitations(filter).await?)
    }

    /// An invitation and the accounts that were made with it.
    pub async fn invitation(&self, id: i64) -> Outcome<(Invitation, Vec<String>)> {
        let found = self.parts.store.invitation(id, ACCOUNTS_SHOWN).await?;
        found.ok_or_else(|| Refusal::InvitationInvalid.into())
    }

    /// Takes an invitation back, by the operator.
    pub async fn revoke_invitation(&self, origin: &Origin, id: i64) -> Outcome<Invitation> {
        let revoked = self.parts.store.revoke_invitation(id, self.now(), Actor::from(origin)).await?;
        revoked.ok_or_else(|| Refusal::InvitationInvalid.into())
    }

    /// The invitation that somebody presents, if it is open: the hash of its token, and when it was asked for.
    pub(super) async fn open_invitation(
        &self,
        origin: &Origin,
        policy: &DomainPolicy,
        presented: &Presented,
    ) -> Outcome<(Invitation, ProofHash, Timestamp)> {
        let limits = &self.parts.limits;
        limits.may_prove(origin, None)?;
        if !policy.invitations.mode.is_on() {
            return Err(Refusal::InvitationInvalid.into());
        }
        let (token, asked) = match presented {
            Presented::Token(token) => (token.clone(), self.now()),
            Presented::Ticket(ticket) => {
                self.read_ticket(&policy.domain, ticket).ok_or_else(|| self.wrong_invitation(origin))?
            }
        };
        let hash = self.parts.invitations.hash_invitation(&token);
        let found = self.parts.store.invitation_of(hash).await?;
        let open =
            found.filter(|found| found.domain == policy.domain && found.standing(asked) == Standing::Open);
        Ok((open.ok_or_else(|| self.wrong_invitation(origin))?, hash, asked))
    }

    fn wrong_invitation(&self, origin: &Origin) -> Refusal {
        self.parts.limits.wrong_proof(origin, None);
        Refusal::InvitationInvalid
    }

    fn ticket(&self, domain: &Domain, token: &InvitationToken, accepted: Timestamp) -> Ticket {
        let plain = Zeroizing::new(format!("{}{}", token.expose(), accepted.as_millisecond()));
        let nonce = random::bytes(&*self.parts.random);
        let sealed = self.parts.ticket_seal.seal(domain.as_str(), nonce, plain.as_bytes());
        Ticket(SecretString::from(URL_SAFE_NO_PAD.encode(sealed)))
    }

    fn read_ticket(&self, domain: &Domain, ticket: &Ticket) -> Option<(InvitationToken, Timestamp)> {
        let sealed = URL_SAFE_NO_PAD.decode(ticket.expose()).ok()?;
        let plain = Zeroizing::new(self.parts.ticket_seal.open(domain.as_str(), &sealed).ok()?);
        let (token, accepted) =
            std::str::from_utf8(&plain).ok()?.split_at_checked(InvitationToken::LENGTH)?;
        let accepted = Timestamp::from_millisecond(accepted.parse().ok()?).ok()?;
        let fresh = after(accepted, TICKET_LIFETIME) > self.now();
        Some((InvitationToken::parse(token).filter(|_| fresh)?, accepted))
    }
}

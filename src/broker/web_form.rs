//! The web form of the Agent API: everybody may make an account with it, as long as the API key that the operator has set aside for it has
//! accounts left. A CAPTCHA stands before it.

use std::borrow::Cow;

use secrecy::{ExposeSecret, SecretString};

use super::{
    Broker, CaptchaOffer, Outcome, Registered, Token,
    admission::{Admission, closed},
    tokens::Holder,
};
use crate::accounts::{
    ApiKey, ContactPolicy, Domain, DomainPolicy, Origin, Refusal, TokenLifetime, WebFormGate,
    challenge::CaptchaAnswers,
    form::{Field, RawForm},
};

/// The owner of the key that the form uses, letter for letter (account-apis §1.7).
const OWNER: &str = "Agent API";

/// How the form stands on a domain.
#[derive(Debug, Clone)]
pub struct WebForm {
    /// The key that is set aside for it, if it works.
    pub key: Option<ApiKey>,
    /// Which CAPTCHA stands before it.
    pub gate: WebFormGate,
    /// Whether that CAPTCHA can be had.
    pub gate_stands: bool,
    /// Whether the domain registers anybody.
    pub registers: bool,
}

/// What somebody sends.
#[derive(Debug, Clone)]
pub struct WebFormApplication {
    /// The name, as sent.
    pub username: String,
    /// The address, as sent.
    pub email: String,
    /// The phone number, as sent; empty for none.
    pub phone: String,
    /// The password, as sent.
    pub password: SecretString,
    /// That it is a person.
    pub proof: WebFormProof,
}

/// What shows that it is a person; which of the two counts is the operator's choice.
#[derive(Debug, Clone, Default)]
pub struct WebFormProof {
    /// What the script of a CAPTCHA service has put into the form.
    pub response: String,
    /// The answers to a challenge of our own.
    pub answers: Option<CaptchaAnswers>,
}

impl WebForm {
    /// Whether an account can be made with it now.
    pub fn is_open(&self) -> bool {
        self.registers && self.gate_stands && self.key.as_ref().is_some_and(|key| key.left() > 0)
    }
}

impl Broker {
    /// How the form stands on a domain.
    pub async fn web_form(&self, domain: &Domain) -> Outcome<WebForm> {
        let policy = self.served(domain)?;
        let keys = self.parts.store.api_keys(Some(domain)).await?;
        let ours = keys.into_iter().filter(|key| key.owner.as_str() == OWNER && key.is_enabled());
        let gate = self.parts.web_form_gate;
        Ok(WebForm {
            // Of several the one that has the most to give.
            key: ours.max_by_key(ApiKey::left),
            gate,
            gate_stands: match gate {
                WebFormGate::Service => self.parts.captcha_service.is_some(),
                WebFormGate::OwnCaptcha => true,
            },
            registers: closed(policy).is_ok(),
        })
    }

    /// A challenge of our own for the form, where that is the operator's choice.
    pub async fn web_form_challenge(
        &self,
        origin: &Origin,
        domain: &Domain,
    ) -> Outcome<Option<CaptchaOffer>> {
        match self.parts.web_form_gate {
            WebFormGate::Service => Ok(None),
            WebFormGate::OwnCaptcha => self.make_challenge(origin, self.served(domain)?).await.map(Some),
        }
    }

    /// Makes an account, pending until its address is proven, and logs it in for as long as `life`. The CAPTCHA comes after what costs nothing and before
    /// what costs something; no letter leaves without it.
    pub async fn create_on_web_form(
        &self,
        origin: &Origin,
        domain: &Domain,
        application: WebFormApplication,
        life: TokenLifetime,
    ) -> Outcome<(Registered, Token)> {
        let policy = self.served(domain)?;
        closed(policy)?;
        let key = self.web_form(domain).await?.key.ok_or(Refusal::KeyExhausted)?;
        if key.left() == 0 {
            return Err(Refusal::KeyExhausted.into());
        }
        let WebFormApplication { username, email, phone, password, proof } = application;
        // The code goes there; without it there is nothing to enable the account with.
        let policy = DomainPolicy { email: ContactPolicy::Required, ..policy.clone() };
        let mut admission = Admission::of(Cow::Owned(policy));
        admission.key = Some(key.id);
        admission.everybodys = true;
        let mut form = RawForm::default();
        form.set(Field::Username, username);
        form.set(Field::Email, email);
        form.set(Field::Phone, phone);
        form.set(Field::Password, password.expose_secret().to_owned());
        let application = admission.read(&form)?;
        drop((form, password));
        let spends = match self.parts.web_form_gate {
            WebFormGate::Service => {
                self.ask_captcha_service(origin, &proof.response).await?;
                None
            }
            WebFormGate::OwnCaptcha => {
                Some(self.solve(origin, &admission.policy, proof.answers.as_ref()).await?)
            }
        };
        let registered = self.register_admitted(origin, &admission, application, spends).await?;
        let token = self.issue_token(&Holder::from(&registered), life);
        Ok((registered, token))
    }
}

//! CAPTCHAs: whether one is demanded, a fresh challenge, and what answers are worth.
//!
//! A right answer is used up by the account that it lets in, in the account's own transaction: who mistypes a name or a password
//! keeps it. A wrong one is used up at once, so that nobody tries a second time with the same challenge.

mod painter;
pub mod picture;
mod service;

use super::{Broker, Outcome, admission::Admission};
use crate::{
    accounts::{
        Domain, DomainPolicy, Front, Origin, Refusal, WebFormGate,
        challenge::{Addressee, Answered, CaptchaAnswers, CaptchaMode, Challenge},
    },
    random,
    store::Spending,
};

pub use self::service::{CaptchaService, ServiceVerdict};

pub(super) use self::painter::Painter;

/// A challenge as a front shows it. Whatever is in it is offered together; one right answer is enough.
#[derive(Debug, Clone)]
pub struct CaptchaOffer {
    /// What must come back with the answers.
    pub challenge: String,
    /// The picture, a PNG of [`picture::WIDTH`] by [`picture::HEIGHT`] pixels.
    pub picture: Option<Vec<u8>>,
    /// The question.
    pub question: Option<String>,
    /// The label of the work (XEP-0158 §6.2).
    pub work: Option<String>,
}

/// What a page shows to somebody who must solve a CAPTCHA.
#[derive(Debug, Clone)]
pub enum WebCaptcha {
    /// A challenge of our own.
    Own(CaptchaOffer),
    /// That of the configured service.
    Service,
}

impl Broker {
    /// What a page shows, if somebody who registers on this domain without an invitation or a key must solve a CAPTCHA at the moment.
    pub async fn web_captcha(&self, origin: &Origin, domain: &Domain) -> Outcome<Option<WebCaptcha>> {
        let policy = self.served(domain)?;
        if policy.captcha.web_service && self.captcha_demanded(policy) {
            return Ok(Some(WebCaptcha::Service));
        }
        Ok(self.challenge(origin, domain).await?.map(WebCaptcha::Own))
    }

    /// A fresh challenge, if somebody who registers on this domain without an invitation or a key must solve one at the moment.
    pub async fn challenge(&self, origin: &Origin, domain: &Domain) -> Outcome<Option<CaptchaOffer>> {
        let policy = self.served(domain)?;
        if !self.captcha_demanded(policy) {
            return Ok(None);
        }
        self.make_challenge(origin, policy).await.map(Some)
    }

    /// A fresh challenge, whether or not the domain asks for one.
    pub(super) async fn make_challenge(
        &self,
        origin: &Origin,
        policy: &DomainPolicy,
    ) -> Outcome<CaptchaOffer> {
        let to = addressee(policy, origin);
        let challenge = self.parts.challenges.issue(to, random::bytes(&*self.parts.random), self.now());
        let picture = match &self.parts.painter {
            Some(painter) if policy.captcha.picture => Some(painter.draw(&challenge).await?),
            _ => None,
        };
        Ok(CaptchaOffer {
            challenge: challenge.identifier().to_owned(),
            picture,
            question: challenge.question().map(str::to_owned),
            work: policy.captcha.work_for(origin.front).map(|bits| challenge.work(bits).to_string()),
        })
    }

    /// Whether a registration that nobody answers for must solve a CAPTCHA at the moment.
    fn captcha_demanded(&self, policy: &DomainPolicy) -> bool {
        match policy.captcha.mode {
            CaptchaMode::Off => false,
            CaptchaMode::Always => true,
            CaptchaMode::WhenBusy => self.parts.limits.is_busy(&policy.domain, policy.captcha.busy),
        }
    }

    /// Holds the answers against the challenge, if one is demanded: nobody vouches for this registration, and it is asked for at the
    /// moment. What is given back is used up by the account's transaction.
    pub(super) async fn solved(
        &self,
        origin: &Origin,
        admission: &Admission<'_>,
        answers: Option<&CaptchaAnswers>,
    ) -> Outcome<Option<Spending>> {
        let policy = &*admission.policy;
        if admission.is_trusted() || !self.captcha_demanded(policy) {
            return Ok(None);
        }
        if let Some(response) = by_service(origin, policy, answers) {
            self.ask_captcha_service(origin, response).await?;
            return Ok(None);
        }
        self.solve(origin, policy, answers).await.map(Some)
    }

    /// The same for a letter: what is right is used up at once.
    pub(super) async fn solved_for_a_letter(
        &self,
        origin: &Origin,
        policy: &DomainPolicy,
        answers: Option<&CaptchaAnswers>,
    ) -> Outcome<()> {
        if !self.captcha_demanded(policy) {
            return Ok(());
        }
        if let Some(response) = by_service(origin, policy, answers) {
            return self.ask_captcha_service(origin, response).await;
        }
        let spending = self.solve(origin, policy, answers).await?;
        if self.parts.store.spend(spending).await? { Ok(()) } else { Err(Refusal::CaptchaExpired.into()) }
    }

    /// Holds answers against the challenge, whether or not the domain asks for one.
    pub(super) async fn solve(
        &self,
        origin: &Origin,
        policy: &DomainPolicy,
        answers: Option<&CaptchaAnswers>,
    ) -> Outcome<Spending> {
        self.parts.limits.may_prove(origin, None)?;
        let answers = answers.filter(|answers| !answers.challenge.is_empty());
        let Some(answers) = answers else { return Err(Refusal::CaptchaRequired.into()) };
        let from = addressee(policy, origin);
        let challenge = self.parts.challenges.recognise(&answers.challenge, from, self.now());
        let Ok(challenge) = challenge else { return Err(Refusal::CaptchaExpired.into()) };
        match challenge.answered(answers, from) {
            Answered::Rightly => Ok(spending(&challenge)),
            Answered::NotAtAll => Err(Refusal::CaptchaRequired.into()),
            Answered::Wrongly => {
                self.count_wrong_try(origin, policy);
                let first = self.parts.store.spend(spending(&challenge)).await?;
                Err(if first { Refusal::CaptchaWrong } else { Refusal::CaptchaExpired }.into())
            }
        }
    }

    /// Counts a wrong try against the client, and towards being busy.
    pub(super) fn count_wrong_try(&self, origin: &Origin, policy: &DomainPolicy) {
        self.parts.limits.wrong_proof(origin, None);
        self.count_event(policy);
    }

    /// Counts a registration or a wrong try towards being busy.
    pub(super) fn count_event(&self, policy: &DomainPolicy) {
        if policy.captcha.mode == CaptchaMode::WhenBusy {
            self.parts.limits.count_event(&policy.domain, policy.captcha.busy);
        }
    }
}

/// The response of the CAPTCHA service, where that is what is asked for: on our pages, if the operator wants it there.
fn by_service<'a>(
    origin: &Origin,
    policy: &DomainPolicy,
    answers: Option<&'a CaptchaAnswers>,
) -> Option<&'a str> {
    let asked = origin.front == Front::Web && policy.captcha.web_service;
    asked.then(|| answers.map_or("", |answers| answers.response.as_str()))
}

/// The painter, where a domain has pictures.
pub(super) fn painter(domains: &[DomainPolicy], web_form: WebFormGate) -> Option<Painter> {
    let asked = |policy: &DomainPolicy| {
        policy.captcha.mode != CaptchaMode::Off || web_form == WebFormGate::OwnCaptcha
    };
    let wanted = |policy: &DomainPolicy| asked(policy) && policy.captcha.picture;
    domains.iter().any(wanted).then(Painter::start)
}

fn addressee<'a>(policy: &'a DomainPolicy, origin: &'a Origin) -> Addressee<'a> {
    Addressee { domain: &policy.domain, policy: &policy.captcha, origin }
}

fn spending(challenge: &Challenge) -> Spending {
    Spending { hash: challenge.use_hash(), expires_at: challenge.expires_at() }
}

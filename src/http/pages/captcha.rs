//! The CAPTCHA of the registration form: work that a script does, and a picture, a question or both where no script runs.

use base64::{Engine, engine::general_purpose::STANDARD};

use super::{Page, form_page::FormPage, widget::Widget};
use crate::{
    accounts::{Domain, challenge::CaptchaAnswers},
    broker::{CaptchaOffer, Failure, WebCaptcha, captcha::picture},
    http::{
        form::{BadForm, Pairs},
        visitor::Visitor,
        web::Web,
    },
};

/// The names of the fields, as in XEP-0158.
const CHALLENGE: &str = "challenge";
const PICTURE: &str = "ocr";
const QUESTION: &str = "qa";
const WORK: &str = "SHA-256";

/// What the scripts of the known CAPTCHA services call their response.
const RESPONSES: [&str; 3] = ["g-recaptcha-response", "h-captcha-response", "cf-turnstile-response"];

/// A picture that is part of the page.
#[derive(Debug)]
pub struct InlinePicture {
    /// Its address: the picture itself (RFC 2397).
    pub source: String,
    /// What is said instead of it.
    pub alternative: String,
    /// Its width in pixels.
    pub width: u16,
    /// Its height in pixels.
    pub height: u16,
}

/// Work for the script of the page. There is nothing to see of it.
#[derive(Debug)]
pub struct InlineWork {
    /// The name of the field for the outcome.
    pub name: &'static str,
    /// Its label (XEP-0158 §6.2).
    pub label: String,
    /// What the outcome starts with.
    pub address: String,
    /// Where the script is.
    pub script: String,
    /// Where its calculation is.
    pub worker: String,
    /// What is said while the person waits for it.
    pub wait: String,
}

/// The form with a fresh challenge, if people who register on that domain must solve one.
pub async fn added<'a>(
    web: &Web,
    visitor: &Visitor,
    form: FormPage<'a>,
    domain: Option<&Domain>,
) -> Result<FormPage<'a>, (FormPage<'a>, Failure)> {
    let Some(domain) = domain else { return Ok(form) };
    match web.broker.web_captcha(&visitor.origin(), domain).await {
        Ok(None) => Ok(form),
        Ok(Some(WebCaptcha::Own(offer))) => Ok(offered(web, form, domain, offer)),
        Ok(Some(WebCaptcha::Service)) => Ok(FormPage { site: web.settings.captcha_site.clone(), ..form }),
        Err(failure) => Err((form, failure)),
    }
}

/// The form with this challenge.
pub fn offered<'a>(web: &Web, mut form: FormPage<'a>, domain: &Domain, offer: CaptchaOffer) -> FormPage<'a> {
    let widgets = widgets(&form.page, &offer);
    form.widgets.extend(widgets);
    form.hidden.push((CHALLENGE, offer.challenge));
    form.work = offer.work.map(|label| InlineWork {
        name: WORK,
        label,
        address: domain.to_string(),
        script: form.page.link(&web.assets.work.path),
        worker: form.page.link(&web.assets.worker.path),
        wait: form.page.words.get("page-captcha-work"),
    });
    form
}

/// The answers that were sent.
pub fn answers(pairs: &Pairs) -> Result<Option<CaptchaAnswers>, BadForm> {
    let (challenge, response) = (pairs.one(CHALLENGE)?, response(pairs)?);
    if challenge.is_none() && response.is_empty() {
        return Ok(None);
    }
    Ok(Some(CaptchaAnswers {
        response: response.to_owned(),
        challenge: challenge.unwrap_or_default().to_owned(),
        picture: pairs.text(PICTURE)?.to_owned(),
        question: pairs.text(QUESTION)?.to_owned(),
        work: pairs.text(WORK)?.to_owned(),
        ..CaptchaAnswers::default()
    }))
}

/// What the script of a CAPTCHA service has put into the form; empty for none.
pub fn response(pairs: &Pairs) -> Result<&str, BadForm> {
    let mut response = "";
    for name in RESPONSES {
        response = pairs.in_any_case(name)?.filter(|sent| !sent.is_empty()).unwrap_or(response);
    }
    Ok(response)
}

fn widgets(page: &Page<'_>, offer: &CaptchaOffer) -> Vec<Widget> {
    // A browser insists on every required field, and one answer is enough.
    let required = offer.picture.is_none() || offer.question.is_none();
    let hint = Some(page.words.get(if required { "page-hint-captcha" } else { "page-hint-captcha-one" }));
    let task = |name, label| Widget {
        name,
        label,
        hint: hint.clone(),
        kind: "text",
        autocomplete: "off",
        required,
        is_task: true,
        ..Widget::default()
    };
    let picture = offer.picture.as_ref().map(|file| Widget {
        picture: Some(InlinePicture {
            source: format!("data:image/png;base64,{}", STANDARD.encode(file)),
            alternative: page.words.get("page-captcha-picture"),
            width: picture::WIDTH,
            height: picture::HEIGHT,
        }),
        ..task(PICTURE, page.words.get("label-captcha-picture"))
    });
    let question = offer.question.as_ref().map(|question| task(QUESTION, question.clone()));
    picture.into_iter().chain(question).collect()
}

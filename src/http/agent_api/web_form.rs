//! `CreateWebForm`: makes an account from the form of a web page, with nothing but a CAPTCHA in front, and logs the browser in
//! (account-apis §1.8). `GET` shows how the form stands, and a form that works.

use axum::{
    body::Body,
    extract::Request,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use secrecy::{ExposeSecret, SecretString};
use url::Url;

use super::{
    calls,
    problem::{self, Problem},
    request,
};
use crate::{
    accounts::{AccountState, Domain, LanguageTag, Origin, TokenLifetime},
    broker::{Registered, Token, WebFormApplication, WebFormProof},
    http::{
        cookies::{self, KnownAccount},
        form::{self, Pairs},
        pages::{self, web_form},
        visitor::Visitor,
        web::Web,
    },
};

/// The fields, as the documentation and the forms of partners write them; any case will do.
const USER_NAME: &str = "UserName";
const EMAIL: &str = "EMail";
const PHONE: &str = "PhoneNr";
const PASSWORD: &str = "Password";
const REDIRECTION_URL: &str = "RedirectionUrl";
const SECONDS: &str = "Seconds";
const LANGUAGE: &str = "Language";

/// What somebody sent.
struct Sent {
    application: WebFormApplication,
    destination: Option<Url>,
    life: TokenLifetime,
    language: Option<LanguageTag>,
}

/// Shows the page.
pub async fn show(web: &Web, visitor: &Visitor, request: Request) -> Response {
    let (head, _) = request.into_parts();
    let domain = request::domain(web, &head.headers);
    let query = Pairs::parse(head.uri.query().unwrap_or_default().as_bytes());
    // One that is not allowed is told when the form is sent.
    let destination =
        query.ok().and_then(|query| query.in_any_case(REDIRECTION_URL).ok()?.map(str::to_owned));
    web_form::show(
        web,
        visitor,
        &domain,
        [USER_NAME, EMAIL, PHONE, PASSWORD],
        destination.map(|url| (REDIRECTION_URL, url)),
    )
    .await
}

/// Makes the account.
pub async fn submit(web: &Web, visitor: &Visitor, request: Request) -> Result<Response, Problem> {
    let (head, body) = request.into_parts();
    let sent = Sent::read(web, &head.headers, body).await?;
    let domain = request::domain(web, &head.headers);
    let told = |outcome| problem::told(web, visitor, outcome);
    let form = told(web.broker.web_form(&domain).await)?;
    if !form.is_open() {
        return Err(closed(&form));
    }
    let Sent { application, destination, life, language } = sent;
    let origin = visitor.origin();
    let origin = Origin { language: language.unwrap_or_else(|| origin.language.clone()), ..origin };
    let made = web.broker.create_on_web_form(&origin, &domain, application, life).await;
    let (registered, token) = problem::told(web, visitor, made)?;
    Ok(sent_on(web, &domain, registered, &token, life, destination.as_ref()))
}

/// Why the form is closed. The operator can change that, not the person.
fn closed(form: &crate::broker::WebForm) -> Problem {
    let text = match (&form.key, form.registers, form.gate_stands) {
        (_, false, _) => "Registration is closed here.",
        (_, _, false) => "This form is closed: no CAPTCHA service is configured for it.",
        (None, ..) => "This form is closed: the operator has set no API key aside for it.",
        (Some(_), ..) => "No more accounts can be made with this form for now.",
    };
    Problem::new(StatusCode::FORBIDDEN, text)
}

/// The browser is logged in and goes on; the token is in the cookie alone, never in an address.
fn sent_on(
    web: &Web,
    domain: &Domain,
    registered: Registered,
    token: &Token,
    life: TokenLifetime,
    destination: Option<&Url>,
) -> Response {
    let account = KnownAccount {
        domain: domain.clone(),
        username: registered.username,
        email: registered.email,
        phone: registered.phone,
        active: registered.state == AccountState::Active,
    };
    let mut response = match destination {
        Some(url) => {
            let mut response = StatusCode::SEE_OTHER.into_response();
            // As our parser has written it, it is ASCII.
            if let Ok(location) = HeaderValue::try_from(url.as_str()) {
                response.headers_mut().insert(header::LOCATION, location);
            }
            response.headers_mut().append(header::SET_COOKIE, account.to_cookie(web));
            response
        }
        None => pages::see_other(web, "/verify", Some(&account)),
    };
    let cookie =
        cookies::set_cookie(web, cookies::MADE, token.jwt.expose_secret(), Some(life.seconds().into()));
    response.headers_mut().append(header::SET_COOKIE, cookie);
    response
}

impl Sent {
    async fn read(web: &Web, headers: &HeaderMap, body: Body) -> Result<Self, Problem> {
        let pairs = form::read_any(headers, body, web.settings.limits.body_timeout).await;
        let pairs = pairs.map_err(|bad| match bad {
            form::BadForm::ContentType => Problem::new(
                bad.status(),
                "Send application/x-www-form-urlencoded or multipart/form-data, in UTF-8.",
            ),
            form::BadForm::Malformed => Problem::bad_request("The form is malformed, or has a field twice."),
            form::BadForm::TooLarge | form::BadForm::TooSlow => bad.into(),
        })?;
        let twice = |_| Problem::bad_request("A field is there twice.");
        let optional = |name: &str| -> Result<Option<&str>, Problem> {
            Ok(pairs.in_any_case(name).map_err(twice)?.filter(|value| !value.is_empty()))
        };
        let required =
            |name: &str| optional(name)?.ok_or_else(|| Problem::bad_request(format!("{name} is missing.")));
        if optional(PHONE)?.is_some() && !calls::takes_phones(web) {
            return Err(Problem::bad_request("This service takes no phone numbers: leave PhoneNr out."));
        }
        let life = match optional(SECONDS)? {
            None => Some(TokenLifetime::LONGEST),
            Some(text) => text.trim().parse().ok().and_then(TokenLifetime::from_seconds),
        };
        let life = life.ok_or_else(|| {
            Problem::bad_request(format!("Seconds must be a number from 1 to {}.", TokenLifetime::MOST))
        })?;
        let destination = match optional(REDIRECTION_URL)? {
            None => None,
            Some(given) => {
                let admitted = web.settings.destinations.iter().find_map(|own| own.admits(given));
                let text =
                    "RedirectionUrl is none of the addresses that the operator of this service allows.";
                Some(admitted.ok_or_else(|| Problem::bad_request(text))?)
            }
        };
        Ok(Self {
            application: WebFormApplication {
                username: required(USER_NAME)?.to_owned(),
                email: required(EMAIL)?.to_owned(),
                phone: optional(PHONE)?.unwrap_or_default().to_owned(),
                password: SecretString::from(required(PASSWORD)?),
                proof: WebFormProof {
                    response: pages::captcha::response(&pairs).map_err(twice)?.to_owned(),
                    answers: pages::captcha::answers(&pairs).map_err(twice)?,
                },
            },
            destination,
            life,
            language: optional(LANGUAGE)?.and_then(LanguageTag::parse),
        })
    }
}

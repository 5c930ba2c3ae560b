//! The resources: each reads its fields, calls one use case, and says what came of it (account-apis §1.3).

use axum::http::StatusCode;
use secrecy::{ExposeSecret, SecretString};

use super::{
    answer::{Answer, Field},
    problem::Problem,
    request::Call,
};
use crate::{
    accounts::{
        Account, AccountState, Contact, ContactPolicy, Email, FieldError, FieldProblem, Nonce, Phone,
        Refusal, SignedLogin, SignedToken, form::Field as FormField,
    },
    broker::{Failure, KeyApplication, Token},
    http::web::Web,
    text::Help,
};

type Answered = Result<Answer, Problem>;

/// What the service is.
pub fn domain_info(call: &Call<'_>) -> Answer {
    Answer::new("DomainInfo")
        .with("domain", Field::Text(call.domain().to_string()))
        .with("useEncryption", Field::Truth(call.web.is_secure()))
        .with("humanReadableName", Field::Text(call.web.settings.service_name.clone()))
}

/// An account, made with an API key.
pub async fn create(call: &Call<'_>) -> Answered {
    let life = call.seconds()?;
    let nonce = nonce(call)?;
    let application = KeyApplication {
        username: call.required("userName")?.to_owned(),
        email: call.required("eMail")?.to_owned(),
        phone: phone(call)?,
        password: SecretString::from(call.required("password")?),
        key: call.required("apiKey")?.to_owned(),
        nonce,
        signature: call.required("signature")?.to_owned(),
        hosts: call.hosts(),
    };
    let made = call.told(call.web.broker.create_with_key(&call.origin(), application, life).await)?;
    let answer = Answer::new("AccountCreated")
        .with("created", Field::Time(made.created_at))
        .with("enabled", Field::Truth(made.enabled))
        .with("canRelay", Field::Truth(false));
    Ok(with_token(answer, &made.token)
        .with("eMailCodeSent", Field::Truth(made.letter))
        .with("phoneNrCodeSent", Field::Truth(made.message)))
}

/// The phone number, which counts where some domain asks for one.
fn phone(call: &Call<'_>) -> Result<Option<String>, Problem> {
    let phone = call.optional("phoneNr")?.map(str::to_owned);
    if phone.is_some() && !takes_phones(call.web) {
        let text = "This service takes no phone numbers: leave phoneNr out, of the signature, too.";
        return Err(Problem::bad_request(text));
    }
    Ok(phone)
}

/// Whether some domain asks for phone numbers.
pub fn takes_phones(web: &Web) -> bool {
    web.broker.domains().any(|policy| policy.phone != ContactPolicy::Off)
}

fn nonce(call: &Call<'_>) -> Result<Nonce, Problem> {
    let nonce = Nonce::parse(call.required("nonce")?);
    nonce.ok_or_else(|| Problem::bad_request("nonce must have 32 to 256 characters."))
}

/// The token of somebody who has just filled in the web form in this browser.
pub async fn get_session_token(call: &Call<'_>) -> Answered {
    let nobody =
        || Problem::new(StatusCode::FORBIDDEN, "No account was made with the web form in this session.");
    let token = call.token_of_session().ok_or_else(nobody)?;
    let bearer = match call.web.broker.bearer(&call.origin(), token).await {
        Err(Failure::Refused(Refusal::TokenInvalid)) => return Err(nobody()),
        outcome => call.told(outcome)?,
    };
    let claims = &bearer.token.claims;
    let left = claims.expires_at.as_second().saturating_sub(call.web.broker.now().as_second());
    // The very token of the session, so that a logout ends both.
    let token = Token { jwt: SecretString::from(token), expires_at: claims.expires_at };
    let account = Answer::new("AccountCreated")
        .with("created", Field::Time(bearer.account.created_at))
        .with("enabled", Field::Truth(bearer.account.state == AccountState::Active))
        .with("canRelay", Field::Truth(false));
    Ok(Answer::new("SessionToken").with("seconds", Field::Number(left)).around(with_token(account, &token)))
}

/// A code for an address. Who sends it need not be logged in.
pub async fn verify_email(call: &Call<'_>) -> Answered {
    let email = Email::parse(call.required("eMail")?)
        .map_err(|problem| wrong(call, FormField::Email, FieldProblem::of_email(problem)))?;
    let account = verify(call, Contact::Email(email)).await?;
    Ok(Answer::new("EMailVerified")
        .with("eMail", Field::Text(account.email.map(|email| email.to_string()).unwrap_or_default()))
        .with("userName", Field::Text(account.username.to_string())))
}

/// The same for a phone number.
pub async fn verify_phone(call: &Call<'_>) -> Answered {
    let phone = Phone::parse(call.required("phoneNr")?)
        .map_err(|problem| wrong(call, FormField::Phone, FieldProblem::of_phone(problem)))?;
    let account = verify(call, Contact::Phone(phone)).await?;
    Ok(Answer::new("PhoneNrVerified")
        .with("phoneNr", Field::Text(account.phone.map(|phone| phone.to_string()).unwrap_or_default()))
        .with("userName", Field::Text(account.username.to_string())))
}

fn wrong(call: &Call<'_>, field: FormField, problem: FieldProblem) -> Problem {
    let refusal = Refusal::Invalid(vec![FieldError { field, problem }]);
    Problem::bad_request(call.web.texts.refusal(call.visitor.language, &refusal, &Help::default()))
}

async fn verify(call: &Call<'_>, contact: Contact) -> Result<Account, Problem> {
    // Clients make numbers of codes, and lose the zeros in front.
    let code = call.required("code")?.trim();
    let code = SecretString::from(format!("{code:0>6}"));
    call.told(call.web.broker.verify_address(&call.origin(), &contact, code.expose_secret()).await)
}

/// The letter once more, for who has the token from the beginning.
pub async fn resend(call: &Call<'_>) -> Answered {
    let bearer = call.bearer().await?;
    // In XML the address may be left out.
    let own = bearer.account.email.as_ref().map_or("", Email::as_str);
    let email = call.optional("eMail")?.unwrap_or(own);
    let phone = call.optional("phoneNr")?;
    call.told(call.web.broker.resend_for(&call.origin(), &bearer, email, phone).await)?;
    Ok(Answer::new("AckResponse"))
}

/// A token for name and password, or for a signature with the password where the operator wants that.
pub async fn login(call: &Call<'_>) -> Answered {
    let life = call.seconds()?;
    let name = call.required("userName")?;
    let (domain, account) = call.account(name);
    if let (None, Some(signature)) = (call.optional("password")?, call.optional("signature")?) {
        if !call.web.broker.policy(&domain).is_some_and(|policy| policy.signed_login) {
            let text = "Login with a signature is not possible here, because passwords are kept as hashes only: send userName, password and seconds.";
            return Err(Problem::new(StatusCode::FORBIDDEN, text));
        }
        let login = SignedLogin {
            username: name.to_owned(),
            nonce: nonce(call)?,
            signature: signature.to_owned(),
            hosts: [call.hosts(), vec![domain.to_string()]].concat(),
        };
        let outcome = call.web.broker.log_in_signed(&call.origin(), &domain, account, &login, life).await;
        return Ok(logged_in(&call.told(outcome)?));
    }
    let (password, name) = (call.required("password")?, account);
    let outcome = call.web.broker.log_in(&call.origin(), &domain, name, password, life).await;
    Ok(logged_in(&call.told(outcome)?))
}

/// The same with name and password by HTTP Basic.
pub async fn www_login(call: &Call<'_>) -> Answered {
    let life = call.seconds()?;
    let challenge = || format!("Basic realm=\"{}\", charset=\"UTF-8\"", call.domain());
    let Some((name, password)) = call.basic() else {
        return Err(Problem::unauthorized("Send name and password by HTTP Basic.", &challenge()));
    };
    let (domain, name) = call.account(&name);
    let broker = &call.web.broker;
    match broker.log_in(&call.origin(), &domain, name, password.expose_secret(), life).await {
        Err(Failure::Refused(refusal @ Refusal::WrongPassword)) => {
            let text = call.web.texts.refusal(call.visitor.language, &refusal, &Help::default());
            Err(Problem::unauthorized(text, &challenge()))
        }
        outcome => Ok(logged_in(&call.told(outcome)?)),
    }
}

/// A fresh token for one that still works.
pub async fn refresh(call: &Call<'_>) -> Answered {
    let life = call.seconds()?;
    let bearer = call.bearer().await?;
    Ok(logged_in(&call.web.broker.refresh_token(&bearer, life)))
}

/// The end of a token.
pub async fn logout(call: &Call<'_>) -> Answered {
    let bearer = call.bearer().await?;
    call.told(call.web.broker.log_out(&bearer).await)?;
    Ok(Answer::new("AckResponse"))
}

/// A letter that lets its reader set a new password. Whether there is anybody to write to is not told.
pub async fn recover(call: &Call<'_>) -> Answered {
    let (name, number) = (call.optional("userName")?, call.optional("personalNr")?);
    let (email, phone) = (call.optional("eMail")?, call.optional("phoneNr")?);
    let missing = match (name, number) {
        (None, None) => Some("userName or personalNr is missing."),
        (_, Some(_)) if call.optional("country")?.is_none() => Some("country is missing."),
        _ if email.is_none() && phone.is_none() => Some("eMail or phoneNr is missing."),
        _ => None,
    };
    if let Some(missing) = missing {
        return Err(Problem::bad_request(missing));
    }
    // Whatever cannot be read is nobody's, and is told like that.
    let email = email.and_then(|email| Email::parse(email).ok()).map(Contact::Email);
    let contact = email.or_else(|| Phone::parse(phone?).ok().map(Contact::Phone));
    // There is nothing on file about personal numbers, so nobody can be found by them.
    if let (Some(name), Some(contact)) = (name, contact) {
        let (domain, name) = call.account(name);
        call.told(call.web.broker.ask_recovery_at(&call.origin(), &domain, name, &contact).await)?;
    }
    Ok(Answer::new("RecoverResponse"))
}

/// What is known about the account, for pending ones, too; then without address.
pub async fn info(call: &Call<'_>) -> Answered {
    let account = call.bearer().await?.account;
    let enabled = account.state == AccountState::Active;
    let known =
        |text: Option<String>| if enabled { Field::Text(text.unwrap_or_default()) } else { Field::Null };
    let mut answer = Answer::new("AccountInfo")
        .with("userName", Field::Text(account.username.to_string()))
        .with("created", Field::Time(account.created_at))
        .with("enabled", Field::Truth(enabled))
        .with("eMail", known(account.email.as_ref().map(Email::to_string)));
    if let Some(verified) = account.email_verified_at {
        answer = answer.with("eMailVerified", Field::Time(verified));
    }
    answer = answer.with("phoneNr", known(account.phone.as_ref().map(Phone::to_string)));
    if let Some(verified) = account.phone_verified_at {
        answer = answer.with("phoneNrVerified", Field::Time(verified));
    }
    Ok(answer)
}

/// Whether a token counts, and what it says. The token is in the request or, without one there, in the header.
pub async fn authenticate_jwt(call: &Call<'_>) -> Answered {
    let bearer = match call.optional("token")? {
        Some(token) => call.told(call.web.broker.bearer(&call.origin(), token).await)?,
        None => call.bearer().await?,
    };
    Ok(valid(&bearer.token))
}

fn valid(token: &SignedToken) -> Answer {
    let [header, payload, signature] = token.parts().map(|part| Field::Text(part.to_owned()));
    let claims = &token.claims;
    Answer::new("ValidJwt")
        .with("header", header)
        .with("payload", payload)
        .with("signature", signature)
        .with("algorithm", Field::Text("HS256".to_owned()))
        .with("type", Field::Text("JWT".to_owned()))
        .with("issuer", Field::Text(claims.issuer.to_string()))
        .with("subject", Field::Text(claims.subject.to_string()))
        .with("id", Field::Text(claims.id.clone()))
        .with("expiration", Field::Time(claims.expires_at))
        .with("issuedAt", Field::Time(claims.issued_at))
        .with_claims(token.all_claims().clone())
}

fn logged_in(token: &Token) -> Answer {
    with_token(Answer::new("LoggedIn"), token)
}

fn with_token(answer: Answer, token: &Token) -> Answer {
    answer
        .with("jwt", Field::Text(token.jwt.expose_secret().to_owned()))
        .with("expires", Field::Time(token.expires_at))
}

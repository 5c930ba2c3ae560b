//! `/Agent/Account/…`: the Agent API, with which the programs of partners make accounts for their users and log them in.
//!
//! The wire is that of the TAG Neuron, which such programs are written for: JSON or XML, status 200 when it is done, plain text
//! when it is not (`docs/api.md`). Whoever has a token sends it, from any origin; a cookie counts only for the token of an account that the
//! web form has just made in the same browser.
//!
//! | what | file |
//! |---|---|
//! | the paths, and who may read the answers | this file |
//! | each resource | `calls.rs`; for OpenAPI `described.rs` |
//! | the form of a web page | `web_form.rs` |
//! | what is sent | `request.rs`, `xml.rs` |
//! | what is answered | `answer.rs`, `problem.rs` |

mod answer;
mod calls;
mod described;
mod problem;
mod request;
mod web_form;
mod xml;

use axum::{
    extract::Request,
    http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header},
    response::{IntoResponse, Response},
};

pub use described::operations;

use self::{
    answer::{Answer, Format},
    problem::Problem,
    request::Call,
};
use super::{visitor::Visitor, web::Web};
use crate::broker::Failure;

/// The first two words of every path. They come in any case, as the words of other interfaces for programs do.
const ROOT: &str = "agent";
const GROUP: &str = "account";

/// The namespace of requests and answers in XML.
const NAMESPACE: &str = "https://waher.se/Schema/BrokerAgent.xsd";

/// The resources.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Resource {
    DomainInfo,
    Create,
    CreateWebForm,
    GetSessionToken,
    VerifyEMail,
    VerifyPhoneNr,
    ResendVerificationCodes,
    Login,
    WwwLogin,
    Refresh,
    Logout,
    Recover,
    Info,
    AuthenticateJwt,
}

/// Who may read the answers: pages of every origin, since what is told depends on nothing that a browser adds by itself, with one exception
/// ([`with_credentials`]). Cookies do not count here, so none are allowed (WHATWG Fetch §3.3).
const SHARED: [(HeaderName, &str); 2] = [
    (header::ACCESS_CONTROL_ALLOW_ORIGIN, "*"),
    (
        header::ACCESS_CONTROL_EXPOSE_HEADERS,
        "Retry-After, WWW-Authenticate, X-AlternativeName1, X-AlternativeName2, X-AlternativeName3, X-AlternativeName4",
    ),
];

impl Resource {
    const ALL: [(Self, &str); 14] = [
        (Self::DomainInfo, "DomainInfo"),
        (Self::Create, "Create"),
        (Self::CreateWebForm, "CreateWebForm"),
        (Self::GetSessionToken, "GetSessionToken"),
        (Self::VerifyEMail, "VerifyEMail"),
        (Self::VerifyPhoneNr, "VerifyPhoneNr"),
        (Self::ResendVerificationCodes, "ResendVerificationCodes"),
        (Self::Login, "Login"),
        (Self::WwwLogin, "WwwLogin"),
        (Self::Refresh, "Refresh"),
        (Self::Logout, "Logout"),
        (Self::Recover, "Recover"),
        (Self::Info, "Info"),
        (Self::AuthenticateJwt, "AuthenticateJwt"),
    ];

    fn of_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|(_, own)| own.eq_ignore_ascii_case(name)).map(|(resource, _)| resource)
    }

    const fn methods(self) -> &'static str {
        match self {
            Self::DomainInfo => "GET, HEAD, OPTIONS",
            Self::CreateWebForm => "GET, HEAD, POST, OPTIONS",
            _ => "POST, OPTIONS",
        }
    }

    fn is_for(self, method: &Method) -> bool {
        match self {
            Self::DomainInfo => is_safe(method),
            Self::CreateWebForm => is_safe(method) || method == Method::POST,
            _ => method == Method::POST,
        }
    }
}

fn is_safe(method: &Method) -> bool {
    method == Method::GET || method == Method::HEAD
}

/// Whether a path that starts so belongs here: also to the parts of the Agent API that are not about accounts, since those who ask for
/// them are programs, too.
pub fn owns(first: &str) -> bool {
    first.eq_ignore_ascii_case(ROOT)
}

/// The answer when no other could be made.
pub fn in_trouble(web: &Web, visitor: &Visitor, failure: Failure) -> Response {
    let problem = problem::told::<()>(web, visitor, Err(failure)).err();
    let mut answer = problem
        .map_or_else(|| StatusCode::INTERNAL_SERVER_ERROR.into_response(), IntoResponse::into_response);
    share(&mut answer);
    answer
}

fn share(answer: &mut Response) {
    for (name, value) in SHARED {
        answer.headers_mut().insert(name, HeaderValue::from_static(value));
    }
}

/// Answers a request for one of the resources.
pub async fn answer(web: &Web, visitor: &Visitor, group: &str, name: &str, request: Request) -> Response {
    let origin = request.headers().get(header::ORIGIN).cloned();
    let resource = Resource::of_name(name).filter(|_| group.eq_ignore_ascii_case(GROUP));
    let mut answer = match resource {
        None => Problem::new(StatusCode::NOT_FOUND, "There is no such resource here.").into_response(),
        Some(resource) if request.method() == Method::OPTIONS => preflight(resource),
        Some(resource) if !resource.is_for(request.method()) => {
            let text = format!("This resource is not for the method {}.", request.method());
            Problem::new(StatusCode::METHOD_NOT_ALLOWED, text)
                .with(header::ALLOW, HeaderValue::from_static(resource.methods()))
                .into_response()
        }
        Some(_) if is_in_clear(web, request.headers()) => {
            let text = "This resource is for encrypted connections (https) only.";
            Problem::new(StatusCode::FORBIDDEN, text).into_response()
        }
        Some(Resource::CreateWebForm) if is_safe(request.method()) => {
            web_form::show(web, visitor, request).await
        }
        Some(Resource::CreateWebForm) => {
            web_form::submit(web, visitor, request).await.unwrap_or_else(IntoResponse::into_response)
        }
        Some(resource) => match respond(web, visitor, resource, request).await {
            Ok((answer, format)) => answer.into_response(format),
            Err(problem) => problem.into_response(),
        },
    };
    share(&mut answer);
    if resource == Some(Resource::GetSessionToken) {
        with_credentials(web, origin, &mut answer);
    }
    answer
}

/// The token of a session is for the pages that the operator sends people on to, and the cookie comes along there.
fn with_credentials(web: &Web, origin: Option<HeaderValue>, answer: &mut Response) {
    answer.headers_mut().append(header::VARY, HeaderValue::from_static("Origin"));
    let Some(origin) = origin else { return };
    if origin.to_str().is_ok_and(|origin| request::is_ours(web, origin)) {
        let allowed = HeaderValue::from_static("true");
        answer.headers_mut().insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
        answer.headers_mut().insert(header::ACCESS_CONTROL_ALLOW_CREDENTIALS, allowed);
    }
}

async fn respond(
    web: &Web,
    visitor: &Visitor,
    resource: Resource,
    request: Request,
) -> Result<(Answer, Format), Problem> {
    let format = answer::format(request.headers())?;
    let call = Call::read(web, visitor, request).await?;
    let answer = match resource {
        Resource::DomainInfo => calls::domain_info(&call),
        Resource::Create => calls::create(&call).await?,
        Resource::CreateWebForm => return Err(Problem::new(StatusCode::NOT_FOUND, "This is a page.")),
        Resource::GetSessionToken => calls::get_session_token(&call).await?,
        Resource::VerifyEMail => calls::verify_email(&call).await?,
        Resource::VerifyPhoneNr => calls::verify_phone(&call).await?,
        Resource::ResendVerificationCodes => calls::resend(&call).await?,
        Resource::Login => calls::login(&call).await?,
        Resource::WwwLogin => calls::www_login(&call).await?,
        Resource::Refresh => calls::refresh(&call).await?,
        Resource::Logout => calls::logout(&call).await?,
        Resource::Recover => calls::recover(&call).await?,
        Resource::Info => calls::info(&call).await?,
        Resource::AuthenticateJwt => calls::authenticate_jwt(&call).await?,
    };
    Ok((answer, format))
}

/// What a browser asks before it sends a request of another origin's page (WHATWG Fetch §4.9).
fn preflight(resource: Resource) -> Response {
    let allowed = [
        (header::ALLOW, resource.methods()),
        (header::ACCESS_CONTROL_ALLOW_METHODS, resource.methods()),
        (header::ACCESS_CONTROL_ALLOW_HEADERS, "Authorization, Content-Type, Accept, Accept-Language"),
        (header::ACCESS_CONTROL_MAX_AGE, "7200"),
    ];
    (StatusCode::NO_CONTENT, allowed).into_response()
}

/// Whether the request crossed the network in clear although the service has TLS: a proxy that takes plain HTTP, too, says so. Without TLS in
/// the base address there is none to insist on (a test, or a machine alone).
fn is_in_clear(web: &Web, headers: &HeaderMap) -> bool {
    let last = |name: &HeaderName| {
        let line = headers.get_all(name).iter().next_back()?.to_str().ok()?;
        line.rsplit(',').next().map(str::trim)
    };
    let by_x = last(&HeaderName::from_static("x-forwarded-proto"));
    let by_forwarded = last(&header::FORWARDED).and_then(|hop| {
        let mut pairs = hop.split(';').filter_map(|pair| pair.split_once('='));
        pairs.find(|(name, _)| name.trim().eq_ignore_ascii_case("proto")).map(|(_, value)| value)
    });
    let plain = |scheme: &str| scheme.trim().trim_matches('"').eq_ignore_ascii_case("http");
    // Whoever claims it falsely keeps nobody out but themselves.
    web.is_secure() && [by_x, by_forwarded].into_iter().flatten().any(plain)
}

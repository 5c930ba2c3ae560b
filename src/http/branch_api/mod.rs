//! `POST v2/Account/RegisterAndActivate`: the programs of a partner's branches make accounts that are active at once.
//!
//! The wire is that of ASP.NET Web API 2, which such programs are written for: names in any case, every mistake at once in a
//! `ModelState`, an empty 200 when it is done (`docs/api.md`).
//!
//! | what | file |
//! |---|---|
//! | the path, and what is done | this file |
//! | what is sent, read and checked | `model.rs` |
//! | what is answered | `model_state.rs` |
//! | all of it for OpenAPI | `described.rs` |

mod described;
mod model;
mod model_state;

use axum::{
    extract::{Path, Request, State},
    http::{HeaderValue, Method, StatusCode, header},
    response::{IntoResponse, Response},
};

pub use described::operations;

use self::{
    model::Model,
    model_state::{ModelState, identity_error, message},
};
use super::{
    form::{self, BadForm},
    pages,
    visitor::Visitor,
    web::Web,
};
use crate::{
    accounts::{Front, Refusal},
    broker::{Failure, Outcome},
    metrics,
    text::Help,
};

/// The path, whose words come in any case.
const PATH: [&str; 3] = ["v2", "account", "registerandactivate"];

/// Whether these words are the path.
pub fn owns(words: [&str; 3]) -> bool {
    words.iter().zip(PATH).all(|(word, own)| word.eq_ignore_ascii_case(own))
}

/// The answer when no other could be made.
pub fn in_trouble(web: &Web, visitor: &Visitor, failure: Failure) -> Response {
    match told::<()>(web, visitor, Err(failure)) {
        Err(answer) => answer,
        Ok(_) => message(StatusCode::INTERNAL_SERVER_ERROR, "An error has occurred."),
    }
}

/// Answers every path of three words that no page has.
pub async fn answer(
    State(web): State<Web>,
    visitor: Visitor,
    Path(words): Path<(String, String, String)>,
    request: Request,
) -> Response {
    if !owns([&words.0, &words.1, &words.2]) {
        return pages::message::not_found(State(web), visitor).await.into_response();
    }
    if request.method() != Method::POST {
        let text = format!("The requested resource does not support http method '{}'.", request.method());
        let mut answer = message(StatusCode::METHOD_NOT_ALLOWED, &text);
        answer.headers_mut().insert(header::ALLOW, HeaderValue::from_static("POST"));
        return answer;
    }
    register_and_activate(&web, &visitor, request).await.unwrap_or_else(|answer| answer)
}

async fn register_and_activate(web: &Web, visitor: &Visitor, request: Request) -> Result<Response, Response> {
    let (head, body) = request.into_parts();
    let kind = form::essence(&head.headers);
    if !["application/json", "text/json"].iter().any(|known| kind.eq_ignore_ascii_case(known)) {
        return Err(bad_body(BadForm::ContentType));
    }
    let bytes = form::read_whole(body, web.settings.limits.body_timeout).await.map_err(bad_body)?;
    let model = Model::read(&bytes).map_err(ModelState::into_answer)?;

    let origin = visitor.origin();
    let branch = told(web, visitor, web.broker.prove_branch(&origin, model.claim().as_ref()).await)?;
    let form = model.form();
    let (branch, profile) = match (branch, model.profile()) {
        (Ok(branch), Ok(profile)) => (branch, profile),
        (branch, profile) => {
            let mut state = profile.err().unwrap_or_default();
            if let Err(refusal) = branch {
                state.add("", identity_error(web, visitor, &model, &refusal));
            }
            return Err(state.into_answer());
        }
    };
    let made = web.broker.register_for_branch(&origin, &branch, form, profile).await;
    match told(web, visitor, made)? {
        Ok(Ok(_)) => Ok(StatusCode::OK.into_response()),
        Ok(Err(refusals)) => Err(model_state::refused(web, visitor, &model, &refusals).into_answer()),
        Err(refusal) => Err(model_state::refused(web, visitor, &model, &[refusal]).into_answer()),
    }
}

/// The outcome of a use case, once it is clear that the program can do something about it.
#[expect(clippy::result_large_err, reason = "the answer is on its way out, it is not kept")]
fn told<T>(web: &Web, visitor: &Visitor, outcome: Outcome<T>) -> Result<Result<T, Refusal>, Response> {
    match outcome {
        Ok(done) => Ok(Ok(done)),
        Err(Failure::Refused(
            refusal @ (Refusal::TooMany { retry_after } | Refusal::Busy { retry_after }),
        )) => {
            metrics::refusal(Front::Web, refusal.code());
            let status = match refusal {
                Refusal::Busy { .. } => StatusCode::SERVICE_UNAVAILABLE,
                _ => StatusCode::TOO_MANY_REQUESTS,
            };
            let text = web.texts.refusal(visitor.language, &refusal, &Help::default());
            let mut answer = message(status, &text);
            answer.headers_mut().insert(header::RETRY_AFTER, retry_after.as_secs().max(1).into());
            Err(answer)
        }
        Err(Failure::Refused(refusal)) => {
            metrics::refusal(Front::Web, refusal.code());
            Ok(Err(refusal))
        }
        Err(Failure::Fault(error)) => {
            tracing::error!(error = format!("{error:#}"), "an account could not be made for a branch");
            Err(message(StatusCode::INTERNAL_SERVER_ERROR, "An error has occurred."))
        }
    }
}

fn bad_body(bad: BadForm) -> Response {
    let text = match bad {
        BadForm::ContentType => {
            "The request entity's media type is not supported for this resource: send application/json or text/json."
        }
        BadForm::TooLarge => "The request is too large.",
        BadForm::TooSlow => "The request did not arrive in time.",
        BadForm::Malformed => "The request was cut short.",
    };
    message(bad.status(), text)
}

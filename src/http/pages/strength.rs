//! `/password/strength`: what the script of a page says about a new password while it is typed.

use axum::{
    Json,
    extract::{Request, State},
    response::{IntoResponse, Response},
};
use secrecy::SecretString;

use super::{message, submission};
use crate::{
    accounts::form::Field,
    http::{form::BadForm, refusal, visitor::Visitor, web::Web},
};

/// Estimates the password.
pub async fn estimate(
    State(web): State<Web>,
    visitor: Visitor,
    request: Request,
) -> Result<Response, Response> {
    let pairs = submission(&web, &visitor, request).await?;
    let read = || -> Result<_, BadForm> {
        let text = |field: Field| pairs.text(field.name());
        Ok((SecretString::from(text(Field::Password)?), text(Field::Username)?.to_owned()))
    };
    let (password, username) = read().map_err(|bad| message::bad_form(&web, &visitor, bad))?;
    match web.broker.strength(&visitor.origin(), password, vec![username]).await {
        Ok(strength) => {
            let score = strength.score().to_string();
            let said = web.texts.format(visitor.language, "page-strength", &[("score", &score)]);
            Ok(Json(serde_json::json!({ "score": strength.score(), "text": said })).into_response())
        }
        Err(failure) => {
            let told = refusal::told(&web, &visitor, failure)?;
            Ok(told.status.into_response())
        }
    }
}

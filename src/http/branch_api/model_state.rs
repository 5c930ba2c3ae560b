//! The answers of ASP.NET Web API 2: `{"Message": …}`, and with it a `ModelState` of texts by `model.Property`. What concerns the
//! account as a whole is under the empty key, as ASP.NET Identity puts it there.

use std::collections::BTreeMap;

use axum::{
    Json,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use serde_json::json;

use super::model::{self, Model, Property};
use crate::{
    accounts::{FieldError, FieldProblem, Refusal, form::Field},
    http::{visitor::Visitor, web::Web},
    text::Help,
};

/// Everything that is wrong, by property.
#[derive(Debug, Default)]
pub struct ModelState(BTreeMap<String, Vec<String>>);

impl ModelState {
    /// Adds a text. The key is `model.Property`, or empty.
    pub fn add(&mut self, key: &str, text: String) {
        self.0.entry(key.to_owned()).or_default().push(text);
    }

    /// Whether nothing is wrong.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// 400 with every text.
    pub fn into_answer(self) -> Response {
        let body = json!({ "Message": "The request is invalid.", "ModelState": self.0 });
        (StatusCode::BAD_REQUEST, Json(body)).into_response()
    }
}

/// An answer that is a text alone.
pub fn message(status: StatusCode, text: &str) -> Response {
    (status, Json(json!({ "Message": text }))).into_response()
}

/// What the account was refused for.
pub fn refused(web: &Web, visitor: &Visitor, model: &Model, refusals: &[Refusal]) -> ModelState {
    let mut state = ModelState::default();
    for refusal in refusals {
        match refusal {
            Refusal::Invalid(errors) => {
                for error in errors {
                    state.add("", field_error(web, visitor, model, error));
                }
            }
            _ => state.add("", identity_error(web, visitor, model, refusal)),
        }
    }
    state
}

/// The words of ASP.NET Identity where it has some.
pub fn identity_error(web: &Web, visitor: &Visitor, model: &Model, refusal: &Refusal) -> String {
    match refusal {
        Refusal::NameTaken => format!("Name {} is already taken.", model.shown(Property::UserName)),
        Refusal::AddressInUse => format!("Email '{}' is already taken.", model.shown(Property::Email)),
        _ => web.texts.refusal(visitor.language, refusal, &Help::default()),
    }
}

fn field_error(web: &Web, visitor: &Visitor, model: &Model, error: &FieldError) -> String {
    match (error.field, error.problem) {
        (Field::Email, _) => format!("Email '{}' is invalid.", model.shown(Property::Email)),
        (Field::Username, FieldProblem::Characters | FieldProblem::Malformed) => format!(
            "User name {} is invalid, can only contain letters or digits.",
            model.shown(Property::UserName)
        ),
        (Field::Password, FieldProblem::TooShort { min } | FieldProblem::TooWeak { min })
            if model.password_length() < min =>
        {
            format!("Passwords must be at least {min} characters.")
        }
        (Field::Username, _) => format!(
            "Name {}: {}",
            model.shown(Property::UserName),
            web.texts.field_error(visitor.language, error)
        ),
        // A phone number is not asked for.
        (Field::Password | Field::Phone, _) => web.texts.field_error(visitor.language, error),
    }
}

/// The texts of the data annotations that ASP.NET's templates use.
pub fn annotation(property: Property, mistake: model::Mistake) -> String {
    let name = property.name();
    match mistake {
        model::Mistake::Required => format!("The {name} field is required."),
        model::Mistake::TooLong(most) => {
            format!("The field {name} must be a string with a maximum length of {most}.")
        }
        model::Mistake::TooShort(least) => format!("The {name} must be at least {least} characters long."),
        model::Mistake::Characters => format!("The {name} field holds characters that cannot be shown."),
        model::Mistake::NoText => format!("The {name} field must be a string."),
        model::Mistake::Unequal => "The password and confirmation password do not match.".to_owned(),
    }
}

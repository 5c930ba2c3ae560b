//! The interface as OpenAPI describes it.

use serde_json::{Map, Value, json};

use super::model::Property;
use crate::http::openapi::{Answered, Operation};

const JSON: &[&str] = &["application/json"];
const BODIES: &[&str] = &["application/json", "text/json"];

/// The one path.
pub fn operations() -> Vec<Operation> {
    let done =
        Answered { status: 200, means: "The account is there and active.", content: None, headers: &[] };
    let mistakes = json!({
        "type": "object",
        "properties": {
            "Message": { "type": "string" },
            "ModelState": { "type": "object", "additionalProperties": { "type": "array", "items": { "type": "string" } } },
        },
        "required": ["Message", "ModelState"],
        "additionalProperties": false,
    });
    let mistakes = Answered {
        status: 400,
        means: "Every mistake at once, by property; what concerns the account as a whole is under the empty key.",
        content: Some((JSON, mistakes)),
        headers: &[],
    };
    let text = || {
        json!({
            "type": "object",
            "properties": { "Message": { "type": "string" } },
            "required": ["Message"],
            "additionalProperties": false,
        })
    };
    let others = [
        (405, "Another method than POST.", &["Allow"][..]),
        (408, "The request did not arrive in time.", &[]),
        (413, "The request is too large.", &[]),
        (415, "The request is not JSON.", &[]),
        (429, "Too often; Retry-After says when to try again.", &["Retry-After"]),
        (500, "Something is out of order.", &[]),
        (503, "Too busy; Retry-After says when to try again.", &["Retry-After"]),
    ];
    let others = others.into_iter().map(|(status, means, headers)| Answered {
        status,
        means,
        content: Some((JSON, text())),
        headers,
    });
    vec![Operation {
        path: "/v2/Account/RegisterAndActivate".to_owned(),
        method: "post",
        summary: "Makes an account for somebody whom a branch vouches for, active at once. Names of properties come in any case.",
        security: Vec::new(),
        request: Some((BODIES, model())),
        answers: [done, mistakes].into_iter().chain(others).collect(),
    }]
}

fn model() -> Value {
    let properties: Map<String, Value> = Property::ALL
        .into_iter()
        .map(|property| {
            let mut schema = match property {
                Property::BranchId => json!({ "type": "integer" }),
                Property::Email => json!({ "type": "string", "format": "email" }),
                Property::Password | Property::ConfirmPassword => {
                    json!({ "type": "string", "format": "password" })
                }
                _ => json!({ "type": "string" }),
            };
            if let Some((least, most)) = property.lengths() {
                schema["minLength"] = json!(least);
                schema["maxLength"] = json!(most);
            }
            (property.name().to_owned(), schema)
        })
        .collect();
    let required: Vec<&str> = Property::ALL.into_iter().map(Property::name).collect();
    json!({ "type": "object", "properties": properties, "required": required })
}

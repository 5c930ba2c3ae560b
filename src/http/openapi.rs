//! `/openapi.json`: the interfaces for programs, as OpenAPI 3.1 describes them. It is made from the same lists that the requests are answered by;
//! `tests/web/openapi.rs` holds it against what is really answered.

use axum::{
    Json,
    extract::State,
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
};
use serde_json::{Map, Value, json};

use super::{agent_api, branch_api, web::Web};

/// One way to call one path.
#[derive(Debug)]
pub struct Operation {
    /// The path, below the address of the pages.
    pub path: String,
    /// In lower case.
    pub method: &'static str,
    /// What it is for.
    pub summary: &'static str,
    /// Names of ways to show who calls; empty for everybody.
    pub security: Vec<&'static str>,
    /// What is sent: media types, and the schema of all of them.
    pub request: Option<(&'static [&'static str], Value)>,
    /// Status, what it means, media types, and the schema of all of them.
    pub answers: Vec<Answered>,
}

/// An answer of an [`Operation`].
#[derive(Debug)]
pub struct Answered {
    /// The status.
    pub status: u16,
    /// What it means.
    pub means: &'static str,
    /// What it carries; `None` for nothing that a program would read.
    pub content: Option<(&'static [&'static str], Value)>,
    /// Names of headers.
    pub headers: &'static [&'static str],
}

/// Shows it, to pages of every origin: it is the same for all.
pub async fn show(State(web): State<Web>) -> Response {
    let mut answer = Json(document(&web)).into_response();
    answer.headers_mut().insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    answer
}

fn document(web: &Web) -> Value {
    let mut paths: Map<String, Value> = Map::new();
    for operation in agent_api::operations().into_iter().chain(branch_api::operations()) {
        let method = operation.method;
        let path = paths.entry(operation.path.clone()).or_insert_with(|| json!({}));
        path[method] = operation.into_value();
    }
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": format!("Accounts of {}", web.settings.service_name),
            "version": env!("CARGO_PKG_VERSION"),
            "description": "Words of paths, and names of properties where a description says so, come in any case.",
        },
        "servers": [{ "url": web.settings.base_url.as_str().trim_end_matches('/') }],
        "paths": paths,
        "components": { "securitySchemes": {
            TOKEN: { "type": "http", "scheme": "bearer", "bearerFormat": "JWT", "description": "The token of Create, Login, WwwLogin, Refresh or GetSessionToken." },
            PASSWORD: { "type": "http", "scheme": "basic" },
            SESSION: { "type": "apiKey", "in": "cookie", "name": super::cookies::full_name(web, super::cookies::MADE), "description": "Set by CreateWebForm." },
        } },
    })
}

/// A token in the header.
pub const TOKEN: &str = "token";
/// Name and password by HTTP Basic.
pub const PASSWORD: &str = "password";
/// The cookie of a session.
pub const SESSION: &str = "session";

impl Operation {
    fn into_value(self) -> Value {
        let content = |types: &[&str], schema: &Value| -> Value {
            types
                .iter()
                .map(|kind| ((*kind).to_owned(), json!({ "schema": schema })))
                .collect::<Map<_, _>>()
                .into()
        };
        let answers: Map<String, Value> = self
            .answers
            .iter()
            .map(|answer| {
                let mut described = json!({ "description": answer.means });
                if let Some((types, schema)) = &answer.content {
                    described["content"] = content(types, schema);
                }
                for name in answer.headers {
                    described["headers"][*name] = json!({ "schema": { "type": "string" } });
                }
                (answer.status.to_string(), described)
            })
            .collect();
        let name = self.path.rsplit('/').next().unwrap_or_default();
        let mut value = json!({
            "operationId": format!("{}{name}", self.method),
            "summary": self.summary,
            "responses": answers,
        });
        if !self.security.is_empty() {
            value["security"] = self.security.iter().map(|name| json!({ *name: [] })).collect();
        }
        if let Some((types, schema)) = &self.request {
            value["requestBody"] = json!({ "required": true, "content": content(types, schema) });
        }
        value
    }
}

//! Which page answers which path.

use std::collections::BTreeSet;

use axum::{
    Router,
    extract::{Path, Request, State},
    http::{StatusCode, Uri},
    middleware,
    response::{IntoResponse, Response},
    routing::{any, get, post},
};

use super::{
    agent_api, branch_api, headers, openapi,
    pages::{
        account, address, invite, keep, message, recover, register, signin, start, strength, verify, welcome,
    },
    visitor::Visitor,
    web::Web,
};
use crate::broker::Failure;

/// All pages, in the folder that the base address names.
pub fn build(web: &Web) -> Router {
    let pages = Router::new()
        .route("/", get(start::show))
        .route("/register", get(register::show).post(register::submit))
        .route("/verify", get(verify::show).post(verify::submit))
        .route("/verify/resend", post(verify::resend))
        .route("/verify/address", get(address::show).post(address::submit))
        .route("/recover", get(recover::show).post(recover::submit))
        .route("/recover/code", get(recover::show_code).post(recover::submit_code))
        .route("/recover/done", get(recover::done))
        .route("/invite", get(invite::ask).post(invite::send))
        .route("/invite/{token}", get(invite::show))
        .route("/welcome", get(welcome::show))
        .route("/password/strength", post(strength::estimate))
        .route("/signin", get(signin::show).post(signin::submit))
        .route("/signout", post(signin::sign_out))
        .route("/account", get(account::show))
        .route("/account/password", get(account::ask_password).post(account::set_password))
        .route("/account/email", get(account::ask_email).post(account::send_code))
        .route("/account/email/code", get(account::ask_code).post(account::take_code))
        .route("/account/delete", get(account::ask_delete).post(account::delete))
        .route("/account/keep", get(keep::show).post(keep::submit))
        .route("/account/data.json", get(account::data_json))
        .route("/account/data.xml", get(account::data_xml))
        .route("/openapi.json", get(openapi::show))
        // The words of their paths come in any case, which no fixed route can say.
        .route("/{first}/{second}/{third}", any(program));
    // Domains may share a file.
    let paths: BTreeSet<&str> = web.assets.all().map(|asset| asset.path.as_str()).collect();
    let pages = paths.into_iter().fold(pages, |pages, path| pages.route(path, get(asset_of)));
    let pages = match web.base() {
        "" => pages,
        // `nest` answers for `/folder` only, and people type `/folder/` too.
        folder => Router::new().nest(folder, pages).route(&format!("{folder}/"), get(start::show)),
    };
    pages
        .fallback(message::not_found)
        .method_not_allowed_fallback(message::method_not_allowed)
        .layer(middleware::from_fn_with_state(web.clone(), headers::surround))
        .with_state(web.clone())
}

async fn asset_of(State(web): State<Web>, uri: Uri) -> Response {
    let asset = web.assets.all().find(|asset| uri.path().ends_with(&asset.path));
    asset.map_or_else(|| StatusCode::NOT_FOUND.into_response(), IntoResponse::into_response)
}

/// The answer to a request that was not answered in time, or whose answer failed in an unforeseen way, in the form of whoever the path belongs to.
pub fn in_trouble(web: &Web, visitor: &Visitor, path: &str, failure: Failure) -> Response {
    let words: Vec<&str> = path.strip_prefix(web.base()).unwrap_or(path).split('/').skip(1).collect();
    match words.as_slice() {
        [first, _, _] if agent_api::owns(first) => agent_api::in_trouble(web, visitor, failure),
        [first, second, third] if branch_api::owns([first, second, third]) => {
            branch_api::in_trouble(web, visitor, failure)
        }
        _ => match failure {
            Failure::Fault(error) => message::fault(web, visitor, &error),
            Failure::Refused(_) => message::busy(web, visitor),
        },
    }
}

/// The interfaces for programs.
async fn program(
    State(web): State<Web>,
    visitor: Visitor,
    Path(words): Path<(String, String, String)>,
    request: Request,
) -> Response {
    if agent_api::owns(&words.0) {
        agent_api::answer(&web, &visitor, &words.1, &words.2, request).await
    } else {
        branch_api::answer(State(web), visitor, Path(words), request).await
    }
}

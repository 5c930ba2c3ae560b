//! Which page answers which path.

use axum::{
    Router,
    extract::State,
    middleware,
    response::IntoResponse,
    routing::{any, get, post},
};

use super::{
    branch_api, headers,
    pages::{address, invite, message, recover, register, start, verify, welcome},
    web::Web,
};

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
        // The words of its path come in any case, which no fixed route can say.
        .route("/{version}/{controller}/{action}", any(branch_api::answer))
        .route(&web.assets.style.path, get(style))
        .route(&web.assets.icon.path, get(icon));
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

async fn style(State(web): State<Web>) -> impl IntoResponse {
    (&web.assets.style).into_response()
}

async fn icon(State(web): State<Web>) -> impl IntoResponse {
    (&web.assets.icon).into_response()
}

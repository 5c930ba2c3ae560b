//! HTTP authentication: `check_password`, `user_exists`, `get_password`, `set_password`, `register` and `remove_user` with the fields `user`, `server`
//! and `pass`, in the query of a GET or the body of a POST. Prosody's `mod_auth_http` and `MongooseIM`'s `ejabberd_auth_http` read these answers
//! (`server-integration.md` §4.3). That a password stands in the address of a GET is how they ask; addresses are never logged here.

use std::{fmt::Write, pin::pin, sync::Arc, time::Duration};

use axum::{
    Form, Router,
    body::Body,
    extract::{DefaultBodyLimit, Path, Request, State},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    middleware::{self, Next},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use base64::{Engine, engine::general_purpose::STANDARD};
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use secrecy::{ExposeSecret, zeroize::Zeroizing};
use serde::Deserialize;
use subtle::ConstantTimeEq;
use tokio::{
    io::{AsyncRead, AsyncWrite},
    time,
};
use tokio_util::sync::CancellationToken;
use tower::{ServiceExt, limit::ConcurrencyLimitLayer};
use tower_http::timeout::TimeoutLayer;

use super::{
    Backend, Protocol,
    question::{self, Answer},
};
use crate::{
    accounts::{Mechanism, ScramKeys},
    metrics,
};

/// Bytes of a head and of a body at most: a name, a domain and a password.
const LARGEST: usize = 16 * 1024;
/// Most header lines of a request.
const MOST_HEADERS: usize = 64;
/// How long a connection may wait for a whole head.
const SILENCE: Duration = Duration::from_secs(15);
/// What every body is.
const FORM: &str = "application/x-www-form-urlencoded";
/// How long an answer may take.
const LIMIT: Duration = Duration::from_secs(20);
/// Requests that are worked on at a time; beyond it they wait.
const ABREAST: usize = 256;

/// How somebody shows that it is the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asks {
    /// With the secret of `[backend]`.
    WithSecret,
    /// By the rights on a Unix socket.
    ByRights,
}

/// Who is asked about, and the password that goes with it.
#[derive(Deserialize)]
struct Asked {
    user: String,
    server: String,
    #[serde(default)]
    pass: String,
}

/// Answers the requests of one connection until it ends, until it is silent for too long, or until `cancel`.
pub async fn converse<S>(stream: S, router: Router, cancel: CancellationToken)
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let service =
        service_fn(move |request: hyper::Request<Incoming>| router.clone().oneshot(request.map(Body::new)));
    // Driven by hand as in the web front, and for the same reason: axum's own loop leaves silent connections open for ever.
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(SILENCE)
        .max_headers(MOST_HEADERS)
        .max_buf_size(LARGEST)
        .serve_connection(TokioIo::new(stream), service);
    let mut connection = pin!(connection);
    tokio::select! {
        // How a server ended its connection is of no use to anybody.
        _ = connection.as_mut() => return,
        () = cancel.cancelled() => {}
    }
    connection.as_mut().graceful_shutdown();
    let _ = time::timeout(LIMIT, connection).await;
}

/// The calls, for who shows what `asks` says.
pub fn router(backend: &Arc<Backend>, asks: Asks) -> Router {
    let known = Router::new()
        .route("/check_password", get(check_password).post(check_password))
        .route("/user_exists", get(user_exists).post(user_exists))
        .route("/get_password", get(get_password))
        .route("/set_password", post(set_password))
        .route("/register", post(register))
        .route("/remove_user", post(remove_user))
        .layer(middleware::from_fn_with_state((Arc::clone(backend), asks), only_the_server));
    let everybody = if backend.open_login || asks == Asks::ByRights {
        Router::new().route("/login/{server}", get(login))
    } else {
        Router::new()
    };
    known
        .merge(everybody)
        .layer(DefaultBodyLimit::max(LARGEST))
        .layer(TimeoutLayer::with_status_code(StatusCode::SERVICE_UNAVAILABLE, LIMIT))
        .layer(ConcurrencyLimitLayer::new(ABREAST))
        .with_state(Arc::clone(backend))
}

/// Lets through who shows the secret, as the password of HTTP Basic with any name (RFC 7617).
///
/// What a body calls itself is not looked at: all of them are forms. `mod_auth_http` writes `application/x/www-form-urlencoded`, with a slash too many, and
/// `MongooseIM` writes nothing.
async fn only_the_server(
    State((backend, asks)): State<(Arc<Backend>, Asks)>,
    mut request: Request,
    next: Next,
) -> Response {
    let shown = basic(request.headers());
    let is_server = asks == Asks::ByRights
        || backend.secret.as_ref().zip(shown).is_some_and(|(secret, (_, shown))| {
            secret.expose_secret().as_bytes().ct_eq(shown.as_bytes()).into()
        });
    if is_server {
        request.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(FORM));
        next.run(request).await
    } else {
        metrics::backend(Protocol::Http.as_str(), "unauthorized");
        (StatusCode::UNAUTHORIZED, [(header::WWW_AUTHENTICATE, "Basic realm=\"backend\"")]).into_response()
    }
}

async fn check_password(State(backend): State<Arc<Backend>>, Form(asked): Form<Asked>) -> Response {
    let (user, server, password) = asked.taken();
    yes_or_no(question::check_password(&backend, &server, &user, &password).await)
}

async fn user_exists(State(backend): State<Arc<Backend>>, Form(asked): Form<Asked>) -> Response {
    let (user, server, _) = asked.taken();
    yes_or_no(question::user_exists(&backend, &server, &user).await)
}

/// Never a password: the SCRAM keys, as `MongooseIM` writes them.
async fn get_password(State(backend): State<Arc<Backend>>, Form(asked): Form<Asked>) -> Response {
    let (user, server, _) = asked.taken();
    match question::scram_keys(&backend, &server, &user).await {
        Ok(keys) => match multi_scram(&keys) {
            Some(text) => {
                count(Answer::Yes);
                text.into_response()
            }
            None => status(Answer::NotFound, StatusCode::OK),
        },
        Err(answer) => status(answer, StatusCode::OK),
    }
}

async fn set_password(State(backend): State<Arc<Backend>>, Form(asked): Form<Asked>) -> Response {
    let (user, server, password) = asked.taken();
    if is_keys(&password) {
        return keys_refused();
    }
    status(question::set_password(&backend, &server, &user, &password).await, StatusCode::NO_CONTENT)
}

async fn register(State(backend): State<Arc<Backend>>, Form(asked): Form<Asked>) -> Response {
    let (user, server, password) = asked.taken();
    if is_keys(&password) {
        return keys_refused();
    }
    status(question::register(&backend, &server, &user, &password).await, StatusCode::CREATED)
}

async fn remove_user(State(backend): State<Arc<Backend>>, Form(asked): Form<Asked>) -> Response {
    let (user, server, _) = asked.taken();
    status(question::remove_user(&backend, &server, &user).await, StatusCode::NO_CONTENT)
}

/// `mod_auth_http_async`: the user's own name and password by HTTP Basic; 2xx says that they are right.
async fn login(
    State(backend): State<Arc<Backend>>,
    Path(server): Path<String>,
    headers: HeaderMap,
) -> Response {
    let Some((user, password)) = basic(&headers) else {
        metrics::backend(Protocol::Http.as_str(), "unauthorized");
        return StatusCode::UNAUTHORIZED.into_response();
    };
    match question::check_password(&backend, &server, &user, &password).await {
        Answer::No => {
            count(Answer::No);
            StatusCode::UNAUTHORIZED.into_response()
        }
        answer => status(answer, StatusCode::NO_CONTENT),
    }
}

/// Name and password of HTTP Basic.
fn basic(headers: &HeaderMap) -> Option<(String, Zeroizing<String>)> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, encoded) = value.split_once(' ')?;
    let encoded = scheme.eq_ignore_ascii_case("Basic").then(|| encoded.trim())?;
    let decoded = Zeroizing::new(String::from_utf8(STANDARD.decode(encoded).ok()?).ok()?);
    let (user, password) = decoded.split_once(':')?;
    Some((user.to_owned(), Zeroizing::new(password.to_owned())))
}

fn yes_or_no(answer: Answer) -> Response {
    match answer {
        Answer::Yes => {
            count(answer);
            "true".into_response()
        }
        // A server that asks about a domain that is not served has nobody there.
        Answer::No | Answer::NotFound => {
            count(answer);
            "false".into_response()
        }
        answer => status(answer, StatusCode::OK),
    }
}

fn count(answer: Answer) {
    metrics::backend(Protocol::Http.as_str(), answer.as_str());
}

/// The status, and the code of the refusal as the body.
fn status(answer: Answer, done: StatusCode) -> Response {
    count(answer);
    match answer {
        Answer::Yes => done.into_response(),
        Answer::No => StatusCode::FORBIDDEN.into_response(),
        Answer::Conflict => StatusCode::CONFLICT.into_response(),
        Answer::NotFound => StatusCode::NOT_FOUND.into_response(),
        Answer::NotAllowed(code) => (StatusCode::FORBIDDEN, code).into_response(),
        Answer::TooMany | Answer::Later => StatusCode::SERVICE_UNAVAILABLE.into_response(),
    }
}

/// `==MULTI_SCRAM==,ITERATIONS,===SHA1===SALT|STORED|SERVER,==SHA256==SALT|STORED|SERVER`, everything in base64 ("SCRAM serialization format" of
/// `MongooseIM`'s manual). There is one number of iterations for all: keys with another one than the strongest mechanism's are left out.
fn multi_scram(keys: &[ScramKeys]) -> Option<String> {
    let iterations = keys.last()?.iterations;
    let mut text = format!("==MULTI_SCRAM==,{iterations}");
    for keys in keys.iter().filter(|keys| keys.iterations == iterations) {
        let prefix = match keys.mechanism {
            Mechanism::ScramSha1 => "===SHA1===",
            Mechanism::ScramSha256 => "==SHA256==",
        };
        let [salt, stored, server] = [keys.salt.as_bytes(), &keys.stored_key[..], &keys.server_key[..]]
            .map(|bytes: &[u8]| STANDARD.encode(bytes));
        let _ = write!(text, ",{prefix}{salt}|{stored}|{server}");
    }
    Some(text)
}

/// Whether SCRAM keys were sent where a password belongs: `MongooseIM` does that with `password.format = "scram"`. They cannot be held against the rules,
/// and kept as a password they would be one.
fn is_keys(password: &str) -> bool {
    ["==MULTI_SCRAM==,", "==SCRAM==,"].iter().any(|prefix| password.starts_with(prefix))
}

fn keys_refused() -> Response {
    tracing::warn!(
        "a server sent SCRAM keys in the place of a new password; refused. MongooseIM sends passwords with [auth.password] format = \"plain\""
    );
    status(Answer::NotAllowed("keys-for-a-password"), StatusCode::OK)
}

impl Asked {
    fn taken(self) -> (String, String, Zeroizing<String>) {
        (self.user, self.server, Zeroizing::new(self.pass))
    }
}

//! The listener for whoever watches the service: `/healthz` (the process answers), `/readyz` (it can do its work), `/metrics` (Prometheus). Nothing here is
//! for browsers or programs of partners, and nothing names a person.

use std::{io, sync::Arc, time::Duration};

use axum::{
    Router,
    extract::State,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
};
use metrics_exporter_prometheus::PrometheusHandle;
use tokio::{net::TcpListener, sync::watch, time::timeout};
use tokio_util::sync::CancellationToken;
use tower::limit::ConcurrencyLimitLayer;
use tower_http::timeout::TimeoutLayer;

use crate::{
    metrics::{self, Standing},
    store::{Counts, Store},
    xmpp::LinkState,
};

/// How long a look at the database may take.
const PATIENCE: Duration = Duration::from_secs(2);
/// How long an answer may take.
const LIMIT: Duration = Duration::from_secs(5);
/// Answers that are made at a time.
const ABREAST: usize = 8;

/// What is watched.
#[derive(Debug, Clone)]
pub struct Watched {
    /// The database.
    pub store: Store,
    /// The links to the XMPP servers, by the component's address.
    pub links: Vec<(String, watch::Receiver<LinkState>)>,
    /// Cancelled when the worker that sends letters has ended.
    pub letters_ended: CancellationToken,
    /// What was counted.
    pub metrics: PrometheusHandle,
}

/// Serves on these listeners until `cancel`.
pub async fn serve(listeners: Vec<TcpListener>, watched: Watched, cancel: CancellationToken) {
    let router = Router::new()
        .route("/readyz", get(ready))
        .route("/metrics", get(counted))
        .with_state(Arc::new(watched));
    listen(listeners, router, cancel).await;
}

/// Serves until `cancel` while another service has the database: this one is healthy and not ready, and counts nothing.
pub async fn stand_by(listeners: Vec<TcpListener>, cancel: CancellationToken) {
    let not_ready =
        async || (StatusCode::SERVICE_UNAVAILABLE, "standing by: another ostiary serves the database\n");
    listen(listeners, Router::new().route("/readyz", get(not_ready)), cancel).await;
}

async fn listen(listeners: Vec<TcpListener>, router: Router, cancel: CancellationToken) {
    let router = router
        .route("/healthz", get(async || "ok\n"))
        .layer(TimeoutLayer::with_status_code(StatusCode::SERVICE_UNAVAILABLE, LIMIT))
        .layer(ConcurrencyLimitLayer::new(ABREAST));
    let serving = listeners.into_iter().map(|listener| {
        let (router, cancel) = (router.clone(), cancel.clone());
        async move {
            let ended: io::Result<()> =
                axum::serve(listener, router).with_graceful_shutdown(cancel.cancelled_owned()).await;
            if let Err(error) = ended {
                tracing::error!(%error, "the listener for monitoring has ended");
            }
        }
    });
    futures::future::join_all(serving).await;
}

/// Whether the service can do its work; if not, a line for each reason.
async fn ready(State(watched): State<Arc<Watched>>) -> Response {
    let mut missing = Vec::new();
    if let Err(reason) = counts(&watched).await {
        missing.push(format!("database: {reason}"));
    }
    for (component, link) in &watched.links {
        match &*link.borrow() {
            LinkState::Connected { .. } => {}
            LinkState::Waiting { reason, .. } => missing.push(format!("xmpp {component}: {reason}")),
            LinkState::Connecting => missing.push(format!("xmpp {component}: connecting")),
            LinkState::Stopped => missing.push(format!("xmpp {component}: stopped")),
        }
    }
    if watched.letters_ended.is_cancelled() {
        missing.push("letters: nobody sends them".to_owned());
    }
    if missing.is_empty() {
        return "ready\n".into_response();
    }
    (StatusCode::SERVICE_UNAVAILABLE, missing.join("\n") + "\n").into_response()
}

/// What was counted, and how the database stands; without the latter when it does not answer.
async fn counted(State(watched): State<Arc<Watched>>) -> Response {
    if let Ok(counts) = counts(&watched).await {
        metrics::standing(Standing {
            accounts: [counts.pending, counts.active, counts.suspended],
            letters: [counts.letters_waiting, counts.letters_parked],
            notices: counts.notices,
            writes: watched.store.changes_waiting(),
        });
    }
    // Histograms are gathered when they are read; otherwise they would grow.
    watched.metrics.run_upkeep();
    let kind = [(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")];
    (kind, watched.metrics.render()).into_response()
}

async fn counts(watched: &Watched) -> Result<Counts, String> {
    match timeout(PATIENCE, watched.store.counts()).await {
        Ok(counts) => counts.map_err(|error| error.to_string()),
        Err(_) => Err(format!("no answer within {} seconds", PATIENCE.as_secs())),
    }
}

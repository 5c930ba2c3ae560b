//! Calls to services of others over HTTP: encrypted, within a time and a size, and never sent on to another address.

use std::time::Duration;

use http_body_util::{BodyExt, Full, Limited};
use hyper::{Request, StatusCode, body::Bytes, header};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::{TokioExecutor, TokioTimer},
};
use tokio::sync::Semaphore;
use url::Url;

/// Bytes of an answer at most.
const MOST_BYTES: usize = 16 * 1024;
/// Calls at a time; more wait, within their time.
const MOST_CALLS: usize = 32;
/// How long a connection that nobody uses is kept.
const IDLE: Duration = Duration::from_secs(30);

/// A client for one service.
#[derive(Debug)]
pub struct Outside {
    client: Client<HttpsConnector<HttpConnector>, Full<Bytes>>,
    places: Semaphore,
    timeout: Duration,
}

/// What a service answered.
#[derive(Debug)]
pub struct Reply {
    /// Its status.
    pub status: StatusCode,
    /// Its body.
    pub body: Bytes,
}

/// Why there is no answer. No text holds what was sent.
#[derive(Debug, thiserror::Error)]
pub enum CallProblem {
    /// None in time.
    #[error("no answer within {} seconds", .0.as_secs_f32())]
    TooSlow(Duration),
    /// No connection, or one that broke.
    #[error("no connection: {0}")]
    Unreachable(hyper_util::client::legacy::Error),
    /// More than any service has to say, or cut short.
    #[error("the answer is larger than {MOST_BYTES} bytes, or was cut short")]
    Body,
}

impl Outside {
    /// A client whose calls take no longer than `timeout`, connection and all. It trusts the certificate authorities of the system.
    pub fn new(timeout: Duration) -> std::io::Result<Self> {
        let connector =
            HttpsConnectorBuilder::new().with_native_roots()?.https_or_http().enable_http1().build();
        let client = Client::builder(TokioExecutor::new())
            .pool_timer(TokioTimer::new())
            .pool_idle_timeout(IDLE)
            .build(connector);
        Ok(Self { client, places: Semaphore::new(MOST_CALLS), timeout })
    }

    /// Sends a request and gives the answer, whatever its status; a redirection is an answer like any other.
    pub async fn call(&self, request: Request<Full<Bytes>>) -> Result<Reply, CallProblem> {
        let answered = async {
            // It is never closed.
            let _place = self.places.acquire().await;
            let response = self.client.request(request).await.map_err(CallProblem::Unreachable)?;
            let status = response.status();
            let body = Limited::new(response.into_body(), MOST_BYTES).collect().await;
            let body = body.map_err(|_| CallProblem::Body)?.to_bytes();
            Ok(Reply { status, body })
        };
        tokio::time::timeout(self.timeout, answered).await.unwrap_or(Err(CallProblem::TooSlow(self.timeout)))
    }

    /// Sends a form (`application/x-www-form-urlencoded`).
    pub async fn post_form(&self, url: &Url, fields: &[(&str, &str)]) -> Result<Reply, CallProblem> {
        let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        let request = Request::post(url.as_str())
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .header(header::ACCEPT, "application/json")
            .header(header::USER_AGENT, concat!("Ostiary/", env!("CARGO_PKG_VERSION")))
            .body(Full::new(Bytes::from(body)));
        #[expect(clippy::expect_used, reason = "a parsed http address and fixed headers make a request")]
        self.call(request.expect("a request")).await
    }
}

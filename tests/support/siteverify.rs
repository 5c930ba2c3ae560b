//! A CAPTCHA service on this machine that behaves as the documented ones do: each response counts once, for its site, for two minutes.

#![expect(clippy::unwrap_used, reason = "this is part of tests")]
#![allow(dead_code, reason = "each test file uses another part of this")]

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
    time::Duration,
};

use axum::{
    Form, Json, Router,
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
    routing::post,
};
use ostiary::siteverify::{SiteRules, SiteVerify, SiteVerifySettings};
use serde_json::{Value, json};
use tokio::{net::TcpListener, task::JoinHandle};

pub const SECRET: &str = "site secret";
pub const HOST: &str = "accounts.chat.example";

/// How the service behaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mood {
    Well,
    Slow,
    Broken,
    Garbage,
    Huge,
}

/// The running service.
pub struct Service {
    pub url: String,
    state: Arc<Mutex<Inner>>,
    _server: JoinHandle<()>,
}

struct Inner {
    mood: Mood,
    /// What each response that was given out says, until it is used.
    open: HashMap<String, Value>,
    used: Vec<String>,
    /// The forms that came.
    asked: Vec<HashMap<String, String>>,
}

impl Service {
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/siteverify", listener.local_addr().unwrap());
        let inner = Inner { mood: Mood::Well, open: HashMap::new(), used: Vec::new(), asked: Vec::new() };
        let state = Arc::new(Mutex::new(inner));
        let router = Router::new().route("/siteverify", post(verify)).with_state(Arc::clone(&state));
        let server = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { url, state, _server: server }
    }

    pub fn feels(&self, mood: Mood) {
        self.state.lock().unwrap().mood = mood;
    }

    /// A person solves the CAPTCHA on the right page; the response.
    pub fn solved(&self) -> String {
        self.solved_as(json!({ "hostname": HOST, "action": "register", "score": 0.9 }))
    }

    /// The same with other words about it.
    pub fn solved_as(&self, said: Value) -> String {
        let mut inner = self.state.lock().unwrap();
        let response = format!("response-{}", inner.open.len() + inner.used.len());
        inner.open.insert(response.clone(), said);
        response
    }

    /// The forms that came so far.
    pub fn asked(&self) -> Vec<HashMap<String, String>> {
        self.state.lock().unwrap().asked.clone()
    }

    /// A client with this secret and the rules of the tests.
    pub fn client(&self, secret: &str) -> SiteVerify {
        SiteVerify::new(SiteVerifySettings {
            url: self.url.parse().unwrap(),
            secret: secret.into(),
            rules: SiteRules {
                hostnames: vec![HOST.to_owned()],
                action: Some("register".to_owned()),
                least_score: Some(0.5),
            },
            timeout: Duration::from_millis(500),
        })
        .unwrap()
    }
}

async fn verify(
    State(state): State<Arc<Mutex<Inner>>>,
    Form(form): Form<HashMap<String, String>>,
) -> Response {
    let mood = state.lock().unwrap().mood;
    match mood {
        Mood::Well => {}
        Mood::Slow => tokio::time::sleep(Duration::from_secs(5)).await,
        Mood::Broken => return StatusCode::INTERNAL_SERVER_ERROR.into_response(),
        Mood::Garbage => return "<html>success: true</html>".into_response(),
        Mood::Huge => {
            return format!("{{\"success\":true,\"x\":\"{}\"}}", "x".repeat(100_000)).into_response();
        }
    }
    let mut inner = state.lock().unwrap();
    inner.asked.push(form.clone());
    let field = |name: &str| form.get(name).map(String::as_str).unwrap_or_default();
    let response = field("response");
    let wrong = |code: &str| Json(json!({ "success": false, "error-codes": [code] })).into_response();
    if field("secret") != SECRET {
        return wrong("invalid-input-secret");
    }
    if response.is_empty() {
        return wrong("missing-input-response");
    }
    if inner.used.iter().any(|used| used == response) {
        return wrong("timeout-or-duplicate");
    }
    let Some(mut said) = inner.open.remove(response) else { return wrong("invalid-input-response") };
    inner.used.push(response.to_owned());
    said["success"] = json!(true);
    said["challenge_ts"] = json!("2026-11-21T12:00:00Z");
    Json(said).into_response()
}

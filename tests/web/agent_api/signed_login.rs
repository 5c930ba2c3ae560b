//! `Login` with a signature whose key is the password, as TAG's own browser client sends it.

use base64::{Engine, engine::general_purpose::STANDARD};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use super::*;

const NAME: &str = "alice";

fn signature(password: &str, username: &str, host: &str, nonce: &str) -> String {
    let mac = <Hmac<Sha256> as KeyInit>::new_from_slice(password.as_bytes()).unwrap();
    STANDARD.encode(mac.chain_update(format!("{username}:{host}:{nonce}")).finalize().into_bytes())
}

impl Program {
    async fn signing() -> Self {
        Self::planned(Plan::with(|policy| policy.signed_login = true), 10).await
    }

    fn host(&self) -> String {
        self.site.address.to_string()
    }

    fn signed(&self, password: &str) -> Value {
        let nonce = self.nonce();
        let signature = signature(password, NAME, &self.host(), &nonce);
        json!({ "userName": NAME, "nonce": nonce, "signature": signature, "seconds": 3600 })
    }

    async fn status(&self, body: &Value) -> StatusCode {
        self.call("Login", None, body).await.status
    }
}

#[tokio::test]
async fn the_browser_client_logs_in_with_a_signature_where_that_is_switched_on() {
    let program = Program::signing().await;
    program.settle(NAME, "alice@example.org").await;
    let body = program.signed(PASSWORD);
    let token = jwt(&program.call("Login", None, &body).await);
    assert!(program.is_logged_in(&token).await);
    assert_eq!(program.status(&body).await, StatusCode::FORBIDDEN, "a nonce counts once");
    let xml = program.signed(PASSWORD);
    let text = |name: &str| xml[name].as_str().unwrap().to_owned();
    let request = format!(
        "<Login xmlns=\"{NAMESPACE}\" userName=\"{NAME}\" nonce=\"{}\" signature=\"{}\" seconds=\"3600\"/>",
        text("nonce"),
        text("signature")
    );
    let mut browser = program.site.browser().with("content-type", "text/xml");
    let answer = browser.send("POST", "/Agent/Account/Login", Some(request)).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
    answer.assert_shows("<LoggedIn ");
}

#[tokio::test]
async fn what_is_not_signed_with_the_password_is_nobody() {
    let program = Program::signing().await;
    program.settle(NAME, "alice@example.org").await;
    let right = program.signed(PASSWORD);
    for (what, change) in [
        ("another password", program.signed("another horse battery")),
        ("another name", with(right.clone(), &[("userName", json!("bob"))])),
        ("another nonce", with(right.clone(), &[("nonce", json!(program.nonce()))])),
        ("no base64", with(right.clone(), &[("signature", json!("%%%"))])),
    ] {
        let answer = program.call("Login", None, &change).await;
        problem(&answer, StatusCode::FORBIDDEN);
        assert!(!answer.body.is_empty(), "{what}");
    }
    let short = with(right.clone(), &[("nonce", json!("short"))]);
    assert_eq!(program.status(&short).await, StatusCode::BAD_REQUEST);
    let stranger = with(program.signed(PASSWORD), &[("userName", json!("nobody"))]);
    let known = program.call("Login", None, &program.signed("another horse battery")).await.body;
    assert_eq!(program.call("Login", None, &stranger).await.body, known, "who exists is not told");
    assert_eq!(program.status(&right).await, StatusCode::OK, "what others tried used nothing up");
}

#[tokio::test]
async fn guesses_are_limited_and_a_suspended_or_pending_account_stays_out() {
    let mut plan = Plan::with(|policy| policy.signed_login = true);
    plan.limits = ten_logins();
    let program = Program::planned(plan, 10).await;
    program.create(NAME, "alice@example.org").await;
    let letter = program.site.house.letter().await;
    let answer = program.call("Login", None, &program.signed(PASSWORD)).await;
    assert!(problem(&answer, StatusCode::FORBIDDEN).contains("confirmed"), "{}", answer.body);
    let proof = json!({ "eMail": "alice@example.org", "code": code(&letter) });
    program.done("VerifyEMail", None, &proof).await;
    program.site.house.broker.suspend(&operator(), &domain(), NAME, None).await.unwrap();
    assert_eq!(program.status(&program.signed(PASSWORD)).await, StatusCode::FORBIDDEN);
    program.site.house.broker.resume(&operator(), &domain(), NAME).await.unwrap();
    for _ in 0..10 {
        assert_eq!(program.status(&program.signed("guess")).await, StatusCode::FORBIDDEN);
    }
    let blocked = program.call("Login", None, &program.signed(PASSWORD)).await;
    assert_eq!(blocked.status, StatusCode::TOO_MANY_REQUESTS);
    assert!(!blocked.header("retry-after").is_empty());
}

#[tokio::test]
async fn the_key_follows_the_password_and_the_option() {
    let program = Program::new().await;
    program.settle(NAME, "alice@example.org").await;
    let off = program.call("Login", None, &program.signed(PASSWORD)).await;
    assert!(
        problem(&off, StatusCode::FORBIDDEN).contains("send userName, password and seconds"),
        "{}",
        off.body
    );
    let kept = || async {
        let stored = program.site.house.store.credentials(&domain(), &name(NAME)).await.unwrap();
        stored.unwrap().sealed_login.is_some()
    };
    assert!(!kept().await, "nothing is kept where it is off");

    let on = Plan::with(|policy| policy.signed_login = true);
    let broker = program.site.house.restarted(&on);
    let origin = crate::support::broker::web("192.0.2.1");
    broker.authenticate(&origin, &domain(), NAME, PASSWORD).await.unwrap();
    eventually("the key", kept).await;
    broker.change_password(&origin, &domain(), NAME, "another horse battery", Some(PASSWORD)).await.unwrap();
    let sealed = program.site.house.store.credentials(&domain(), &name(NAME)).await.unwrap().unwrap();
    assert!(!sealed.sealed_login.unwrap().windows(6).any(|part| part == b"horse "), "it is sealed");

    // Switched off again, it goes with the next login.
    let broker = program.site.house.restarted(&Plan::default());
    broker.authenticate(&origin, &domain(), NAME, "another horse battery").await.unwrap();
    eventually("no key", || async { !kept().await }).await;
}

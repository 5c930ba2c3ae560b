//! What is no request, is sent again, or is made up.

use super::*;

#[tokio::test]
async fn a_signature_counts_once_and_for_what_it_was_made() {
    let program = Program::new().await;
    let body = program.creation("alice", "alice@example.org", PASSWORD);
    let refused = |answer: &Answer| {
        problem(answer, StatusCode::FORBIDDEN).contains("signature is wrong, or the nonce was used before")
    };
    for (field, value) in [
        ("userName", "mallory"),
        ("eMail", "mallory@example.org"),
        ("password", "another password"),
        ("nonce", "another nonce of thirty-two characters"),
        ("signature", "AAAA"),
        ("signature", "not base64!"),
        ("apiKey", "0123456789abcdef0123456789abcdef"),
        ("apiKey", "no key: at all"),
    ] {
        assert!(refused(&program.call("Create", None, &with(body.clone(), &[(field, json!(value))])).await));
    }
    let foreign = program.creation_for("evil.example", "alice", "alice@example.org", PASSWORD);
    assert!(refused(&program.call("Create", None, &foreign).await), "signed for another service");
    let by_domain = program.creation_for("chat.example", "carol", "carol@example.org", PASSWORD);
    program.done("Create", None, &by_domain).await;
    program.done("Create", None, &body).await;
    assert!(refused(&program.call("Create", None, &body).await), "sent again");
    program.site.house.pass(SignedDuration::from_hours(24 * 365 * 20));
    program.site.house.broker.purge().await.unwrap();
    assert!(refused(&program.call("Create", None, &body).await), "and not in twenty years either");
    program.site.house.broker.revoke_key(&operator(), &program.key.id).await.unwrap();
    let late = program.call("Create", None, &program.creation("bob", "bob@example.org", PASSWORD)).await;
    assert!(problem(&late, StatusCode::FORBIDDEN).contains("no longer works"));
}

#[tokio::test]
async fn a_wrong_code_and_an_address_that_nobody_waits_at_are_the_same_answer() {
    let program = Program::new().await;
    program.create("alice", "alice@example.org").await;
    let letter = program.site.house.letter().await;
    let verify = async |email: &str, code: &str| {
        program.call("VerifyEMail", None, &json!({ "eMail": email, "code": code })).await
    };
    let wrong = verify("alice@example.org", &wrong_code(&letter)).await;
    let unknown = verify("nobody@example.org", &wrong_code(&letter)).await;
    assert_eq!(problem(&wrong, StatusCode::BAD_REQUEST), problem(&unknown, StatusCode::BAD_REQUEST));
    for _ in 0..4 {
        verify("alice@example.org", &wrong_code(&letter)).await;
    }
    let late = verify("alice@example.org", &code(&letter)).await;
    assert_eq!(problem(&late, StatusCode::BAD_REQUEST), wrong.body, "the right one, after five wrong ones");
}

#[tokio::test]
async fn who_guesses_is_stopped_for_a_while_and_reads_until_when() {
    let plan = Plan { limits: ten_logins(), ..Plan::default() };
    let program = Program::planned(plan, 10).await;
    program.settle("alice", "alice@example.org").await;
    for guess in 0..10 {
        let name = if guess % 2 == 0 { "alice" } else { "nobody" };
        let answer = program.login(name, "a wrong password").await;
        assert_eq!(problem(&answer, StatusCode::FORBIDDEN), "The username or the password is wrong.");
    }
    let answer = program.login("alice", PASSWORD).await;
    assert!(problem(&answer, StatusCode::TOO_MANY_REQUESTS).contains("2026-11-21T12:0"));
    let wait: i64 = answer.header("retry-after").parse().unwrap();
    let create = program.call("Create", None, &program.creation("bob", "bob@example.org", PASSWORD)).await;
    problem(&create, StatusCode::TOO_MANY_REQUESTS);
    program.site.house.pass(SignedDuration::from_secs(wait));
    jwt(&program.login("alice", PASSWORD).await);
}

#[tokio::test]
async fn a_part_of_the_interface_that_is_not_here_is_told_to_a_program() {
    let program = Program::new().await;
    for path in ["/Agent/Account/QuickLogin", "/Agent/Wallet/GetBalance", "/agent/wallet/Create"] {
        let answer = program.site.browser().send("POST", path, Some("{}".to_owned())).await;
        assert_eq!(problem(&answer, StatusCode::NOT_FOUND), "There is no such resource here.", "{path}");
    }
}

#[tokio::test]
async fn what_is_no_request_gets_the_status_that_says_why_and_never_a_fault() {
    let program = Program::new().await;
    let send = async |method: &str, resource: &str, kind: &'static str, body: &str| {
        let mut browser = program.site.browser().with("content-type", kind);
        browser.send(method, &format!("/Agent/Account/{resource}"), Some(body.to_owned())).await
    };
    let json = "application/json";
    let huge = format!("{{\"a\":\"{}\"}}", "x".repeat(17_000));
    for (method, resource, kind, body, status) in [
        ("POST", "Nothing", json, "{}", 404),
        ("GET", "Create", json, "", 405),
        ("POST", "DomainInfo", json, "{}", 405),
        ("POST", "Create", "text/plain", "{}", 415),
        ("POST", "Create", "application/x-www-form-urlencoded", "a=b", 415),
        ("POST", "Create", "application/json; charset=utf-16", "{}", 415),
        ("POST", "Create", json, "{", 400),
        ("POST", "Create", json, "[]", 400),
        ("POST", "Create", json, "{}", 400),
        ("POST", "Create", json, &huge, 413),
        ("POST", "Login", json, r#"{"userName":["a"],"password":"b","seconds":1}"#, 400),
        ("POST", "Login", json, r#"{"userName":"a","password":"b","seconds":0}"#, 400),
        ("POST", "Login", json, r#"{"userName":"a","password":"b","seconds":3601}"#, 400),
        ("POST", "Login", json, r#"{"userName":"a","password":"b","seconds":"soon"}"#, 400),
        ("POST", "Login", json, r#"{"userName":"a\u0000b","password":"b","seconds":1}"#, 403),
        ("POST", "Login", json, r#"{"userName":"a\r\nX-Evil: 1","password":"b","seconds":1}"#, 403),
        ("POST", "VerifyEMail", json, r#"{"eMail":"a@example.org\r\nBcc: x@y.z","code":1}"#, 400),
        ("POST", "VerifyEMail", json, r#"{"eMail":"a@example.org","code":"1234567"}"#, 400),
        ("POST", "Login", "text/xml", "<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>", 400),
        ("POST", "Refresh", json, r#"{"seconds":1}"#, 401),
    ] {
        let answer = send(method, resource, kind, body).await;
        problem(&answer, StatusCode::from_u16(status).unwrap());
        assert!(answer.headers.get("x-evil").is_none());
    }
    let answer = program.site.browser().with("accept", "image/png").get("/Agent/Account/DomainInfo").await;
    problem(&answer, StatusCode::NOT_ACCEPTABLE);
    let phone =
        with(program.creation("alice", "alice@example.org", PASSWORD), &[("phoneNr", json!("+46700000000"))]);
    let answer = program.call("Create", None, &phone).await;
    assert!(problem(&answer, StatusCode::BAD_REQUEST).contains("phone"));
    let any_case = program.site.browser().get("/agent/ACCOUNT/domaininfo").await;
    assert_eq!(any_case.status, StatusCode::OK);
    let long =
        Some(json!({ "userName": "a".repeat(5000), "password": "b".repeat(9000), "seconds": 1 }).to_string());
    let answer =
        program.site.browser().with("content-type", json).send("POST", "/Agent/Account/Login", long).await;
    problem(&answer, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn where_there_is_tls_nothing_is_taken_in_clear() {
    let site = Site::planned(Plan::default(), |settings| {
        settings.base_url = "https://accounts.chat.example/".parse().unwrap();
        settings.trusted_proxies = vec!["127.0.0.1".parse().unwrap()];
    })
    .await;
    let path = "/Agent/Account/DomainInfo";
    assert_eq!(site.browser().with("x-forwarded-proto", "https").get(path).await.status, StatusCode::OK);
    assert_eq!(site.browser().get(path).await.status, StatusCode::OK, "a proxy that says nothing");
    for (header, value) in [("x-forwarded-proto", "http"), ("forwarded", "for=192.0.2.1;proto=http")] {
        let answer = site.browser().with(header, value).get(path).await;
        assert!(problem(&answer, StatusCode::FORBIDDEN).contains("https"));
    }
}

//! Tokens: how they are got, what they say, and when they end.

use super::*;

#[tokio::test]
async fn tokens_end_with_the_password_the_suspension_and_the_account() {
    let program = Program::new().await;
    let house = &program.site.house;
    let token = program.settle("alice", "alice@example.org").await;
    assert!(program.is_logged_in(&token).await);
    house
        .broker
        .change_password(&operator(), &domain(), "alice", "another good password", None)
        .await
        .unwrap();
    assert!(!program.is_logged_in(&token).await);

    let token = jwt(&program.login("alice", "another good password").await);
    house.broker.suspend(&operator(), &domain(), "alice", None).await.unwrap();
    assert!(!program.is_logged_in(&token).await);
    let answer = program.login("alice", "another good password").await;
    assert!(problem(&answer, StatusCode::FORBIDDEN).contains("suspended"));
    house.broker.resume(&operator(), &domain(), "alice").await.unwrap();
    assert!(!program.is_logged_in(&token).await, "it does not come back with the account");

    let token = jwt(&program.login("alice", "another good password").await);
    let letter = house.recovery_letter("alice").await;
    house.recover("alice", &code(&letter), "a third good password").await.unwrap();
    assert!(!program.is_logged_in(&token).await);

    let token = jwt(&program.login("alice", "a third good password").await);
    house.broker.remove(&operator(), &domain(), "alice", None).await.unwrap();
    assert!(!program.is_logged_in(&token).await);
}

#[tokio::test]
async fn a_token_of_a_former_account_is_nothing_to_the_next_one_of_that_name() {
    let program =
        Program::planned(Plan::with(|policy| policy.tombstone_lifetime = SignedDuration::ZERO), 10).await;
    let house = &program.site.house;
    let add = async || {
        let form = crate::support::broker::form("bob", PASSWORD, "");
        house.broker.add(&operator(), &domain(), form).await
    };
    add().await.unwrap();
    let token = jwt(&program.login("bob", PASSWORD).await);
    house.broker.remove(&operator(), &domain(), "bob", None).await.unwrap();
    add().await.unwrap();
    assert!(!program.is_logged_in(&token).await, "within the time of the token, even");
    assert!(program.is_logged_in(&jwt(&program.login("bob", PASSWORD).await)).await);
}

#[tokio::test]
async fn what_a_token_says_can_be_asked_and_forged_ones_are_nothing() {
    let program = Program::new().await;
    let token = program.settle("alice", "alice@example.org").await;
    let valid = program.done("AuthenticateJwt", None, &json!({ "token": token })).await;
    assert_eq!(valid, program.done("AuthenticateJwt", Some(&token), &json!({})).await);
    assert_eq!((&valid["subject"], &valid["issuer"]), (&json!("alice"), &json!("chat.example")));
    assert_eq!((&valid["algorithm"], &valid["type"]), (&json!("HS256"), &json!("JWT")));
    assert_eq!(valid["claims"]["exp"], valid["expiration"]);
    assert_eq!(valid["claims"]["jti"], valid["id"]);
    let parts: Vec<&str> =
        ["header", "payload", "signature"].iter().map(|part| valid[part].as_str().unwrap()).collect();
    assert_eq!(parts.join("."), token);

    let none = format!("eyJhbGciOiJub25lIn0.{}.", valid["payload"].as_str().unwrap());
    let shifted = format!("{}.{}A.{}", parts[0], parts[1], parts[2]);
    for forged in [none.as_str(), &shifted, "a.b.c", "nonsense", "..", &"a".repeat(9000)] {
        let answer = program.call("AuthenticateJwt", None, &json!({ "token": forged })).await;
        problem(&answer, StatusCode::UNAUTHORIZED);
        assert!(!program.is_logged_in(forged).await, "{forged:.40}");
    }
    let bare = program.site.browser().with("authorization", token.as_str());
    let answer = bare.clone().send("POST", "/Agent/Account/Info", None).await;
    assert_eq!(answer.status, StatusCode::OK, "without the word Bearer: {}", answer.body);
    let answer = program.call("Info", None, &json!({})).await;
    assert!(answer.header("www-authenticate").starts_with("Bearer") && !answer.body.contains("eyJ"));
}

#[tokio::test]
async fn people_log_in_by_basic_and_programs_that_sign_are_told_how() {
    let program = Program::new().await;
    program.settle("alice", "alice@example.org").await;
    let basic = |pair: &str| {
        use base64::{Engine, engine::general_purpose::STANDARD};
        program
            .site
            .browser()
            .with("content-type", "application/json")
            .with("authorization", format!("Basic {}", STANDARD.encode(pair)))
    };
    let path = "/Agent/Account/WwwLogin";
    let body = || Some(json!({ "seconds": 60 }).to_string());
    let token = jwt(&basic(&format!("alice:{PASSWORD}")).send("POST", path, body()).await);
    assert!(program.is_logged_in(&token).await);
    for wrong in [
        basic("alice:wrong password"),
        basic("alice"),
        program.site.browser().with("content-type", "application/json"),
    ] {
        let answer = wrong.clone().send("POST", path, body()).await;
        problem(&answer, StatusCode::UNAUTHORIZED);
        assert_eq!(answer.header("www-authenticate"), "Basic realm=\"chat.example\", charset=\"UTF-8\"");
    }
    let signed =
        json!({ "userName": "alice", "nonce": "n".repeat(32), "signature": "AAAA", "seconds": 3600 });
    let answer = program.call("Login", None, &signed).await;
    assert!(problem(&answer, StatusCode::FORBIDDEN).contains("send userName, password and seconds"));
    let answer = program.call("GetSessionToken", None, &json!({})).await;
    assert!(problem(&answer, StatusCode::FORBIDDEN).contains("web form"));
}

//! Signing in, and what people can do with their accounts then.

use hyper::StatusCode;
use jiff::SignedDuration;

use crate::{
    browser::{Answer, Browser, Site},
    support::broker::{PASSWORD, domain, name, operator},
};

const NEW: &str = "a wholly new password";

async fn settled() -> Site {
    let site = Site::new().await;
    site.house.settle("alice", "alice@mail.example").await;
    site
}

async fn sign_in(browser: &mut Browser, username: &str, password: &str) -> Answer {
    let page = browser.get("/signin").await;
    browser.submit(&page, &[("username", username), ("password", password)]).await
}

async fn signed_in(site: &Site) -> Browser {
    let mut browser = site.browser();
    let answer = sign_in(&mut browser, "alice", PASSWORD).await;
    assert_eq!((answer.status, answer.location()), (StatusCode::SEE_OTHER, "/account"), "{}", answer.body);
    browser
}

/// Whether a page is shown, and not the way to sign in.
async fn is_in(browser: &mut Browser) -> bool {
    let answer = browser.get("/account").await;
    match answer.status {
        StatusCode::OK => true,
        StatusCode::SEE_OTHER => {
            assert_eq!(answer.location(), "/signin");
            false
        }
        status => panic!("{status}: {}", answer.body),
    }
}

#[tokio::test]
async fn somebody_signs_in_sees_the_account_and_signs_out() {
    let site = settled().await;
    let mut browser = site.browser();
    assert!(!is_in(&mut browser).await);
    let page = browser.get("/signin").await;
    let planted = browser.cookies["ostiary-session"].clone();
    let answer = browser.submit(&page, &[("username", "Alice"), ("password", PASSWORD)]).await;
    let cookie = answer.headers.get_all("set-cookie").iter().map(|value| value.to_str().unwrap());
    let cookie =
        cookie.into_iter().find(|cookie| cookie.starts_with("ostiary-signed-in=")).unwrap().to_owned();
    assert!(cookie.contains("; HttpOnly; SameSite=Lax") && cookie.contains("Max-Age=3600"), "{cookie}");
    assert_ne!(
        browser.cookies["ostiary-session"], planted,
        "a session that somebody planted is worth nothing"
    );

    let page = browser.follow(&answer).await;
    page.assert_shows("alice@chat.example");
    page.assert_shows("alice@mail.example");
    let stolen = browser.clone();
    let answer = browser.submit(&page, &[]).await;
    assert_eq!((answer.status, answer.location()), (StatusCode::SEE_OTHER, "/signin"));
    assert!(!is_in(&mut browser).await);
    assert!(!is_in(&mut stolen.clone()).await, "the token has ended, not only the cookie");
}

#[tokio::test]
async fn wrong_names_and_wrong_passwords_get_the_same_answer_and_pending_accounts_are_told_what_to_do() {
    let site = settled().await;
    let mut bodies = Vec::new();
    for (username, password) in [("alice", "wrong horse battery"), ("nobody", PASSWORD), ("a b", PASSWORD)] {
        let answer = sign_in(&mut site.browser(), username, password).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{username}");
        assert!(
            answer.headers.get_all("set-cookie").iter().all(|c| !c.to_str().unwrap().contains("signed-in"))
        );
        assert!(!answer.body.contains(password));
        let start = answer.body.find("class=\"problems\"").unwrap();
        bodies.push(answer.body[start..].split("</div>").next().unwrap().to_owned());
    }
    assert!(bodies.iter().all(|body| *body == bodies[0]), "{bodies:?}");
    site.house.register("bob", "bob@mail.example").await.unwrap();
    let answer = sign_in(&mut site.browser(), "bob", PASSWORD).await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
    answer.assert_shows("e-mail");
}

#[tokio::test]
async fn a_new_password_ends_every_other_session_and_keeps_this_one() {
    let site = settled().await;
    let (mut browser, mut other) = (signed_in(&site).await, signed_in(&site).await);
    let page = browser.get("/account/password").await;
    for (old, new, status) in [
        ("wrong horse battery", NEW, StatusCode::FORBIDDEN),
        (PASSWORD, "short", StatusCode::UNPROCESSABLE_ENTITY),
        (PASSWORD, "alice", StatusCode::UNPROCESSABLE_ENTITY),
    ] {
        let answer = browser.submit(&page, &[("password", old), ("new-password", new)]).await;
        assert_eq!(answer.status, status, "{old} {new}: {}", answer.body);
        assert!(!answer.body.contains(old) && !answer.body.contains(new));
        if status == StatusCode::UNPROCESSABLE_ENTITY {
            assert!(answer.input("new-password").contains("aria-invalid"), "{}", answer.body);
        }
    }
    assert!(is_in(&mut other).await);
    let answer = browser.submit(&page, &[("password", PASSWORD), ("new-password", NEW)]).await;
    assert_eq!((answer.status, answer.location()), (StatusCode::SEE_OTHER, "/account?changed"));
    browser.follow(&answer).await.assert_shows("The new password works");
    assert!(is_in(&mut browser).await && !is_in(&mut other).await);
    assert_eq!(sign_in(&mut site.browser(), "alice", PASSWORD).await.status, StatusCode::FORBIDDEN);
    site.house.log_in("alice", NEW).await.unwrap();
}

#[tokio::test]
async fn an_account_is_deleted_with_the_password_once_more() {
    let site = settled().await;
    let mut browser = signed_in(&site).await;
    let page = browser.get("/account/delete").await;
    page.assert_shows("alice@chat.example");
    let answer = browser.submit(&page, &[("password", "wrong horse battery")]).await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
    assert!(site.house.broker.account_exists(&domain(), "alice").await.unwrap());
    let stolen = browser.clone();
    let answer = browser.submit(&page, &[("password", PASSWORD)]).await;
    assert_eq!(answer.status, StatusCode::OK);
    answer.assert_shows("is deleted");
    assert!(!site.house.broker.account_exists(&domain(), "alice").await.unwrap());
    assert!(!is_in(&mut browser).await && !is_in(&mut stolen.clone()).await);
}

#[tokio::test]
async fn people_download_what_is_kept_about_them_and_nothing_that_proves_a_password() {
    let site = settled().await;
    let mut browser = signed_in(&site).await;
    let answer = browser.get("/account/data.json").await;
    assert_eq!(answer.header("content-disposition"), "attachment; filename=\"account-alice.json\"");
    assert_eq!(answer.header("cache-control"), "no-store");
    let data: serde_json::Value = serde_json::from_str(&answer.body).unwrap();
    assert_eq!(data["account"]["email"], "alice@mail.example");
    assert!(data["events"].as_array().unwrap().iter().any(|event| event["action"] == "registered"), "{data}");
    assert!(!answer.body.contains("argon2") && !answer.body.contains("password_hash"));

    let answer = browser.get("/account/data.xml").await;
    let xml: minidom::Element = answer.body.split_once("?>").unwrap().1.trim().parse().unwrap();
    let host = xml.get_child("host", "urn:xmpp:pie:0").unwrap();
    assert_eq!(host.attr("jid"), Some("chat.example"));
    assert_eq!(host.get_child("user", "urn:xmpp:pie:0").unwrap().attr("name"), Some("alice"));
    for path in ["/account/data.json", "/account/data.xml"] {
        assert_eq!(site.browser().get(path).await.location(), "/signin");
    }
}

#[tokio::test]
async fn a_session_ends_after_an_hour_with_a_suspension_and_when_it_is_made_up() {
    let site = settled().await;
    let mut browser = signed_in(&site).await;
    site.house.pass(SignedDuration::from_mins(59));
    assert!(is_in(&mut browser).await);
    site.house.pass(SignedDuration::from_mins(2));
    assert!(!is_in(&mut browser).await);

    let mut browser = signed_in(&site).await;
    site.house.broker.suspend(&operator(), &domain(), "alice", None).await.unwrap();
    assert!(!is_in(&mut browser).await);
    site.house.broker.resume(&operator(), &domain(), "alice").await.unwrap();
    let mut forged = signed_in(&site).await;
    forged.cookies.get_mut("ostiary-signed-in").unwrap().push('x');
    assert!(!is_in(&mut forged).await);
    assert!(site.house.store.account(&domain(), &name("alice")).await.unwrap().is_some());
}

#[tokio::test]
async fn no_foreign_page_signs_anybody_in_or_out_or_does_anything_with_the_account() {
    let site = settled().await;
    let mut browser = signed_in(&site).await;
    for (path, fields) in [
        ("/signin", vec![("username", "alice"), ("password", PASSWORD)]),
        ("/signout", vec![]),
        ("/account/password", vec![("password", PASSWORD), ("new-password", NEW)]),
        ("/account/delete", vec![("password", PASSWORD)]),
    ] {
        let answer = browser.post(path, &fields).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{path}");
        let forged = [fields.as_slice(), &[("csrf", "AAAA")]].concat();
        assert_eq!(browser.post(path, &forged).await.status, StatusCode::FORBIDDEN, "{path}");
    }
    assert!(is_in(&mut browser).await);
    site.house.log_in("alice", PASSWORD).await.unwrap();
}

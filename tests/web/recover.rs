//! A forgotten password on the web.

use hyper::StatusCode;

use crate::{
    browser::Site,
    support::broker::{PASSWORD, code, eventually, link, wrong_code},
};

const NEW: &str = "a wholly new password";

#[tokio::test]
async fn somebody_who_forgot_the_password_sets_a_new_one_with_the_code() {
    let site = Site::new().await;
    site.house.settle("ada", "ada@example.org").await;
    let mut browser = site.browser();
    browser.get("/").await.assert_shows("href=\"/recover\"");
    let form = browser.get("/recover").await;
    let answer = browser.submit(&form, &[("username", "ada")]).await;
    let page = browser.follow(&answer).await;
    page.assert_shows("role=\"status\"");
    assert!(page.input("username").contains("value=\"ada\""), "the name need not be typed again");
    eventually("the letter", || async { site.house.store.counts().await.unwrap().letters_waiting == 1 })
        .await;
    let letter = site.house.letter().await;

    let fields = |code| [("username", "ada"), ("code", code), ("password", NEW)];
    let other = wrong_code(&letter);
    let wrong = browser.submit(&page, &fields(&other)).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(!wrong.body.contains(NEW));
    let typed = code(&letter);
    let weak = browser.submit(&wrong, &[("username", "ada"), ("code", &typed), ("password", "short")]).await;
    assert_eq!(weak.status, StatusCode::UNPROCESSABLE_ENTITY);
    let answer = browser.submit(&weak, &fields(&typed)).await;
    assert_eq!(answer.location(), "/recover/done");
    browser.follow(&answer).await.assert_shows("Your password is changed");
    site.house.log_in("ada", NEW).await.unwrap();
}

#[tokio::test]
async fn the_link_of_the_letter_asks_for_the_password_alone_and_looking_changes_nothing() {
    let site = Site::new().await;
    site.house.settle("ada", "ada@example.org").await;
    let path = format!("/recover/code?token={}", link(&site.house.recovery_letter("ada").await).expose());
    let mut browser = site.browser();
    browser.send("HEAD", &path, None).await;
    let page = browser.get(&path).await;
    page.assert_shows("ada@chat.example");
    assert!(!page.body.contains("name=\"code\""));
    site.house.log_in("ada", PASSWORD).await.unwrap();
    let weak = browser.submit(&page, &[("password", "short")]).await;
    assert_eq!(weak.status, StatusCode::UNPROCESSABLE_ENTITY);
    let answer = browser.submit(&weak, &[("password", NEW)]).await;
    assert_eq!(answer.location(), "/recover/done");
    site.house.log_in("ada", NEW).await.unwrap();
    let used = browser.get(&path).await;
    assert_eq!(used.status, StatusCode::UNPROCESSABLE_ENTITY);
    used.input("username");
}

#[tokio::test]
async fn a_stranger_sees_no_difference_between_names() {
    let site = Site::new().await;
    site.house.settle("ada", "ada@example.org").await;
    let mut pages = Vec::new();
    for name in ["ada", "bob"] {
        let mut browser = site.browser();
        let form = browser.get("/recover").await;
        let answer = browser.submit(&form, &[("username", name)]).await;
        let page = browser.follow(&answer).await;
        let csrf = page.hidden_field("csrf");
        pages.push(page.body.replace(name, "NAME").replace(&csrf, "CSRF"));
    }
    assert_eq!(pages[0], pages[1]);
    for token in ["AAAAAAAAAAAAAAAAAAAAAA", "x", "%3Cscript%3E"] {
        let page = site.browser().get(&format!("/recover/code?token={token}")).await;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY, "{token}");
        assert!(!page.body.contains("<script"));
    }
}

//! Signing in, and what people can do with their accounts then.

use hyper::StatusCode;
use jiff::SignedDuration;
use ostiary::accounts::{Letter, LetterKind};
use secrecy::ExposeSecret;

use crate::{
    browser::{Answer, Browser, Site, attribute},
    support::broker::{PASSWORD, Plan, domain, name, operator},
};

const NEW: &str = "a wholly new password";

async fn settled() -> Site {
    settled_as(Plan::default()).await
}

async fn settled_as(plan: Plan) -> Site {
    let site = Site::planned(plan, |_| {}).await;
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
async fn where_there_is_no_grace_an_account_is_deleted_with_the_password_once_more() {
    let site = settled_as(Plan::with(|policy| policy.deletion_grace = jiff::SignedDuration::ZERO)).await;
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
async fn a_deletion_can_be_taken_back_until_its_time_has_come() {
    let site = settled().await;
    let house = &site.house;
    let mut browser = signed_in(&site).await;
    let page = browser.get("/account/delete").await;
    page.assert_shows("will be deleted on 28 November 2026");
    assert_eq!(
        browser.submit(&page, &[("password", "wrong horse battery")]).await.status,
        StatusCode::FORBIDDEN
    );
    let answer = browser.submit(&page, &[("password", PASSWORD)]).await;
    assert_eq!(answer.status, StatusCode::OK);
    answer.assert_shows("The account will be deleted");
    assert!(!is_in(&mut browser).await, "every session has ended");
    let told = house.letter().await;
    assert_eq!(told.to.as_str(), "alice@mail.example");
    assert!(matches!(told.kind, LetterKind::Leaving { .. }), "{told:?}");

    let refused = sign_in(&mut site.browser(), "alice", PASSWORD).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    refused.assert_shows("Until then you can keep it");
    refused.assert_shows("href=\"/account/keep\"");
    let stranger = sign_in(&mut site.browser(), "alice", "wrong horse battery").await;
    assert!(!stranger.body.contains("keep"), "only with the right password");
    assert!(register_again(&site).await.is_client_error(), "the name stays hers");

    house.pass(jiff::SignedDuration::from_hours(24 * 6));
    house.broker.purge().await.unwrap();
    let mut browser = site.browser();
    let form = browser.get("/account/keep").await;
    let wrong = browser.submit(&form, &[("username", "alice"), ("password", "wrong horse battery")]).await;
    assert_eq!(wrong.status, StatusCode::FORBIDDEN);
    let kept = browser.submit(&form, &[("username", "alice"), ("password", PASSWORD)]).await;
    kept.assert_shows("The account stays");
    house.log_in("alice", PASSWORD).await.unwrap();
    let nothing = browser.submit(&form, &[("username", "alice"), ("password", PASSWORD)]).await;
    assert!(nothing.status.is_client_error(), "there is nothing to take back");

    let mut browser = signed_in(&site).await;
    let page = browser.get("/account/delete").await;
    browser.submit(&page, &[("password", PASSWORD)]).await;
    house.pass(jiff::SignedDuration::from_hours(24 * 7 - 1));
    house.broker.purge().await.unwrap();
    assert!(house.broker.account_exists(&domain(), "alice").await.unwrap());
    house.pass(jiff::SignedDuration::from_hours(1));
    house.broker.purge().await.unwrap();
    assert!(!house.broker.account_exists(&domain(), "alice").await.unwrap());
    let late = site.browser().submit(&form, &[("username", "alice"), ("password", PASSWORD)]).await;
    assert_eq!(late.status, StatusCode::FORBIDDEN);
    assert!(register_again(&site).await.is_client_error(), "a tombstone keeps the name");
}

async fn register_again(site: &Site) -> StatusCode {
    let mut browser = site.browser();
    let form = browser.get("/register").await;
    let fields = [("username", "alice"), ("password", PASSWORD), ("email", "mallory@mail.example")];
    browser.submit(&form, &fields).await.status
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
        ("/account/email", vec![("password", PASSWORD), ("email", "new@mail.example")]),
        ("/account/email/code", vec![("code", "123456")]),
    ] {
        let answer = browser.post(path, &fields).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{path}");
        let forged = [fields.as_slice(), &[("csrf", "AAAA")]].concat();
        assert_eq!(browser.post(path, &forged).await.status, StatusCode::FORBIDDEN, "{path}");
    }
    assert!(is_in(&mut browser).await);
    site.house.log_in("alice", PASSWORD).await.unwrap();
}

#[tokio::test]
async fn another_address_proves_itself_before_it_takes_the_place_of_the_old_one_which_is_told() {
    let site = settled().await;
    let mut browser = signed_in(&site).await;
    let page = browser.get("/account/email").await;
    let letters = || async { site.house.store.counts().await.unwrap().letters_waiting };
    for (password, email, status) in [
        ("wrong horse battery", "new@mail.example", StatusCode::FORBIDDEN),
        (PASSWORD, "nonsense", StatusCode::UNPROCESSABLE_ENTITY),
    ] {
        let answer = browser.submit(&page, &[("password", password), ("email", email)]).await;
        assert_eq!(answer.status, status, "{email}");
        assert!(!answer.body.contains(password));
    }
    assert_eq!(letters().await, 0);
    let answer = browser.submit(&page, &[("password", PASSWORD), ("email", "new@mail.example")]).await;
    assert_eq!(answer.location(), "/account/email/code");
    let page = browser.follow(&answer).await;
    let letter = site.house.letter().await;
    assert_eq!(letter.to.as_str(), "new@mail.example");
    let right = change_code(&letter);
    let other = if right == "000000" { "000001" } else { "000000" };
    let wrong = browser.submit(&page, &[("code", other)]).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    browser.get("/account").await.assert_shows("alice@mail.example");

    let answer = browser.submit(&wrong, &[("code", &right)]).await;
    assert_eq!(answer.location(), "/account", "{}", answer.body);
    browser.follow(&answer).await.assert_shows("new@mail.example");
    let farewell = site.house.letter().await;
    assert_eq!(farewell.to.as_str(), "alice@mail.example");
    assert!(matches!(&farewell.kind, LetterKind::EmailChanged { masked } if masked == "n***@mail.example"));
    let again = browser.submit(&wrong, &[("code", &right)]).await;
    assert_eq!(again.status, StatusCode::UNPROCESSABLE_ENTITY, "a code counts once");
    // The old address is free again, and the new one is not.
    site.house.settle("bob", "alice@mail.example").await;
    site.house.register("carol", "new@mail.example").await.unwrap();
    assert!(matches!(site.house.letter().await.kind, LetterKind::AlreadyRegistered { .. }));
}

#[tokio::test]
async fn nobody_learns_from_a_change_whether_an_address_has_an_account_nor_takes_it() {
    let site = settled().await;
    site.house.settle("bob", "bob@mail.example").await;
    let mut browser = signed_in(&site).await;
    let page = browser.get("/account/email").await;
    let answer = browser.submit(&page, &[("password", PASSWORD), ("email", "Bob@mail.example")]).await;
    assert_eq!(answer.location(), "/account/email/code", "as for any other address");
    let letter = site.house.letter().await;
    assert!(matches!(&letter.kind, LetterKind::AlreadyRegistered { existing } if existing.as_str() == "bob"));
    let page = browser.follow(&answer).await;
    for _ in 0..6 {
        let answer = browser.submit(&page, &[("code", "123456")]).await;
        assert!(answer.status.is_client_error(), "{}", answer.status);
    }
    let account = site.house.store.account(&domain(), &name("alice")).await.unwrap().unwrap();
    assert_eq!(account.email.unwrap().as_str(), "alice@mail.example");
}

#[tokio::test]
async fn another_password_ends_a_change_that_somebody_else_has_begun_and_time_ends_it_too() {
    let site = settled().await;
    for ending in ["password", "time"] {
        let mut browser = signed_in(&site).await;
        let page = browser.get("/account/email").await;
        browser.submit(&page, &[("password", PASSWORD), ("email", "new@mail.example")]).await;
        let code = change_code(&site.house.letter().await);
        if ending == "password" {
            site.house.broker.change_password(&operator(), &domain(), "alice", PASSWORD, None).await.unwrap();
            browser = signed_in(&site).await;
        } else {
            site.house.pass(SignedDuration::from_mins(31));
        }
        let page = browser.get("/account/email/code").await;
        let answer = browser.submit(&page, &[("code", &code)]).await;
        assert!(answer.status.is_client_error(), "{ending}: {}", answer.status);
    }
    site.house.broker.purge().await.unwrap();
    let account = site.house.store.account(&domain(), &name("alice")).await.unwrap().unwrap();
    assert_eq!(account.email.unwrap().as_str(), "alice@mail.example");
}

fn change_code(letter: &Letter) -> String {
    match &letter.kind {
        LetterKind::ChangeEmail { code, .. } => code.expose_secret().to_owned(),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_hint_says_how_hard_a_new_password_is_to_guess() {
    let site = Site::new().await;
    let mut browser = site.browser().with("accept-language", "de");
    let page = browser.get("/register").await;
    assert_eq!(attribute(page.input("password"), "data-strength").unwrap(), "/password/strength");
    assert!(page.header("content-security-policy").contains("; connect-src 'self';"));
    let token = page.hidden_field("csrf");
    let ask = async |browser: &mut Browser, password: &str, username: &str| {
        let fields = [("csrf", token.as_str()), ("password", password), ("username", username)];
        let answer = browser.post("/password/strength", &fields).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
        serde_json::from_str::<serde_json::Value>(&answer.body).unwrap()
    };
    let weak = ask(&mut browser, "password", "ada").await;
    assert_eq!(
        (&weak["score"], weak["text"].as_str().unwrap().starts_with("Sehr leicht")),
        (&0.into(), true)
    );
    let strong = ask(&mut browser, "correct horse battery staple", "ada").await;
    assert_eq!((&strong["score"], strong["text"].as_str()), (&4.into(), Some("Sehr schwer zu erraten.")));
    let own = ask(&mut browser, "chat.example77", "ada").await["score"].as_u64();
    let other = ask(&mut browser, "cpvtoexrnple77", "ada").await["score"].as_u64();
    assert!(own < other, "{own:?} {other:?}");
    let foreign = site.browser().post("/password/strength", &[("password", "x")]).await;
    assert_eq!(foreign.status, StatusCode::FORBIDDEN, "from our own pages only");
    let mut asked = 4;
    loop {
        let fields = [("csrf", token.as_str()), ("password", "x"), ("username", "")];
        if browser.post("/password/strength", &fields).await.status == StatusCode::TOO_MANY_REQUESTS {
            break;
        }
        asked += 1;
        assert!(asked < 100, "without end");
    }
    assert_eq!(asked, 60);
}

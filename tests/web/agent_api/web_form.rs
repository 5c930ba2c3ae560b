//! `CreateWebForm`: the form of a web page, with a CAPTCHA in front.

use std::sync::Arc;

use hyper::StatusCode;
use ostiary::accounts::{
    AccountState, Front, KeyOwner, Origin, SiteService, WebFormGate,
    challenge::{Addressee, ChallengeKey},
};
use serde_json::{Value, json};

use super::{NAMESPACE, problem};
use crate::{
    browser::{Answer, Browser, Site},
    captcha_site::{Mood, SECRET, Service},
    support::broker::{House, PASSWORD, Plan, code, domain, name, operator},
};

const PATH: &str = "/Agent/Account/CreateWebForm";

/// A service whose web form stands behind the CAPTCHA service, with a key for so many accounts.
async fn served(limit: u32) -> (Site, Service) {
    let service = Service::start().await;
    let plan = Plan {
        web_form_gate: WebFormGate::Service,
        captcha_service: Some(Arc::new(service.client(SECRET))),
        ..Plan::default()
    };
    let site = Site::planned(plan, |settings| {
        settings.captcha_site = Some(ostiary::http::CaptchaSite {
            service: SiteService::Turnstile,
            site_key: "site-key".to_owned(),
            action: Some("register".to_owned()),
        });
    });
    let site = site.await;
    set_aside(&site.house, limit).await;
    (site, service)
}

async fn set_aside(house: &House, limit: u32) -> ostiary::accounts::ApiKey {
    let owner = KeyOwner::parse("Agent API").unwrap();
    house.broker.create_key(&operator(), &domain(), owner, limit).await.unwrap().0
}

fn fields<'a>(username: &'a str, response: &'a str) -> Vec<(&'a str, &'a str)> {
    // As the documentation writes them; the address belongs to the name.
    vec![
        ("UserName", username),
        ("EMail", "alice@mail.example"),
        ("PhoneNr", ""),
        ("Password", PASSWORD),
        ("RedirectionUrl", "https://app.example/signup/done?step=2"),
        ("g-recaptcha-response", response),
    ]
}

/// What the picture of a page shows.
pub fn picture_text(site: &Site, page: &Answer) -> String {
    let (domain, policy) = (domain(), &site.house.plan.domains[0].captcha);
    let origin = Origin { address: Some("127.0.0.1".parse().unwrap()), ..Origin::of(Front::Web) };
    let from = Addressee { domain: &domain, policy, origin: &origin };
    let key = ChallengeKey::new(&site.house.keyring);
    key.recognise(&page.hidden_field("challenge"), from, site.house.now()).unwrap().picture_text()
}

async fn exists(site: &Site, username: &str) -> bool {
    site.house.store.account(&domain(), &name(username)).await.unwrap().is_some()
}

/// What a page of that origin learns of the session.
async fn session_token(browser: &Browser, origin: Option<&str>) -> Answer {
    let mut browser = browser.clone().with("content-type", "application/json");
    if let Some(origin) = origin {
        browser = browser.with("origin", origin);
    }
    browser.send("POST", "/Agent/Account/GetSessionToken", Some("{}".to_owned())).await
}

#[tokio::test]
async fn the_whole_way_from_the_form_to_the_login() {
    let (site, service) = served(5).await;
    let mut browser = site.browser();
    let answer = browser.post(PATH, &fields("alice", &service.solved())).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
    assert_eq!(answer.location(), "https://app.example/signup/done?step=2");
    let cookies: Vec<_> = answer.headers.get_all("set-cookie").iter().map(|c| c.to_str().unwrap()).collect();
    let made = cookies.iter().find(|cookie| cookie.starts_with("ostiary-made=")).unwrap();
    assert!(made.contains("; HttpOnly; SameSite=Lax") && made.contains("Max-Age=3600"), "{made}");
    assert_eq!(service.asked()[0]["remoteip"], "127.0.0.1");
    let account = site.house.store.account(&domain(), &name("alice")).await.unwrap().unwrap();
    assert_eq!(account.state, AccountState::Pending);

    let answer = session_token(&browser, None).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
    let session: Value = serde_json::from_str(&answer.body).unwrap();
    assert!(session["seconds"].as_i64().is_some_and(|seconds| (3590..=3600).contains(&seconds)), "{session}");
    let account = &session["AccountCreated"];
    assert_eq!((account["enabled"].as_bool(), account["canRelay"].as_bool()), (Some(false), Some(false)));
    let token = account["jwt"].as_str().unwrap();

    let call = |resource: &'static str, token: Option<&str>, body: Value| {
        let mut browser = site.browser().with("content-type", "application/json");
        if let Some(token) = token {
            browser = browser.with("authorization", format!("Bearer {token}"));
        }
        async move { browser.send("POST", &format!("/Agent/Account/{resource}"), Some(body.to_string())).await }
    };
    assert_eq!(call("Info", Some(token), json!({})).await.status, StatusCode::OK);
    let code = code(&site.house.letter().await);
    let verify = json!({ "eMail": "alice@mail.example", "code": code });
    assert_eq!(call("VerifyEMail", None, verify).await.status, StatusCode::OK);
    let login = json!({ "userName": "alice", "password": PASSWORD, "seconds": 60 });
    assert_eq!(call("Login", None, login).await.status, StatusCode::OK);

    assert_eq!(call("Logout", Some(token), json!({})).await.status, StatusCode::OK);
    assert_eq!(
        session_token(&browser, None).await.status,
        StatusCode::FORBIDDEN,
        "a logout ends the session, too"
    );
}

#[tokio::test]
async fn the_session_ends_with_the_password_it_was_made_with() {
    let (site, service) = served(5).await;
    let mut browser = site.browser();
    browser.post(PATH, &fields("alice", &service.solved())).await;
    site.house
        .broker
        .change_password(&operator(), &domain(), "alice", "another horse entirely", None)
        .await
        .unwrap();
    problem(&session_token(&browser, None).await, StatusCode::FORBIDDEN);
    problem(&session_token(&site.browser(), None).await, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn the_token_of_a_session_is_for_the_pages_that_people_are_sent_on_to() {
    let (site, service) = served(5).await;
    let mut browser = site.browser();
    browser.post(PATH, &fields("alice", &service.solved())).await;
    let answer = session_token(&browser, Some("https://app.example")).await;
    assert_eq!(answer.status, StatusCode::OK);
    assert_eq!(answer.header("access-control-allow-origin"), "https://app.example");
    assert_eq!(answer.header("access-control-allow-credentials"), "true");
    for origin in ["https://evil.example", "http://app.example", "https://app.example.evil.example", "null"] {
        let answer = session_token(&browser, Some(origin)).await;
        problem(&answer, StatusCode::FORBIDDEN);
        assert!(answer.headers.get("access-control-allow-credentials").is_none());
    }
    let xml = browser.clone().with("accept", "text/xml").with("content-type", "text/xml");
    let body = format!("<GetSessionToken xmlns='{NAMESPACE}'/>");
    let answer = xml.clone().send("POST", "/Agent/Account/GetSessionToken", Some(body)).await;
    assert!(answer.body.contains("<AccountCreated"), "{}", answer.body);
}

#[tokio::test]
async fn without_a_captcha_that_counts_nothing_is_made_and_no_letter_leaves() {
    let (site, service) = served(5).await;
    let used = service.solved();
    assert_eq!(site.browser().post(PATH, &fields("first", &used)).await.status, StatusCode::SEE_OTHER);
    site.house.letter().await;
    for (response, status) in [("", 400), ("made up", 400), (used.as_str(), 400)] {
        let answer = site.browser().post(PATH, &fields("alice", response)).await;
        problem(&answer, StatusCode::from_u16(status).unwrap());
    }
    service.feels(Mood::Broken);
    let answer = site.browser().post(PATH, &fields("alice", &service.solved())).await;
    assert!(problem(&answer, StatusCode::SERVICE_UNAVAILABLE).contains("Try again"), "{}", answer.body);
    assert!(answer.headers.contains_key("retry-after"));
    assert!(!exists(&site, "alice").await && site.house.letters().await.is_empty());
}

#[tokio::test]
async fn it_works_while_a_key_of_that_very_owner_has_accounts_left() {
    let service = Service::start().await;
    let plan = Plan {
        web_form_gate: WebFormGate::Service,
        captcha_service: Some(Arc::new(service.client(SECRET))),
        ..Plan::default()
    };
    let site = Site::planned(plan, |_| {}).await;
    let broker = &site.house.broker;
    for owner in ["agent api", "Agent API 2", "Acme"] {
        broker.create_key(&operator(), &domain(), KeyOwner::parse(owner).unwrap(), 5).await.unwrap();
    }
    let answer = site.browser().post(PATH, &fields("alice", &service.solved())).await;
    assert!(problem(&answer, StatusCode::FORBIDDEN).contains("API key"));

    let key = set_aside(&site.house, 1).await;
    assert_eq!(
        site.browser().post(PATH, &fields("alice", &service.solved())).await.status,
        StatusCode::SEE_OTHER
    );
    let answer = site.browser().post(PATH, &fields("bob", &service.solved())).await;
    assert!(problem(&answer, StatusCode::FORBIDDEN).contains("No more accounts"));
    broker.revoke_key(&operator(), &key.id).await.unwrap();
    let answer = site.browser().post(PATH, &fields("bob", &service.solved())).await;
    assert!(problem(&answer, StatusCode::FORBIDDEN).contains("API key"));
    assert!(!exists(&site, "bob").await);
}

#[tokio::test]
async fn of_many_who_come_at_once_exactly_as_many_get_in_as_the_key_allows() {
    let (site, service) = served(3).await;
    let posts = (0..8).map(|number| {
        let (mut browser, response) = (site.browser(), service.solved());
        async move {
            let username = format!("user{number}");
            browser.post(PATH, &fields(&username, &response)).await.status
        }
    });
    let made = futures::future::join_all(posts).await;
    assert_eq!(made.iter().filter(|status| **status == StatusCode::SEE_OTHER).count(), 3, "{made:?}");
}

#[tokio::test]
async fn people_are_sent_on_only_to_where_the_operator_allows() {
    let (site, service) = served(50).await;
    for url in [
        "https://evil.example/",
        "//evil.example/",
        "/signup",
        "https://app.example/",
        "https://app.example/signup/../admin",
        "https://app.example@evil.example/signup",
        "https:\\\\app.example\\signup",
        "http://app.example/signup",
        "https://app.example:444/signup",
        "https://app.example.evil.example/signup",
        "https://xn--pp-9gc.example/signup",
        "https://app.example/signup\r\nSet-Cookie: a=b",
        "javascript:alert(1)",
    ] {
        let response = service.solved();
        let mut sent = fields("alice", &response);
        sent[4].1 = url;
        let answer = site.browser().post(PATH, &sent).await;
        assert!(problem(&answer, StatusCode::BAD_REQUEST).contains("RedirectionUrl"), "{url}");
        assert!(answer.headers.get("location").is_none() && answer.headers.get("set-cookie").is_none());
    }
    assert!(!exists(&site, "alice").await);
    let response = service.solved();
    let mut sent = fields("alice", &response);
    sent[4].1 = "";
    let answer = site.browser().with("host", "evil.example").post(PATH, &sent).await;
    assert_eq!((answer.status, answer.location()), (StatusCode::SEE_OTHER, "/verify"));
}

#[tokio::test]
async fn bad_forms_are_told_in_text_and_make_nothing() {
    let (site, service) = served(50).await;
    let response = service.solved();
    for (change, status, said) in [
        (("UserName", ""), 400, "UserName is missing"),
        (("EMail", ""), 400, "EMail is missing"),
        (("Password", ""), 400, "Password is missing"),
        (("PhoneNr", "+15550100"), 400, "PhoneNr"),
        (("EMail", "alice@mail.example\r\nBcc: eve@mail.example"), 400, "e-mail"),
        (("UserName", "a b"), 400, "username"),
        (("UserName", "a{{7*7}}"), 400, "username"),
        (("Password", "short"), 400, "8"),
    ] {
        let mut sent = fields("alice", &response);
        sent.iter_mut().find(|(name, _)| *name == change.0).unwrap().1 = change.1;
        let answer = site.browser().post(PATH, &sent).await;
        let text = problem(&answer, StatusCode::from_u16(status).unwrap());
        assert!(text.contains(said), "{change:?}: {text}");
        assert!(!text.contains(PASSWORD) && !text.contains("short"), "{text}");
    }
    let twice = [fields("alice", &response), vec![("username", "bob")]].concat();
    problem(&site.browser().post(PATH, &twice).await, StatusCode::BAD_REQUEST);
    let odd = [fields("alice", &response), vec![("Seconds", "4000")]].concat();
    assert!(problem(&site.browser().post(PATH, &odd).await, StatusCode::BAD_REQUEST).contains("Seconds"));
    let much = "x".repeat(20_000);
    let long = [fields("alice", &response), vec![("x", much.as_str())]].concat();
    problem(&site.browser().post(PATH, &long).await, StatusCode::PAYLOAD_TOO_LARGE);
    for (kind, body, status) in [
        ("application/json", "{}", 415),
        ("text/plain", "UserName=alice", 415),
        ("application/x-www-form-urlencoded; charset=utf-16", "UserName=alice", 415),
        ("application/x-www-form-urlencoded", "UserName=%zz", 400),
        ("application/x-www-form-urlencoded", "UserName=%ff", 400),
        ("multipart/form-data", "x", 400),
        (
            "multipart/form-data; boundary=b",
            "--b\r\nContent-Disposition: form-data; name=\"UserName\"\r\n\r\nali",
            400,
        ),
        (
            "multipart/form-data; boundary=b",
            "--b\r\nContent-Disposition: form-data; name=\"UserName\"; filename=\"a\"\r\n\r\na\r\n--b--\r\n",
            400,
        ),
    ] {
        let answer =
            site.browser().with("content-type", kind).send("POST", PATH, Some(body.to_owned())).await;
        problem(&answer, StatusCode::from_u16(status).unwrap());
    }
    assert!(!exists(&site, "alice").await && site.house.letters().await.is_empty());
    assert!(service.asked().is_empty(), "what is wrong anyway is not asked about");
}

#[tokio::test]
async fn a_multipart_form_is_as_good_and_names_come_in_any_case() {
    let (site, service) = served(5).await;
    let response = service.solved();
    let part = |name: &str, value: &str| {
        format!("--b\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n")
    };
    let fields = fields("alice", &response);
    let body: String = fields.iter().map(|(name, value)| part(&name.to_lowercase(), value)).collect();
    let browser = site.browser().with("content-type", "multipart/form-data; boundary=b");
    let answer = browser.clone().send("POST", PATH, Some(format!("{body}--b--\r\n"))).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
    assert!(exists(&site, "alice").await);
    // A browser that is not asked for the CAPTCHA twice gets the name told as taken.
    let again = site.browser().post(PATH, &self::fields("alice", &service.solved())).await;
    problem(&again, StatusCode::CONFLICT);
}

#[tokio::test]
async fn the_page_tells_how_the_form_stands_and_loads_the_script_of_the_service_there_alone() {
    let (site, _service) = served(7).await;
    let page = site.browser().get(PATH).await;
    assert_eq!(page.status, StatusCode::OK);
    for text in ["API key configured", "Account limit", "7", "Can be used now", "chat.example"] {
        page.assert_shows(text);
    }
    assert!(page.body.contains("class=\"cf-turnstile\" data-sitekey=\"site-key\" data-action=\"register\""));
    let policy = page.header("content-security-policy");
    assert!(policy.contains("script-src 'self' https://challenges.cloudflare.com;"), "{policy}");
    assert!(!policy.contains("unsafe"), "{policy}");
    assert!(!page.body.contains("loads nothing from elsewhere"), "it does");
    // Browsers hold the address that a form is sent on to against the policy, too.
    assert!(policy.contains("form-action 'self' https://app.example;"), "{policy}");
    let usual = site.browser().get("/register").await;
    assert!(!usual.header("content-security-policy").contains("https:"));

    let closed = Site::planned(Plan { web_form_gate: WebFormGate::Service, ..Plan::default() }, |_| {}).await;
    set_aside(&closed.house, 7).await;
    let page = closed.browser().get(PATH).await;
    assert!(!page.body.contains("<form"), "{}", page.body);
    let answer = closed.browser().post(PATH, &fields("alice", "anything")).await;
    assert!(problem(&answer, StatusCode::FORBIDDEN).contains("no CAPTCHA service is configured"));
    assert!(!exists(&closed, "alice").await);
}

#[tokio::test]
async fn where_the_operator_chose_our_own_captcha_the_page_has_one_and_nothing_else_lets_in() {
    let site = Site::new().await;
    set_aside(&site.house, 7).await;
    let mut browser = site.browser();
    let page = browser.get(&format!("{PATH}?RedirectionUrl=https%3A%2F%2Fapp.example%2Fsignup%2Fdone")).await;
    let account = [("UserName", "alice"), ("EMail", "alice@mail.example"), ("Password", PASSWORD)];
    let wrong = [account.as_slice(), &[("ocr", "BBBBBB")]].concat();
    problem(&browser.submit(&page, &account).await, StatusCode::BAD_REQUEST);
    let picture = picture_text(&site, &page);
    let right = [account.as_slice(), &[("ocr", picture.as_str())]].concat();
    let answer = browser.submit(&page, &right).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
    assert_eq!(answer.location(), "https://app.example/signup/done");
    let next = browser.get(PATH).await;
    let bob = [("UserName", "bob"), ("EMail", "bob@mail.example"), ("Password", PASSWORD)];
    problem(&browser.submit(&next, &[bob.as_slice(), &wrong[3..]].concat()).await, StatusCode::BAD_REQUEST);
    problem(&browser.submit(&page, &[bob.as_slice(), &right[3..]].concat()).await, StatusCode::BAD_REQUEST);
    assert!(!exists(&site, "bob").await);
}

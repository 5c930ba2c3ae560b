//! What protects people: forms only from our own pages, headers, cookies, links, and the word of proxies.

use hyper::StatusCode;
use ostiary::broker::LimitSettings;

use crate::{
    browser::{Answer, Browser, Site, attribute},
    support::broker::{PASSWORD, Plan, domain},
};

const FIELDS: [(&str, &str); 3] = [("username", "ada"), ("password", PASSWORD), ("email", "ada@example.org")];

async fn exists(site: &Site, name: &str) -> bool {
    site.house.broker.account_exists(&domain(), name).await.unwrap()
}

async fn refused_as_foreign(site: &Site, answer: &Answer) {
    assert_eq!(answer.status, StatusCode::FORBIDDEN, "{}", answer.body);
    assert!(!answer.body.contains("ada"), "nothing of a foreign form is shown");
    answer.assert_shows("href=\"/register\"");
    assert!(!exists(site, "ada").await);
}

#[tokio::test]
async fn a_form_without_our_token_is_refused() {
    let site = Site::new().await;
    let mut browser = site.browser();
    refused_as_foreign(&site, &browser.post("/register", &FIELDS).await).await;
    browser.get("/register").await;
    refused_as_foreign(&site, &browser.post("/register", &FIELDS).await).await;
    for token in ["", "x", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"] {
        let all = [&[("csrf", token)], FIELDS.as_slice()].concat();
        refused_as_foreign(&site, &browser.post("/register", &all).await).await;
    }
}

#[tokio::test]
async fn a_token_is_worth_nothing_in_another_session() {
    let site = Site::new().await;
    let (mut victim, mut attacker) = (site.browser(), site.browser());
    let own = attacker.get("/register").await;
    refused_as_foreign(&site, &victim.submit(&own, &FIELDS).await).await;
    victim.get("/register").await;
    refused_as_foreign(&site, &victim.submit(&own, &FIELDS).await).await;
    attacker.submit(&own, &FIELDS).await.location();
}

#[tokio::test]
async fn a_form_that_another_site_sends_is_refused() {
    let site = Site::new().await;
    let own_origin = format!("http://{}", site.address);
    let cases: [(&'static str, &str, bool); 9] = [
        ("origin", "https://evil.example", false),
        ("origin", "http://127.0.0.1:1", false),
        ("sec-fetch-site", "cross-site", false),
        ("sec-fetch-site", "same-site", false),
        ("origin", &own_origin, true),
        // What browsers send from our pages, because these ask for no referrer.
        ("origin", "null", true),
        ("sec-fetch-site", "same-origin", true),
        ("sec-fetch-site", "none", true),
        ("x-unrelated", "x", true),
    ];
    for (index, (name, value, own)) in cases.into_iter().enumerate() {
        let mut browser = site.browser().with(name, value);
        let form = browser.get("/register").await;
        let username = format!("user{index}");
        let fields = [("username", username.as_str()), ("password", PASSWORD), ("email", "a@example.org")];
        let answer = browser.submit(&form, &fields).await;
        let expected = if own { StatusCode::SEE_OTHER } else { StatusCode::FORBIDDEN };
        assert_eq!(answer.status, expected, "{name}: {value}");
        assert_eq!(exists(&site, &username).await, own, "{name}: {value}");
    }
}

#[tokio::test]
async fn every_post_asks_for_the_token() {
    let site = Site::new().await;
    for path in
        ["/register", "/verify", "/verify/resend", "/verify/address", "/recover", "/recover/code", "/invite"]
    {
        let mut browser = site.browser();
        browser.get("/register").await;
        let answer = browser.post(path, &[("username", "ada"), ("code", "123456"), ("token", "x")]).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{path}");
    }
}

#[tokio::test]
async fn every_answer_carries_the_headers_that_protect() {
    let site = Site::new().await;
    let mut browser = site.browser();
    let style = attribute(browser.get("/").await.tag("<link rel=\"stylesheet\" "), "href").unwrap();
    let mut answers = Vec::new();
    for path in [
        "/",
        "/register",
        "/verify",
        "/verify/address",
        "/recover",
        "/recover/code",
        "/recover/done",
        "/welcome",
        "/nowhere",
        "/verify/resend",
        &style,
    ] {
        answers.push((path.to_owned(), browser.get(path).await));
    }
    answers.push(("foreign form".to_owned(), browser.post("/register", &FIELDS).await));
    answers.push(("large form".to_owned(), browser.post("/verify", &[("a", &"x".repeat(20_000))]).await));
    for (what, answer) in &answers {
        let policy = answer.header("content-security-policy");
        for part in ["default-src 'none'", "style-src 'self'", "form-action 'self'", "frame-ancestors 'none'"]
        {
            assert!(policy.contains(part), "{what}: {policy}");
        }
        assert!(policy.contains("base-uri 'none'") && !policy.contains("unsafe"), "{what}: {policy}");
        assert_eq!(answer.header("referrer-policy"), "no-referrer", "{what}");
        assert_eq!(answer.header("x-content-type-options"), "nosniff", "{what}");
        let cache = answer.header("cache-control");
        assert_eq!(cache == "no-store", *what != style, "{what}: {cache}");
    }
    let style = answers.iter().find(|(what, _)| *what == style).unwrap();
    assert!(style.1.header("cache-control").contains("immutable"));
    assert_eq!(style.1.header("content-type"), "text/css; charset=utf-8");
}

#[tokio::test]
async fn pages_load_nothing_from_elsewhere_and_run_nothing_but_our_own_files() {
    let site = Site::new().await;
    let mut browser = site.browser();
    for path in [
        "/",
        "/register",
        "/verify",
        "/verify/address",
        "/recover",
        "/recover/code",
        "/recover/done",
        "/nowhere",
    ] {
        let body = browser.get(path).await.body;
        let scripts: Vec<&str> = body.split("<script").skip(1).collect();
        let own = ["/register", "/recover/code"].contains(&path);
        assert_eq!(scripts.len(), usize::from(own), "{path}: where a password is chosen, and nowhere else");
        for script in scripts {
            assert!(
                script.starts_with(" src=\"/strength-") && script.contains(".js\" defer></script>"),
                "{script}"
            );
        }
        for forbidden in ["<style", " style=", "<iframe", "http://", "https://", " onclick", "\"//"] {
            assert!(!body.contains(forbidden), "{path}: {forbidden}");
        }
    }
}

#[tokio::test]
async fn cookies_cannot_be_read_by_scripts_or_sent_by_other_sites() {
    let site = Site::new().await;
    let answer = site.browser().get("/register").await;
    let cookie = answer.header("set-cookie");
    assert!(cookie.starts_with("ostiary-session="), "{cookie}");
    assert!(cookie.contains("; Path=/; HttpOnly; SameSite=Lax"), "{cookie}");
    assert!(!cookie.contains("Secure"), "a browser on loopback would not keep it: {cookie}");
    assert!(answer.headers.get("strict-transport-security").is_none(), "there is no TLS to insist on");
}

#[tokio::test]
async fn with_tls_cookies_are_tied_to_the_host() {
    let site = Site::planned(Plan::default(), |settings| {
        settings.base_url = "https://accounts.example/".parse().unwrap();
    })
    .await;
    let mut browser = site.browser();
    let form = browser.get("/register").await;
    let cookie = form.header("set-cookie");
    assert!(cookie.starts_with("__Host-ostiary-session="), "{cookie}");
    assert!(cookie.contains("; Secure"), "{cookie}");
    assert_eq!(form.header("strict-transport-security"), "max-age=31536000");
    // A cookie that a neighbour host can plant has no such prefix, and is not looked at.
    let value = browser.cookies.remove("__Host-ostiary-session").unwrap();
    browser.cookies.insert("ostiary-session".to_owned(), value);
    assert_eq!(browser.submit(&form, &FIELDS).await.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn the_account_in_the_cookie_can_be_neither_read_nor_made_up() {
    let site = Site::new().await;
    let mut browser = site.browser();
    let form = browser.get("/register").await;
    browser.submit(&form, &FIELDS).await.location();
    let sealed = browser.cookies["ostiary-account"].clone();
    assert!(!sealed.contains("ada"));
    for forged in
        [format!("{sealed}A"), sealed.replacen(&sealed[..4], "AAAA", 1), "e30".to_owned(), String::new()]
    {
        let mut other = site.browser();
        other.cookies.insert("ostiary-account".to_owned(), forged);
        let page = other.get("/verify").await;
        assert_eq!(page.status, StatusCode::OK);
        assert!(!page.body.contains("ada@"), "{}", page.body);
    }
}

#[tokio::test]
async fn a_forged_host_appears_nowhere() {
    let site = Site::new().await;
    let mut browser = site.browser().with("host", "evil.example").with("x-forwarded-host", "evil.example");
    for path in [
        "/",
        "/register",
        "/verify",
        "/welcome",
        "/recover",
        "/recover/code?username=a",
        "/nowhere",
        "//evil.example/",
        "/verify?lang=//evil.example",
    ] {
        let answer = browser.get(path).await;
        assert!(!answer.body.contains("evil"), "{path}: {}", answer.body);
        assert!(!format!("{:?}", answer.headers).contains("evil"), "{path}: {:?}", answer.headers);
    }
    let form = browser.get("/register").await;
    let answer = browser.submit(&form, &FIELDS).await;
    assert_eq!(answer.location(), "/verify");
}

#[tokio::test]
async fn a_base_address_with_a_folder_is_kept_in_every_link() {
    let site = Site::planned(Plan::default(), |settings| {
        settings.base_url = "https://example.org/chat/".parse().unwrap();
    })
    .await;
    let mut browser = site.browser();
    for path in ["/chat", "/chat/"] {
        browser.get(path).await.assert_shows("href=\"/chat/register\"");
    }
    assert_eq!(browser.get("/register").await.status, StatusCode::NOT_FOUND);
    assert_eq!(browser.get("/chat/nowhere").await.status, StatusCode::NOT_FOUND);
    let form = browser.get("/chat/register").await;
    let style = attribute(form.tag("<link rel=\"stylesheet\" "), "href").unwrap();
    assert_eq!(browser.get(&style).await.status, StatusCode::OK);
    let answer = browser.submit(&form, &FIELDS).await;
    assert_eq!(answer.location(), "/chat/verify");
    browser.follow(&answer).await.assert_shows("action=\"/chat/verify\"");
    assert_eq!(browser.send("PUT", "/chat/verify", None).await.status, StatusCode::METHOD_NOT_ALLOWED);
}

#[tokio::test]
async fn limits_count_the_client_that_a_trusted_proxy_names_and_nobody_else() {
    let limits = LimitSettings { registrations_per_hour: 1, ..Plan::default().limits };
    for (trusted, second) in [(true, StatusCode::SEE_OTHER), (false, StatusCode::TOO_MANY_REQUESTS)] {
        let site = Site::planned(Plan { limits: limits.clone(), ..Plan::default() }, |settings| {
            settings.trusted_proxies = trusted.then(|| "127.0.0.0/8".parse().unwrap()).into_iter().collect();
        })
        .await;
        let through = |claimed: &str| site.browser().with("x-forwarded-for", claimed);
        assert_eq!(register(through("192.0.2.1"), "first").await, StatusCode::SEE_OTHER);
        assert_eq!(register(through("192.0.2.2"), "second").await, second);
        // The left end is the client's own claim.
        let again = register(through("192.0.2.77, 192.0.2.1"), "third").await;
        assert_eq!(again, StatusCode::TOO_MANY_REQUESTS, "trusted: {trusted}");
    }
}

/// Registers on the page.
pub async fn register(mut browser: Browser, name: &str) -> StatusCode {
    let form = browser.get("/register").await;
    let email = format!("{name}@example.org");
    let fields = [("username", name), ("password", PASSWORD), ("email", &email)];
    browser.submit(&form, &fields).await.status
}

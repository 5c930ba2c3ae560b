//! What people do.

use std::collections::BTreeSet;

use hyper::StatusCode;
use jiff::SignedDuration;
use ostiary::{
    accounts::{AccountState, ContactPolicy, Domain, DomainPolicy, RegistrationMode},
    broker::LimitSettings,
};

use crate::{
    browser::{Answer, Browser, Site, attribute},
    support::broker::{PASSWORD, Plan, code, domain, eventually, link, wrong_code},
};

async fn register(site: &Site, name: &str, email: &str) -> (Browser, Answer) {
    let mut browser = site.browser();
    let form = browser.get("/register").await;
    let fields = [("username", name), ("password", PASSWORD), ("email", email)];
    let answer = browser.submit(&form, &fields).await;
    (browser, answer)
}

async fn state(site: &Site, name: &str) -> AccountState {
    site.house.broker.account(&domain(), name).await.unwrap().state
}

#[tokio::test]
async fn a_person_registers_and_proves_the_address_by_the_code() {
    let site = Site::new().await;
    let mut browser = site.browser();
    let start = browser.get("/").await;
    assert_eq!(start.status, StatusCode::OK);
    start.assert_shows("href=\"/register\"");
    assert!(browser.cookies.is_empty(), "a page without a form needs no cookie");

    let (mut browser, answer) = register(&site, "Ada", "ada@example.org").await;
    assert_eq!(answer.location(), "/verify");
    let page = browser.follow(&answer).await;
    page.assert_shows("ada@example.org");
    page.assert_shows("ada@chat.example");
    assert_eq!(state(&site, "ada").await, AccountState::Pending);
    browser.get("/").await.assert_shows("href=\"/verify\"");

    let letter = site.house.letter().await;
    assert_eq!(letter.to.as_str(), "ada@example.org");
    let answer = browser.submit(&page, &[("code", &code(&letter))]).await;
    assert_eq!(answer.location(), "/welcome");
    let welcome = browser.follow(&answer).await;
    welcome.assert_shows("<strong>ada@chat.example</strong>");
    welcome.assert_shows("Conversations");
    assert_eq!(state(&site, "ada").await, AccountState::Active);
    site.house.log_in("ada", PASSWORD).await.unwrap();
    browser.get("/").await.assert_shows("href=\"/welcome\"");
}

#[tokio::test]
async fn the_code_can_be_typed_in_another_browser_with_the_name() {
    let site = Site::new().await;
    register(&site, "ada", "ada@example.org").await;
    let letter = site.house.letter().await;
    let typed = code(&letter);
    let mut elsewhere = site.browser();
    let page = elsewhere.get("/verify").await;
    let spaced = format!("{} {}", &typed[..3], &typed[3..]);
    let answer = elsewhere.submit(&page, &[("username", "ADA"), ("code", &spaced)]).await;
    assert_eq!(answer.location(), "/welcome");
    assert_eq!(state(&site, "ada").await, AccountState::Active);
}

#[tokio::test]
async fn a_link_shows_a_button_and_looking_at_it_changes_nothing() {
    let site = Site::new().await;
    register(&site, "ada", "ada@example.org").await;
    let token = link(&site.house.letter().await);
    let path = format!("/verify?token={}", token.expose());

    let mut elsewhere = site.browser();
    elsewhere.send("HEAD", &path, None).await;
    let german = elsewhere.get(&format!("{path}&lang=de")).await;
    german.assert_shows("lang=\"de\"");
    let page = elsewhere.get(&format!("{path}&lang=en")).await;
    page.assert_shows("ada@chat.example");
    assert_eq!(state(&site, "ada").await, AccountState::Pending);

    let answer = elsewhere.submit(&page, &[]).await;
    assert_eq!(answer.location(), "/welcome");
    assert_eq!(state(&site, "ada").await, AccountState::Active);
    elsewhere.follow(&answer).await.assert_shows("ada@chat.example");
}

#[tokio::test]
async fn a_link_that_is_not_right_leads_to_the_form_for_the_code() {
    let site = Site::new().await;
    let mut browser = site.browser();
    for token in ["AAAAAAAAAAAAAAAAAAAAAA", "x", "", "%3Cscript%3E"] {
        let page = browser.get(&format!("/verify?token={token}")).await;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY, "{token}");
        page.assert_shows("role=\"alert\"");
        page.input("code");
        assert!(!page.body.contains("<script"), "{token}");
    }
}

#[tokio::test]
async fn another_letter_can_be_asked_for_and_the_old_code_ends() {
    let site = Site::new().await;
    let (mut browser, answer) = register(&site, "ada", "ada@example.org").await;
    let old = site.house.letter().await;
    let page = browser.follow(&answer).await;
    site.house.pass(SignedDuration::from_secs(61));

    let answer = browser.submit_to("/verify/resend", &page, &[]).await;
    let page = browser.follow(&answer).await;
    page.assert_shows("role=\"status\"");
    page.assert_shows("ada@example.org");
    eventually("the new letter", || async { site.house.store.counts().await.unwrap().letters_waiting == 1 })
        .await;
    let new = site.house.letter().await;
    let wrong = browser.submit(&page, &[("code", &code(&old))]).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    let answer = browser.submit(&wrong, &[("code", &code(&new))]).await;
    assert_eq!(answer.location(), "/welcome");
}

#[tokio::test]
async fn asking_for_letters_too_often_is_told_with_the_time_to_wait() {
    let site = Site::new().await;
    let (mut browser, answer) = register(&site, "ada", "ada@example.org").await;
    let page = browser.follow(&answer).await;
    site.house.pass(SignedDuration::from_secs(61));
    browser.submit_to("/verify/resend", &page, &[]).await.location();
    let again = browser.submit_to("/verify/resend", &page, &[]).await;
    assert_eq!(again.status, StatusCode::TOO_MANY_REQUESTS);
    let seconds: u64 = again.header("retry-after").parse().unwrap();
    assert!((1..=60).contains(&seconds), "{seconds}");
    again.assert_shows("role=\"alert\"");
    again.assert_shows("ada@chat.example");
}

#[tokio::test]
async fn a_letter_for_an_unknown_name_gets_the_same_answer() {
    let site = Site::new().await;
    site.house.settle("ada", "ada@example.org").await;
    let mut answers = Vec::new();
    for name in ["ada", "nobody"] {
        let mut browser = site.browser();
        let page = browser.get("/verify").await;
        let answer = browser.submit_to("/verify/resend", &page, &[("username", name), ("code", "")]).await;
        let page = browser.follow(&answer).await;
        let csrf = page.hidden_field("csrf");
        answers.push((answer.status, page.body.replace(&csrf, "").replace(name, "")));
    }
    assert_eq!(answers[0], answers[1]);
}

#[tokio::test]
async fn a_wrong_address_is_corrected_with_the_password() {
    let site = Site::new().await;
    let (mut browser, answer) = register(&site, "ada", "ada@exampel.org").await;
    let old = site.house.letter().await;
    browser.follow(&answer).await.assert_shows("href=\"/verify/address\"");
    let form = browser.get("/verify/address").await;
    assert_eq!(attribute(form.input("username"), "value").unwrap(), "ada");

    site.house.pass(SignedDuration::from_secs(1));
    let fields = |password, email| [("username", "ada"), ("password", password), ("email", email)];
    let wrong = browser.submit(&form, &fields("not it", "ada@example.org")).await;
    assert_eq!(wrong.status, StatusCode::FORBIDDEN);
    assert!(wrong.input("password").contains("aria-invalid=\"true\""));
    assert_eq!(attribute(wrong.input("email"), "value").unwrap(), "ada@example.org");
    let malformed = browser.submit(&wrong, &fields(PASSWORD, "nonsense")).await;
    assert_eq!(malformed.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(malformed.input("email").contains("aria-invalid=\"true\""));

    let answer = browser.submit(&malformed, &fields(PASSWORD, "ada@example.org")).await;
    let page = browser.follow(&answer).await;
    page.assert_shows("ada@example.org");
    let new = site.house.letter().await;
    assert_eq!(new.to.as_str(), "ada@example.org");
    assert_ne!(code(&new), code(&old));
    let answer = browser.submit(&page, &[("code", &code(&new))]).await;
    assert_eq!(answer.location(), "/welcome");
}

#[tokio::test]
async fn every_wrong_field_is_told_at_the_field_and_in_the_summary() {
    let site = Site::new().await;
    let mut browser = site.browser();
    let form = browser.get("/register").await;
    let typed = [("username", "a"), ("password", "sesame1"), ("email", "<nonsense>\"")];
    let page = browser.submit(&form, &typed).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    page.assert_shows("role=\"alert\" tabindex=\"-1\" autofocus");
    page.assert_shows("<title>Problem: ");
    for field in ["username", "password", "email"] {
        page.assert_shows(&format!("<a href=\"#{field}\">"));
        page.assert_shows(&format!("id=\"{field}-error\""));
        let input = page.input(field);
        assert!(input.contains("aria-invalid=\"true\""), "{input}");
        assert!(input.contains(&format!("aria-describedby=\"{field}-error {field}-hint\"")), "{input}");
    }
    assert_eq!(attribute(page.input("username"), "value").unwrap(), "a");
    assert_eq!(attribute(page.input("email"), "value").unwrap(), "<nonsense>\"");
    assert!(!page.body.contains("sesame1"), "a password must not be shown again");
    assert!(!page.body.contains("<nonsense>"));
}

#[tokio::test]
async fn every_field_has_a_label_and_tells_browsers_what_it_is_for() {
    let site = Site::new().await;
    let mut browser = site.browser();
    let page = browser.get("/register").await;
    for (name, kind, autocomplete) in [
        ("username", "text", "username"),
        ("password", "password", "new-password"),
        ("email", "email", "email"),
    ] {
        page.assert_shows(&format!("<label for=\"{name}\">"));
        let input = page.input(name);
        assert_eq!(attribute(input, "type").unwrap(), kind);
        assert_eq!(attribute(input, "autocomplete").unwrap(), autocomplete);
        assert!(input.ends_with(" required"), "{input}");
    }
    let page = browser.get("/verify").await;
    let code = page.input("code");
    assert_eq!(attribute(code, "autocomplete").unwrap(), "one-time-code");
    assert_eq!(attribute(code, "inputmode").unwrap(), "numeric");
}

#[tokio::test]
async fn a_taken_name_is_told_at_the_name() {
    let site = Site::new().await;
    register(&site, "ada", "ada@example.org").await;
    let (_, page) = register(&site, "ada", "other@example.org").await;
    assert_eq!(page.status, StatusCode::CONFLICT);
    assert!(page.input("username").contains("aria-invalid=\"true\""));
    assert_eq!(attribute(page.input("email"), "value").unwrap(), "other@example.org");
}

#[tokio::test]
async fn an_address_that_has_an_account_gets_the_same_answers() {
    let site = Site::new().await;
    site.house.settle("first", "known@example.org").await;
    let mut seen = Vec::new();
    for (name, email) in [("second", "known@example.org"), ("third1", "fresh@example.org")] {
        let (mut browser, answer) = register(&site, name, email).await;
        let page = browser.follow(&answer).await;
        let wrong = browser.submit(&page, &[("code", "000001")]).await;
        let neutral = |page: &Answer| {
            page.body.replace(&page.hidden_field("csrf"), "").replace(name, "").replace(email, "")
        };
        seen.push((answer.location().to_owned(), neutral(&page), wrong.status, neutral(&wrong)));
    }
    assert_eq!(seen[0], seen[1]);
}

#[tokio::test]
async fn tries_run_out_and_the_page_says_so() {
    let site = Site::new().await;
    let (mut browser, answer) = register(&site, "ada", "ada@example.org").await;
    let letter = site.house.letter().await;
    let mut page = browser.follow(&answer).await;
    for _ in 0..5 {
        page = browser.submit(&page, &[("code", &wrong_code(&letter))]).await;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(!page.body.contains(&wrong_code(&letter)), "a code is not shown again");
    }
    page = browser.submit(&page, &[("code", &code(&letter))]).await;
    assert_eq!(page.status, StatusCode::GONE);
    page.assert_shows("formaction=\"/verify/resend\"");
}

#[tokio::test]
async fn without_an_address_the_account_is_ready_at_once() {
    let policy = DomainPolicy { email: ContactPolicy::Off, ..DomainPolicy::new(domain()) };
    let site = Site::planned(Plan { domains: vec![policy], ..Plan::default() }, |_| {}).await;
    let mut browser = site.browser();
    let form = browser.get("/register").await;
    assert!(!form.body.contains("name=\"email\""));
    let answer = browser.submit(&form, &[("username", "ada"), ("password", PASSWORD)]).await;
    assert_eq!(answer.location(), "/welcome");
}

#[tokio::test]
async fn one_of_several_domains_can_be_chosen() {
    let other = Domain::parse("other.example").unwrap();
    let closed = DomainPolicy {
        registration: RegistrationMode::Closed,
        ..DomainPolicy::new(Domain::parse("closed.example").unwrap())
    };
    let domains = vec![DomainPolicy::new(domain()), DomainPolicy::new(other.clone()), closed];
    let site = Site::planned(Plan { domains, ..Plan::default() }, |_| {}).await;
    let mut browser = site.browser();
    let form = browser.get("/register").await;
    form.assert_shows("<option value=\"other.example\">");
    assert!(!form.body.contains("closed.example"));

    let fields = |domain, password| {
        [("username", "ada"), ("domain", domain), ("password", password), ("email", "ada@example.org")]
    };
    let weak = browser.submit(&form, &fields("other.example", "short")).await;
    weak.assert_shows("<option value=\"other.example\" selected>");
    for (wrong, status) in [("nowhere.example", 422), ("@@", 422), ("closed.example", 403)] {
        let page = browser.submit(&form, &fields(wrong, PASSWORD)).await;
        assert_eq!(page.status.as_u16(), status, "{wrong}");
    }
    let answer = browser.submit(&weak, &fields("other.example", PASSWORD)).await;
    browser.follow(&answer).await.assert_shows("ada@other.example");
    assert!(site.house.broker.account(&other, "ada").await.is_ok());
    assert!(site.house.broker.account(&domain(), "ada").await.is_err());
}

#[tokio::test]
async fn closed_registration_is_said_on_both_pages() {
    let policy = DomainPolicy { registration: RegistrationMode::Closed, ..DomainPolicy::new(domain()) };
    let site = Site::planned(Plan { domains: vec![policy], ..Plan::default() }, |_| {}).await;
    let mut browser = site.browser();
    let start = browser.get("/").await;
    assert!(!start.body.contains("href=\"/register\""));
    let page = browser.get("/register").await;
    assert_eq!(page.status, StatusCode::FORBIDDEN);
    assert!(!page.body.contains("<form"), "{}", page.body);
}

#[tokio::test]
async fn the_language_follows_the_browser_until_another_is_chosen() {
    let site = Site::new().await;
    let mut browser = site.browser().with("accept-language", "nl, de-AT;q=0.9, en;q=0.5");
    let form = browser.get("/register").await;
    form.assert_shows("<html lang=\"de\">");
    let fields = [("username", "ada"), ("password", PASSWORD), ("email", "ada@example.org")];
    browser.submit(&form, &fields).await.location();
    assert_eq!(site.house.letter().await.language.as_str(), "de");

    let english = browser.get("/verify?lang=en").await;
    english.assert_shows("<html lang=\"en\">");
    browser.get("/").await.assert_shows("<html lang=\"en\">");
    browser.get("/?lang=xx").await.assert_shows("<html lang=\"en\">");
    browser.get("/nowhere?lang=de").await.assert_shows("<html lang=\"de\">");
}

#[tokio::test]
async fn a_client_that_registers_too_often_is_told_to_wait() {
    let limits = LimitSettings { registrations_per_hour: 1, ..Plan::default().limits };
    let site = Site::planned(Plan { limits, ..Plan::default() }, |_| {}).await;
    register(&site, "first", "first@example.org").await.1.location();
    let (_, page) = register(&site, "second", "second@example.org").await;
    assert_eq!(page.status, StatusCode::TOO_MANY_REQUESTS);
    assert!(page.header("retry-after").parse::<u64>().unwrap() > 60);
    assert_eq!(attribute(page.input("username"), "value").unwrap(), "second");
}

#[tokio::test]
async fn a_fault_gives_a_reference_and_nothing_of_its_cause() {
    let site = Site::new().await;
    let mut browser = site.browser();
    let form = browser.get("/register").await;
    site.house.store.clone().close().await;
    let fields = [("username", "ada"), ("password", PASSWORD), ("email", "ada@example.org")];
    let page = browser.submit(&form, &fields).await;
    assert_eq!(page.status, StatusCode::SERVICE_UNAVAILABLE);
    page.header("retry-after");
    for inside in ["database", "closed", "sqlite", "store", "panick"] {
        assert!(!page.body.to_lowercase().contains(inside), "{inside}: {}", page.body);
    }
    let text = page.body.split("the word ").nth(1).unwrap();
    assert_eq!(text.split('.').next().unwrap(), page.header("x-request-id"), "what the log has it under");
}

#[tokio::test]
async fn every_answer_names_its_request_and_never_as_the_visitor_wants_it() {
    let site = Site::new().await;
    let mut browser = site.browser();
    browser.headers.push(("x-request-id", "mine-mine1".to_owned()));
    let mut seen = BTreeSet::from(["mine-mine1".to_owned()]);
    for path in ["/register", "/register", "/no/such/page", "/Agent/Account/Create"] {
        let page = browser.get(path).await;
        let name = page.header("x-request-id").to_owned();
        assert!(name.len() == 10 && name.bytes().all(|b| b.is_ascii_alphanumeric()), "{path}: {name}");
        assert!(seen.insert(name), "{path}: each has a name of its own");
    }
}

//! The CAPTCHA of the registration page.

use std::sync::Arc;

use hyper::StatusCode;
use ostiary::{
    accounts::{
        ContactPolicy, Front, LanguageTag, Origin, SiteService,
        challenge::{Addressee, CaptchaMode, CaptchaPolicy, ChallengeKey, Question},
    },
    http::CaptchaSite,
};
use sha2::{Digest, Sha256};

use crate::{
    browser::{Answer, Site},
    captcha_site::{Mood, SECRET, Service},
    support::broker::{PASSWORD, Plan, domain, eventually},
};

async fn site() -> Site {
    let plan = Plan::with(|policy| {
        let snow = Question::new(LanguageTag::default(), "What colour is snow?", &["white".to_owned()]);
        policy.email = ContactPolicy::Off;
        policy.captcha = CaptchaPolicy {
            mode: CaptchaMode::Always,
            questions: vec![snow.unwrap()],
            web_work_bits: 12,
            ..CaptchaPolicy::default()
        };
    });
    Site::planned(plan, |_| {}).await
}

/// Reads the picture with the key of the house, as no browser can.
fn seen(site: &Site, page: &Answer) -> String {
    let origin = Origin { address: Some("127.0.0.1".parse().unwrap()), ..Origin::of(Front::Web) };
    let (domain, policy) = (domain(), &site.house.plan.domains[0].captcha);
    let from = Addressee { domain: &domain, policy, origin: &origin };
    let key = ChallengeKey::new(&site.house.keyring);
    key.recognise(&page.hidden_field("challenge"), from, site.house.now()).unwrap().picture_text()
}

#[tokio::test]
async fn a_picture_and_a_question_are_on_the_page_and_either_answer_lets_in() {
    let site = site().await;
    for (name, by_picture) in [("alice", true), ("bob", false)] {
        let mut browser = site.browser();
        let page = browser.get("/register").await;
        page.assert_shows("What colour is snow?");
        assert!(page.tag("<img class=\"captcha\"").contains("src=\"data:image/png;base64,"));
        assert!(page.header("content-security-policy").contains("img-src 'self' data:;"));
        assert!(!page.input("ocr").contains("required") && !page.input("qa").contains("required"));
        let picture = seen(&site, &page).to_lowercase();
        let (ocr, qa) = if by_picture { (picture.as_str(), "") } else { ("", " White") };
        let fields = [("username", name), ("password", PASSWORD), ("ocr", ocr), ("qa", qa)];
        let answer = browser.submit(&page, &fields).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
        assert!(site.house.broker.account_exists(&domain(), name).await.unwrap());
    }
}

#[tokio::test]
async fn the_outcome_of_the_work_lets_in_and_only_pages_with_work_run_a_script() {
    let site = site().await;
    let mut browser = site.browser();
    let page = browser.get("/register").await;
    let policy = page.header("content-security-policy");
    assert!(policy.contains("script-src 'self'; worker-src 'self'"), "{policy}");
    let field = page.tag("<input type=\"hidden\" name=\"SHA-256\"");
    let part =
        |name: &str| field.split(&format!("{name}=\"")).nth(1).unwrap().split('"').next().unwrap().to_owned();
    let script = page.tag("<script").split('"').nth(1).unwrap().to_owned();
    for script in [part("data-worker"), script] {
        let asset = browser.get(&script).await;
        assert_eq!(
            (asset.status, asset.header("content-type")),
            (StatusCode::OK, "text/javascript; charset=utf-8")
        );
    }

    let label = u32::from_str_radix(&part("data-work"), 16).unwrap();
    let mask = u32::MAX >> label.leading_zeros();
    let end = |text: &str| u32::from_be_bytes(*Sha256::digest(text.as_bytes()).last_chunk::<4>().unwrap());
    let mut texts = (0..).map(|number| format!("{}{number:x}", part("data-address")));
    let work = texts.find(|text| end(text) & mask == label).unwrap();
    let fields = [("username", "alice"), ("password", PASSWORD), ("SHA-256", &work)];
    let answer = browser.submit(&page, &fields).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);

    let plain = Site::new().await.browser().get("/register").await;
    assert!(!plain.body.contains("src=\"/work-") && !plain.body.contains("SHA-256"));
}

#[tokio::test]
async fn the_page_is_no_way_around_it_and_a_wrong_answer_brings_another_challenge() {
    let site = site().await;
    let mut browser = site.browser();
    let page = browser.get("/register").await;
    let account = [("username", "alice"), ("password", PASSWORD)];
    let answer = browser.submit(&page, &account).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    answer.assert_shows("CAPTCHA");

    let wrong = [account.as_slice(), &[("qa", "black")]].concat();
    let again = browser.submit(&answer, &wrong).await;
    assert_eq!(again.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_ne!(again.hidden_field("challenge"), answer.hidden_field("challenge"));
    assert!(again.input("ocr").contains("aria-invalid"), "the summary leads to the first of the tasks");
    assert!(!again.body.contains("black"), "answers are not filled in again");

    let right = [account.as_slice(), &[("qa", "white")]].concat();
    let used = browser.submit(&answer, &right).await;
    assert_eq!(used.status, StatusCode::UNPROCESSABLE_ENTITY, "the first challenge is used up");
    assert!(!site.house.broker.account_exists(&domain(), "alice").await.unwrap());
    assert_eq!(browser.submit(&again, &right).await.status, StatusCode::SEE_OTHER);
    assert!(site.house.broker.account_exists(&domain(), "alice").await.unwrap());
}

#[tokio::test]
async fn pages_without_a_picture_allow_none() {
    let site = Site::new().await;
    let page = site.browser().get("/register").await;
    assert!(!page.header("content-security-policy").contains("data:"));
}

#[tokio::test]
async fn no_letter_with_an_invitation_leaves_before_the_captcha_is_solved() {
    let plan = Plan::with(|policy| {
        let snow = Question::new(LanguageTag::default(), "What colour is snow?", &["white".to_owned()]);
        policy.captcha = CaptchaPolicy {
            mode: CaptchaMode::Always,
            questions: vec![snow.unwrap()],
            ..CaptchaPolicy::default()
        };
    });
    let site = Site::planned(plan, |_| {}).await;
    let mut browser = site.browser();
    let letters = || async { site.house.store.counts().await.unwrap().letters_waiting };
    let mut page = browser.get("/invite").await;
    for answer in ["", "black"] {
        page = browser.submit(&page, &[("email", "ada@mail.example"), ("qa", answer)]).await;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
        page.assert_shows("CAPTCHA");
    }
    let right = [("email", "ada@mail.example"), ("qa", "white")];
    let answer = browser.submit(&page, &right).await;
    assert_eq!(answer.location(), "/invite?sent");
    eventually("the letter", || async { letters().await == 1 }).await;
    let again = browser.submit(&page, &right).await;
    assert_eq!(again.status, StatusCode::UNPROCESSABLE_ENTITY, "an answer counts for one letter");
    assert_eq!(letters().await, 1);
}

#[tokio::test]
async fn where_the_operator_wants_it_a_service_stands_before_the_page_and_our_own_before_programs() {
    let service = Service::start().await;
    let mut plan = Plan::with(|policy| {
        policy.captcha =
            CaptchaPolicy { mode: CaptchaMode::Always, web_service: true, ..CaptchaPolicy::default() };
    });
    plan.captcha_service = Some(Arc::new(service.client(SECRET)));
    let site = Site::planned(plan, |settings| {
        settings.captcha_site = Some(CaptchaSite {
            service: SiteService::Turnstile,
            site_key: "site-key".to_owned(),
            action: Some("register".to_owned()),
        });
    })
    .await;
    let mut browser = site.browser();
    let page = browser.get("/register").await;
    assert!(page.tag("<div class=\"cf-turnstile\"").contains("data-sitekey=\"site-key\""));
    assert!(page.header("content-security-policy").contains("https://challenges.cloudflare.com"));
    assert!(!page.body.contains("name=\"ocr\"") && !page.body.contains("SHA-256"));
    let register = async |name: &str, response: &str| {
        let token = page.hidden_field("csrf");
        let email = format!("{name}@mail.example");
        let fields = [
            ("csrf", token.as_str()),
            ("username", name),
            ("password", PASSWORD),
            ("email", email.as_str()),
            ("cf-turnstile-response", response),
        ];
        browser.clone().post("/register", &fields).await
    };
    let without = register("ada", "").await;
    assert_eq!(without.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", without.body);
    assert!(without.tag("<div class=\"cf-turnstile\"").contains("site-key"), "it is there for the next try");
    assert!(service.asked().is_empty(), "nothing to ask about");
    assert!(register("ada", "made up").await.status.is_client_error());
    let response = service.solved();
    assert_eq!(register("ada", &response).await.status, StatusCode::SEE_OTHER);
    assert!(register("bob", &response).await.status.is_client_error(), "it counts once");
    service.feels(Mood::Broken);
    assert_eq!(register("bob", &service.solved()).await.status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(!site.house.broker.account_exists(&domain(), "bob").await.unwrap());
    assert_eq!(site.house.letters().await.len(), 1, "no letter without it");

    let program = Origin::of(Front::Component);
    let offer = site.house.broker.challenge(&program, &domain()).await.unwrap().unwrap();
    assert!(offer.picture.is_some());
}

//! The CAPTCHA of the registration page.

use hyper::StatusCode;
use ostiary::accounts::{
    ContactPolicy, Front, LanguageTag, Origin,
    challenge::{Addressee, CaptchaMode, CaptchaPolicy, ChallengeKey, Question},
};

use crate::{
    browser::{Answer, Site},
    support::broker::{PASSWORD, Plan, domain},
};

async fn site() -> Site {
    let plan = Plan::with(|policy| {
        let snow = Question::new(LanguageTag::default(), "What colour is snow?", &["white".to_owned()]);
        policy.email = ContactPolicy::Off;
        policy.captcha = CaptchaPolicy {
            mode: CaptchaMode::Always,
            questions: vec![snow.unwrap()],
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

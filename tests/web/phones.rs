//! Phone numbers: on the pages, and through the Agent API.

use hyper::StatusCode;
use ostiary::{
    accounts::{ContactPolicy, Domain, DomainPolicy},
    broker::LimitSettings,
};

use crate::{
    browser::{Answer, Browser, Site},
    support::broker::{PASSWORD, Plan, code, domain, wrong_code},
};

const NUMBER: &str = "+46 70-000 00 89";

fn plan(email: ContactPolicy, phone: ContactPolicy) -> Plan {
    Plan::with(|policy| {
        policy.email = email;
        policy.phone = phone;
    })
}

async fn register(site: &Site, fields: &[(&str, &str)]) -> (Browser, Answer) {
    let mut browser = site.browser();
    let form = browser.get("/register").await;
    let all = [&[("username", "ada"), ("password", PASSWORD)], fields].concat();
    let answer = browser.submit(&form, &all).await;
    (browser, answer)
}

#[tokio::test]
async fn a_person_proves_a_phone_number_alone() {
    let site = Site::planned(plan(ContactPolicy::Off, ContactPolicy::Required), |_| {}).await;
    let page = site.browser().get("/register").await;
    let input = page.input("phone");
    for part in ["type=\"tel\"", "autocomplete=\"tel\"", "inputmode=\"tel\"", "required"] {
        assert!(input.contains(part), "{part} in {input}");
    }
    assert!(!page.body.contains("name=\"email\""));

    let (_, answer) = register(&site, &[("phone", "070 000 00 89")]).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    answer.assert_shows("This is not a phone number with its country code.");
    assert!(site.house.letters().await.is_empty(), "nothing leaves");

    let (mut browser, answer) = register(&site, &[("phone", NUMBER)]).await;
    assert_eq!(answer.location(), "/verify");
    let page = browser.follow(&answer).await;
    page.assert_shows("<h1>Confirm your account</h1>");
    page.assert_shows("a text message to +46700000089");
    page.assert_shows("The address or the number was wrong");
    let message = site.house.letter().await;
    assert_eq!(message.to.as_str(), "+46700000089");
    let wrong = browser.submit(&page, &[("code", &wrong_code(&message))]).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    let answer = browser.submit(&page, &[("code", &code(&message))]).await;
    assert_eq!(answer.location(), "/welcome");
    site.house.log_in("ada", PASSWORD).await.unwrap();
}

#[tokio::test]
async fn a_person_proves_address_and_number_one_after_the_other() {
    let site = Site::planned(plan(ContactPolicy::Required, ContactPolicy::Required), |_| {}).await;
    let fields = [("email", "ada@example.org"), ("phone", NUMBER)];
    let (mut browser, answer) = register(&site, &fields).await;
    let page = browser.follow(&answer).await;
    page.assert_shows("an e-mail to ada@example.org and a text message to +46700000089");
    let letters = site.house.letters().await;
    let [letter, message] = letters.as_slice() else { panic!("two: {letters:?}") };

    let answer = browser.submit(&page, &[("code", &code(message))]).await;
    assert_eq!(answer.location(), "/verify?further");
    let page = browser.follow(&answer).await;
    page.assert_shows("Now enter the code of the other message.");
    page.assert_shows("We have sent an e-mail to ada@example.org.");
    assert!(site.house.log_in("ada", PASSWORD).await.is_err(), "half is not enough");
    let answer = browser.submit(&page, &[("code", &code(letter))]).await;
    assert_eq!(answer.location(), "/welcome");
    site.house.log_in("ada", PASSWORD).await.unwrap();

    let page = browser.get("/signin").await;
    let answer = browser.submit(&page, &[("username", "ada"), ("password", PASSWORD)]).await;
    let account = browser.follow(&answer).await;
    account.assert_shows("+46700000089");
    account.assert_shows("Phone number confirmed");
    assert!(browser.get("/account/data.json").await.body.contains("\"phone\": \"+46700000089\""));
}

#[tokio::test]
async fn codes_are_sent_again_for_what_is_left_and_a_mistyped_number_is_corrected() {
    let site = Site::planned(plan(ContactPolicy::Required, ContactPolicy::Optional), |_| {}).await;
    let (mut browser, answer) =
        register(&site, &[("email", "ada@example.org"), ("phone", "+46700000088")]).await;
    let page = browser.follow(&answer).await;
    let letters = site.house.letters().await;
    let answer = browser.submit(&page, &[("code", &code(&letters[0]))]).await;
    let page = browser.follow(&answer).await;

    let form = browser.get("/verify/address").await;
    let fields = [("password", PASSWORD), ("phone", NUMBER), ("email", "")];
    let fields = [&[("username", "ada")], fields.as_slice()].concat();
    let answer = browser.submit(&form, &fields).await;
    assert_eq!(answer.location(), "/verify?sent");
    browser.follow(&answer).await.assert_shows("+46700000089");
    let first = site.house.letter().await;
    assert_eq!(first.to.as_str(), "+46700000089", "the letter was proven already");

    site.house.pass(jiff::SignedDuration::from_mins(2));
    let answer = browser.submit_to("/verify/resend", &page, &[]).await;
    assert_eq!(answer.location(), "/verify?sent");
    let house = &site.house;
    crate::support::broker::eventually("the message", || async {
        house.store.counts().await.unwrap().letters_waiting == 1
    })
    .await;
    let second = house.letter().await;
    assert_eq!(second.to.as_str(), "+46700000089");
    let refused = browser.submit(&page, &[("code", &code(&first))]).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "the older one no longer works");
    assert_eq!(browser.submit(&page, &[("code", &code(&second))]).await.location(), "/welcome");

    // What has proven itself is not corrected here.
    let fields = [("username", "ada"), ("password", PASSWORD), ("phone", "+46700000001"), ("email", "")];
    let answer = browser.submit(&form, &fields).await;
    assert!(answer.status.is_client_error());
}

#[tokio::test]
async fn without_a_number_nothing_changes_where_it_is_optional() {
    let site = Site::planned(plan(ContactPolicy::Required, ContactPolicy::Optional), |_| {}).await;
    let (mut browser, answer) = register(&site, &[("email", "ada@example.org"), ("phone", "")]).await;
    let page = browser.follow(&answer).await;
    let letter = site.house.letter().await;
    assert_eq!(browser.submit(&page, &[("code", &code(&letter))]).await.location(), "/welcome");
}

#[tokio::test]
async fn a_forgotten_password_is_replaced_with_a_code_to_the_phone() {
    let site = Site::planned(plan(ContactPolicy::Off, ContactPolicy::Required), |_| {}).await;
    let (mut browser, answer) = register(&site, &[("phone", NUMBER)]).await;
    let page = browser.follow(&answer).await;
    browser.submit(&page, &[("code", &code(&site.house.letter().await))]).await.location();

    let message = site.house.recovery_letter("ada").await;
    assert_eq!(message.to.as_str(), "+46700000089");
    site.house.recover("ada", &code(&message), "another horse battery").await.unwrap();
    site.house.log_in("ada", "another horse battery").await.unwrap();
}

#[tokio::test]
async fn numbers_cost_money_and_are_limited_before_anything_is_made() {
    let limits = LimitSettings { sms_per_hour: 1, ..Plan::default().limits };
    let both = Plan { limits, ..plan(ContactPolicy::Required, ContactPolicy::Required) };
    let site = Site::planned(both, |_| {}).await;
    register(&site, &[("email", "ada@example.org"), ("phone", NUMBER)]).await.1.location();
    assert_eq!(site.house.letters().await.len(), 2);
    let mut browser = site.browser();
    let form = browser.get("/register").await;
    let fields = [
        ("username", "bob"),
        ("password", PASSWORD),
        ("email", "bob@example.org"),
        ("phone", "+46700000089"),
    ];
    let answer = browser.submit(&form, &fields).await;
    assert_eq!(answer.status, StatusCode::TOO_MANY_REQUESTS);
    assert!(!answer.header("retry-after").is_empty());
    assert!(!site.house.broker.account_exists(&domain(), "bob").await.unwrap());
    assert!(site.house.letters().await.is_empty(), "no letter either");
}

#[tokio::test]
async fn each_of_several_domains_asks_for_its_own() {
    let mut plan = plan(ContactPolicy::Off, ContactPolicy::Required);
    plan.domains.push(DomainPolicy {
        email: ContactPolicy::Required,
        ..DomainPolicy::new(Domain::parse("second.example").unwrap())
    });
    let site = Site::planned(plan, |_| {}).await;
    let page = site.browser().get("/register").await;
    assert!(!page.input("phone").contains("required") && !page.input("email").contains("required"));
}

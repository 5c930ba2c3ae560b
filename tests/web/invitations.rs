//! Invitations on the web: the landing page and the form.

use hyper::StatusCode;
use ostiary::{
    accounts::{AccountState, InvitationKind, InvitationMode, InvitationToken, LetterKind},
    broker::InvitationWish,
};

use secrecy::ExposeSecret;

use crate::{
    browser::{Answer, Site, attribute},
    support::broker::{PASSWORD, Plan, domain, eventually, operator},
};

async fn invite(site: &Site, wish: InvitationWish) -> InvitationToken {
    site.house.broker.invite(&operator(), &domain(), wish).await.unwrap().token
}

fn required() -> Plan {
    Plan::with(|policy| policy.invitations.mode = InvitationMode::Required)
}

fn address(token: &InvitationToken) -> String {
    format!("/invite/{}", token.expose())
}

#[tokio::test]
async fn the_page_of_an_invitation_leads_to_a_program_and_to_the_form() {
    let site = Site::new().await;
    let token = invite(&site, InvitationWish::default()).await;
    let mut browser = site.browser();
    for _ in 0..2 {
        let page = browser.get(&address(&token)).await;
        assert_eq!(page.status, StatusCode::OK);
        page.assert_shows(&format!("href=\"xmpp:chat.example?register;preauth={}\"", token.expose()));
        page.assert_shows("Conversations");
        page.assert_shows("<svg viewBox=");
        page.assert_shows("28 November 2026, 12:00 UTC");
        assert!(!page.body.contains("<script") && !page.body.contains("style="));
        assert_eq!(page.header("referrer-policy"), "no-referrer");
        assert_eq!(page.header("cache-control"), "no-store");
        assert_eq!(page.header("x-robots-tag"), "noindex, nofollow");
    }
    assert!(browser.cookies.is_empty(), "nothing is kept of who has looked");

    let form = browser.get(&format!("/register?invitation={}", token.expose())).await;
    assert!(!form.body.contains("name=\"email\"") || form.body.contains("optional"), "{}", form.body);
    let answer = browser.submit(&form, &[("username", "ada"), ("password", PASSWORD)]).await;
    assert_eq!(answer.location(), "/welcome");
    browser.follow(&answer).await.assert_shows("Your account is ready.");
    assert_eq!(site.house.broker.account(&domain(), "ada").await.unwrap().state, AccountState::Active);
    let gone = browser.get(&address(&token)).await;
    assert_eq!(gone.status, StatusCode::NOT_FOUND);
    assert!(!gone.body.contains(token.expose()));
}

#[tokio::test]
async fn the_page_says_who_invites_and_for_which_name_in_both_languages() {
    let site = Site::new().await;
    let inviter = Some("romeo@chat.example".to_owned());
    let wish = InvitationWish {
        kind: InvitationKind::Contact,
        inviter,
        subscribe: true,
        ..InvitationWish::default()
    };
    let contact = invite(&site, wish).await;
    let mut browser = site.browser();
    let page = browser.get(&format!("{}?lang=de", address(&contact))).await;
    page.assert_shows("romeo@chat.example lädt dich zum Chatten ein");
    page.assert_shows("href=\"xmpp:romeo@chat.example?roster;preauth=");
    page.assert_shows(";ibr=y\"");
    page.assert_shows(&format!("href=\"{}?lang=en\"", address(&contact)));

    let wish = InvitationWish { username: Some("juliet".to_owned()), ..InvitationWish::default() };
    let bound = invite(&site, wish).await;
    browser.get(&format!("{}?lang=en", address(&bound))).await.assert_shows("juliet@chat.example");
    let form = browser.get(&format!("/register?invitation={}", bound.expose())).await;
    assert_eq!(attribute(form.input("username"), "value").unwrap(), "juliet");
    let wrong = browser.submit(&form, &[("username", "romeo"), ("password", PASSWORD)]).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    wrong.assert_shows("This invitation is for the username juliet only.");
    assert_eq!(wrong.hidden_field("invitation"), bound.expose());
    let answer = browser.submit(&wrong, &[("username", "juliet"), ("password", PASSWORD)]).await;
    assert_eq!(answer.location(), "/welcome");
}

#[tokio::test]
async fn an_invitation_that_does_not_work_is_told_on_the_form() {
    let site = Site::new().await;
    let mut browser = site.browser();
    let told = |page: &Answer| {
        assert_eq!(page.status, StatusCode::NOT_FOUND, "{}", page.body);
        page.assert_shows("This invitation does not work");
        page.input("username");
        assert!(!page.body.contains("<script>"), "no script but our own files");
    };
    for path in ["/invite/aaaaaaaaaaaaaaaaaaaaaaaaaa", "/invite/%3Cscript%3E", "/register?invitation=x"] {
        told(&browser.get(path).await);
    }
}

#[tokio::test]
async fn where_an_invitation_is_required_the_form_asks_for_it_and_takes_a_pasted_link() {
    let site = Site::planned(required(), |_| {}).await;
    let mut browser = site.browser();
    let form = browser.get("/register").await;
    assert!(form.input("invitation").contains(" required"));
    let fields = |invitation| {
        [
            ("username", "ada"),
            ("password", PASSWORD),
            ("email", "ada@example.org"),
            ("invitation", invitation),
        ]
    };
    let without = browser.submit(&form, &fields("")).await;
    assert_eq!(without.status, StatusCode::FORBIDDEN);
    assert!(without.input("invitation").contains("aria-invalid=\"true\""));
    let wrong = browser.submit(&without, &fields("nonsense")).await;
    assert_eq!(wrong.status, StatusCode::NOT_FOUND);
    let token = invite(&site, InvitationWish::default()).await;
    let link = format!("https://accounts.chat.example{}", address(&token));
    let answer = browser.submit(&wrong, &fields(&link)).await;
    assert_eq!(answer.location(), "/verify", "an address that is given is proven");
}

#[tokio::test]
async fn an_address_is_proven_on_the_web_and_the_account_made_wherever() {
    let site = Site::new().await;
    let mut browser = site.browser();
    browser.get("/register").await.assert_shows("href=\"/invite\"");
    let form = browser.get("/invite").await;
    let wrong = browser.submit(&form, &[("email", "nonsense")]).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(wrong.input("email").contains("aria-invalid=\"true\""));
    let answer = browser.submit(&wrong, &[("email", "ada@example.org")]).await;
    assert_eq!(answer.location(), "/invite?sent");
    browser.follow(&answer).await.assert_shows("role=\"status\"");
    eventually("the letter", async || site.house.store.counts().await.unwrap().letters_waiting == 1).await;
    let letter = site.house.letter().await;
    let LetterKind::Invitation { token, .. } = &letter.kind else { panic!("{letter:?}") };

    let mut phone = site.browser();
    let page = phone.get(&format!("/invite/{}", token.expose_secret())).await;
    page.assert_shows("Your e-mail address is confirmed.");
    let form = phone.get(&format!("/register?invitation={}", token.expose_secret())).await;
    assert!(!form.body.contains("name=\"email\""));
    let answer = phone.submit(&form, &[("username", "ada"), ("password", PASSWORD)]).await;
    assert_eq!(answer.location(), "/welcome");
    let account = site.house.broker.account(&domain(), "ada").await.unwrap();
    assert_eq!((account.state, account.email_verified_at.is_some()), (AccountState::Active, true));
}

#[tokio::test]
async fn nothing_is_sent_where_everybody_needs_an_invitation_of_somebody_else() {
    let site = Site::planned(required(), |_| {}).await;
    let mut browser = site.browser();
    assert_eq!(browser.get("/invite").await.status, StatusCode::FORBIDDEN);
    assert!(!browser.get("/register").await.body.contains("href=\"/invite\""));
}

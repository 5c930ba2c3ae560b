//! The operator's own look.

use std::fs;

use hyper::StatusCode;
use ostiary::{
    accounts::{Domain, DomainPolicy},
    http::{Brand, DomainBrand, Logo},
};

use crate::{browser::Site, support::broker::Plan};

const LOGO: &[u8] =
    b"<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 1 1'><script>alert(1)</script></svg>";

#[tokio::test]
async fn a_logo_colours_and_links_of_the_operators_own_are_on_every_page() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("logo.svg");
    fs::write(&file, LOGO).unwrap();
    let brand = Brand {
        logo: Some(Logo::read(&file).unwrap()),
        colour: Some("#1b6e3c".to_owned()),
        colour_dark: Some("#7fd6a0".to_owned()),
        terms_url: Some("https://chat.example/terms".parse().unwrap()),
        privacy_url: Some("https://chat.example/privacy?a=1&b=2".parse().unwrap()),
        imprint_url: None,
    };
    let site = Site::planned(Plan::default(), |settings| settings.brand = brand).await;
    let mut browser = site.browser();
    for path in ["/", "/register", "/signin", "/nowhere"] {
        let page = browser.get(path).await;
        page.assert_shows("href=\"https://chat.example/terms\"");
        page.assert_shows("https://chat.example/privacy?a=1&#38;b=2");
        assert!(page.header("content-security-policy").contains("style-src 'self';"), "{path}");
        let style = page.body.split("href=\"").find(|rest| rest.starts_with("/brand-")).unwrap();
        let style = browser.get(style.split('"').next().unwrap()).await;
        assert_eq!((style.status, style.header("content-type")), (StatusCode::OK, "text/css; charset=utf-8"));
        assert!(style.body.contains("#1b6e3c") && style.body.contains("#7fd6a0"), "{}", style.body);
        let logo = page.body.split("src=\"").find(|rest| rest.starts_with("/logo-")).unwrap();
        let logo = browser.get(logo.split('"').next().unwrap()).await;
        assert_eq!((logo.status, logo.header("content-type")), (StatusCode::OK, "image/svg+xml"));
        assert_eq!(logo.body.as_bytes(), LOGO);
        // Opened by itself, it runs nothing.
        assert!(logo.header("content-security-policy").starts_with("default-src 'none';"));
        assert!(!logo.header("content-security-policy").contains("script-src"));
    }
    let plain = Site::new().await.browser().get("/").await;
    assert!(!plain.body.contains("/brand-") && plain.body.contains("/icon-"));
}

#[tokio::test]
async fn each_domain_may_have_a_look_and_a_name_of_its_own() {
    let second = Domain::parse("second.example").unwrap();
    let mut plan = Plan::default();
    plan.domains.push(DomainPolicy::new(second.clone()));
    let site = Site::planned(plan, |settings| {
        settings.brand = Brand { colour: Some("#1b6e3c".to_owned()), ..Brand::default() };
        settings.domain_brands = vec![DomainBrand {
            domain: second,
            name: Some("Second Chat".to_owned()),
            brand: Brand {
                colour: Some("#7a1f6b".to_owned()),
                terms_url: Some("https://second.example/terms".parse().unwrap()),
                ..Brand::default()
            },
        }];
    })
    .await;
    let colour = async |browser: &mut crate::browser::Browser, page: &crate::browser::Answer| {
        let style = page.body.split("href=\"").find(|rest| rest.starts_with("/brand-")).unwrap();
        browser.get(style.split('"').next().unwrap()).await.body
    };
    let mut browser = site.browser();
    let usual = browser.get("/register").await;
    assert!(colour(&mut browser, &usual).await.contains("#1b6e3c"));
    usual.assert_shows("<span>Chat Example</span>");
    let unknown = browser.get("/register?domain=evil.example").await;
    assert!(colour(&mut browser, &unknown).await.contains("#1b6e3c") && !unknown.body.contains("evil"));

    let own = browser.get("/register?domain=second.example").await;
    own.assert_shows("<span>Second Chat</span>");
    own.assert_shows("<option value=\"second.example\" selected>");
    own.assert_shows("href=\"https://second.example/terms\"");
    assert!(colour(&mut browser, &own).await.contains("#7a1f6b"));
    // It stays so on the way, also when a form comes back.
    let fields = [("username", "a b"), ("password", "x"), ("email", "nonsense")];
    let refused = browser.submit(&own, &fields).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    refused.assert_shows("<span>Second Chat</span>");
    browser.get("/verify").await.assert_shows("<span>Second Chat</span>");
    site.browser().get("/verify").await.assert_shows("<span>Chat Example</span>");
}

#[test]
fn a_picture_that_no_browser_shows_is_told_so() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("logo");
    assert!(Logo::read(&file).unwrap_err().contains("No such file"));
    for (bytes, said) in [
        (b"<html><svg>".to_vec(), Some("neither SVG nor PNG")),
        (b"\xff\xfe<svg>".to_vec(), Some("neither SVG nor PNG")),
        (vec![b' '; 300 * 1024], Some("larger")),
        (b"<?xml version='1.0'?>\n<svg xmlns='http://www.w3.org/2000/svg'/>".to_vec(), None),
        (b"\x89PNG\r\n\x1a\n...".to_vec(), None),
    ] {
        fs::write(&file, bytes).unwrap();
        match (Logo::read(&file), said) {
            (Ok(_), None) => {}
            (Err(problem), Some(said)) => assert!(problem.contains(said), "{problem}"),
            (read, said) => panic!("{read:?} instead of {said:?}"),
        }
    }
}

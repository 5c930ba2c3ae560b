//! `/Agent/Account/…`, as the clients of the Agent API use it: the calls are those of TAG's own browser client (`{}` where there is
//! nothing to say, no `Accept`, the token in `Authorization`), of programs in .NET and JavaScript, and of people who mean no good.

mod hostile;
mod openapi;
mod signed_login;
mod tokens;
mod web_form;

use hyper::StatusCode;
use jiff::SignedDuration;
use ostiary::{
    accounts::{
        ApiKey, ApiSecret, ContactPolicy, Domain, DomainPolicy, KeyOwner, Nonce, RegistrationMode,
        SignedCreation,
    },
    broker::LimitSettings,
};
use serde_json::{Value, json};

use crate::{
    browser::{Answer, Site},
    support::broker::{PASSWORD, Plan, code, domain, eventually, name, operator, wrong_code},
};

const NAMESPACE: &str = "https://waher.se/Schema/BrokerAgent.xsd";
fn ten_logins() -> LimitSettings {
    LimitSettings { wrong_proofs_per_minute: 10, ..Plan::default().limits }
}

/// A service with a key, and a program that has it.
struct Program {
    site: Site,
    key: ApiKey,
    secret: ApiSecret,
    nonces: std::cell::Cell<u32>,
}

impl Program {
    async fn new() -> Self {
        Self::planned(Plan::default(), 10).await
    }

    async fn planned(plan: Plan, limit: u32) -> Self {
        let site = Site::planned(plan, |_| {}).await;
        let owner = KeyOwner::parse("Acme App").unwrap();
        let (key, secret) = site.house.broker.create_key(&operator(), &domain(), owner, limit).await.unwrap();
        Self { site, key, secret, nonces: std::cell::Cell::new(0) }
    }

    /// A call as the browser client makes it.
    async fn call(&self, resource: &str, token: Option<&str>, body: &Value) -> Answer {
        let mut browser = self.site.browser().with("content-type", "application/json");
        if let Some(token) = token {
            browser = browser.with("authorization", format!("Bearer {token}"));
        }
        browser.send("POST", &format!("/Agent/Account/{resource}"), Some(body.to_string())).await
    }

    /// A call that works.
    async fn done(&self, resource: &str, token: Option<&str>, body: &Value) -> Value {
        let answer = self.call(resource, token, body).await;
        assert_eq!(answer.status, StatusCode::OK, "{resource}: {}", answer.body);
        assert_eq!(answer.header("content-type"), "application/json; charset=utf-8");
        assert!(answer.headers.get("set-cookie").is_none(), "no cookies here");
        serde_json::from_str(&answer.body).unwrap()
    }

    fn nonce(&self) -> String {
        self.nonces.set(self.nonces.get() + 1);
        format!("{:044}", self.nonces.get())
    }

    /// The body of a signed request for an account.
    fn creation(&self, username: &str, email: &str, password: &str) -> Value {
        self.creation_for(&self.site.address.to_string(), username, email, password)
    }

    /// The same for a program that knows the service by another name.
    fn creation_for(&self, host: &str, username: &str, email: &str, password: &str) -> Value {
        let nonce = self.nonce();
        let signed = SignedCreation {
            username,
            email,
            phone: None,
            password,
            key: self.key.id.as_str(),
            nonce: &Nonce::parse(&nonce).unwrap(),
        };
        let signature = signed.sign(&self.secret, host);
        json!({
            "userName": username, "eMail": email, "phoneNr": "", "password": password,
            "apiKey": self.key.id.as_str(), "nonce": nonce, "signature": signature,
            "seconds": 3600, "language": "en",
        })
    }

    async fn create(&self, username: &str, email: &str) -> Value {
        self.done("Create", None, &self.creation(username, email, PASSWORD)).await
    }

    /// Creates and verifies; the token.
    async fn settle(&self, username: &str, email: &str) -> String {
        let made = self.create(username, email).await;
        let code = code(&self.site.house.letter().await);
        self.done("VerifyEMail", None, &json!({ "eMail": email, "code": code })).await;
        made["jwt"].as_str().unwrap().to_owned()
    }

    async fn login(&self, username: &str, password: &str) -> Answer {
        self.call("Login", None, &json!({ "userName": username, "password": password, "seconds": 3600 }))
            .await
    }

    async fn is_logged_in(&self, token: &str) -> bool {
        let answer = self.call("Info", Some(token), &json!({})).await;
        match answer.status {
            StatusCode::OK => true,
            StatusCode::UNAUTHORIZED => {
                assert!(
                    answer.header("www-authenticate").starts_with("Bearer realm="),
                    "{:?}",
                    answer.headers
                );
                false
            }
            status => panic!("{status}: {}", answer.body),
        }
    }
}

fn with(mut body: Value, changes: &[(&str, Value)]) -> Value {
    for (key, value) in changes {
        body[key] = value.clone();
    }
    body
}

/// The text of an answer that is none of 200.
fn problem(answer: &Answer, status: StatusCode) -> &str {
    assert_eq!(answer.status, status, "{}", answer.body);
    assert_eq!(answer.header("content-type"), "text/plain; charset=utf-8");
    assert_eq!(answer.header("access-control-allow-origin"), "*", "a page must be able to show it");
    &answer.body
}

fn jwt(answer: &Answer) -> String {
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
    let body: Value = serde_json::from_str(&answer.body).unwrap();
    body["jwt"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_program_makes_an_account_proves_the_address_and_stays_logged_in() {
    let program = Program::new().await;
    let house = &program.site.house;
    let now = house.now().as_second();

    let made = program.create("alice", "alice@example.org").await;
    assert_eq!(made["created"], now);
    assert_eq!((&made["enabled"], &made["canRelay"]), (&json!(false), &json!(false)));
    assert_eq!(made["expires"], now + 3600);
    assert_eq!((&made["eMailCodeSent"], &made["phoneNrCodeSent"]), (&json!(true), &json!(false)));
    let first = made["jwt"].as_str().unwrap();
    assert!(first.starts_with("eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9."));

    let info = program.done("Info", Some(first), &json!({})).await;
    assert_eq!(info["userName"], "alice");
    assert_eq!((&info["enabled"], &info["eMail"]), (&json!(false), &Value::Null), "not proven yet");
    let early = program.login("alice", PASSWORD).await;
    assert!(problem(&early, StatusCode::FORBIDDEN).contains("has to be confirmed"));

    let letter = house.letter().await;
    // Clients make a number of the code.
    let number: u32 = code(&letter).parse().unwrap();
    let verified =
        program.done("VerifyEMail", None, &json!({ "eMail": "Alice@Example.org", "code": number })).await;
    assert_eq!(verified, json!({ "eMail": "alice@example.org", "userName": "alice" }));
    let info = program.done("Info", Some(first), &json!({})).await;
    assert_eq!((&info["enabled"], &info["eMail"]), (&json!(true), &json!("alice@example.org")));
    assert_eq!((&info["eMailVerified"], &info["phoneNr"]), (&json!(now), &json!("")));

    house.pass(SignedDuration::from_secs(60));
    let second = jwt(&program.login("alice", PASSWORD).await);
    let refreshed = program.done("Refresh", Some(&second), &json!({ "seconds": "120" })).await;
    assert_eq!(refreshed["expires"], now + 180);
    let third = refreshed["jwt"].as_str().unwrap();
    for token in [first, &second, third] {
        assert!(program.is_logged_in(token).await);
    }
    assert_eq!(program.done("Logout", Some(&second), &json!({})).await, json!({}));
    assert!(!program.is_logged_in(&second).await);
    assert!(program.is_logged_in(third).await, "only the one that was logged out has ended");
    house.pass(SignedDuration::from_secs(120));
    assert!(!program.is_logged_in(third).await, "its time is over");
    assert!(program.is_logged_in(first).await);
    assert_eq!(house.broker.key(&program.key.id).await.unwrap().created, 1);
    assert_eq!(
        house.store.account(&domain(), &name("alice")).await.unwrap().unwrap().api_key,
        Some(program.key.id)
    );
}

#[tokio::test]
async fn everything_can_be_had_in_xml_with_times_in_words() {
    let program = Program::new().await;
    let xml = async |resource: &str, token: Option<&str>, attributes: &str| {
        let mut browser = program.site.browser().with("content-type", "text/xml").with("accept", "text/xml");
        if let Some(token) = token {
            browser = browser.with("authorization", format!("bearer {token}"));
        }
        let body = format!("<?xml version='1.0'?><x:Request xmlns:x='{NAMESPACE}' {attributes}/>");
        let answer = browser.send("POST", &format!("/Agent/Account/{resource}"), Some(body)).await;
        assert_eq!(answer.status, StatusCode::OK, "{resource}: {}", answer.body);
        assert_eq!(answer.header("content-type"), "text/xml; charset=utf-8");
        answer.body.parse::<minidom::Element>().unwrap()
    };
    let body = program.creation("bob", "bob@example.org", PASSWORD);
    let attributes: Vec<String> = body
        .as_object()
        .unwrap()
        .iter()
        .map(|(name, value)| {
            format!("{name}='{}'", value.as_str().map_or_else(|| value.to_string(), str::to_owned))
        })
        .collect();
    let made = xml("Create", None, &attributes.join(" ")).await;
    assert!(made.is("AccountCreated", NAMESPACE));
    assert_eq!(made.attr("created"), Some("2026-11-21T12:00:00Z"));
    assert_eq!((made.attr("expires"), made.attr("enabled")), (Some("2026-11-21T13:00:00Z"), Some("false")));
    let token = made.attr("jwt").unwrap();
    let info = xml("Info", Some(token), "").await;
    assert_eq!((info.attr("userName"), info.attr("eMail")), (Some("bob"), None));
    let code = code(&program.site.house.letter().await);
    let verified = xml("VerifyEMail", None, &format!("eMail='bob@example.org' code='{code}'")).await;
    assert!(verified.is("EMailVerified", NAMESPACE));
    let valid = xml("AuthenticateJwt", None, &format!("token='{token}'")).await;
    assert!(valid.is("ValidJwt", NAMESPACE));
    assert_eq!((valid.attr("subject"), valid.attr("issuer")), (Some("bob"), Some("chat.example")));
    let claims: Vec<_> = valid.children().map(|claim| claim.attr("name").unwrap()).collect();
    assert!(["iss", "sub", "jti", "iat", "exp"].iter().all(|name| claims.contains(name)), "{claims:?}");
    assert!(xml("Logout", Some(token), "").await.is("AckResponse", NAMESPACE));
}

#[tokio::test]
async fn a_browser_of_another_origin_may_call_and_read_everything() {
    let program = Program::new().await;
    let mut page = program.site.browser().with("origin", "https://app.example");
    for (resource, method) in [("Create", "POST"), ("Info", "POST"), ("DomainInfo", "GET")] {
        let answer = page
            .clone()
            .with("access-control-request-method", method)
            .with("access-control-request-headers", "authorization,content-type")
            .send("OPTIONS", &format!("/Agent/Account/{resource}"), None)
            .await;
        assert_eq!(answer.status, StatusCode::NO_CONTENT);
        assert_eq!(answer.header("access-control-allow-origin"), "*");
        assert!(answer.header("access-control-allow-methods").contains(method));
        let headers = answer.header("access-control-allow-headers").to_ascii_lowercase();
        assert!(["authorization", "content-type", "accept"].iter().all(|name| headers.contains(name)));
        assert!(answer.headers.get("access-control-allow-credentials").is_none());
    }
    let info = page.get("/Agent/Account/DomainInfo").await;
    assert_eq!(info.status, StatusCode::OK);
    let info_body: Value = serde_json::from_str(&info.body).unwrap();
    assert_eq!(
        info_body,
        json!({ "domain": "chat.example", "useEncryption": false, "humanReadableName": "Chat Example" })
    );
    let exposed = info.header("access-control-expose-headers").to_ascii_lowercase();
    assert!(exposed.contains("x-alternativename1") && exposed.contains("retry-after"));
    let pages = page.get("/register").await;
    assert!(pages.headers.get("access-control-allow-origin").is_none(), "pages for people are not shared");
}

#[tokio::test]
async fn a_taken_name_comes_with_names_that_are_free() {
    let program = Program::new().await;
    program.settle("alice", "alice@example.org").await;
    let body = program.creation("alice", "other@example.org", "another password");
    let answer = program.call("Create", None, &body).await;
    assert!(problem(&answer, StatusCode::CONFLICT).contains("is taken"));
    for number in 1..=2 {
        let proposed = answer.header(&format!("x-alternativename{number}"));
        assert!(proposed.starts_with("alice") && proposed.len() > 5, "{proposed}");
    }
    let proposed = answer.header("x-alternativename1").to_owned();
    program.create(&proposed, "other@example.org").await;
}

#[tokio::test]
async fn asking_again_for_an_account_that_is_there_logs_its_owner_in() {
    let program = Program::planned(Plan::default(), 1).await;
    program.create("alice", "alice@example.org").await;
    let answer =
        program.call("Create", None, &program.creation("alice", "alice@example.org", PASSWORD)).await;
    assert_ne!(answer.status, StatusCode::OK, "not while it is pending");
    let created = program.site.house.now().as_second();
    let code = code(&program.site.house.letter().await);
    program.done("VerifyEMail", None, &json!({ "eMail": "alice@example.org", "code": code })).await;
    program.site.house.pass(SignedDuration::from_secs(100));
    let again = program.create("alice", "alice@example.org").await;
    assert_eq!((&again["created"], &again["enabled"]), (&json!(created), &json!(true)));
    assert_eq!(again["eMailCodeSent"], false);
    assert!(program.is_logged_in(again["jwt"].as_str().unwrap()).await);
    let other = program.call("Create", None, &program.creation("bob", "bob@example.org", PASSWORD)).await;
    assert!(
        problem(&other, StatusCode::FORBIDDEN).contains("as many accounts"),
        "the limit of the key holds"
    );
    assert_eq!(program.site.house.broker.key(&program.key.id).await.unwrap().created, 1);
}

#[tokio::test]
async fn the_key_names_the_domain_and_its_policy_holds() {
    let other = Domain::parse("other.example").unwrap();
    let mut plan = Plan::default();
    plan.domains.push(DomainPolicy::new(other.clone()));
    let program = Program::planned(plan, 10).await;
    let owner = KeyOwner::parse("Other App").unwrap();
    let broker = &program.site.house.broker;
    let (key, secret) = broker.create_key(&operator(), &other, owner, 5).await.unwrap();
    let elsewhere = Program { key, secret, nonces: std::cell::Cell::new(500), site: program.site };
    elsewhere.settle("alice", "alice@example.org").await;
    assert!(elsewhere.site.house.store.account(&other, &name("alice")).await.unwrap().is_some());
    jwt(&elsewhere.login("alice@other.example", PASSWORD).await);
    problem(&elsewhere.login("alice", PASSWORD).await, StatusCode::FORBIDDEN);
    let weak = elsewhere.call("Create", None, &elsewhere.creation("x", "nobody", "short")).await;
    let text = problem(&weak, StatusCode::BAD_REQUEST);
    assert!(text.lines().count() == 3 && text.contains("too short") && !text.contains("short\""), "{text}");

    let plan = Plan::with(|policy| policy.registration = RegistrationMode::Closed);
    let closed = Program::planned(plan, 10).await;
    let answer = closed.call("Create", None, &closed.creation("alice", "a@example.org", PASSWORD)).await;
    problem(&answer, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn the_code_of_one_account_is_found_among_several_of_the_same_address() {
    let program = Program::new().await;
    let mut codes = Vec::new();
    for username in ["first", "second"] {
        program.create(username, "shared@example.org").await;
        codes.push(code(&program.site.house.letter().await));
    }
    let body = json!({ "eMail": "shared@example.org", "code": codes[0] });
    assert_eq!(program.done("VerifyEMail", None, &body).await["userName"], "first");
    let body = json!({ "eMail": "shared@example.org", "code": codes[1] });
    let answer = program.call("VerifyEMail", None, &body).await;
    problem(&answer, StatusCode::CONFLICT);
}

#[tokio::test]
async fn another_letter_goes_to_who_has_the_token_and_to_nobody_else() {
    let program = Program::new().await;
    let house = &program.site.house;
    let made = program.create("alice", "alice@example.org").await;
    let token = made["jwt"].as_str().unwrap();
    let first = code(&house.letter().await);
    let body = json!({ "eMail": "alice@example.org" });
    let answer = program.call("ResendVerificationCodes", None, &body).await;
    problem(&answer, StatusCode::UNAUTHORIZED);
    house.pass(SignedDuration::from_secs(61));
    let other = json!({ "eMail": "mallory@example.org" });
    assert_eq!(program.done("ResendVerificationCodes", Some(token), &other).await, json!({}));
    assert_eq!(program.done("ResendVerificationCodes", Some(token), &body).await, json!({}));
    eventually("the letter", || async { house.store.counts().await.unwrap().letters_waiting == 1 }).await;
    let second = house.letter().await;
    assert_eq!(second.to.as_str(), "alice@example.org");
    let answer = program.call("ResendVerificationCodes", Some(token), &body).await;
    let text = problem(&answer, StatusCode::TOO_MANY_REQUESTS);
    let until = house.now().as_second() + answer.header("retry-after").parse::<i64>().unwrap();
    let named: jiff::Timestamp = text.rsplit_once('(').unwrap().1.trim_end_matches(')').parse().unwrap();
    assert!((until..=until + 1).contains(&named.as_second()), "{text}");
    let code = code(&second);
    assert_ne!(code, first);
    program.done("VerifyEMail", None, &json!({ "eMail": "alice@example.org", "code": code })).await;
}

#[tokio::test]
async fn recovery_says_nothing_and_writes_to_the_proven_address_only() {
    let program = Program::new().await;
    let house = &program.site.house;
    program.settle("alice", "alice@example.org").await;
    let ask = async |body: Value| program.done("Recover", None, &body).await;
    for silent in [
        json!({ "userName": "alice", "eMail": "mallory@example.org" }),
        json!({ "userName": "nobody", "eMail": "alice@example.org" }),
        json!({ "personalNr": "1234", "country": "SE", "eMail": "alice@example.org" }),
        json!({ "userName": "alice", "phoneNr": "+46700000000" }),
    ] {
        assert_eq!(ask(silent).await, json!({}));
        house.pass(SignedDuration::from_secs(61));
    }
    let right = json!({ "userName": "alice", "personalNr": "", "country": "", "eMail": "Alice@example.org", "phoneNr": "" });
    assert_eq!(ask(right).await, json!({}));
    eventually("the letter", || async { house.store.counts().await.unwrap().letters_waiting == 1 }).await;
    let letter = house.letter().await;
    house.recover("alice", &code(&letter), "a brand new password").await.unwrap();
    jwt(&program.login("alice", "a brand new password").await);
    for (body, missing) in [
        (json!({ "eMail": "a@example.org" }), "userName or personalNr"),
        (json!({ "personalNr": "1", "eMail": "a@example.org" }), "country"),
        (json!({ "userName": "alice" }), "eMail or phoneNr"),
    ] {
        let answer = program.call("Recover", None, &body).await;
        assert!(problem(&answer, StatusCode::BAD_REQUEST).contains(missing));
    }
}

#[tokio::test]
async fn a_phone_number_is_signed_proven_and_told() {
    let api = Program::planned(Plan::with(|policy| policy.phone = ContactPolicy::Optional), 10).await;
    let nonce = api.nonce();
    let signed = SignedCreation {
        username: "alice",
        email: "alice@example.org",
        phone: Some("+46700000089"),
        password: PASSWORD,
        key: api.key.id.as_str(),
        nonce: &Nonce::parse(&nonce).unwrap(),
    };
    let body = json!({
        "userName": "alice", "eMail": "alice@example.org", "phoneNr": "+46700000089", "password": PASSWORD,
        "apiKey": api.key.id.as_str(), "nonce": nonce, "seconds": 3600,
        "signature": signed.sign(&api.secret, &api.site.address.to_string()),
    });
    let made = api.done("Create", None, &body).await;
    assert_eq!(
        (&made["enabled"], &made["eMailCodeSent"], &made["phoneNrCodeSent"]),
        (&json!(false), &json!(true), &json!(true))
    );
    let token = made["jwt"].as_str().unwrap();
    let letters = api.site.house.letters().await;
    let [letter, message] = letters.as_slice() else { panic!("two: {letters:?}") };

    let wrong = json!({ "phoneNr": "+46700000089", "code": wrong_code(message) });
    problem(&api.call("VerifyPhoneNr", None, &wrong).await, StatusCode::BAD_REQUEST);
    let crossed = json!({ "eMail": "alice@example.org", "code": code(message) });
    problem(&api.call("VerifyEMail", None, &crossed).await, StatusCode::BAD_REQUEST);
    let no_number = json!({ "phoneNr": "0700000089", "code": code(message) });
    problem(&api.call("VerifyPhoneNr", None, &no_number).await, StatusCode::BAD_REQUEST);
    // A number, as the known clients send it.
    let number: u32 = code(message).parse().unwrap();
    let proven =
        api.done("VerifyPhoneNr", None, &json!({ "phoneNr": "+46 70 000 00 89", "code": number })).await;
    assert_eq!((&proven["phoneNr"], &proven["userName"]), (&json!("+46700000089"), &json!("alice")));
    let info = api.done("Info", Some(token), &json!({})).await;
    assert_eq!(
        (&info["enabled"], &info["phoneNr"]),
        (&json!(false), &Value::Null),
        "the address is not proven yet"
    );
    api.done("VerifyEMail", None, &json!({ "eMail": "alice@example.org", "code": code(letter) })).await;
    let info = api.done("Info", Some(token), &json!({})).await;
    assert_eq!((&info["enabled"], &info["phoneNr"]), (&json!(true), &json!("+46700000089")));
    assert!(info["phoneNrVerified"].is_number() || info["phoneNrVerified"].is_string(), "{info}");

    // A letter for a new password goes to the phone when the phone is named.
    let asked = json!({ "userName": "alice", "phoneNr": "+46700000089" });
    api.done("Recover", None, &asked).await;
    let house = &api.site.house;
    eventually("the message", || async { house.store.counts().await.unwrap().letters_waiting == 1 }).await;
    assert_eq!(house.letter().await.to.as_str(), "+46700000089");
}

#[tokio::test]
async fn where_no_domain_asks_for_numbers_one_is_refused() {
    let api = Program::new().await;
    let body =
        with(api.creation("alice", "alice@example.org", PASSWORD), &[("phoneNr", json!("+46700000089"))]);
    let answer = api.call("Create", None, &body).await;
    let text = problem(&answer, StatusCode::BAD_REQUEST);
    assert!(text.contains("takes no phone numbers"), "{text}");
}

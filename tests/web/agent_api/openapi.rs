//! `/openapi.json` against what is really answered: every resource, done and refused.

use ostiary::accounts::{Code, KeyOwner};
use secrecy::ExposeSecret;

use super::*;

/// The description.
struct Described {
    document: Value,
}

impl Described {
    async fn of(site: &Site) -> Self {
        let answer = site.browser().get("/openapi.json").await;
        assert_eq!((answer.status, answer.header("content-type")), (StatusCode::OK, "application/json"));
        assert_eq!(answer.header("access-control-allow-origin"), "*");
        Self { document: serde_json::from_str(&answer.body).unwrap() }
    }

    fn operations(&self) -> Vec<(String, String)> {
        let paths = self.document["paths"].as_object().unwrap();
        let methods = |(path, methods): (&String, &Value)| {
            let path = path.clone();
            methods
                .as_object()
                .unwrap()
                .keys()
                .map(move |method| (method.clone(), path.clone()))
                .collect::<Vec<_>>()
        };
        paths.iter().flat_map(methods).collect()
    }

    /// Fails unless this answer is one of those that are described.
    fn check(&self, method: &str, path: &str, answer: &Answer) {
        let status = answer.status.as_u16();
        let response = &self.document["paths"][path][method]["responses"][status.to_string()];
        assert!(response.is_object(), "{method} {path}: {status} is not described: {}", answer.body);
        let what = format!("{method} {path} {status}");
        for name in response["headers"].as_object().into_iter().flat_map(|headers| headers.keys()) {
            assert!(answer.headers.get(name.to_lowercase()).is_some(), "{what}: no {name}");
        }
        if let Some(content) = response["content"].as_object() {
            let kind = answer.header("content-type").split(';').next().unwrap();
            let schema = content.get(kind).unwrap_or_else(|| panic!("{what}: {kind} is not described"));
            if kind == "application/json" {
                let body: Value = serde_json::from_str(&answer.body).unwrap();
                let validator = jsonschema::draft202012::new(&schema["schema"]).unwrap();
                let problems: Vec<_> = validator.iter_errors(&body).map(|error| error.to_string()).collect();
                assert!(problems.is_empty(), "{what}: {problems:?} in {body}");
            }
        } else {
            assert_eq!(answer.body, "", "{what}: it says more than is described");
        }
    }

    /// The names of the fields of a request, and whether they must be there.
    fn fields(&self, method: &str, path: &str) -> Vec<(String, bool)> {
        let content = &self.document["paths"][path][method]["requestBody"]["content"];
        let schema = &content["application/json"]["schema"];
        let required = schema["required"].as_array().cloned().unwrap_or_default();
        let names = schema["properties"].as_object().into_iter().flat_map(|fields| fields.keys());
        names.map(|name| (name.clone(), required.contains(&json!(name)))).collect()
    }
}

async fn send(
    site: &Site,
    method: &str,
    path: &str,
    kind: &str,
    token: Option<&str>,
    body: String,
) -> Answer {
    let mut browser = site.browser().with("content-type", kind.to_owned());
    if let Some(token) = token {
        browser = browser.with("authorization", format!("Bearer {token}"));
    }
    browser.send(&method.to_uppercase(), path, Some(body)).await
}

const JSON: &str = "application/json";

#[tokio::test]
async fn every_resource_is_described_and_refuses_as_described() {
    let program = Program::new().await;
    let described = Described::of(&program.site).await;
    let operations = described.operations();
    assert_eq!(operations.len(), 16, "{operations:?}");
    for (method, path) in &operations {
        // In another case, since that is described, too.
        let path_in_capitals = path.to_uppercase();
        let answer = send(&program.site, "patch", &path_in_capitals, JSON, None, "{}".to_owned()).await;
        described.check(method, path, &answer);
        assert_eq!(answer.status, StatusCode::METHOD_NOT_ALLOWED, "{path}");
        if method == "get" {
            continue;
        }
        for (kind, body, status) in [
            ("application/pdf", "{}".to_owned(), 415),
            (JSON, "x".repeat(20_000), 413),
            (JSON, "{".to_owned(), 400),
            (JSON, "[1]".to_owned(), 400),
        ] {
            let is_form = path.ends_with("CreateWebForm");
            let (kind, status) = match kind {
                JSON if is_form => {
                    ("application/x-www-form-urlencoded", if status == 413 { 413 } else { 400 })
                }
                _ => (kind, status),
            };
            // What is no form at all has no field either, and the form is closed without a key.
            let answer = send(&program.site, method, path, kind, None, body.clone()).await;
            described.check(method, path, &answer);
            assert_eq!(
                answer.status.as_u16(),
                status,
                "{method} {path} {kind} {:.20}: {}",
                body,
                answer.body
            );
        }
        let answer = send(&program.site, method, path, JSON, None, "{}".to_owned()).await;
        described.check(method, path, &answer);
    }
    let unknown = send(&program.site, "get", "/Agent/Account/Nothing", JSON, None, String::new()).await;
    assert_eq!(unknown.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn the_agent_api_takes_and_answers_what_is_described() {
    let mut plan = Plan::with(|policy| {
        policy.phone = ContactPolicy::Optional;
        policy.signed_login = true;
    });
    plan.limits.registrations_per_hour = 1000;
    let program = Program::planned(plan, 100).await;
    let described = Described::of(&program.site).await;
    let call = async |resource: &str, token: Option<&str>, body: &Value| {
        let path = format!("/Agent/Account/{resource}");
        let answer = send(&program.site, "post", &path, JSON, token, body.to_string()).await;
        described.check("post", &path, &answer);
        answer
    };
    let info = program.site.browser().get("/Agent/Account/DomainInfo").await;
    described.check("get", "/Agent/Account/DomainInfo", &info);

    // Each field that must be there is missed, and each other one is not.
    for (field, required) in described.fields("post", "/Agent/Account/Create") {
        let mut body = program.creation("missing", "missing@example.org", PASSWORD);
        body.as_object_mut().unwrap().remove(&field);
        let answer = call("Create", None, &body).await;
        let missed =
            answer.status == StatusCode::BAD_REQUEST && answer.body.contains(&format!("{field} is missing"));
        assert_eq!(missed, required, "{field}: {} {}", answer.status, answer.body);
    }
    let made = call("Create", None, &program.creation("alice", "alice@example.org", PASSWORD)).await;
    assert_eq!(made.status, StatusCode::OK, "{}", made.body);
    let token = serde_json::from_str::<Value>(&made.body).unwrap()["jwt"].as_str().unwrap().to_owned();
    let token = Some(token.as_str());
    call("Info", token, &json!({})).await;
    let letters = program.site.house.letters().await;
    let letter = letters.iter().find(|letter| letter.to.as_str() == "alice@example.org").unwrap();
    let conflict = call("Create", None, &program.creation("alice", "other@example.org", PASSWORD)).await;
    assert_eq!(conflict.status, StatusCode::CONFLICT);

    let proof = json!({ "eMail": "alice@example.org", "code": code(letter) });
    for field in ["eMail", "code"] {
        let mut body = proof.clone();
        body.as_object_mut().unwrap().remove(field);
        assert_eq!(call("VerifyEMail", None, &body).await.status, StatusCode::BAD_REQUEST, "{field}");
    }
    assert_eq!(call("VerifyEMail", None, &proof).await.status, StatusCode::OK);
    let wrong = json!({ "phoneNr": "+46700000089", "code": Code::from_number(1).expose() });
    assert_eq!(call("VerifyPhoneNr", None, &wrong).await.status, StatusCode::BAD_REQUEST);
    assert_eq!(call("ResendVerificationCodes", token, &json!({})).await.status, StatusCode::OK);
    assert_eq!(call("Info", token, &json!({})).await.status, StatusCode::OK);

    let login = json!({ "userName": "alice", "password": PASSWORD, "seconds": "60" });
    let answer = call("Login", None, &login).await;
    assert_eq!(answer.status, StatusCode::OK);
    assert_eq!(
        call("Login", None, &with(login, &[("password", json!("no"))])).await.status,
        StatusCode::FORBIDDEN
    );
    for resource in ["Refresh", "AuthenticateJwt", "Recover", "Info", "Logout"] {
        let body = match resource {
            "Refresh" => json!({ "seconds": 60 }),
            "Recover" => json!({ "userName": "alice", "eMail": "alice@example.org" }),
            _ => json!({}),
        };
        assert_eq!(call(resource, token, &body).await.status, StatusCode::OK, "{resource}");
        if resource != "Recover" {
            assert_eq!(call(resource, None, &body).await.status, StatusCode::UNAUTHORIZED, "{resource}");
        }
    }
    let basic =
        base64::Engine::encode(&base64::engine::general_purpose::STANDARD, format!("alice:{PASSWORD}"));
    let mut browser =
        program.site.browser().with("content-type", JSON).with("authorization", format!("Basic {basic}"));
    let answer =
        browser.send("POST", "/Agent/Account/WwwLogin", Some(json!({ "seconds": 60 }).to_string())).await;
    described.check("post", "/Agent/Account/WwwLogin", &answer);
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
    assert_eq!(call("WwwLogin", None, &json!({ "seconds": 60 })).await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(call("GetSessionToken", None, &json!({})).await.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn the_proven_number_and_the_session_are_answered_as_described() {
    let program = Program::planned(Plan::with(|policy| policy.phone = ContactPolicy::Optional), 10).await;
    let house = &program.site.house;
    let owner = KeyOwner::parse("Agent API").unwrap();
    house.broker.create_key(&operator(), &domain(), owner, 10).await.unwrap();
    let described = Described::of(&program.site).await;
    let path = "/Agent/Account/CreateWebForm";
    let mut browser = program.site.browser();
    let page = browser.get(path).await;
    described.check("get", path, &page);
    let picture = web_form::picture_text(&program.site, &page);
    let fields = [
        ("UserName", "alice"),
        ("EMail", "alice@example.org"),
        ("PhoneNr", "+46700000089"),
        ("Password", PASSWORD),
        ("ocr", picture.as_str()),
    ];
    let answer = browser.submit(&page, &fields).await;
    described.check("post", path, &answer);
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
    let letters = house.letters().await;
    let proof = json!({ "phoneNr": "+46700000089", "code": code(&letters[1]) });
    let answer = program.call("VerifyPhoneNr", None, &proof).await;
    described.check("post", "/Agent/Account/VerifyPhoneNr", &answer);
    assert_eq!(answer.status, StatusCode::OK);
    let mut browser = browser.with("content-type", JSON);
    let answer = browser.send("POST", "/Agent/Account/GetSessionToken", Some("{}".to_owned())).await;
    described.check("post", "/Agent/Account/GetSessionToken", &answer);
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
}

#[tokio::test]
async fn the_branch_api_takes_and_answers_what_is_described() {
    let site = Site::new().await;
    let described = Described::of(&site).await;
    let owner = KeyOwner::parse("Acme Leeds").unwrap();
    let (branch, secrets) = site.house.broker.create_branch(&operator(), &domain(), owner).await.unwrap();
    let path = "/v2/Account/RegisterAndActivate";
    let person = |name: &str| {
        json!({
            "AdminActivationToken": secrets.activation_token.expose_secret(), "BranchId": branch.id,
            "BranchSecret": secrets.secret.expose_secret(), "Title": "Ms", "FirstName": "Ada", "LastName": "Byron",
            "JobTitle": "Analyst", "Email": format!("{name}@mail.example"), "UserName": name, "Password": PASSWORD,
            "ConfirmPassword": PASSWORD,
        })
    };
    let fields = described.fields("post", path);
    assert_eq!(fields.len(), 11);
    let call = async |kind: &str, body: &Value| {
        let answer = send(&site, "post", path, kind, None, body.to_string()).await;
        described.check("post", path, &answer);
        answer
    };
    let schema = &described.document["paths"][path]["post"]["requestBody"]["content"]["text/json"]["schema"];
    for (field, required) in fields {
        let mut body = person("missing");
        body.as_object_mut().unwrap().remove(&field);
        assert!(required && call(JSON, &body).await.status == StatusCode::BAD_REQUEST, "{field}");
        if let Some(most) = schema["properties"][&field]["maxLength"].as_u64() {
            let long =
                with(person("long"), &[(&field, json!("x".repeat(usize::try_from(most).unwrap() + 1)))]);
            let answer = call(JSON, &long).await;
            assert_eq!(answer.status, StatusCode::BAD_REQUEST);
            assert!(answer.body.contains(&format!("model.{field}")), "{}", answer.body);
        }
    }
    assert_eq!(call("text/json", &person("ada")).await.status, StatusCode::OK);
    assert_eq!(call(JSON, &person("ada")).await.status, StatusCode::BAD_REQUEST);
}

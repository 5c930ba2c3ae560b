//! `POST v2/Account/RegisterAndActivate`, as the programs of a partner's branches use it.

use hyper::StatusCode;
use ostiary::{
    accounts::{AccountState, BranchSecrets, Domain, KeyOwner, Refusal, RegistrationMode},
    broker::LimitSettings,
};
use secrecy::ExposeSecret;
use serde_json::{Value, json};

use crate::{
    browser::{Answer, Site},
    support::broker::{PASSWORD, Plan, domain, name, operator, refusal},
};

const PATH: &str = "/v2/Account/RegisterAndActivate";

/// A branch, and what its program sends.
struct Branch {
    site: Site,
    id: u32,
    secrets: BranchSecrets,
}

impl Branch {
    async fn new() -> Self {
        Self::planned(Plan::default()).await
    }

    async fn planned(plan: Plan) -> Self {
        let site = Site::planned(plan, |_| {}).await;
        let owner = KeyOwner::parse("Acme Leeds").unwrap();
        let (branch, secrets) = site.house.broker.create_branch(&operator(), &domain(), owner).await.unwrap();
        Self { site, id: branch.id.number(), secrets }
    }

    fn ada(&self) -> Value {
        json!({
            "adminActivationToken": self.secrets.activation_token.expose_secret(),
            "title": "Ms", "firstName": "Ada", "lastName": "Byron", "jobTitle": "Analyst",
            "email": "ada@example.org", "userName": "ada",
            "password": PASSWORD, "confirmPassword": PASSWORD,
            "branchId": self.id, "branchSecret": self.secrets.secret.expose_secret(),
        })
    }

    async fn post(&self, body: &Value) -> Answer {
        self.send(PATH, "application/json", body.to_string()).await
    }

    async fn send(&self, path: &str, content_type: &str, body: String) -> Answer {
        self.site.browser().with("content-type", content_type).send("POST", path, Some(body)).await
    }

    async fn exists(&self, username: &str) -> bool {
        self.site.house.broker.account_exists(&domain(), username).await.unwrap()
    }
}

fn with(mut body: Value, changes: &[(&str, Value)]) -> Value {
    for (key, value) in changes {
        body[key] = value.clone();
    }
    body
}

/// The `ModelState` of an answer with 400.
fn state(answer: &Answer) -> Value {
    assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{}", answer.body);
    assert!(answer.header("content-type").starts_with("application/json"));
    let body: Value = serde_json::from_str(&answer.body).unwrap();
    assert_eq!(body["Message"], "The request is invalid.");
    body["ModelState"].clone()
}

#[tokio::test]
async fn an_account_is_active_at_once_and_the_answer_is_an_empty_200() {
    let branch = Branch::new().await;
    let answer = branch.post(&branch.ada()).await;
    assert_eq!((answer.status, answer.body.as_str()), (StatusCode::OK, ""));
    let house = &branch.site.house;
    house.log_in("ada", PASSWORD).await.unwrap();
    let account = house.store.account(&domain(), &name("ada")).await.unwrap().unwrap();
    assert_eq!(account.state, AccountState::Active);
    assert!(account.email_verified_at.is_some(), "the branch vouches for the address");
    assert!(house.letters().await.is_empty(), "there is nothing to prove");
    let branches = house.broker.branches(None).await.unwrap();
    assert_eq!((branches[0].created, branches[0].last_used_at), (1, Some(house.now())));
}

#[tokio::test]
async fn path_and_names_come_in_any_case_and_the_number_as_a_text() {
    let branch = Branch::new().await;
    let mut body = serde_json::Map::new();
    for (index, (key, value)) in branch.ada().as_object().unwrap().iter().enumerate() {
        let key = if index % 2 == 0 { key.to_uppercase() } else { key[..1].to_uppercase() + &key[1..] };
        body.insert(key, value.clone());
    }
    body.insert("BRANCHID".to_owned(), json!(branch.id.to_string()));
    let body = Value::Object(body);
    let answer =
        branch.send("/v2/account/registerandactivate", "text/json; charset=utf-8", body.to_string()).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
    let again = branch.send("/V2/ACCOUNT/REGISTERANDACTIVATE", "Application/JSON", body.to_string()).await;
    assert_eq!(
        state(&again)[""],
        json!(["Name ada is already taken.", "Email 'ada@example.org' is already taken."])
    );
}

#[tokio::test]
async fn every_mistake_of_the_model_is_told_at_once() {
    let branch = Branch::new().await;
    let wrong = with(
        branch.ada(),
        &[
            ("title", json!("Professor")),
            ("firstName", json!("")),
            ("lastName", json!(null)),
            ("jobTitle", json!("123456789012345678901")),
            ("email", json!("a".repeat(257))),
            ("userName", json!(["ada"])),
            ("password", json!("short")),
            ("confirmPassword", json!("other")),
        ],
    );
    assert_eq!(
        state(&branch.post(&wrong).await),
        json!({
            "model.Title": ["The field Title must be a string with a maximum length of 5."],
            "model.FirstName": ["The FirstName field is required."],
            "model.LastName": ["The LastName field is required."],
            "model.JobTitle": ["The field JobTitle must be a string with a maximum length of 20."],
            "model.Email": ["The field Email must be a string with a maximum length of 256."],
            "model.UserName": ["The UserName field must be a string.", "The UserName field is required."],
            "model.Password": ["The Password must be at least 6 characters long."],
            "model.ConfirmPassword": ["The password and confirmation password do not match."],
        })
    );
    assert!(!branch.exists("ada").await);
}

#[tokio::test]
async fn what_the_rules_of_accounts_refuse_is_under_the_empty_key() {
    let branch = Branch::new().await;
    assert_eq!(branch.post(&branch.ada()).await.status, StatusCode::OK);
    for (changes, expected) in [
        (vec![("userName", json!("bob"))], json!(["Email 'ada@example.org' is already taken."])),
        (vec![("email", json!("b@example.org"))], json!(["Name ada is already taken."])),
        (
            vec![("userName", json!("b o b")), ("email", json!("nonsense"))],
            json!([
                "User name b o b is invalid, can only contain letters or digits.",
                "Email 'nonsense' is invalid."
            ]),
        ),
        (
            vec![
                ("userName", json!("bob")),
                ("email", json!("b@example.org")),
                ("password", json!("sixsix")),
                ("confirmPassword", json!("sixsix")),
            ],
            json!(["Passwords must be at least 8 characters."]),
        ),
    ] {
        assert_eq!(state(&branch.post(&with(branch.ada(), &changes)).await), json!({ "": expected }));
    }
    assert!(!branch.exists("bob").await);
}

#[tokio::test]
async fn whatever_is_wrong_with_the_branch_the_answer_is_the_same() {
    let branch = Branch::new().await;
    let mut answers = Vec::new();
    for (key, value) in [
        ("adminActivationToken", json!("wrong")),
        ("adminActivationToken", json!(null)),
        ("branchSecret", json!("wrong")),
        ("branchSecret", json!(null)),
        ("branchId", json!(branch.id + 1)),
        ("branchId", json!("none")),
        ("branchId", json!(-1)),
        ("branchId", json!(1.5)),
        ("branchId", json!(null)),
    ] {
        let answer = branch.post(&with(branch.ada(), &[(key, value)])).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST);
        answers.push(answer.body);
    }
    // The secrets of another branch, and each in the other's place.
    let owner = KeyOwner::parse("Acme York").unwrap();
    let (_, other) = branch.site.house.broker.create_branch(&operator(), &domain(), owner).await.unwrap();
    let token = other.activation_token.expose_secret();
    answers.push(branch.post(&with(branch.ada(), &[("adminActivationToken", json!(token))])).await.body);
    let (token, secret) =
        (branch.ada()["adminActivationToken"].clone(), branch.ada()["branchSecret"].clone());
    let swapped = with(branch.ada(), &[("adminActivationToken", secret), ("branchSecret", token)]);
    answers.push(branch.post(&swapped).await.body);
    assert!(answers.iter().all(|answer| *answer == answers[0]), "{answers:#?}");
    assert!(!branch.exists("ada").await);
}

#[tokio::test]
async fn a_program_without_a_branch_learns_what_is_wrong_with_its_model_and_not_who_has_an_account() {
    let branch = Branch::new().await;
    assert_eq!(branch.post(&branch.ada()).await.status, StatusCode::OK);
    let stranger = with(branch.ada(), &[("branchSecret", json!("wrong")), ("title", json!(""))]);
    let told = state(&branch.post(&stranger).await);
    assert_eq!(told["model.Title"], json!(["The Title field is required."]));
    assert_eq!(told[""], json!(["The branch, its secret or the activation token is not valid."]));
}

#[tokio::test]
async fn new_secrets_end_the_old_ones_and_a_revoked_branch_makes_nothing() {
    let mut branch = Branch::new().await;
    let old = branch.ada();
    let broker = branch.site.house.broker.clone();
    let id = broker.branches(None).await.unwrap()[0].id;
    branch.secrets = broker.rotate_branch(&operator(), id).await.unwrap().1;
    assert_eq!(branch.post(&old).await.status, StatusCode::BAD_REQUEST);
    assert_eq!(branch.post(&branch.ada()).await.status, StatusCode::OK);
    broker.revoke_branch(&operator(), id).await.unwrap();
    let bob = with(branch.ada(), &[("userName", json!("bob")), ("email", json!("b@example.org"))]);
    assert_eq!(branch.post(&bob).await.status, StatusCode::BAD_REQUEST);
    assert_eq!(refusal(broker.rotate_branch(&operator(), id).await), Refusal::NoSuchBranch);
    assert!(!branch.exists("bob").await && branch.exists("ada").await);
}

#[tokio::test]
async fn guessing_secrets_is_stopped_and_a_closed_domain_is_closed_for_branches_too() {
    let limits = LimitSettings { wrong_proofs_per_minute: 3, ..Plan::default().limits };
    let branch = Branch::planned(Plan { limits, ..Plan::default() }).await;
    let wrong = with(branch.ada(), &[("branchSecret", json!("wrong"))]);
    for _ in 0..3 {
        assert_eq!(branch.post(&wrong).await.status, StatusCode::BAD_REQUEST);
    }
    let stopped = branch.post(&branch.ada()).await;
    assert_eq!(stopped.status, StatusCode::TOO_MANY_REQUESTS);
    assert!(stopped.header("retry-after").parse::<u32>().unwrap() > 0);
    assert!(serde_json::from_str::<Value>(&stopped.body).unwrap()["Message"].is_string());

    let closed = Branch::planned(Plan::with(|policy| policy.registration = RegistrationMode::Closed)).await;
    assert!(state(&closed.post(&closed.ada()).await)[""].is_array());
    assert!(!closed.exists("ada").await);
}

#[tokio::test]
async fn a_branch_makes_accounts_on_its_own_domain_alone() {
    let mut plan = Plan::default();
    let other = Domain::parse("other.example").unwrap();
    plan.domains.push(ostiary::accounts::DomainPolicy::new(other.clone()));
    let mut branch = Branch::planned(plan).await;
    let broker = branch.site.house.broker.clone();
    let owner = KeyOwner::parse("Elsewhere").unwrap();
    let (made, secrets) = broker.create_branch(&operator(), &other, owner).await.unwrap();
    (branch.id, branch.secrets) = (made.id.number(), secrets);
    assert_eq!(branch.post(&branch.ada()).await.status, StatusCode::OK);
    assert!(!branch.exists("ada").await);
    assert!(broker.account_exists(&other, "ada").await.unwrap());
}

#[tokio::test]
async fn what_is_no_request_of_this_kind_is_told_so() {
    let branch = Branch::new().await;
    let text = |answer: &Answer| serde_json::from_str::<Value>(&answer.body).unwrap()["Message"].clone();
    let form = branch.send(PATH, "application/x-www-form-urlencoded", "a=b".to_owned()).await;
    assert_eq!(form.status, StatusCode::UNSUPPORTED_MEDIA_TYPE);
    assert!(text(&form).as_str().unwrap().contains("application/json"));
    let got = branch.site.browser().get(PATH).await;
    assert_eq!((got.status, got.header("allow")), (StatusCode::METHOD_NOT_ALLOWED, "POST"));
    assert!(text(&got).as_str().unwrap().contains("'GET'"));
    let large = branch.send(PATH, "application/json", format!("\"{}\"", "x".repeat(20_000))).await;
    assert_eq!(large.status, StatusCode::PAYLOAD_TOO_LARGE);
    for (body, says) in [
        ("{\"title\": \"Ms\", nonsense", "not valid JSON (line 1"),
        ("", "not valid JSON"),
        ("[1]", "must be a JSON object"),
        ("null", "must be a JSON object"),
    ] {
        let told = state(&branch.send(PATH, "application/json", body.to_owned()).await);
        assert!(told["model"][0].as_str().unwrap().contains(says), "{told}");
        assert!(!told.to_string().contains("nonsense"));
    }
    let nested = format!("{}{}", "[".repeat(5000), "]".repeat(5000));
    assert_eq!(branch.send(PATH, "application/json", nested).await.status, StatusCode::BAD_REQUEST);
    let elsewhere = branch.send("/v2/Account/Register", "application/json", branch.ada().to_string()).await;
    assert_eq!(elsewhere.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn of_many_programs_at_once_one_gets_the_name() {
    let branch = Branch::new().await;
    let tries = (0..12).map(|number| {
        let body = with(branch.ada(), &[("email", json!(format!("ada{number}@example.org")))]);
        let branch = &branch;
        async move { branch.post(&body).await.status }
    });
    let statuses = futures::future::join_all(tries).await;
    assert_eq!(statuses.iter().filter(|status| **status == StatusCode::OK).count(), 1, "{statuses:?}");
    assert!(statuses.iter().all(|status| matches!(*status, StatusCode::OK | StatusCode::BAD_REQUEST)));
}

//! CAPTCHAs at registration: what is demanded when, and what an answer is worth.

mod support;

use std::time::Duration;

use jiff::SignedDuration;
use ostiary::{
    accounts::{
        ContactPolicy, Domain, Front, KeyOwner, LanguageTag, Origin, Profile, Refusal,
        challenge::{
            Addressee, BusyRule, CHALLENGE_LIFETIME, CaptchaAnswers, CaptchaMode, CaptchaPolicy, Challenge,
            ChallengeKey, Question,
        },
    },
    broker::{
        BranchClaim, Broker, CaptchaOffer, Failure, InvitationWish, Outcome, Presented, Registered, Submitted,
    },
};

use support::broker::{House, PASSWORD, Plan, domain, form, operator, refusal, web};

/// Somebody whom the stories are about.
const HERE: &str = "192.0.2.1";

fn captcha(mode: CaptchaMode) -> CaptchaPolicy {
    let question = Question::new(LanguageTag::default(), "What colour is snow?", &["white".to_owned()]);
    CaptchaPolicy {
        mode,
        questions: vec![question.unwrap()],
        work_bits: Some(8),
        web_work_bits: 8,
        ..CaptchaPolicy::default()
    }
}

fn plan(captcha: CaptchaPolicy) -> Plan {
    Plan::with(|policy| {
        policy.captcha = captcha;
        policy.email = ContactPolicy::Off;
    })
}

fn always() -> House {
    House::planned(plan(captcha(CaptchaMode::Always)))
}

async fn offer(broker: &Broker) -> CaptchaOffer {
    broker.challenge(&web(HERE), &domain()).await.unwrap().expect("a challenge")
}

/// Reads the picture with the key of the house, as no client can.
fn challenge(house: &House, offer: &CaptchaOffer) -> Challenge {
    let (origin, domain) = (web(HERE), domain());
    let policy = &house.plan.domains[0].captcha;
    let from = Addressee { domain: &domain, policy, origin: &origin };
    ChallengeKey::new(&house.keyring).recognise(&offer.challenge, from, house.now()).unwrap()
}

fn seen(house: &House, offer: &CaptchaOffer) -> CaptchaAnswers {
    let picture = challenge(house, offer).picture_text();
    CaptchaAnswers { challenge: offer.challenge.clone(), picture, ..CaptchaAnswers::default() }
}

fn said(offer: &CaptchaOffer, answer: &str) -> CaptchaAnswers {
    let (challenge, question) = (offer.challenge.clone(), answer.to_owned());
    CaptchaAnswers { challenge, question, ..CaptchaAnswers::default() }
}

async fn register_from(
    broker: &Broker,
    origin: &Origin,
    username: &str,
    captcha: Option<CaptchaAnswers>,
) -> Outcome<Registered> {
    let submitted = Submitted { captcha, ..form(username, PASSWORD, "").into() };
    broker.register(origin, &domain(), submitted).await
}

async fn register(broker: &Broker, username: &str, captcha: CaptchaAnswers) -> Outcome<Registered> {
    register_from(broker, &web(HERE), username, Some(captcha)).await
}

#[tokio::test]
async fn nothing_is_asked_unless_the_operator_wants_it() {
    let house = House::planned(plan(captcha(CaptchaMode::Off)));
    assert!(house.broker.challenge(&web(HERE), &domain()).await.unwrap().is_none());
    register_from(&house.broker, &web(HERE), "alice", None).await.unwrap();
    let unasked = CaptchaAnswers { challenge: "nonsense".to_owned(), ..CaptchaAnswers::default() };
    register(&house.broker, "bob", unasked).await.unwrap();
}

#[tokio::test]
async fn every_kind_is_offered_and_one_right_answer_lets_in() {
    let house = always();
    let offered = offer(&house.broker).await;
    assert!(offered.picture.as_ref().unwrap().starts_with(b"\x89PNG"));
    assert_eq!(offered.question.as_deref(), Some("What colour is snow?"));
    register(&house.broker, "eve", seen(&house, &offered)).await.unwrap();

    register(&house.broker, "quentin", said(&offer(&house.broker).await, " WHITE")).await.unwrap();

    let offered = offer(&house.broker).await;
    let work = challenge(&house, &offered).work(8);
    assert_eq!(offered.work, Some(work.to_string()));
    let found =
        (0..10_000).map(|n| format!("chat.example{n}")).find(|text| work.is_done(text, "chat.example"));
    let worked = CaptchaAnswers { work: found.unwrap(), ..said(&offered, "") };
    register(&house.broker, "robot", worked).await.unwrap();
}

#[tokio::test]
async fn without_an_answer_nobody_is_let_in_and_the_challenge_is_not_used_up() {
    let house = always();
    let offered = offer(&house.broker).await;
    for captcha in [None, Some(CaptchaAnswers::default()), Some(said(&offered, "  "))] {
        let outcome = register_from(&house.broker, &web(HERE), "alice", captcha).await;
        assert_eq!(refusal(outcome), Refusal::CaptchaRequired);
    }
    register(&house.broker, "alice", said(&offered, "white")).await.unwrap();
}

#[tokio::test]
async fn a_right_answer_lets_one_account_in() {
    let house = always();
    let answers = seen(&house, &offer(&house.broker).await);
    register(&house.broker, "alice", answers.clone()).await.unwrap();
    assert_eq!(refusal(register(&house.broker, "bob", answers.clone()).await), Refusal::CaptchaExpired);
    // Another replica, or this one after a restart, knows it too.
    let other = house.restarted(&house.plan);
    assert_eq!(refusal(register(&other, "bob", answers).await), Refusal::CaptchaExpired);
    assert!(!house.broker.account_exists(&domain(), "bob").await.unwrap());
}

#[tokio::test]
async fn of_many_who_bring_the_same_right_answer_at_once_one_is_let_in() {
    let house = always();
    let answers = seen(&house, &offer(&house.broker).await);
    let names: Vec<_> = (0..10).map(|number| format!("name{number}")).collect();
    let tries = names.iter().map(|name| register(&house.broker, name, answers.clone()));
    let outcomes = futures::future::join_all(tries).await;
    assert_eq!(outcomes.iter().filter(|outcome| outcome.is_ok()).count(), 1);
    for outcome in outcomes.into_iter().filter(Result::is_err) {
        assert_eq!(refusal(outcome), Refusal::CaptchaExpired);
    }
}

#[tokio::test]
async fn a_wrong_answer_uses_the_challenge_up_and_a_fresh_one_works() {
    let house = always();
    let offered = offer(&house.broker).await;
    assert_eq!(
        refusal(register(&house.broker, "alice", said(&offered, "black")).await),
        Refusal::CaptchaWrong
    );
    assert_eq!(
        refusal(register(&house.broker, "alice", said(&offered, "red")).await),
        Refusal::CaptchaExpired
    );
    assert_eq!(
        refusal(register(&house.broker, "alice", seen(&house, &offered)).await),
        Refusal::CaptchaExpired
    );
    let fresh = offer(&house.broker).await;
    assert_ne!(fresh.challenge, offered.challenge);
    register(&house.broker, "alice", seen(&house, &fresh)).await.unwrap();
}

#[tokio::test]
async fn who_mistypes_something_else_keeps_the_right_answer() {
    let house = always();
    register(&house.broker, "alice", seen(&house, &offer(&house.broker).await)).await.unwrap();
    let answers = seen(&house, &offer(&house.broker).await);
    assert_eq!(refusal(register(&house.broker, "alice", answers.clone()).await), Refusal::NameTaken);
    let weak = Submitted { captcha: Some(answers.clone()), ..form("bob", "x", "").into() };
    let outcome = house.broker.register(&web(HERE), &domain(), weak).await;
    assert!(matches!(refusal(outcome), Refusal::Invalid(_)));
    register(&house.broker, "bob", answers).await.unwrap();
}

#[tokio::test]
async fn whoever_somebody_answers_for_is_not_asked() {
    let house = always();
    let (broker, from) = (&house.broker, web(HERE));
    assert_eq!(refusal(register_from(broker, &from, "nobody", None).await), Refusal::CaptchaRequired);

    let invited = broker.invite(&operator(), &domain(), InvitationWish::default()).await.unwrap();
    let invitation = Some(Presented::Token(invited.token));
    assert!(broker.offer(&from, &domain(), invitation.as_ref()).await.unwrap().is_trusted);
    let submitted = Submitted { invitation, ..form("invited", PASSWORD, "").into() };
    broker.register(&from, &domain(), submitted).await.unwrap();

    let owner = KeyOwner::parse("Acme Leeds").unwrap();
    let (branch, secrets) = broker.create_branch(&operator(), &domain(), owner).await.unwrap();
    let proven = broker.prove_branch(&from, Some(&BranchClaim { id: branch.id, secrets })).await.unwrap();
    let profile = Profile {
        title: "Ms".to_owned(),
        first_name: "Ada".to_owned(),
        last_name: "Byron".to_owned(),
        job_title: "Analyst".to_owned(),
    };
    let person = form("leeds", PASSWORD, "leeds@mail.example");
    broker.register_for_branch(&from, &proven, person, profile).await.unwrap().unwrap();
}

#[tokio::test]
async fn a_challenge_is_answered_after_a_restart_from_the_same_neighbourhood_and_in_time() {
    let house = always();
    let [first, second, third] = [(); 3].map(|()| offer(&house.broker));
    let answers = seen(&house, &first.await);
    let other = house.restarted(&house.plan);
    register_from(&other, &web("192.0.2.99"), "alice", Some(answers)).await.unwrap();

    let elsewhere =
        register_from(&other, &web("198.51.100.1"), "bob", Some(seen(&house, &second.await))).await;
    assert_eq!(refusal(elsewhere), Refusal::CaptchaExpired);

    let answers = seen(&house, &third.await);
    house.pass(CHALLENGE_LIFETIME);
    assert_eq!(refusal(register(&house.broker, "bob", answers).await), Refusal::CaptchaExpired);
}

#[tokio::test]
async fn a_challenge_of_one_domain_is_worth_nothing_on_another() {
    let mut plan = plan(captcha(CaptchaMode::Always));
    let other = Domain::parse("other.example").unwrap();
    plan.domains.push(ostiary::accounts::DomainPolicy { domain: other.clone(), ..plan.domains[0].clone() });
    let house = House::planned(plan);
    let answers = seen(&house, &offer(&house.broker).await);
    let submitted = Submitted { captcha: Some(answers), ..form("alice", PASSWORD, "").into() };
    let outcome = house.broker.register(&web(HERE), &other, submitted).await;
    assert_eq!(refusal(outcome), Refusal::CaptchaExpired);
}

#[tokio::test]
async fn wrong_answers_are_counted_like_wrong_passwords() {
    let mut plan = plan(captcha(CaptchaMode::Always));
    plan.limits.wrong_proofs_per_minute = 3;
    let house = House::planned(plan);
    for _ in 0..3 {
        let wrong = said(&offer(&house.broker).await, "black");
        assert_eq!(refusal(register(&house.broker, "alice", wrong).await), Refusal::CaptchaWrong);
    }
    let answers = seen(&house, &offer(&house.broker).await);
    let outcome = register(&house.broker, "alice", answers.clone()).await;
    assert!(matches!(refusal(outcome), Refusal::TooMany { .. }));
    house.pass(SignedDuration::from_mins(1));
    register(&house.broker, "alice", answers).await.unwrap();
}

#[tokio::test]
async fn when_it_gets_busy_a_captcha_is_asked_for_until_it_is_quiet_again() {
    let busy = BusyRule { events: 3, window: SignedDuration::from_mins(10) };
    let house = House::planned(plan(CaptchaPolicy { busy, ..captcha(CaptchaMode::WhenBusy) }));
    let free = async |name: &str| register_from(&house.broker, &web(HERE), name, None).await;
    free("one").await.unwrap();
    free("two").await.unwrap();
    assert!(house.broker.challenge(&web(HERE), &domain()).await.unwrap().is_none());
    // A name that is taken counts as well.
    assert_eq!(refusal(free("two").await), Refusal::NameTaken);
    assert_eq!(refusal(free("three").await), Refusal::CaptchaRequired);
    register(&house.broker, "three", seen(&house, &offer(&house.broker).await)).await.unwrap();
    house.pass(SignedDuration::from_mins(10));
    assert!(house.broker.challenge(&web(HERE), &domain()).await.unwrap().is_none());
    free("four").await.unwrap();
}

#[tokio::test]
async fn a_flood_of_people_who_want_pictures_is_told_to_wait_and_the_rest_goes_on() {
    let house = always();
    let wanted = (0..500).map(|_| async { house.broker.challenge(&web(HERE), &domain()).await });
    let outcomes = futures::future::join_all(wanted).await;
    let (drawn, refused): (Vec<_>, Vec<_>) = outcomes.into_iter().partition(Result::is_ok);
    assert!(!drawn.is_empty() && refused.len() > 300, "{} drawn, {} refused", drawn.len(), refused.len());
    for outcome in refused {
        assert!(
            matches!(outcome, Err(Failure::Refused(Refusal::Busy { retry_after })) if retry_after > Duration::ZERO)
        );
    }
    let answers = seen(&house, &offer(&house.broker).await);
    register(&house.broker, "alice", answers).await.unwrap();
}

#[tokio::test]
async fn a_challenge_is_asked_in_the_language_of_the_person() {
    let mut policy = captcha(CaptchaMode::Always);
    let german = LanguageTag::parse("de").unwrap();
    policy
        .questions
        .push(Question::new(german.clone(), "Welche Farbe hat Schnee?", &["weiß".to_owned()]).unwrap());
    let house = House::planned(plan(policy));
    let origin = Origin { language: german, ..web(HERE) };
    let offered = house.broker.challenge(&origin, &domain()).await.unwrap().unwrap();
    assert_eq!(offered.question.as_deref(), Some("Welche Farbe hat Schnee?"));
    register(&house.broker, "alice", said(&offered, "Weiß")).await.unwrap();
    assert_eq!(origin.front, Front::Web);
}

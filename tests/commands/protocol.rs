//! XEP-0050 1.3, section by section.

use jiff::SignedDuration;
use minidom::Element;
use ostiary::accounts::{Domain, DomainPolicy};

use crate::{
    desk::{ALICE, Answer, COMMANDS, DATA, Desk, STRANGER},
    house::Plan,
};

const INFO: &str = "http://jabber.org/protocol/disco#info";
const ITEMS: &str = "http://jabber.org/protocol/disco#items";

fn error(kind: &str, condition: &str, specific: &str) -> (String, String, Option<String>) {
    (kind.to_owned(), condition.to_owned(), (!specific.is_empty()).then(|| specific.to_owned()))
}

fn features(answer: &Element) -> Vec<String> {
    let query = answer.get_child("query", INFO).unwrap();
    query.children().filter_map(|child| child.attr("var").map(str::to_owned)).collect()
}

async fn nodes(desk: &mut Desk, from: &str) -> Vec<(String, String)> {
    let answer = desk.ask(from, "get", &format!("<query xmlns='{ITEMS}' node='{COMMANDS}'/>")).await;
    let query = answer.get_child("query", ITEMS).unwrap();
    assert_eq!(query.attr("node"), Some(COMMANDS));
    let items = query.children().inspect(|item| assert_eq!(item.attr("jid"), Some("broker.example")));
    items.map(|item| ["node", "name"].map(|name| item.attr(name).unwrap().to_owned()).into()).collect()
}

/// Two domains, so that a registration begins with a choice and can go back to it.
fn two_domains() -> Plan {
    let mut plan = Plan::default();
    plan.domains.push(DomainPolicy::new(Domain::parse("other.example").unwrap()));
    plan
}

#[tokio::test(flavor = "multi_thread")]
async fn section_2_1_support_is_a_feature_of_the_component() {
    let mut desk = Desk::open().await;
    let answer = desk.ask(STRANGER, "get", &format!("<query xmlns='{INFO}'/>")).await;
    assert!(features(&answer).contains(&COMMANDS.to_owned()));
}

#[tokio::test(flavor = "multi_thread")]
async fn section_2_2_everybody_gets_the_list_of_what_they_may_run() {
    let mut desk = Desk::open().await;
    let names = |list: Vec<(String, String)>| list.into_iter().map(|(node, _)| node).collect::<Vec<_>>();
    let stranger = names(nodes(&mut desk, STRANGER).await);
    assert_eq!(stranger, ["jabber:iq:register", "verify", "resend", "correct-email"]);
    let owner = names(nodes(&mut desk, ALICE).await);
    assert_eq!(owner, ["verify", "resend", "correct-email", "my-data", "change-password", "delete-account"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn section_2_2_the_list_and_each_command_say_what_they_are() {
    let mut desk = Desk::open().await;
    let ask = |node: &str| format!("<query xmlns='{INFO}' node='{node}'/>");
    for (node, kind) in [(COMMANDS, "command-list"), ("my-data", "command-node")] {
        let answer = desk.ask_in(ALICE, "de", "get", &ask(node)).await;
        let query = answer.get_child("query", INFO).unwrap();
        assert_eq!(query.attr("node"), Some(node));
        let identity = query.get_child("identity", INFO).unwrap();
        assert_eq!((identity.attr("category"), identity.attr("type")), (Some("automation"), Some(kind)));
        assert_eq!(features(&answer), [COMMANDS, DATA]);
    }
    let german = desk.ask_in(ALICE, "de", "get", &ask("my-data")).await;
    assert!(String::from(&german).contains("gespeichert"), "the name is in the language of whoever asks");
    let refused = Answer(desk.ask(STRANGER, "get", &ask("my-data")).await);
    assert_eq!(refused.error(), error("cancel", "forbidden", ""));
    for (namespace, node) in [(INFO, "no-such-node"), (ITEMS, "no-such-node")] {
        let unknown = format!("<query xmlns='{namespace}' node='{node}'/>");
        let unknown = Answer(desk.ask(ALICE, "get", &unknown).await);
        assert_eq!(unknown.error(), error("cancel", "item-not-found", ""));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn section_2_4_a_command_without_questions_is_completed_at_once() {
    let mut desk = Desk::open().await;
    desk.house.settle("alice", "alice@mail.example").await;
    let answer = desk.run(ALICE, "my-data").await;
    assert_eq!((answer.status(), answer.command().attr("node")), ("completed", Some("my-data")));
    assert!(!answer.command().attr("sessionid").unwrap().is_empty());
    assert_eq!(answer.form().attr("type"), Some("result"));
}

#[tokio::test(flavor = "multi_thread")]
async fn section_2_4_stages_go_on_and_back_in_one_session() {
    let mut desk = Desk::planned(two_domains()).await;
    let first = desk.run(STRANGER, "jabber:iq:register").await;
    let session = first.command().attr("sessionid").unwrap().to_owned();
    assert_eq!(
        (first.status(), first.actions(), first.asked()),
        ("executing", vec!["next", "next"], vec!["domain"])
    );

    let second = desk.fill(STRANGER, &first, "next", &[("domain", "other.example")]).await;
    assert_eq!(second.actions(), ["next", "prev", "next"]);
    assert_eq!(second.asked(), ["username", "password", "email"]);
    assert!(String::from(second.form()).contains("other.example"));
    // As in the XEP's example: no form comes along.
    let back = Answer(desk.ask(STRANGER, "set", &second.continued("prev", "")).await);
    assert_eq!(back.asked(), ["domain"]);
    let back = desk.fill(STRANGER, &second, "prev", &[]).await;
    assert_eq!(back.asked(), ["domain"]);
    for answer in [&second, &back] {
        assert_eq!(
            answer.command().attr("sessionid"),
            Some(session.as_str()),
            "a session keeps its id (§4.1)"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn section_2_4_3_a_session_can_be_canceled() {
    let mut desk = Desk::open().await;
    let answer = desk.run(STRANGER, "verify").await;
    let canceled = Answer(desk.ask(STRANGER, "set", &answer.continued("cancel", "")).await);
    assert_eq!(canceled.status(), "canceled");
    assert_eq!(canceled.command().attr("sessionid"), answer.command().attr("sessionid"));
    assert_eq!(canceled.command().children().count(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn section_3_3_two_sessions_are_two_and_each_belongs_to_one_person_and_command() {
    let mut desk = Desk::open().await;
    let answer = desk.run(STRANGER, "verify").await;
    let other = desk.run(STRANGER, "verify").await;
    assert_ne!(answer.command().attr("sessionid"), other.command().attr("sessionid"));
    // The same person at another program.
    let same = desk.fill("romeo@far.example/balcony", &answer, "complete", &[]).await;
    assert_eq!(same.status(), "executing");
    let foreign = desk.fill("paris@far.example/orchard", &answer, "complete", &[]).await;
    assert_eq!(foreign.error(), error("modify", "bad-request", "bad-sessionid"));
    let payload = answer.continued("complete", &answer.filled(&[])).replace("node='verify'", "node='resend'");
    let foreign = Answer(desk.ask(STRANGER, "set", &payload).await);
    assert_eq!(foreign.error(), error("modify", "bad-request", "bad-sessionid"));
    // The stage of one session is not one of another.
    let mixed = other.continued("complete", &answer.filled(&[]));
    assert_eq!(
        Answer(desk.ask(STRANGER, "set", &mixed).await).error(),
        error("modify", "bad-request", "bad-payload")
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn section_3_4_execute_is_the_default_action_of_a_stage() {
    let mut desk = Desk::open().await;
    let answer = desk.run(STRANGER, "verify").await;
    let payload = answer.continued("execute", &answer.filled(&[("username", "nobody"), ("code", "123456")]));
    for payload in [payload.clone(), payload.replace(" action='execute'", "")] {
        let answer = Answer(desk.ask(STRANGER, "set", &payload).await);
        assert!(answer.note("error").contains("not the right code"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn section_3_7_a_session_speaks_the_first_language_that_was_named() {
    let mut desk = Desk::open().await;
    let begin = format!("<command xmlns='{COMMANDS}' node='verify' xml:lang='de_AT'/>");
    let answer = Answer(desk.ask_in(STRANGER, "en", "set", &begin).await);
    assert_eq!(answer.command().attr_ns(rxml::Namespace::xml(), "lang"), Some("de"));
    let filled = desk.fill(STRANGER, &answer, "complete", &[]).await;
    assert!(filled.note("error").contains("nicht"), "{:?}", filled.notes());
    let begin = format!("<command xmlns='{COMMANDS}' node='verify' xml:lang='-'/>");
    let refused = Answer(desk.ask(STRANGER, "set", &begin).await);
    assert_eq!(refused.error(), error("modify", "bad-request", "bad-locale"));
    let begin = format!("<command xmlns='{COMMANDS}' node='verify' xml:lang='tlh'/>");
    assert_eq!(
        Answer(desk.ask(STRANGER, "set", &begin).await).status(),
        "executing",
        "nobody is sent away for a language"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn section_4_4_each_error_is_the_one_of_the_table() {
    let mut desk = Desk::open().await;
    let verify = desk.run(STRANGER, "verify").await;
    let filled = verify.filled(&[]);
    let command = |attributes: &str| format!("<command xmlns='{COMMANDS}' {attributes}/>");
    for (payload, expected) in [
        (command("node='verify' action='dance'"), error("modify", "bad-request", "malformed-action")),
        (verify.continued("next", &filled), error("modify", "bad-request", "bad-action")),
        (verify.continued("prev", &filled), error("modify", "bad-request", "bad-action")),
        (verify.continued("prev", ""), error("modify", "bad-request", "bad-action")),
        (verify.continued("complete", ""), error("modify", "bad-request", "bad-payload")),
        (
            verify.continued("complete", "<x xmlns='jabber:x:data'/>"),
            error("modify", "bad-request", "bad-payload"),
        ),
        (command("node='verify' action='complete'"), error("modify", "bad-request", "bad-sessionid")),
        (command("node='verify' sessionid='made-up'"), error("modify", "bad-request", "bad-sessionid")),
        (command("node='delete-account'"), error("cancel", "forbidden", "")),
        (command("node='no-such-command'"), error("cancel", "item-not-found", "")),
        (command("action='execute'"), error("modify", "bad-request", "")),
    ] {
        assert_eq!(Answer(desk.ask(STRANGER, "set", &payload).await).error(), expected, "{payload}");
    }
    let got = desk.ask(STRANGER, "get", &command("node='verify'")).await;
    assert_eq!(Answer(got).error(), error("modify", "bad-request", ""));
}

#[tokio::test(flavor = "multi_thread")]
async fn section_4_4_a_session_expires() {
    let mut desk = Desk::open().await;
    let answer = desk.run(STRANGER, "verify").await;
    desk.house.pass(SignedDuration::from_hours(2));
    assert_eq!(desk.fill(STRANGER, &answer, "complete", &[]).await.status(), "executing");
    desk.house.pass(SignedDuration::from_secs(1));
    let expired = desk.fill(STRANGER, &answer, "complete", &[]).await;
    assert_eq!(expired.error(), error("cancel", "not-allowed", "session-expired"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_goes_on_after_a_restart() {
    let mut desk = Desk::planned(two_domains()).await;
    let first = desk.run(STRANGER, "jabber:iq:register").await;
    let second = desk.fill(STRANGER, &first, "next", &[("domain", "chat.example")]).await;
    let mut desk = Desk::over(desk.house).await;
    let values =
        [("username", "romeo"), ("password", "correct horse battery"), ("email", "romeo@mail.example")];
    let third = desk.fill(STRANGER, &second, "next", &values).await;
    assert_eq!((third.actions(), third.asked()), (vec!["complete", "complete"], vec!["code"]));
}

//! XEP-0401: invitations by users and operators, with the examples of the specification.

use jiff::SignedDuration;
use ostiary::accounts::InvitationMode;

use crate::{
    desk::{ALICE, Answer, COMMANDS, DATA, Desk, STRANGER},
    house::Plan,
};

const ROMEO: &str = "romeo@chat.example/orchard";
const INVITE: &str = "urn:xmpp:invite#invite";
const CREATE: &str = "urn:xmpp:invite#create-account";

fn plan(per_user: u32) -> Plan {
    Plan::with(|policy| {
        policy.invitations.per_user = per_user;
        policy.invitations.inviters = vec!["romeo@chat.example".to_owned()];
    })
}

/// The fields of a result: type and value.
fn fields(answer: &Answer) -> Vec<(String, String, String)> {
    let form = answer.command().get_child("x", DATA).unwrap();
    assert_eq!(form.attr("type"), Some("result"));
    form.children()
        .filter(|child| child.is("field", DATA))
        .map(|field| {
            let said = |name| field.attr(name).unwrap_or_default().to_owned();
            (said("var"), said("type"), field.get_child("value", DATA).unwrap().text())
        })
        .collect()
}

fn value(answer: &Answer, var: &str) -> String {
    fields(answer).into_iter().find(|(name, ..)| name == var).unwrap().2
}

#[tokio::test]
async fn a_user_gets_the_result_at_once_in_the_form_of_the_specification() {
    let mut desk = Desk::planned(plan(2)).await;
    let answer = desk.run(ALICE, INVITE).await;
    assert_eq!(answer.status(), "completed");
    let names: Vec<_> = fields(&answer).into_iter().map(|(var, kind, _)| (var, kind)).collect();
    let expected = [("FORM_TYPE", "hidden"), ("uri", "text-single"), ("expire", "text-single")];
    let expected = expected.map(|(var, kind)| (var.to_owned(), kind.to_owned()));
    assert!(expected.iter().all(|field| names.contains(field)), "{names:?}");
    assert_eq!(value(&answer, "FORM_TYPE"), "urn:xmpp:invite#invitation");
    let uri = value(&answer, "uri");
    let token = uri.strip_prefix("xmpp:alice@chat.example?roster;preauth=").unwrap().strip_suffix(";ibr=y");
    assert_eq!(token.unwrap().len(), 26);
    assert_eq!(value(&answer, "expire"), "2026-11-28T12:00:00Z");
}

#[tokio::test]
async fn a_user_makes_so_many_in_a_week_and_an_operator_as_many_as_they_like() {
    let mut desk = Desk::planned(plan(2)).await;
    for _ in 0..2 {
        assert_eq!(desk.run(ALICE, INVITE).await.notes(), []);
    }
    let refused = desk.run(ALICE, INVITE).await;
    assert_eq!(refused.notes()[0].0, "error");
    desk.house.pass(SignedDuration::from_hours(7 * 24 + 1));
    assert_eq!(desk.run(ALICE, INVITE).await.notes(), []);
    for _ in 0..5 {
        assert_eq!(desk.run(ROMEO, INVITE).await.notes(), []);
    }
}

#[tokio::test]
async fn an_operator_makes_an_account_for_a_name() {
    let mut desk = Desk::planned(plan(0)).await;
    let form = desk.run(ROMEO, CREATE).await;
    assert_eq!((form.status(), form.actions()[0]), ("executing", "complete"));
    let answer =
        desk.fill(ROMEO, &form, "complete", &[("username", "juliet"), ("roster-subscription", "1")]).await;
    assert!(value(&answer, "uri").starts_with("xmpp:juliet@chat.example?register;preauth="));
    let (kept, _) = desk.house.broker.invitation(1).await.unwrap();
    assert_eq!((kept.inviter.as_deref(), kept.subscribe), (Some("romeo@chat.example"), true));

    let form = desk.run(ROMEO, CREATE).await;
    let again = desk.fill(ROMEO, &form, "complete", &[("username", "juliet")]).await;
    assert_eq!((again.status(), again.notes()[0].0.as_str()), ("executing", "error"));
    let answer = desk.fill(ROMEO, &again, "complete", &[("username", "")]).await;
    assert!(value(&answer, "uri").starts_with("xmpp:chat.example?register;preauth="));
}

#[tokio::test]
async fn nobody_else_sees_the_commands() {
    let list = format!("<query xmlns='http://jabber.org/protocol/disco#items' node='{COMMANDS}'/>");
    for (plan, from, seen) in [
        (plan(0), ALICE, 0),
        (plan(1), ALICE, 1),
        (plan(1), STRANGER, 0),
        (plan(0), ROMEO, 2),
        (
            Plan {
                domains: {
                    let mut off = plan(1);
                    off.domains[0].invitations.mode = InvitationMode::Off;
                    off.domains
                },
                ..plan(1)
            },
            ROMEO,
            0,
        ),
    ] {
        let mut desk = Desk::planned(plan).await;
        let answer = String::from(&desk.ask(from, "get", &list).await);
        assert_eq!(answer.matches("urn:xmpp:invite#").count(), seen, "{from}: {answer}");
        if seen == 0 {
            let refused = desk.run(from, INVITE).await;
            assert_eq!(refused.0.attr("type"), Some("error"));
        }
    }
}

//! XEP-0389 0.6.0, section by section: at the component, and as the server's module carries it from a stream before login.

use minidom::Element;
use ostiary::{
    accounts::{AccountState, ContactPolicy, InvitationMode, RegistrationMode},
    broker::InvitationWish,
};

use crate::{
    desk::{ALICE, DATA, Desk, STRANGER},
    house::{Plan, code, domain, eventually, name, operator, wrong_code},
};

const NS: &str = "urn:xmpp:register:0";
const LINK: &str = "urn:ostiary:link:1";
const PASSWORD: &str = "correct horse battery";
const NEW: &str = "a wholly new password";

/// Somebody who speaks the protocol: on a stream before login, or at the component.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    Stream,
    Component,
}

/// What came back: an element of the protocol, or the condition of an error; `None` for an empty result.
type Answer = Result<Option<Element>, String>;

async fn send(desk: &mut Desk, way: Way, kind: &str, payload: &str) -> (Answer, Option<Element>) {
    match way {
        Way::Component => {
            (outcome(&desk.ask(STRANGER, kind, payload).await, "jabber:component:accept"), None)
        }
        Way::Stream => {
            let carried = format!(
                "<carry xmlns='{LINK}'><client session='s1' secure='true' lang='en' address='192.0.2.7'/>\
                 <iq xmlns='jabber:client' type='{kind}' id='c1'>{payload}</iq></carry>"
            );
            let answer = desk.ask("chat.example", "set", &carried).await;
            let carry = answer.get_child("carry", LINK).unwrap();
            let inner = carry.get_child("iq", "jabber:client").unwrap();
            (outcome(inner, "jabber:client"), carry.get_child("registered", LINK).cloned())
        }
    }
}

fn outcome(answer: &Element, namespace: &str) -> Answer {
    match answer.get_child("error", namespace) {
        Some(error) => Err(error.children().next().unwrap().name().to_owned()),
        None => Ok(answer.children().next().cloned()),
    }
}

async fn flows(desk: &mut Desk, way: Way, process: &str) -> Vec<(String, String, String)> {
    let list = send(desk, way, "get", &format!("<{process} xmlns='{NS}'/>")).await.0.unwrap().unwrap();
    assert!(list.is(process, NS));
    let flows = list.children().map(|flow| {
        let text = |child: &str| flow.get_child(child, NS).unwrap();
        let id = flow.attr("id").unwrap().to_owned();
        (id, text("name").text(), text("challenge").attr("type").unwrap().to_owned())
    });
    flows.collect()
}

/// Selects a flow; gives the form of its first challenge.
async fn begin(desk: &mut Desk, way: Way, process: &str, flow: &str) -> Element {
    let select = format!("<{process} xmlns='{NS}'><flow id='{flow}'/></{process}>");
    form(&send(desk, way, "set", &select).await.0.unwrap().unwrap())
}

fn form(challenge: &Element) -> Element {
    assert!(challenge.is("challenge", NS), "{}", String::from(challenge));
    assert_eq!(challenge.attr("type"), Some(DATA));
    let form = challenge.get_child("x", DATA).unwrap();
    assert_eq!(form.attr("type"), Some("form"));
    form.clone()
}

fn response(form: &Element, values: &[(&str, &str)]) -> String {
    let field = |var: &str, value: &str| format!("<field var='{var}'><value>{value}</value></field>");
    let hidden = form.children().filter(|child| child.attr("type") == Some("hidden"));
    let hidden =
        hidden.map(|hidden| field(hidden.attr("var").unwrap(), &hidden.children().next().unwrap().text()));
    let given = values.iter().map(|(var, value)| field(var, value));
    let fields = hidden.chain(given).collect::<String>();
    format!("<response xmlns='{NS}'><x xmlns='{DATA}' type='submit'>{fields}</x></response>")
}

async fn respond(
    desk: &mut Desk,
    way: Way,
    form: &Element,
    values: &[(&str, &str)],
) -> (Answer, Option<Element>) {
    send(desk, way, "set", &response(form, values)).await
}

fn asked(form: &Element) -> Vec<String> {
    let fields =
        form.children().filter(|child| child.is("field", DATA) && child.attr("type") != Some("hidden"));
    fields.map(|field| field.attr("var").unwrap().to_owned()).collect()
}

fn instructions(form: &Element) -> String {
    let all = form.children().filter(|child| child.is("instructions", DATA));
    all.map(Element::text).collect::<Vec<_>>().join(" ")
}

/// The last answer, and the success: on a stream they are the same; at the component it is a request of its own.
async fn succeeded(desk: &mut Desk, way: Way, answer: Answer, username: &str) {
    let success = match way {
        Way::Stream => answer.unwrap().unwrap(),
        Way::Component => {
            assert_eq!(answer, Ok(None), "the answer itself is empty");
            let request = desk.peer.stanza().await;
            assert_eq!((request.attr("type"), request.attr("to")), (Some("set"), Some(STRANGER)));
            let id = request.attr("id").unwrap();
            desk.peer
                .send(format!("<iq type='result' id='{id}' from='{STRANGER}' to='broker.example'/>"))
                .await;
            request.children().next().unwrap().clone()
        }
    };
    assert!(success.is("success", NS));
    let text = |child: &str| success.get_child(child, NS).unwrap().text();
    assert_eq!((text("jid"), text("username")), (format!("{username}@chat.example"), username.to_owned()));
}

#[tokio::test(flavor = "multi_thread")]
async fn section_5_support_is_a_feature_of_the_component() {
    let mut desk = Desk::open().await;
    let info = desk.ask(STRANGER, "get", "<query xmlns='http://jabber.org/protocol/disco#info'/>").await;
    assert!(String::from(&info).replace('"', "'").contains("'urn:xmpp:register:0'"));
}

#[tokio::test(flavor = "multi_thread")]
async fn section_6_1_flows_have_ids_of_their_own_names_and_challenges() {
    let mut desk = Desk::open().await;
    for way in [Way::Stream, Way::Component] {
        let register = flows(&mut desk, way, "register").await;
        let challenges: Vec<_> =
            register.iter().map(|(id, _, challenge)| (id.as_str(), challenge.as_str())).collect();
        assert_eq!(
            challenges,
            [("form:chat.example", "jabber:x:data"), ("web:chat.example", "jabber:x:oob")]
        );
        assert!(register[0].1.contains("chat.example"), "{register:?}");
        assert_eq!(flows(&mut desk, way, "recovery").await.len(), 2);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn section_6_1_the_server_learns_the_stream_features_in_every_language() {
    let mut desk = Desk::open().await;
    let status = desk.ask("chat.example", "get", &format!("<status xmlns='{LINK}'/>")).await;
    let status = status.get_child("status", LINK).unwrap();
    assert_eq!(status.children().map(Element::name).collect::<Vec<_>>(), ["register", "recovery"]);
    for flow in status.children().flat_map(Element::children) {
        let names = flow.children().filter(|child| child.name() == "name");
        let mut languages: Vec<_> =
            names.map(|name| name.attr_ns(rxml::Namespace::xml(), "lang").unwrap()).collect();
        assert!(languages.contains(&"en") && languages.contains(&"de"));
        let all = languages.len();
        languages.dedup();
        assert_eq!(languages.len(), all);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn section_6_2_who_has_no_use_for_flows_gets_an_empty_list() {
    let mut desk = Desk::planned(Plan::with(|policy| {
        policy.registration = RegistrationMode::Closed;
        policy.self_service = false;
    }))
    .await;
    for process in ["register", "recovery"] {
        assert_eq!(flows(&mut desk, Way::Component, process).await, []);
    }
    let mut desk = Desk::open().await;
    let list = desk.ask(ALICE, "get", &format!("<register xmlns='{NS}'/>")).await;
    assert_eq!(list.get_child("register", NS).unwrap().children().count(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn section_6_3_a_flow_that_was_not_offered_is_not_found() {
    let mut desk = Desk::open().await;
    for way in [Way::Stream, Way::Component] {
        for payload in [
            format!("<register xmlns='{NS}'><flow id='9'/></register>"),
            format!("<recovery xmlns='{NS}'><flow id='form:other.example'/></recovery>"),
            format!("<register xmlns='{NS}'/>"),
        ] {
            assert_eq!(
                send(&mut desk, way, "set", &payload).await.0,
                Err("item-not-found".to_owned()),
                "{payload}"
            );
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn section_6_4_somebody_registers_by_a_form_and_the_code_of_the_letter() {
    for way in [Way::Stream, Way::Component] {
        let mut desk = Desk::open().await;
        let first = begin(&mut desk, way, "register", "form:chat.example").await;
        assert_eq!(asked(&first), ["username", "password", "email"]);
        let form_type = first.children().find(|field| field.attr("var") == Some("FORM_TYPE")).unwrap();
        assert_eq!(form_type.children().next().unwrap().text(), NS);

        let bad = [("username", "a b"), ("password", "hunter2"), ("email", "nonsense")];
        let (again, registered) = respond(&mut desk, way, &first, &bad).await;
        let again = form(&again.unwrap().unwrap());
        assert!(registered.is_none());
        let said = instructions(&again);
        assert!(["username", "password", "e-mail"].iter().all(|word| said.contains(word)), "{said}");
        assert!(!String::from(&again).contains("hunter2"));

        let good = [("username", "Romeo"), ("password", PASSWORD), ("email", "romeo@mail.example")];
        let (second, registered) = respond(&mut desk, way, &again, &good).await;
        let second = form(&second.unwrap().unwrap());
        assert_eq!(asked(&second), ["code"]);
        if way == Way::Stream {
            let registered = registered.unwrap();
            assert_eq!((registered.attr("user"), registered.attr("state")), (Some("romeo"), Some("pending")));
        }
        let letter = desk.house.letter().await;
        let (wrong, _) = respond(&mut desk, way, &second, &[("code", &wrong_code(&letter))]).await;
        let third = form(&wrong.unwrap().unwrap());
        assert!(instructions(&third).contains("4 more times"));
        let (answer, _) = respond(&mut desk, way, &third, &[("code", &code(&letter))]).await;
        succeeded(&mut desk, way, answer, "romeo").await;
        let account = desk.house.store.account(&domain(), &name("romeo")).await.unwrap().unwrap();
        assert_eq!(account.state, AccountState::Active);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn section_6_4_without_an_address_to_confirm_one_form_is_enough() {
    for way in [Way::Stream, Way::Component] {
        let mut desk = Desk::planned(Plan::with(|policy| policy.email = ContactPolicy::Off)).await;
        let first = begin(&mut desk, way, "register", "form:chat.example").await;
        let (answer, registered) =
            respond(&mut desk, way, &first, &[("username", "romeo"), ("password", PASSWORD)]).await;
        assert_eq!(registered.is_some(), way == Way::Stream);
        succeeded(&mut desk, way, answer, "romeo").await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn section_6_4_where_an_invitation_is_needed_the_form_takes_one() {
    for way in [Way::Stream, Way::Component] {
        let plan = Plan::with(|policy| policy.invitations.mode = InvitationMode::Required);
        let mut desk = Desk::planned(plan).await;
        let invited =
            desk.house.broker.invite(&operator(), &domain(), InvitationWish::default()).await.unwrap();
        let first = begin(&mut desk, way, "register", "form:chat.example").await;
        assert_eq!(asked(&first), ["username", "password", "email", "invitation"]);
        let with = |invitation| [("username", "romeo"), ("password", PASSWORD), ("invitation", invitation)];
        let (again, registered) = respond(&mut desk, way, &first, &with("nonsense")).await;
        let again = form(&again.unwrap().unwrap());
        assert!(registered.is_none() && instructions(&again).contains("does not work"));
        let (answer, _) = respond(&mut desk, way, &again, &with(invited.token.expose())).await;
        succeeded(&mut desk, way, answer, "romeo").await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn section_6_5_a_forgotten_password_is_replaced_with_the_code_of_a_letter() {
    for way in [Way::Stream, Way::Component] {
        let mut desk = Desk::open().await;
        desk.house.settle("alice", "alice@mail.example").await;
        let first = begin(&mut desk, way, "recovery", "form:chat.example").await;
        // For the server's module a field of the name `username` is a name to be registered.
        assert_eq!(asked(&first), ["account"]);
        let (second, registered) =
            respond(&mut desk, way, &first, &[("account", "alice@chat.example")]).await;
        let second = form(&second.unwrap().unwrap());
        assert_eq!(
            (asked(&second), registered.is_none()),
            (vec!["code".to_owned(), "password".to_owned()], true)
        );
        eventually("the letter", || async { desk.house.store.counts().await.unwrap().letters_waiting == 1 })
            .await;
        let code = code(&desk.house.letter().await);
        let (weak, _) = respond(&mut desk, way, &second, &[("code", &code), ("password", "short")]).await;
        let third = form(&weak.unwrap().unwrap());
        assert!(instructions(&third).contains("too weak"));
        let (answer, _) = respond(&mut desk, way, &third, &[("code", &code), ("password", NEW)]).await;
        succeeded(&mut desk, way, answer, "alice").await;
        assert!(desk.house.log_in("alice", NEW).await.is_ok());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn recovery_does_not_tell_who_has_an_account() {
    let mut desk = Desk::open().await;
    desk.house.settle("alice", "alice@mail.example").await;
    let mut said = Vec::new();
    for username in ["alice", "nobody"] {
        let first = begin(&mut desk, Way::Stream, "recovery", "form:chat.example").await;
        let second =
            respond(&mut desk, Way::Stream, &first, &[("account", username)]).await.0.unwrap().unwrap();
        let third =
            respond(&mut desk, Way::Stream, &form(&second), &[("code", "000000"), ("password", NEW)]).await;
        said.push((instructions(&form(&second)), instructions(&form(&third.0.unwrap().unwrap()))));
    }
    assert_eq!(said[0], said[1]);
}

#[tokio::test(flavor = "multi_thread")]
async fn section_7_2_a_page_is_named_and_who_comes_back_from_it_is_done() {
    for way in [Way::Stream, Way::Component] {
        let mut desk = Desk::open().await;
        for (process, page) in [("register", "register"), ("recovery", "recover")] {
            let select = format!("<{process} xmlns='{NS}'><flow id='web:chat.example'/></{process}>");
            let challenge = send(&mut desk, way, "set", &select).await.0.unwrap().unwrap();
            assert_eq!(challenge.attr("type"), Some("jabber:x:oob"));
            let url =
                challenge.get_child("x", "jabber:x:oob").unwrap().get_child("url", "jabber:x:oob").unwrap();
            assert_eq!(url.text(), format!("https://accounts.chat.example/{page}"));
            let done =
                send(&mut desk, way, "set", &format!("<response xmlns='{NS}'/>")).await.0.unwrap().unwrap();
            assert!(done.is("cancel", NS));
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn section_6_5_a_flow_can_be_cancelled_by_the_element_and_by_the_form() {
    let mut desk = Desk::open().await;
    for way in [Way::Stream, Way::Component] {
        let first = begin(&mut desk, way, "register", "form:chat.example").await;
        let cancelled = response(&first, &[]).replace("type='submit'", "type='cancel'");
        for payload in [format!("<cancel xmlns='{NS}'/>"), cancelled] {
            assert_eq!(send(&mut desk, way, "set", &payload).await.0, Ok(None));
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_flow_goes_on_on_another_stream_and_after_a_restart_and_not_for_ever_or_for_others() {
    let mut desk = Desk::open().await;
    let first = begin(&mut desk, Way::Stream, "register", "form:chat.example").await;
    let theirs = begin(&mut desk, Way::Component, "register", "form:chat.example").await;
    let mut desk = Desk::over(desk.house).await;
    let values = [("username", "romeo"), ("password", PASSWORD), ("email", "romeo@mail.example")];
    let carried = response(&first, &values);
    let second =
        send(&mut desk, Way::Stream, "set", &carried.replace("'s1'", "'s2'")).await.0.unwrap().unwrap();
    assert_eq!(asked(&form(&second)), ["code"]);

    let foreign = desk.ask("paris@far.example/x", "set", &response(&theirs, &values)).await;
    assert!(foreign.children().next().unwrap().is("cancel", NS));
    desk.house.pass(jiff::SignedDuration::from_mins(121));
    let late = send(&mut desk, Way::Component, "set", &response(&theirs, &values)).await.0.unwrap().unwrap();
    assert!(late.is("cancel", NS));
    let made_up = response(&theirs, &values).replace("ostiary#step", "step");
    assert!(send(&mut desk, Way::Component, "set", &made_up).await.0.unwrap().unwrap().is("cancel", NS));
}

#[tokio::test(flavor = "multi_thread")]
async fn texts_are_in_the_language_of_the_stream() {
    let mut desk = Desk::open().await;
    let list = desk.ask_in(STRANGER, "de", "get", &format!("<recovery xmlns='{NS}'/>")).await;
    assert!(String::from(&list).contains("Webseite"));
}

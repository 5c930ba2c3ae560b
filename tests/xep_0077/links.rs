//! A server is trusted for its own domains, and sees nothing of the others that the broker keeps.

use ostiary::{
    accounts::{Domain, DomainPolicy},
    broker::ProofInput,
};

use crate::{
    broker::{PASSWORD, Plan, code, domain, form, web},
    places::{Place, Scene},
};

/// A domain of the same broker on another server.
fn elsewhere() -> Domain {
    Domain::parse("other.example").unwrap()
}

/// A broker with two domains, seen by the server of the first one.
async fn scene() -> Scene {
    let mut plan = Plan::default();
    plan.domains.push(DomainPolicy::new(elsewhere()));
    Scene::linked(plan, [domain()].into()).await
}

#[tokio::test]
async fn nobody_speaks_for_a_domain_of_another_server() {
    let mut scene = scene().await;
    let link = "urn:ostiary:link:1";
    for (kind, payload) in [
        ("get", format!("<status xmlns='{link}'/>")),
        ("get", format!("<credentials xmlns='{link}' user='alice'/>")),
        ("get", format!("<account xmlns='{link}' user='alice'/>")),
        ("set", format!("<remove xmlns='{link}' user='alice'/>")),
        (
            "set",
            format!(
                "<set-password xmlns='{link}' user='alice'><password>a new password</password></set-password>"
            ),
        ),
        ("set", format!("<authenticate xmlns='{link}' user='alice'><password>x</password></authenticate>")),
    ] {
        let stanza =
            format!("<iq type='{kind}' id='f' from='other.example' to='broker.example'>{payload}</iq>");
        let answer = scene.raw(Place::Component, "f", &stanza).await;
        assert_eq!(answer.refused(), ("auth", "forbidden", "403"), "{payload}");
    }
    assert_eq!(scene.status().await, "open", "its own domain is as ever");
}

#[tokio::test]
async fn users_of_a_domain_of_another_server_are_strangers_there() {
    let mut scene = scene().await;
    let made = scene
        .house
        .broker
        .register(&web("192.0.2.1"), &elsewhere(), form("alice", PASSWORD, "alice@mail.example").into())
        .await
        .unwrap();
    let code = code(&scene.house.letter().await);
    let proof = ProofInput::Code { domain: elsewhere(), username: made.username.to_string(), code };
    scene.house.broker.verify(&web("192.0.2.1"), proof).await.unwrap();

    let forged = "<iq type='set' id='r' from='alice@other.example/x' to='broker.example'>\
                  <query xmlns='jabber:iq:register'><remove/></query></iq>";
    assert_eq!(scene.raw(Place::Component, "r", forged).await.kind, "error");
    assert!(scene.house.broker.account_exists(&elsewhere(), "alice").await.unwrap());
    let asked = "<iq type='get' id='q' from='alice@other.example/x' to='broker.example'>\
                 <query xmlns='jabber:iq:register'/></iq>";
    let answer = scene.raw(Place::Component, "q", asked).await;
    let query = String::from(answer.done().query.as_ref().unwrap());
    assert!(!query.contains("<registered") && !query.contains("alice"), "{query}");
    assert!(query.contains("chat.example") && !query.contains("other.example"), "{query}");
}

#[tokio::test]
async fn commands_offer_the_domains_of_this_server_alone() {
    let mut scene = scene().await;
    let register = "<iq type='set' id='c' from='romeo@elsewhere.example/x' to='broker.example'>\
                    <command xmlns='http://jabber.org/protocol/commands' node='jabber:iq:register'/></iq>";
    let form = scene.raw(Place::Component, "c", register).await;
    assert!(form.done().xml.contains("chat.example") && !form.xml.contains("other.example"), "{}", form.xml);
    let flows = "<iq type='get' id='w' from='romeo@elsewhere.example/x' to='broker.example'>\
                 <register xmlns='urn:xmpp:register:0'/></iq>";
    let flows = scene.raw(Place::Component, "w", flows).await;
    assert!(
        flows.done().xml.contains(":chat.example") && !flows.xml.contains("other.example"),
        "{}",
        flows.xml
    );
}

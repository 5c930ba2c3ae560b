//! XEP-0355: a server without our module hands over what its logged-in users send, in both versions of the namespace.

use minidom::Element;

use crate::{
    broker::PASSWORD,
    places::{NS, Place, Scene},
};

const VERSIONS: [&str; 2] = ["urn:xmpp:delegation:1", "urn:xmpp:delegation:2"];
const OTHER: &str = "another good password";

/// The wrapper that a server sends around a client's request.
fn delegated(version: &str, outer: &str, inner: &str, content: &str) -> String {
    format!(
        "<iq type='set' id='d' from='{outer}' to='broker.example'><delegation xmlns='{version}'>\
         <forwarded xmlns='urn:xmpp:forward:0'><iq xmlns='jabber:client' id='x' {inner}>{content}</iq></forwarded>\
         </delegation></iq>"
    )
}

/// The client's answer that is in the server's one.
async fn inner(scene: &mut Scene, version: &str, stanza: &str) -> Element {
    let answer = scene.raw(Place::Component, "d", stanza).await;
    let outer: Element = answer.done().xml.parse().unwrap();
    let delegation = outer.children().next().unwrap();
    assert!(delegation.is("delegation", version), "{}", answer.xml);
    let forwarded = delegation.get_child("forwarded", "urn:xmpp:forward:0").unwrap();
    forwarded.get_child("iq", "jabber:client").unwrap().clone()
}

fn change(name: &str) -> String {
    format!("<query xmlns='{NS}'><username>{name}</username><password>{OTHER}</password></query>")
}

#[tokio::test]
async fn an_owner_asks_changes_the_password_and_removes_the_account() {
    for version in VERSIONS {
        let mut scene = Scene::new().await;
        scene.house.settle("alice", "alice@mail.example").await;
        for to in ["to='chat.example'", "to='alice@chat.example'", ""] {
            let addresses = format!("type='get' from='alice@chat.example/phone' {to}");
            let asked = delegated(version, "chat.example", &addresses, &format!("<query xmlns='{NS}'/>"));
            let answer = inner(&mut scene, version, &asked).await;
            assert_eq!((answer.attr("type"), answer.attr("id")), (Some("result"), Some("x")), "{to}");
            assert_eq!(answer.attr("to"), Some("alice@chat.example/phone"));
            assert_eq!(
                answer.attr("from"),
                to.split('\'').nth(1),
                "as if the one who was asked had answered"
            );
            assert!(answer.get_child("query", NS).unwrap().has_child("registered", NS));
        }
        let addresses = "type='set' from='alice@chat.example/phone' to='chat.example'";
        let changed = delegated(version, "chat.example", addresses, &change("alice"));
        assert_eq!(inner(&mut scene, version, &changed).await.attr("type"), Some("result"));
        scene.house.log_in("alice", PASSWORD).await.unwrap_err();
        scene.house.log_in("alice", OTHER).await.unwrap();

        let removed =
            delegated(version, "chat.example", addresses, &format!("<query xmlns='{NS}'><remove/></query>"));
        assert_eq!(inner(&mut scene, version, &removed).await.attr("type"), Some("result"));
        scene.house.log_in("alice", OTHER).await.unwrap_err();
    }
}

#[tokio::test]
async fn a_server_asks_before_it_delegates_and_is_told_the_features() {
    let mut scene = Scene::new().await;
    for version in VERSIONS {
        for (node, feature) in [("::jabber:iq:register", true), (":bare:jabber:iq:register", false)] {
            let asked = format!(
                "<iq type='get' id='i' from='chat.example' to='broker.example'>\
                 <query xmlns='http://jabber.org/protocol/disco#info' node='{version}{node}'/></iq>"
            );
            let answer = scene.raw(Place::Component, "i", &asked).await;
            let told = answer.done().xml.contains("<feature var='jabber:iq:register'/>");
            assert_eq!(told, feature, "{}", answer.xml);
            assert!(answer.xml.contains(&format!("{version}{node}")), "{}", answer.xml);
        }
        let asked = format!(
            "<iq type='get' id='i' from='chat.example' to='broker.example'>\
             <query xmlns='http://jabber.org/protocol/disco#info' node='{version}::jabber:iq:roster'/></iq>"
        );
        assert_eq!(scene.raw(Place::Component, "i", &asked).await.refused().1, "item-not-found");
    }
}

#[tokio::test]
async fn wrappers_of_anybody_but_the_server_do_nothing() {
    let mut scene = Scene::new().await;
    scene.house.settle("alice", "alice@mail.example").await;
    for version in VERSIONS {
        for outer in ["mallory@chat.example/x", "chat.example/x", "evil.example", "other.chat.example"] {
            let addresses = "type='set' from='alice@chat.example/phone' to='chat.example'";
            let forged = delegated(version, outer, addresses, &change("alice"));
            assert_eq!(scene.raw(Place::Component, "d", &forged).await.refused().1, "forbidden", "{outer}");
        }
    }
    scene.house.log_in("alice", PASSWORD).await.unwrap();
}

#[tokio::test]
async fn nobody_reaches_an_account_of_somebody_else_through_the_server() {
    let mut scene = Scene::new().await;
    scene.house.settle("alice", "alice@mail.example").await;
    scene.house.settle("mallory", "mallory@mail.example").await;
    for addresses in [
        // A user of another server, whose request the server delegates all the same.
        "from='alice@evil.example/x' to='chat.example'",
        // The server forwards what is sent to a user's bare address.
        "from='mallory@chat.example/x' to='alice@chat.example'",
        "from='mallory@chat.example/x' to='chat.example/alice'",
        "from='chat.example' to='chat.example'",
        "to='chat.example'",
        "from='@@' to='chat.example'",
    ] {
        for content in [change("alice"), format!("<query xmlns='{NS}'><remove/></query>")] {
            let stanza = delegated(VERSIONS[0], "chat.example", &format!("type='set' {addresses}"), &content);
            let answer = inner(&mut scene, VERSIONS[0], &stanza).await;
            assert_eq!(answer.attr("type"), Some("error"), "{addresses} {content}");
            assert!(String::from(&answer).contains("<forbidden "), "{addresses}");
        }
    }
    // The name in the form is not who asks.
    let addresses = "type='set' from='mallory@chat.example/x' to='chat.example'";
    let stanza = delegated(VERSIONS[0], "chat.example", addresses, &change("alice"));
    assert_eq!(inner(&mut scene, VERSIONS[0], &stanza).await.attr("type"), Some("error"));
    for name in ["alice", "mallory"] {
        scene.house.log_in(name, PASSWORD).await.unwrap();
    }
}

#[tokio::test]
async fn what_is_no_delegated_request_gets_an_error_and_the_link_lives() {
    let mut scene = Scene::new().await;
    let version = VERSIONS[1];
    for content in [
        String::new(),
        "<forwarded xmlns='urn:xmpp:forward:0'/>".to_owned(),
        "<forwarded xmlns='urn:xmpp:forward:0'><message xmlns='jabber:client'/></forwarded>".to_owned(),
    ] {
        let stanza = format!(
            "<iq type='set' id='d' from='chat.example' to='broker.example'><delegation xmlns='{version}'>{content}</delegation></iq>"
        );
        assert_eq!(scene.raw(Place::Component, "d", &stanza).await.refused().1, "bad-request", "{content}");
    }
    for (addresses, content, condition) in [
        ("type='result' from='a@chat.example/x'", String::new(), "bad-request"),
        ("type='get' from='a@chat.example/x'", String::new(), "bad-request"),
        (
            "type='get' from='a@chat.example/x'",
            "<query xmlns='jabber:iq:roster'/>".to_owned(),
            "service-unavailable",
        ),
    ] {
        let stanza = delegated(version, "chat.example", addresses, &content);
        let answer = String::from(&inner(&mut scene, version, &stanza).await);
        assert!(answer.contains(&format!("<{condition} ")), "{answer}");
    }
    scene.lives().await;
}

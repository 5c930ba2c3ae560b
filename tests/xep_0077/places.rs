//! The three places, and what comes back from them.

use std::sync::Arc;

use minidom::Element;
use ostiary::{
    accounts::Domain,
    random::OsRandom,
    text::{Help, Texts},
    xmpp::{self, Context, Link, Sealed},
};
use tokio::net::TcpListener;

use crate::{
    broker::{House, Plan},
    fake_server::{Peer, accept_component, condition},
    running_component::{Running, listen},
};

pub const NS: &str = "jabber:iq:register";
pub const DATA: &str = "jabber:x:data";
const LINK: &str = "urn:ostiary:link:1";
const CLIENT: &str = "jabber:client";
const COMPONENT: &str = "jabber:component:accept";
const STANZAS: &str = "urn:ietf:params:xml:ns:xmpp-stanzas";

/// The page of the stories.
pub const PAGE: &str = "https://accounts.chat.example/register";

/// Where somebody asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// The component's own address.
    Component,
    /// The chat domain, before login.
    BeforeLogin,
    /// The chat domain, after login.
    AfterLogin,
}

/// Every place.
pub const PLACES: [Place; 3] = [Place::Component, Place::BeforeLogin, Place::AfterLogin];
/// The places where an account can be known.
pub const KNOWN: [Place; 2] = [Place::Component, Place::AfterLogin];

/// Who asks, and how.
#[derive(Debug, Clone)]
pub struct Asker {
    pub place: Place,
    jid: Option<String>,
    pub secure: bool,
    pub lang: Option<&'static str>,
}

impl Place {
    /// Somebody who has no account: of another server, not logged in, or whose account is gone.
    pub fn stranger(self) -> Asker {
        let jid = match self {
            Self::Component => Some("romeo@elsewhere.example/orchard".to_owned()),
            Self::BeforeLogin => None,
            Self::AfterLogin => Some("ghost@chat.example/attic".to_owned()),
        };
        Asker { place: self, jid, secure: true, lang: None }
    }

    /// The owner of an account.
    pub fn owner(self, name: &str) -> Asker {
        assert_ne!(self, Self::BeforeLogin, "nobody is known before login");
        Asker { jid: Some(format!("{name}@chat.example/phone")), ..self.stranger() }
    }
}

impl Asker {
    /// The same, without encryption.
    pub fn insecure(self) -> Self {
        Self { secure: false, ..self }
    }

    /// The same, in another language.
    pub fn speaking(self, lang: &'static str) -> Self {
        Self { lang: Some(lang), ..self }
    }
}

/// A broker with its component, and the server that the test plays.
pub struct Scene {
    pub house: House,
    peer: Peer,
    number: usize,
    _listener: TcpListener,
    _component: Running,
}

impl Scene {
    /// The usual one.
    pub async fn new() -> Self {
        Self::planned(Plan::default()).await
    }

    /// One with another broker.
    pub async fn planned(plan: Plan) -> Self {
        let domains = plan.domains.iter().map(|policy| policy.domain.clone()).collect();
        Self::linked(plan, domains).await
    }

    /// One whose server has these of the broker's domains.
    pub async fn linked(plan: Plan, domains: Arc<[Domain]>) -> Self {
        let house = House::planned(plan);
        let (listener, settings) = listen().await;
        let context = Context {
            broker: house.broker.clone(),
            texts: Arc::new(Texts::new()),
            help: Help {
                verify_url: Some("https://accounts.chat.example/verify".to_owned()),
                register_url: Some(PAGE.to_owned()),
                ..Help::default()
            },
            domains,
            component: settings.jid.clone(),
            sealed: Sealed::new(&house.keyring, house.clock.clone(), Arc::new(OsRandom)),
            link: Link::new(&settings, Arc::new(OsRandom)),
            request: None,
        };
        let router = xmpp::router(&settings, &context);
        let component = Running::start_with(settings, |_| router);
        let peer = accept_component(&listener).await;
        Self { house, peer, number: 0, _listener: listener, _component: component }
    }

    /// Sends a query with this content, and waits for the answer.
    pub async fn ask(&mut self, asker: &Asker, kind: &str, content: &str) -> Answer {
        self.send(asker, kind, &format!("<query xmlns='{NS}'>{content}</query>"), "").await
    }

    /// Sends any payload; `attributes` are those of the client's own IQ.
    pub async fn send(&mut self, asker: &Asker, kind: &str, payload: &str, attributes: &str) -> Answer {
        let (id, stanza) = self.stanza(asker, kind, payload, attributes);
        let answer = self.exchange(&id, &stanza).await;
        Answer::of(asker.place, &answer)
    }

    /// Sends a payload that does not reach the handlers; gives the condition of the outer error.
    pub async fn kept_back(&mut self, asker: &Asker, payload: &str) -> Option<String> {
        let (id, stanza) = self.stanza(asker, "set", payload, "");
        condition(&self.exchange(&id, &stanza).await)
    }

    fn stanza(&mut self, asker: &Asker, kind: &str, payload: &str, attributes: &str) -> (String, String) {
        self.number += 1;
        let id = format!("i{}", self.number);
        let lang = asker.lang.map(|lang| format!("xml:lang='{lang}'")).unwrap_or_default();
        let jid = asker.jid.as_deref().unwrap_or_default();
        let stanza = if asker.place == Place::Component {
            format!("<iq type='{kind}' id='{id}' from='{jid}' to='broker.example' {lang}>{payload}</iq>")
        } else {
            let jid = asker.jid.as_ref().map(|jid| format!("jid='{jid}'")).unwrap_or_default();
            format!(
                "<iq type='set' id='{id}' from='chat.example' to='broker.example'><carry xmlns='{LINK}'>\
                 <client address='192.0.2.7' session='s' secure='{}' {jid}/>\
                 <iq xmlns='{CLIENT}' type='{kind}' id='{id}' {attributes} {lang}>{payload}</iq></carry></iq>",
                asker.secure
            )
        };
        (id, stanza)
    }

    /// The answer to a stanza as it is.
    pub async fn raw(&mut self, place: Place, id: &str, stanza: &str) -> Answer {
        let answer = self.exchange(id, stanza).await;
        Answer::of(place, &answer)
    }

    async fn exchange(&mut self, id: &str, stanza: &str) -> Element {
        self.peer.send(stanza).await;
        loop {
            let answer = self.peer.stanza().await;
            if answer.attr("id") == Some(id) {
                return answer;
            }
        }
    }

    /// Whether the stream lives and is in order.
    pub async fn lives(&mut self) {
        self.number += 1;
        self.peer.answers_ping(&format!("ping{}", self.number)).await;
    }

    /// A status request of the server (`docs/link.md` §1).
    pub async fn status(&mut self) -> String {
        let stanza = format!(
            "<iq type='get' id='status' from='chat.example' to='broker.example'><status xmlns='{LINK}'/></iq>"
        );
        self.peer.send(stanza).await;
        let answer = self.peer.stanza().await;
        answer.get_child("status", LINK).unwrap().attr("registration").unwrap().to_owned()
    }
}

/// What a client gets.
#[derive(Debug)]
pub struct Answer {
    pub place: Place,
    /// The stanza as text.
    pub xml: String,
    pub kind: String,
    pub query: Option<Element>,
    pub error: Option<Problem>,
    /// The state of the account that was made.
    pub registered: Option<String>,
}

/// An error.
#[derive(Debug)]
pub struct Problem {
    pub kind: String,
    pub condition: String,
    pub code: Option<String>,
    pub text: Option<String>,
    pub lang: Option<String>,
    /// The names of what is in it.
    pub parts: Vec<String>,
}

impl Answer {
    fn of(place: Place, stanza: &Element) -> Self {
        let (iq, ns, registered) = if place == Place::Component {
            (stanza, COMPONENT, None)
        } else {
            let carry = stanza.get_child("carry", LINK).unwrap_or_else(|| panic!("{}", String::from(stanza)));
            let registered = carry.get_child("registered", LINK).and_then(|made| made.attr("state"));
            (carry.get_child("iq", CLIENT).unwrap(), CLIENT, registered)
        };
        let error = iq.get_child("error", ns).map(|error| {
            let text = error.get_child("text", STANZAS);
            Problem {
                kind: error.attr("type").unwrap().to_owned(),
                condition: error.children().find(|child| child.name() != "text").unwrap().name().to_owned(),
                code: error.attr("code").map(str::to_owned),
                text: text.map(Element::text),
                lang: text.and_then(|text| text.attr_ns(rxml::Namespace::xml(), "lang")).map(str::to_owned),
                parts: error.children().map(|child| child.name().to_owned()).collect(),
            }
        });
        Self {
            place,
            xml: String::from(iq),
            kind: iq.attr("type").unwrap().to_owned(),
            query: iq.get_child("query", NS).cloned(),
            error,
            registered: registered.map(str::to_owned),
        }
    }

    /// A result; fails for an error.
    pub fn done(&self) -> &Self {
        assert_eq!(self.kind, "result", "{:?}: {}", self.place, self.xml);
        self
    }

    /// Type, condition and code of the error; fails for a result.
    pub fn refused(&self) -> (&str, &str, &str) {
        let problem = self.problem();
        (&problem.kind, &problem.condition, problem.code.as_deref().unwrap_or(""))
    }

    /// The error; fails for a result.
    pub fn problem(&self) -> &Problem {
        self.error.as_ref().unwrap_or_else(|| panic!("{:?}: no error in {}", self.place, self.xml))
    }

    /// The text of the error.
    pub fn text(&self) -> &str {
        self.problem().text.as_deref().unwrap_or_else(|| panic!("no text in {}", self.xml))
    }

    /// The query; fails without one.
    pub fn query(&self) -> &Element {
        self.query.as_ref().unwrap_or_else(|| panic!("{:?}: no query in {}", self.place, self.xml))
    }

    /// The names of the elements of `jabber:iq:register`.
    pub fn elements(&self) -> Vec<&str> {
        self.query().children().filter(|child| child.has_ns(NS)).map(Element::name).collect()
    }

    /// The text of one of them.
    pub fn element(&self, name: &str) -> Option<String> {
        self.query().get_child(name, NS).map(Element::text)
    }

    /// The data form.
    pub fn form(&self) -> &Element {
        self.query()
            .get_child("x", DATA)
            .unwrap_or_else(|| panic!("{:?}: no form in {}", self.place, self.xml))
    }

    /// The fields of the form: name, type, whether required, first value.
    pub fn fields(&self) -> Vec<(&str, &str, bool, String)> {
        let fields = self.form().children().filter(|child| child.is("field", DATA));
        fields
            .map(|field| {
                let value = field.get_child("value", DATA).map(Element::text).unwrap_or_default();
                (
                    field.attr("var").unwrap(),
                    field.attr("type").unwrap(),
                    field.has_child("required", DATA),
                    value,
                )
            })
            .collect()
    }
}

/// Legacy elements.
pub fn legacy(values: &[(&str, &str)]) -> String {
    values.iter().map(|(name, value)| format!("<{name}>{value}</{name}>")).collect::<Vec<_>>().concat()
}

/// A submitted form.
pub fn submit(form_type: &str, values: &[(&str, &str)]) -> String {
    let field = |name: &str, value: &str| format!("<field var='{name}'><value>{value}</value></field>");
    let fields: String = values.iter().map(|(name, value)| field(name, value)).collect();
    format!("<x xmlns='{DATA}' type='submit'>{}{fields}</x>", field("FORM_TYPE", form_type))
}

/// Legacy elements of a registration that is in order.
pub fn good(name: &str) -> String {
    let email = format!("{name}@mail.example");
    legacy(&[("username", name), ("password", crate::broker::PASSWORD), ("email", &email)])
}

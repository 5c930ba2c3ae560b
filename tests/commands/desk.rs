//! A component with a real broker behind it, and somebody who writes to it.

use std::sync::Arc;

use minidom::Element;
use ostiary::{
    text::{Help, Texts},
    xmpp::{self, Context, Link, Sealed},
};

use crate::{
    fake_server::{Peer, accept_component},
    house::{House, Plan},
    running_component::{Running, listen},
};

pub const COMMANDS: &str = "http://jabber.org/protocol/commands";
pub const DATA: &str = "jabber:x:data";
pub const STRANGER: &str = "romeo@far.example/orchard";
pub const ALICE: &str = "alice@chat.example/phone";

/// The component at work. Each request is answered before the next is sent.
pub struct Desk {
    pub house: House,
    pub peer: Peer,
    sent: usize,
    _component: Running,
}

/// An answer to a command.
#[derive(Debug)]
pub struct Answer(pub Element);

impl Desk {
    pub async fn open() -> Self {
        Self::planned(Plan::default()).await
    }

    pub async fn planned(plan: Plan) -> Self {
        Self::over(House::planned(plan)).await
    }

    /// A new component over a house that is there already: after a restart.
    pub async fn over(house: House) -> Self {
        let (listener, settings) = listen().await;
        let page = |name: &str| Some(format!("https://accounts.chat.example/{name}"));
        let random = Arc::new(ostiary::random::OsRandom);
        let link = Link::new(&settings, random.clone());
        let context = Context {
            broker: house.broker.clone(),
            texts: Arc::new(Texts::new()),
            help: Help {
                verify_url: page("verify"),
                register_url: page("register"),
                recover_url: page("recover"),
                ..Help::default()
            },
            domains: house.broker.domains().map(|policy| policy.domain.clone()).collect(),
            component: settings.jid.clone(),
            sealed: Sealed::new(&house.keyring, house.clock.clone(), random),
            link: link.clone(),
            request: None,
        };
        let router = xmpp::router(&settings, &context);
        let component = Running::start_linked(settings, link, router);
        let peer = accept_component(&listener).await;
        Self { house, peer, sent: 0, _component: component }
    }

    /// Sends a request; gives the answer.
    pub async fn ask(&mut self, from: &str, kind: &str, payload: &str) -> Element {
        self.ask_in(from, "en", kind, payload).await
    }

    pub async fn ask_in(&mut self, from: &str, lang: &str, kind: &str, payload: &str) -> Element {
        self.sent += 1;
        let id = format!("q{}", self.sent);
        self.peer
            .send(format!(
                "<iq type='{kind}' id='{id}' from='{from}' to='broker.example' xml:lang='{lang}'>{payload}</iq>"
            ))
            .await;
        loop {
            let stanza = self.peer.stanza().await;
            if stanza.attr("id") == Some(&id) {
                return stanza;
            }
        }
    }

    /// Sends a message.
    pub async fn tell(&mut self, from: &str, attributes: &str, content: &str) {
        let to = "to='broker.example'";
        self.peer.send(format!("<message from='{from}' {to} {attributes}>{content}</message>")).await;
    }

    /// Writes words in a chat; gives the words of the answer.
    pub async fn say(&mut self, from: &str, words: &str) -> String {
        self.tell(from, "type='chat' xml:lang='en'", &format!("<body>{words}</body>")).await;
        body(&self.heard().await)
    }

    /// The next message.
    pub async fn heard(&mut self) -> Element {
        loop {
            let stanza = self.peer.stanza().await;
            if stanza.name() == "message" {
                return stanza;
            }
        }
    }

    /// Sends a command without a session.
    pub async fn run(&mut self, from: &str, node: &str) -> Answer {
        Answer(self.ask(from, "set", &format!("<command xmlns='{COMMANDS}' node='{node}'/>")).await)
    }

    /// Fills in the form of an answer, hidden fields and all, and sends it.
    pub async fn fill(
        &mut self,
        from: &str,
        answer: &Answer,
        action: &str,
        values: &[(&str, &str)],
    ) -> Answer {
        let command = answer.continued(action, &answer.filled(values));
        Answer(self.ask(from, "set", &command).await)
    }
}

impl Answer {
    pub fn command(&self) -> &Element {
        assert_eq!(self.0.attr("type"), Some("result"), "{}", String::from(&self.0));
        self.0.get_child("command", COMMANDS).unwrap()
    }

    pub fn status(&self) -> &str {
        self.command().attr("status").unwrap()
    }

    /// The names of the allowed actions, the default one first.
    pub fn actions(&self) -> Vec<&str> {
        let Some(actions) = self.command().get_child("actions", COMMANDS) else { return Vec::new() };
        actions.attr("execute").into_iter().chain(actions.children().map(Element::name)).collect()
    }

    /// Type and text of each note.
    pub fn notes(&self) -> Vec<(String, String)> {
        let notes = self.command().children().filter(|child| child.is("note", COMMANDS));
        notes.map(|note| (note.attr("type").unwrap().to_owned(), note.text())).collect()
    }

    pub fn note(&self, kind: &str) -> String {
        let notes = self.notes();
        let found = notes.iter().find(|(known, _)| known == kind);
        found.unwrap_or_else(|| panic!("no {kind} among {notes:?}")).1.clone()
    }

    pub fn form(&self) -> &Element {
        self.command().get_child("x", DATA).unwrap()
    }

    pub fn fields(&self) -> Vec<&Element> {
        self.form().children().filter(|child| child.is("field", DATA)).collect()
    }

    /// The names of the fields that people see.
    pub fn asked(&self) -> Vec<&str> {
        let shown = self.fields().into_iter().filter(|field| field.attr("type") != Some("hidden"));
        shown.map(|field| field.attr("var").unwrap()).collect()
    }

    /// The names of the fields that must be filled in.
    pub fn required(&self) -> Vec<&str> {
        let required = self.fields().into_iter().filter(|field| field.has_child("required", DATA));
        required.map(|field| field.attr("var").unwrap()).collect()
    }

    /// The values of a field.
    pub fn values(&self, var: &str) -> Vec<String> {
        let field = self.fields().into_iter().find(|field| field.attr("var") == Some(var)).unwrap();
        field.children().filter(|child| child.is("value", DATA)).map(Element::text).collect()
    }

    /// The form, filled in.
    pub fn filled(&self, values: &[(&str, &str)]) -> String {
        let field = |var: &str, value: &str| format!("<field var='{var}'><value>{value}</value></field>");
        let hidden = self.fields().into_iter().filter(|field| field.attr("type") == Some("hidden"));
        let hidden = hidden.map(|hidden| {
            let var = hidden.attr("var").unwrap();
            field(var, &self.values(var)[0])
        });
        let given = values.iter().map(|(var, value)| field(var, value));
        format!("<x xmlns='{DATA}' type='submit'>{}</x>", hidden.chain(given).collect::<String>())
    }

    /// The next request of the session.
    pub fn continued(&self, action: &str, payload: &str) -> String {
        let (node, session) = ["node", "sessionid"].map(|name| self.command().attr(name).unwrap()).into();
        format!(
            "<command xmlns='{COMMANDS}' node='{node}' sessionid='{session}' action='{action}'>{payload}</command>"
        )
    }

    /// Type, condition and specific condition of an error.
    pub fn error(&self) -> (String, String, Option<String>) {
        let error = self.0.get_child("error", "jabber:component:accept").unwrap();
        let conditions: Vec<_> = error.children().map(|child| child.name().to_owned()).collect();
        let specific =
            error.children().find(|child| child.has_ns(COMMANDS)).map(|child| child.name().to_owned());
        (error.attr("type").unwrap().to_owned(), conditions[0].clone(), specific)
    }
}

/// The words of a message.
pub fn body(message: &Element) -> String {
    message.get_child("body", "jabber:component:accept").unwrap().text()
}

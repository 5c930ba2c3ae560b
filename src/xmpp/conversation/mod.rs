//! A conversation in messages, for people whose program knows no commands: "help", "code 123456".
//!
//! Passwords are never asked for here: messages stay in the histories of programs and servers. What needs one is handed on to a
//! command or a web page. A message that is an error, empty, from a room or a headline gets no answer, and nobody gets many
//! ([`pace`]), so two programs cannot keep each other busy.

mod pace;
mod words;

use std::sync::Arc;

use minidom::Element;
use rxml::Namespace;
use tokio::time::Instant;
use xmpp_parsers::ns;

use self::{
    pace::People,
    words::{Said, Wish, Words},
};
use super::{asker::Asker, attributes, context::Context, refusal, stanza::Message};
use crate::{
    accounts::{AccountState, Domain, Email, Phone},
    broker::{Failure, ProofInput},
};

/// XEP-0334.
const NS_HINTS: &str = "urn:xmpp:hints";

/// Talks to everybody who writes to the component's own address.
#[derive(Debug, Clone)]
pub struct Conversation {
    context: Context,
    words: Arc<Words>,
    people: Arc<People>,
}

/// What we say.
struct Answer {
    text: String,
    /// It tells what is on file: not for the histories of servers.
    private: bool,
}

impl Conversation {
    /// Nobody has said anything yet.
    pub fn new(context: &Context) -> Self {
        let words = Arc::new(Words::new(&context.texts));
        Self { context: context.clone(), words, people: Arc::default() }
    }

    /// The answer to a message, if it gets one.
    pub async fn answer(self, message: Message) -> Option<Element> {
        // A server that writes by itself is no person.
        message.from.bare().node()?;
        let Self { context, words, people } = self;
        context.named(|context| Self { context, words, people }.answer_named(message)).await
    }

    async fn answer_named(self, message: Message) -> Option<Element> {
        let who = message.from.bare();
        let mut asker = Asker::of(&self.context, &message.from, message.lang.as_deref())?;
        let said = self.words.read(&message.body).filter(|_| !message.encrypted);
        if !self.people.may_answer(who, said.is_some(), Instant::now()) {
            tracing::debug!(%who, "a message got no answer: too many");
            return None;
        }
        if let Some(language) = said.as_ref().and_then(|said| said.language) {
            asker.language = language;
        }
        let answer = match &said {
            Some(said) => self.act(&asker, &message, said).await,
            None if message.encrypted => self.say(&asker, "chat-encrypted", &[]),
            None => self.say(&asker, "chat-unknown", &[]),
        };
        Some(self.stanza(&asker, &message, &answer))
    }

    async fn act(&self, asker: &Asker, message: &Message, said: &Said) -> Answer {
        let who = message.from.bare();
        match said.wish {
            Wish::Help => {
                let domain = [("domain", asker.domain.as_str())];
                let key = if asker.username.is_some() { "chat-help-owner" } else { "chat-help" };
                self.say(asker, key, &domain)
            }
            Wish::Register => self.hand_on(asker, "register", self.context.page(&asker.domain)),
            Wish::Password => {
                let page = self.context.help.recover_url.as_deref();
                self.hand_on(asker, "password", page)
            }
            Wish::Status => self.status(asker).await,
            Wish::Delete => self.delete(asker, said.account.as_deref()).await,
            Wish::Resend | Wish::Code => {
                let named = said.account.as_deref().map(|typed| self.context.meant(&asker.domain, typed));
                let Some((domain, username)) = named.or_else(|| self.people.about(who)) else {
                    return self.say(asker, "chat-which-account", &[]);
                };
                self.people.talk_about(who, (domain.clone(), username.clone()));
                match &said.code {
                    Some(code) => self.prove(asker, domain, username, code.clone()).await,
                    None => self.resend(asker, &domain, &username).await,
                }
            }
        }
    }

    async fn prove(&self, asker: &Asker, domain: Domain, username: String, code: String) -> Answer {
        let proof = ProofInput::Code { domain, username, code };
        match self.context.broker.verify(&asker.origin, proof).await {
            Ok(account) if account.state == AccountState::Pending => {
                self.say(asker, "page-verify-further", &[])
            }
            Ok(account) => self.say(asker, "adhoc-ready", &[("address", &account.address())]),
            Err(failure) => self.refused(asker, &failure),
        }
    }

    async fn resend(&self, asker: &Asker, domain: &Domain, username: &str) -> Answer {
        match self.context.broker.resend(&asker.origin, domain, username).await {
            Ok(()) => self.say(asker, "page-verify-sent", &[]),
            Err(failure) => self.refused(asker, &failure),
        }
    }

    async fn status(&self, asker: &Asker) -> Answer {
        let Some(username) = &asker.username else { return self.say(asker, "chat-status-stranger", &[]) };
        let account = match self.context.broker.account(&asker.domain, username).await {
            Ok(account) => account,
            Err(failure) => return self.refused(asker, &failure),
        };
        let texts = &self.context.texts;
        let get = |key| texts.get(asker.language, key);
        let state =
            texts.format(asker.language, "adhoc-data-state-word", &[("state", account.state.as_str())]);
        let mut lines = vec![
            format!("{}: {}", get("adhoc-data-account"), account.address()),
            format!("{}: {state}", get("adhoc-data-state")),
        ];
        lines.extend(
            account.email.as_ref().map(|email| format!("{}: {}", get("label-email"), Email::as_str(email))),
        );
        lines.extend(
            account.phone.as_ref().map(|phone| format!("{}: {}", get("label-phone"), Phone::as_str(phone))),
        );
        Answer { text: lines.join("\n"), private: true }
    }

    /// Deletes the account when its whole address was repeated, so that a word alone does no harm.
    async fn delete(&self, asker: &Asker, repeated: Option<&str>) -> Answer {
        let policy = self.context.broker.policy(&asker.domain);
        let (Some(username), Some(policy)) = (&asker.username, policy) else {
            return self.say(asker, "chat-status-stranger", &[]);
        };
        if policy.proof.removal {
            let command = self.context.texts.get(asker.language, "adhoc-delete");
            return self.say(asker, "chat-command-only", &[("command", &command)]);
        }
        let address = format!("{username}@{}", asker.domain);
        if repeated != Some(address.as_str()) {
            return self.say(asker, "chat-delete-confirm", &[("address", &address)]);
        }
        match self.context.broker.remove(&asker.origin, &asker.domain, username, None).await {
            Ok(account) => self.say(asker, "adhoc-deleted", &[("address", &account.address())]),
            Err(failure) => self.refused(asker, &failure),
        }
    }

    /// What needs a password is done elsewhere.
    fn hand_on(&self, asker: &Asker, what: &str, page: Option<&str>) -> Answer {
        let (plain, with_page, command) = match what {
            "register" => ("chat-register", "chat-register-page", "adhoc-register"),
            _ => ("chat-password", "chat-password-page", "adhoc-change-password"),
        };
        let command = self.context.texts.get(asker.language, command);
        match page {
            Some(url) => self.say(asker, with_page, &[("url", url), ("command", &command)]),
            None => self.say(asker, plain, &[("command", &command)]),
        }
    }

    fn refused(&self, asker: &Asker, failure: &Failure) -> Answer {
        Answer {
            text: refusal::words(&self.context, asker.origin.front, asker.language, failure),
            private: false,
        }
    }

    fn say(&self, asker: &Asker, key: &str, args: &[(&str, &str)]) -> Answer {
        Answer { text: self.context.texts.format(asker.language, key, args), private: false }
    }

    fn stanza(&self, asker: &Asker, message: &Message, answer: &Answer) -> Element {
        let text = |name: &str, text: &str| Element::builder(name, ns::COMPONENT).append(text).build();
        let hints = ["no-store", "no-copy"].map(|hint| Element::bare(hint, NS_HINTS));
        let mut stanza = Element::builder("message", ns::COMPONENT)
            .attr(attributes::TYPE.to_owned(), if message.chat { "chat" } else { "normal" })
            .attr(attributes::ID.to_owned(), self.context.link.new_id())
            .attr(attributes::FROM.to_owned(), self.context.component.as_str())
            .attr(attributes::TO.to_owned(), message.from.as_str())
            .append(text("body", &answer.text))
            .append_all(message.thread.as_deref().map(|thread| text("thread", thread)))
            .append_all(hints.into_iter().filter(|_| answer.private))
            .build();
        stanza.set_attr(Namespace::XML, attributes::LANG.to_owned(), asker.language.tag());
        stanza
    }
}

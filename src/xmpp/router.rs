//! Who answers what: the table from the namespace of a request's payload to the function that answers it.

use std::{collections::BTreeSet, panic::AssertUnwindSafe, pin::Pin, sync::Arc};

use futures::FutureExt;
use minidom::Element;
use xmpp_parsers::ns;

use super::{
    disco, ping,
    reply::Reply,
    settings::{ComponentSettings, ServiceInfo},
    stanza::{Message, Request},
    version,
};

/// An answer that is being worked out.
pub(super) type Answering = Pin<Box<dyn Future<Output = Reply> + Send>>;

/// An answer to a message that is being thought about; often there is none.
pub(super) type Thinking = Pin<Box<dyn Future<Output = Option<Element>> + Send>>;

type MessageHandler = Box<dyn Fn(Message) -> Thinking + Send + Sync>;
type InstantHandler = fn(&Router, &Request) -> Reply;
type SlowHandler = Box<dyn Fn(Request) -> Answering + Send + Sync>;

/// A way to an answer.
pub(super) enum Route {
    /// Answered at once, from memory.
    Instant(InstantHandler),
    /// May take time; the number of those is bounded.
    Slow(SlowHandler),
}

/// Nodes below the component's own address (XEP-0030 §3.2, §4.2).
pub(super) trait Nodes: Send + Sync {
    /// What is below a node; `None` if there is no such node.
    fn items(&self, node: &str, request: &Request) -> Option<Element>;

    /// What a node is; `None` if there is no such node.
    fn info(&self, node: &str, request: &Request) -> Option<Reply>;
}

/// The requests that the component answers, by the namespace of the payload. Every other one gets `service-unavailable`.
pub struct Router {
    jid: String,
    service: ServiceInfo,
    routes: Vec<(String, Route)>,
    features: BTreeSet<String>,
    nodes: Option<Box<dyn Nodes>>,
    conversation: Option<MessageHandler>,
}

impl Router {
    /// A router that answers what every component answers.
    pub fn new(settings: &ComponentSettings) -> Self {
        let mut router = Self {
            jid: settings.jid.to_string(),
            service: settings.service.clone(),
            routes: Vec::new(),
            features: BTreeSet::new(),
            nodes: None,
            conversation: None,
        };
        router.instant(ns::PING, ping::answer);
        router.instant(ns::DISCO_INFO, disco::info);
        router.instant(ns::DISCO_ITEMS, disco::items);
        router.instant(ns::VERSION, version::answer);
        router
    }

    /// Sends requests whose payload is in `namespace` to `handler`, and tells the namespace as a feature (XEP-0030).
    ///
    /// Handlers run side by side and may take as long as [`LinkTimeouts::request`](super::LinkTimeouts::request).
    /// They must not block the thread: everything of the link runs on it. One that panics is answered with
    /// `internal-server-error`.
    #[must_use]
    pub fn route<F, Answer>(mut self, namespace: &str, handler: F) -> Self
    where
        F: Fn(Request) -> Answer + Send + Sync + 'static,
        Answer: Future<Output = Reply> + Send + 'static,
    {
        let handler = Arc::new(handler);
        let handler = move |request| -> Answering {
            let handler = handler.clone();
            // Called within the future, so that a panic before its first step is caught as well.
            let answer = AssertUnwindSafe(async move { handler(request).await }).catch_unwind();
            Box::pin(answer.map(|reply| reply.unwrap_or_else(|_| Reply::internal_error())))
        };
        self.routes.push((namespace.to_owned(), Route::Slow(Box::new(handler))));
        self.feature(namespace)
    }

    /// Tells a further feature (XEP-0030 §3.1).
    #[must_use]
    pub fn feature(mut self, feature: &str) -> Self {
        self.features.insert(feature.to_owned());
        self
    }

    /// Has questions about nodes answered.
    #[must_use]
    pub(super) fn with_nodes(mut self, nodes: impl Nodes + 'static) -> Self {
        self.nodes = Some(Box::new(nodes));
        self
    }

    /// Hands messages to `handler`; without one they get no answer.
    #[must_use]
    pub(super) fn with_conversation<F, Answer>(mut self, handler: F) -> Self
    where
        F: Fn(Message) -> Answer + Send + Sync + 'static,
        Answer: Future<Output = Option<Element>> + Send + 'static,
    {
        let handler = Arc::new(handler);
        self.conversation = Some(Box::new(move |message| {
            let handler = handler.clone();
            let answer = AssertUnwindSafe(async move { handler(message).await }).catch_unwind();
            Box::pin(answer.map(Result::unwrap_or_default))
        }));
        self
    }

    /// The answer to a message that was sent to `to`.
    pub(super) fn converse(&self, to: Option<&str>, message: Message) -> Option<Thinking> {
        let talk = self.conversation.as_ref().filter(|_| to.is_some_and(|to| to == self.jid))?;
        Some(talk(message))
    }

    /// The way to the answer of a request that was sent to `to`; `None` when there is none.
    pub(super) fn find(&self, to: Option<&str>, request: &Request) -> Option<&Route> {
        // Other addresses in our domain do not exist.
        if to.is_some_and(|to| to != self.jid) {
            return None;
        }
        let (_, route) =
            self.routes.iter().find(|(namespace, _)| request.payload.has_ns(namespace.as_str()))?;
        Some(route)
    }

    pub(super) fn service(&self) -> &ServiceInfo {
        &self.service
    }

    pub(super) fn features(&self) -> &BTreeSet<String> {
        &self.features
    }

    pub(super) fn nodes(&self) -> Option<&dyn Nodes> {
        self.nodes.as_deref()
    }

    fn instant(&mut self, namespace: &str, handler: InstantHandler) {
        self.routes.push((namespace.to_owned(), Route::Instant(handler)));
        self.features.insert(namespace.to_owned());
    }
}

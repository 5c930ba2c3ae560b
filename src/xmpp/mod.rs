//! The XMPP front: a component (XEP-0114) on the XMPP server.
//!
//! # From the socket to an answer
//!
//! 1. [`component`](Component) keeps the link: connects, tells why it ended, waits, connects again.
//! 2. `connect` opens the socket (TCP, Unix, TLS); `stream` exchanges headers and does the handshake;
//!    `serving` reads and answers until the stream ends; `silence` notices a link that is dead.
//! 3. `guard` looks at the bytes and keeps back stanzas that would hurt the XML reader; their senders are told.
//! 4. `stanza` takes a stanza apart, [`Router`] finds who answers it, `reply` builds the answer.
//! 5. `writer` writes answers in batches, on its own task.
//! 6. [`Link`] is the way in the other direction: our own requests, and what the link is doing.
//!
//! # Namespaces answered
//!
//! | payload namespace | what | file |
//! |---|---|---|
//! | `urn:xmpp:ping` | XEP-0199 | `ping.rs` |
//! | `http://jabber.org/protocol/disco#info` | XEP-0030, with contact addresses (XEP-0157) | `disco.rs` |
//! | `http://jabber.org/protocol/disco#items` | XEP-0030 | `disco.rs` |
//! | `jabber:iq:version` | XEP-0092 | `version.rs` |
//! | `http://jabber.org/protocol/commands` | XEP-0050 | `commands/` |
//! | `jabber:iq:register` | XEP-0077, at the component's own address | `register/` |
//! | `urn:xmpp:pars:0` | XEP-0445, the token of an invitation | `preauth.rs` |
//! | `urn:xmpp:register:0` | XEP-0389 | `flows/` |
//! | `urn:xmpp:delegation:1`, `:2` | XEP-0355, from a server without our module | `delegation.rs` |
//! | `urn:ostiary:link:1` | `docs/link.md`, from the server's own module | `link/` |
//!
//! What nobody answers gets `service-unavailable`. Words in messages are answered by `conversation/`; other messages, and presence,
//! are not answered.
//!
//! # What odd input gets
//!
//! | input | answer |
//! |---|---|
//! | an IQ beyond [`StanzaLimits`], or with names that break the rules of XML namespaces | `policy-violation` |
//! | an IQ that breaks RFC 6120 §8.2.3 (no id, no payload, two, text, unknown type), an invalid sender | `bad-request` |
//! | an address below ours, an unknown namespace | `service-unavailable` |
//! | too many requests at once, a handler that takes too long, a shutdown | `resource-constraint` |
//! | a foreign element, text between stanzas | dropped |
//! | XML that is not well-formed, comments, processing instructions | the stream ends and is opened anew |
//!
//! Stanzas carry passwords. Nothing here logs their content, and tokio-xmpp's own trace log, which does, must stay shut.

mod asker;
mod attributes;
mod captcha;
mod commands;
mod component;
mod connect;
mod context;
mod conversation;
mod delegation;
mod disco;
mod end;
mod flows;
mod guard;
mod link;
mod pending;
mod ping;
mod preauth;
mod refusal;
mod register;
mod registration;
mod reply;
mod router;
mod sealed;
mod serving;
mod settings;
mod silence;
mod stanza;
mod stream;
mod under_way;
mod version;
mod writer;

pub mod data_form;

#[cfg(any(test, feature = "fuzzing"))]
#[doc(hidden)]
pub mod fuzzing;

pub use component::{Component, LinkState};
pub use context::Context;
pub use end::StreamEnd;
pub use link::{forget as forget_account_changes, tell as tell_account_changes};
pub use pending::{IqFailure, Link};
pub use reply::Reply;
pub use router::Router;
pub use sealed::Sealed;
pub use settings::{
    ComponentSettings, ContactAddresses, LinkLimits, LinkTimeouts, ServerAddress, ServiceInfo, StanzaLimits,
};
pub use stanza::{Request, RequestKind, Requester};

/// The router with everything that the broker answers.
pub fn router(settings: &ComponentSettings, context: &Context) -> Router {
    let (registrar, invited, linked) = (context.clone(), context.clone(), context.clone());
    let flowing = context.clone();
    let talker = conversation::Conversation::new(context);
    let commands = commands::Commands::new(context);
    let commanded = commands.clone();
    let mut router = Router::new(settings);
    for namespace in delegation::NAMESPACES {
        let delegated = context.clone();
        router = router
            .route(namespace, move |request| delegated.named(|context| delegation::answer(context, request)));
    }
    router
        .route(commands::NS, move |request| commanded.clone().answer(request))
        .with_nodes(commands)
        .with_conversation(move |message| talker.clone().answer(message))
        .route(flows::NS, move |request| flowing.named(|context| flows::at_component(context, request)))
        .route(register::NS, move |request| {
            registrar.named(|context| register::at_component(context, request))
        })
        .route(preauth::NS, move |request| invited.named(|context| preauth::at_component(context, request)))
        .route(link::NS, move |request| link::answer(linked.clone(), request))
        .feature(crate::accounts::NS_SIGNATURE)
}

//! Our own requests to the server, and who waits for their answers.

use std::{
    collections::HashMap,
    fmt::Write,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use jid::Jid;
use minidom::Element;
use tokio::sync::{mpsc, oneshot, watch};
use xmpp_parsers::stanza_error::StanzaError;

use super::{
    component::LinkState,
    settings::ComponentSettings,
    stanza::{RequestKind, own_request},
    under_way::UnderWay,
    writer::Outgoing,
};
use crate::{
    accounts::RequestId,
    metrics,
    random::{self, Random},
};

/// Why a request of ours got no result.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum IqFailure {
    /// The peer answered with an error; what it says may come from anybody, so show it to nobody.
    #[error("answered with {:?}", .0.defined_condition)]
    Refused(Box<StanzaError>),
    /// No answer in time.
    #[error("no answer in time")]
    Timeout,
    /// There is no link to the server, or it ended before the answer came. Whether the request arrived is not known.
    #[error("no link to the server")]
    LinkLost,
    /// Too many requests wait already.
    #[error("too many requests wait for an answer")]
    Busy,
}

/// The way from the rest of the program to the server. Cheap to clone; it outlives every single connection.
#[derive(Clone)]
pub struct Link(Arc<Shared>);

struct Shared {
    jid: String,
    most_pending: usize,
    random: Arc<dyn Random>,
    /// One lock over both, so that nobody can begin to wait on a connection that has ended.
    exchange: Mutex<Exchange>,
    state: watch::Sender<LinkState>,
    under_way: UnderWay,
}

#[derive(Default)]
struct Exchange {
    outgoing: Option<mpsc::Sender<Outgoing>>,
    pending: HashMap<String, Waiting>,
}

struct Waiting {
    to: String,
    answer: oneshot::Sender<Result<Option<Element>, Box<StanzaError>>>,
}

impl Link {
    /// A link that is not connected yet; [`Component::start`](super::Component::start) connects it.
    pub fn new(settings: &ComponentSettings, random: Arc<dyn Random>) -> Self {
        Self(Arc::new(Shared {
            jid: settings.jid.to_string(),
            most_pending: settings.limits.pending,
            random,
            exchange: Mutex::default(),
            state: watch::Sender::new(LinkState::Connecting),
            under_way: UnderWay::default(),
        }))
    }

    /// Sends a request from the component to `to` and waits `within` for the answer's payload.
    pub async fn request(
        &self,
        kind: RequestKind,
        to: &str,
        payload: Element,
        within: Duration,
    ) -> Result<Option<Element>, IqFailure> {
        let id = self.new_id();
        let (answer, answered) = oneshot::channel();
        let outgoing = {
            let mut exchange = self.exchange();
            let outgoing = exchange.outgoing.clone().ok_or(IqFailure::LinkLost)?;
            if exchange.pending.len() >= self.0.most_pending {
                return Err(IqFailure::Busy);
            }
            exchange.pending.insert(id.clone(), Waiting { to: to.to_owned(), answer });
            outgoing
        };
        let _forget = ForgetOnDrop { link: self, id: &id };
        let stanza = own_request(kind, &id, &self.0.jid, to, payload);
        let exchange = async {
            outgoing.send(Outgoing::Stanza(stanza)).await.map_err(|_| IqFailure::LinkLost)?;
            answered.await.map_err(|_| IqFailure::LinkLost)?.map_err(IqFailure::Refused)
        };
        tokio::time::timeout(within, exchange).await.unwrap_or(Err(IqFailure::Timeout))
    }

    /// Whose requests are being answered.
    pub(super) fn under_way(&self) -> &UnderWay {
        &self.0.under_way
    }

    /// What the link is doing, now and from now on.
    pub fn state(&self) -> watch::Receiver<LinkState> {
        self.0.state.subscribe()
    }

    pub(super) fn set_state(&self, state: LinkState) {
        metrics::link(&self.0.jid, matches!(state, LinkState::Connected { .. }));
        self.0.state.send_replace(state);
    }

    /// A ping to `domain` that nobody waits for: any sign of life will do.
    pub(super) fn ping(&self, domain: &str) -> Element {
        own_request(RequestKind::Get, &self.new_id(), &self.0.jid, domain, super::ping::payload())
    }

    /// From now on requests go to `outgoing`.
    pub(super) fn connected(&self, outgoing: mpsc::Sender<Outgoing>) {
        self.exchange().outgoing = Some(outgoing);
    }

    /// The connection has ended, and so has the wait of everybody who asked on it.
    pub(super) fn lost(&self) {
        *self.exchange() = Exchange::default();
    }

    /// Gives an answer to whoever waits for it. The id alone does not do: it must come from the one who was asked.
    pub(super) fn answered(
        &self,
        id: &str,
        from: Option<&str>,
        outcome: Result<Option<Element>, Box<StanzaError>>,
    ) {
        let mut exchange = self.exchange();
        if exchange.pending.get(id).is_some_and(|waiting| is_same_address(&waiting.to, from))
            && let Some(waiting) = exchange.pending.remove(id)
        {
            let _ = waiting.answer.send(outcome);
        }
    }

    fn exchange(&self) -> MutexGuard<'_, Exchange> {
        self.0.exchange.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What a request is called.
    pub(super) fn new_request(&self) -> RequestId {
        RequestId::from_bytes(random::bytes(&*self.0.random))
    }

    /// An id that nobody can guess.
    pub(super) fn new_id(&self) -> String {
        random::bytes::<16>(&*self.0.random).iter().fold(String::with_capacity(32), |mut id, byte| {
            let _ = write!(id, "{byte:02x}");
            id
        })
    }
}

impl std::fmt::Debug for Link {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Link").field("jid", &self.0.jid).finish_non_exhaustive()
    }
}

/// Takes an entry out of the table when the wait ends, however it ends.
struct ForgetOnDrop<'a> {
    link: &'a Link,
    id: &'a str,
}

impl Drop for ForgetOnDrop<'_> {
    fn drop(&mut self) {
        self.link.exchange().pending.remove(self.id);
    }
}

fn is_same_address(asked: &str, from: Option<&str>) -> bool {
    from.is_some_and(|from| {
        from == asked || Jid::new(from).ok().is_some_and(|from| Jid::new(asked) == Ok(from))
    })
}

//! A component that runs against a server of the test.

#![allow(dead_code, reason = "each test uses another part of this")]

use std::{sync::Arc, time::Duration};

use ostiary::{
    clock::{Clock, SystemClock},
    random::OsRandom,
    xmpp::{
        Component, ComponentSettings, ContactAddresses, Link, LinkLimits, LinkState, LinkTimeouts, Router,
        ServerAddress, ServiceInfo, StreamEnd,
    },
};
use tokio::{net::TcpListener, time::timeout};
use tokio_util::sync::CancellationToken;

use crate::fake_server::{LIMIT, SECRET};

pub struct Running {
    pub link: Link,
    pub shutdown: CancellationToken,
    component: Option<Component>,
}

/// A loopback port of our own, and the settings of a component that connects to it.
pub async fn listen() -> (TcpListener, ComponentSettings) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    (listener, settings(ServerAddress::Tcp { host: "127.0.0.1".to_owned(), port }))
}

pub fn settings(address: ServerAddress) -> ComponentSettings {
    ComponentSettings {
        jid: "broker.example".parse().unwrap(),
        secret: SECRET.into(),
        address,
        ping_domain: "chat.example".to_owned(),
        service: ServiceInfo {
            name: "Accounts".to_owned(),
            software: "Ostiary".to_owned(),
            version: "1.2".to_owned(),
            os: None,
            contacts: ContactAddresses {
                abuse: vec!["mailto:abuse@chat.example".to_owned()],
                ..Default::default()
            },
        },
        limits: LinkLimits::default(),
        timeouts: LinkTimeouts {
            retry_first: Duration::from_millis(20),
            retry_most: Duration::from_millis(100),
            ..LinkTimeouts::default()
        },
    }
}

impl Running {
    pub fn start(settings: ComponentSettings) -> Self {
        Self::start_with(settings, |router| router)
    }

    pub fn start_with(settings: ComponentSettings, add: impl FnOnce(Router) -> Router) -> Self {
        Self::start_at(settings, add, Arc::new(SystemClock))
    }

    pub fn start_at(
        settings: ComponentSettings,
        add: impl FnOnce(Router) -> Router,
        clock: Arc<dyn Clock>,
    ) -> Self {
        let (random, shutdown) = (Arc::new(OsRandom), CancellationToken::new());
        let link = Link::new(&settings, random.clone());
        let router = add(Router::new(&settings));
        let component =
            Component::start(settings, router, link.clone(), clock, random, shutdown.clone()).unwrap();
        Self { link, shutdown, component: Some(component) }
    }

    /// With a router that speaks over this link by itself.
    pub fn start_linked(settings: ComponentSettings, link: Link, router: Router) -> Self {
        let (random, shutdown) = (Arc::new(OsRandom), CancellationToken::new());
        let clock = Arc::new(SystemClock);
        let component =
            Component::start(settings, router, link.clone(), clock, random, shutdown.clone()).unwrap();
        Self { link, shutdown, component: Some(component) }
    }

    /// Waits until the link is as `wanted` says.
    pub async fn state(&self, wanted: impl FnMut(&LinkState) -> bool) -> LinkState {
        let mut state = self.link.state();
        timeout(LIMIT, state.wait_for(wanted)).await.expect("the link gets there").unwrap().clone()
    }

    /// Shuts the component down and waits until it has ended.
    pub async fn stop(mut self) {
        self.shutdown.cancel();
        let component = self.component.take().unwrap();
        timeout(LIMIT, component.stopped()).await.expect("the component stops");
    }

    pub async fn connected(&self) {
        self.state(|state| matches!(state, LinkState::Connected { .. })).await;
    }

    /// Waits for the link to end, and tells why it did.
    pub async fn ended(&self) -> StreamEnd {
        match self.state(|state| matches!(state, LinkState::Waiting { .. })).await {
            LinkState::Waiting { reason, .. } => reason,
            state => panic!("{state:?}"),
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.shutdown.cancel();
    }
}

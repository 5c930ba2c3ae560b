//! Whole stanzas from the server's own module (`docs/link.md` §2) and from a person, through everything that answers them, down to the
//! database. The first byte says who sends.
#![no_main]

#[path = "../../tests/support/broker.rs"]
#[allow(dead_code)]
mod house;

use std::{sync::LazyLock, time::Duration};

use house::{House, Plan};
use libfuzzer_sys::fuzz_target;
use ostiary::{
    accounts::Keyring,
    clock::SystemClock,
    random::OsRandom,
    text::{Help, Texts},
    xmpp::{
        self, ComponentSettings, ContactAddresses, Context, Link, LinkLimits, LinkTimeouts, Router, Sealed,
        ServerAddress, ServiceInfo,
    },
};
use tokio::runtime::Runtime;

/// In every seed; it must never come back.
const PASSWORD: &str = "SECRET-IN-A-FORM";
/// Prosody closes a component's stream at a larger stanza (`docs/link.md`).
const LARGEST: usize = 512 * 1024;

struct Component {
    runtime: Runtime,
    router: Router,
    _house: House,
}

static COMPONENT: LazyLock<Component> = LazyLock::new(|| {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().expect("a runtime");
    let mut plan = Plan::with(|policy| policy.require_encryption = false);
    plan.limits.registrations_per_hour = u32::MAX;
    let house = House::planned(plan);
    let context = Context {
        broker: house.broker.clone(),
        texts: std::sync::Arc::new(Texts::new()),
        help: Help::default(),
        domains: house.broker.domains().map(|policy| policy.domain.clone()).collect(),
        component: "broker.example".parse().expect("an address"),
        sealed: Sealed::new(
            &Keyring::new([7; 32]),
            std::sync::Arc::new(SystemClock),
            std::sync::Arc::new(OsRandom),
        ),
        link: Link::new(&settings(), std::sync::Arc::new(OsRandom)),
        request: None,
    };
    let router = xmpp::router(&settings(), &context);
    Component { runtime, router, _house: house }
});

fuzz_target!(|data: &[u8]| {
    let Some((&who, payload)) = data.split_first() else { return };
    let (from, open, close) = if who % 2 == 0 {
        ("chat.example", "<carry xmlns='urn:ostiary:link:1'>", "</carry>")
    } else {
        ("alice@elsewhere.example/phone", "", "")
    };
    let kind = if who & 2 == 0 { "set" } else { "get" };
    let head = format!("<iq type='{kind}' id='fuzz' from='{from}' to='broker.example'>{open}");
    let stanza = [head.as_bytes(), payload, close.as_bytes(), b"</iq>"].concat();
    let component = &*COMPONENT;
    let answering = xmpp::fuzzing::answer(&component.router, &stanza);
    let answer =
        component.runtime.block_on(async { tokio::time::timeout(Duration::from_secs(20), answering).await });
    let Some(answer) = answer.expect("never answered") else { return };
    assert_eq!(answer.attr("id"), Some("fuzz"));
    assert!(matches!(answer.attr("type"), Some("result" | "error")));
    let mut written = Vec::new();
    answer.write_to(&mut written).expect("an answer that can be written");
    assert!(written.len() < LARGEST, "an answer that ends the stream");
    // A key of old clients is sent back on purpose (XEP-0077 §7).
    let echoes = payload.windows(4).any(|window| window == b"<key" || window == b":key");
    assert!(echoes || !contains(&written, PASSWORD.as_bytes()), "the password came back");
});

fn contains(text: &[u8], part: &[u8]) -> bool {
    text.windows(part.len()).any(|window| window == part)
}

fn settings() -> ComponentSettings {
    ComponentSettings {
        jid: "broker.example".parse().expect("an address"),
        secret: "secret".into(),
        address: ServerAddress::Tcp { host: "127.0.0.1".to_owned(), port: 1 },
        ping_domain: "chat.example".to_owned(),
        service: ServiceInfo {
            name: "Accounts".to_owned(),
            software: "Ostiary".to_owned(),
            version: "0".to_owned(),
            os: None,
            contacts: ContactAddresses::default(),
        },
        limits: LinkLimits::default(),
        timeouts: LinkTimeouts::default(),
    }
}

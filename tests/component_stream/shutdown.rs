//! Ending in an orderly way.

use std::time::Duration;

use ostiary::xmpp::{Reply, ServerAddress};
use tokio::{
    net::TcpListener,
    time::{Instant, sleep},
};

use crate::{
    SLOW,
    fake_server::{accept, accept_component, condition, request},
    running_component::{Running, listen, settings},
};

#[tokio::test(flavor = "multi_thread")]
async fn at_shutdown_requests_in_work_are_answered_and_new_ones_put_off() {
    let (listener, settings) = listen().await;
    let component = Running::start_with(settings, |router| {
        router.route("urn:test:slow", |_| async {
            sleep(Duration::from_millis(500)).await;
            Reply::done()
        })
    });
    let mut peer = accept_component(&listener).await;
    peer.send(request("begun", "get", SLOW)).await;
    peer.answers_ping("1").await;
    component.shutdown.cancel();
    sleep(Duration::from_millis(100)).await;
    peer.send(request("late", "get", SLOW)).await;
    let late = peer.stanza().await;
    assert_eq!((late.attr("id"), condition(&late).as_deref()), (Some("late"), Some("resource-constraint")));
    let begun = peer.stanza().await;
    assert_eq!((begun.attr("id"), begun.attr("type")), (Some("begun"), Some("result")));
    assert_eq!(peer.rest().await, "</stream:stream>");
    component.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_shutdown_ends_in_time_whatever_hangs() {
    let (listener, mut settings) = listen().await;
    settings.timeouts.drain = Duration::from_millis(200);
    let component =
        Running::start_with(settings, |router| router.route("urn:test:slow", |_| std::future::pending()));
    let mut peer = accept_component(&listener).await;
    peer.send(request("1", "get", SLOW)).await;
    peer.answers_ping("2").await;
    let began = Instant::now();
    component.stop().await;
    assert!(began.elapsed() < Duration::from_secs(6), "{:?}", began.elapsed());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_shutdown_while_nobody_answers_is_quick() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    for host in ["127.0.0.1", "localhost"] {
        let component = Running::start(settings(ServerAddress::Tcp { host: host.to_owned(), port }));
        let _silent = accept(&listener).await;
        let began = Instant::now();
        component.stop().await;
        assert!(began.elapsed() < Duration::from_secs(2), "{:?}", began.elapsed());
    }
}

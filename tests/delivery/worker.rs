//! The worker: nothing is lost, nothing blocks the others, and failures are told once.

use std::{
    fs, io,
    sync::{Arc, Mutex},
    time::Duration,
};

use jiff::SignedDuration;
use ostiary::{
    clock::{Clock, SystemClock},
    delivery::{Courier, SmtpSettings, SpoolSettings},
};
use tokio::{net::TcpListener, time::sleep};

use crate::{
    couriers::settings,
    outbox::{Outbox, keyring, until},
    peer::{Mood, Peer},
};

fn courier(port: u16) -> Courier {
    Courier::smtp(SmtpSettings { timeout: Duration::from_secs(3), ..settings(port) }).unwrap()
}

#[tokio::test]
async fn a_letter_that_comes_while_the_worker_waits_is_sent_at_once() {
    let peer = Peer::start(Mood::Kind).await;
    let outbox = Outbox::new();
    let worker = outbox.work(courier(peer.port));
    sleep(Duration::from_millis(300)).await;
    let before = tokio::time::Instant::now();
    outbox.put("anna", "en").await;
    until("it arrives", async || peer.arrived().len() == 1).await;
    assert!(before.elapsed() < Duration::from_secs(2), "{:?}", before.elapsed());
    outbox.settles_at(0, 0).await;
    worker.end().await;
}

#[tokio::test]
async fn letters_reach_the_folder_and_leave_the_outbox() {
    let folder = tempfile::tempdir().unwrap();
    let outbox = Outbox::new();
    for name in ["anna", "ben"] {
        outbox.put(name, "en").await;
    }
    let worker = outbox.work(Courier::spool(SpoolSettings { folder: folder.path().to_owned() }).unwrap());
    outbox.settles_at(0, 0).await;
    worker.end().await;
    let mut files: Vec<_> = fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    assert_eq!(files.len(), 2, "{files:?}");
    let letter = fs::read_to_string(&files[0]).unwrap();
    assert!(letter.contains("\r\nTo: anna@example.org\r\n") && letter.contains("004711"), "{letter}");
    assert!(files.iter().all(|file| file.extension().is_some_and(|end| end == "eml")), "{files:?}");
}

#[tokio::test]
async fn a_greylisted_letter_is_tried_until_it_is_taken() {
    let peer = Peer::start(Mood::Greylist(3)).await;
    let outbox = Outbox::new();
    outbox.put("anna", "en").await;
    let worker = outbox.work(courier(peer.port));
    outbox.settles_at(0, 0).await;
    assert_eq!((peer.attempts("anna@example.org"), peer.arrived().len()), (4, 1));
    worker.end().await;
}

#[tokio::test]
async fn a_letter_is_tried_until_its_time_is_over_and_not_after() {
    let peer = Peer::start(Mood::Greylist(u32::MAX)).await;
    let outbox = Outbox::new();
    outbox.put_expiring("anna", "en", SignedDuration::from_secs(3)).await;
    let expires = tokio::time::Instant::now() + Duration::from_secs(3);
    let worker = outbox.work(courier(peer.port));
    outbox.settles_at(0, 1).await;
    let attempts = peer.attempts("anna@example.org");
    assert!(attempts >= 3, "{attempts}");
    assert!(expires.elapsed() < Duration::from_secs(2));
    sleep(Duration::from_millis(1500)).await;
    assert_eq!(peer.attempts("anna@example.org"), attempts);
    worker.end().await;
}

#[tokio::test]
async fn poison_letters_are_parked_and_the_others_go_on() {
    let peer = Peer::start(Mood::Refuse("nobody")).await;
    let outbox = Outbox::new();
    let later = SystemClock.now() + SignedDuration::from_mins(30);
    let seal = keyring().seal_key("letters");
    outbox.put_sealed("unsealed", "unsealed@x".to_owned(), vec![1; 80], later).await;
    outbox.put_sealed("moved", "moved@x".to_owned(), seal.seal("elsewhere@x", [1; 24], b"{}"), later).await;
    outbox
        .put_sealed("nonsense", "nonsense@x".to_owned(), seal.seal("nonsense@x", [2; 24], b"{}"), later)
        .await;
    outbox.put_expiring("toolate", "en", SignedDuration::from_secs(-1)).await;
    outbox.put("nobody", "en").await;
    for name in ["anna", "ben", "cleo", "dora", "emil"] {
        outbox.put(name, "en").await;
    }
    let worker = outbox.work(courier(peer.port));
    outbox.settles_at(0, 5).await;
    let mut arrived: Vec<_> = peer.arrived().into_iter().map(|letter| letter.to).collect();
    arrived.sort();
    assert_eq!(arrived, ["anna", "ben", "cleo", "dora", "emil"].map(|name| format!("{name}@example.org")));
    worker.end().await;
}

#[tokio::test]
async fn a_letter_on_which_the_server_dies_does_not_hold_up_the_others() {
    let peer = Peer::start(Mood::DropOn("poison")).await;
    let outbox = Outbox::new();
    for name in ["poison", "anna", "ben", "cleo", "dora"] {
        outbox.put(name, "en").await;
    }
    let worker = outbox.work(courier(peer.port));
    outbox.settles_at(1, 0).await;
    assert_eq!(peer.arrived().len(), 4);
    worker.end().await;
}

#[tokio::test]
async fn a_letter_sent_before_a_crash_and_not_noted_is_sent_again_under_the_same_id() {
    let peer = Peer::start(Mood::TakeSlowly(1500)).await;
    let outbox = Outbox::new();
    let id = outbox.put("anna", "en").await;
    let worker = outbox.work(courier(peer.port));
    until("the server has it", async || peer.arrived().len() == 1).await;
    worker.kill().await;
    assert_eq!(outbox.counts().await.letters_waiting, 1, "not marked before the server's word");
    let outbox = outbox.reopened().await;
    peer.become_(Mood::Kind);
    let worker = outbox.work(courier(peer.port));
    outbox.settles_at(0, 0).await;
    let arrived = peer.arrived();
    assert_eq!(arrived.len(), 2);
    for letter in arrived {
        assert!(letter.content.contains(&format!("Message-ID: <{id}>")), "{}", letter.content);
    }
    worker.end().await;
}

#[tokio::test]
async fn letters_under_way_are_finished_and_noted_when_the_program_ends() {
    let peer = Peer::start(Mood::TakeSlowly(500)).await;
    let outbox = Outbox::new();
    outbox.put("anna", "en").await;
    let worker = outbox.work(courier(peer.port));
    until("the server has it", async || peer.arrived().len() == 1).await;
    worker.end().await;
    assert_eq!(outbox.counts().await.letters_waiting, 0);
}

#[tokio::test]
async fn no_more_than_four_letters_are_under_way_together() {
    let peer = Peer::start(Mood::TakeSlowly(60)).await;
    let outbox = Outbox::new();
    for number in 0..24 {
        outbox.put(&format!("user{number}"), "en").await;
    }
    let worker = outbox.work(courier(peer.port));
    outbox.settles_at(0, 0).await;
    assert_eq!(peer.arrived().len(), 24, "each once");
    assert_eq!(peer.most_open(), 4);
    worker.end().await;
}

#[tokio::test]
async fn a_server_that_is_down_is_told_once_and_nothing_is_lost() {
    let logs = Logs::default();
    let _guard = logs.collect();
    let port = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap().port();
    let outbox = Outbox::new();
    for number in 0..8 {
        outbox.put(&format!("user{number}"), "en").await;
    }
    let worker = outbox.work(courier(port));
    sleep(Duration::from_secs(2)).await;
    assert_eq!(outbox.counts().await.letters_waiting, 8);
    assert_eq!(logs.count("letters cannot be sent"), 1, "{}", logs.text());
    let peer = Peer::start_on(port, Mood::Kind).await;
    outbox.settles_at(0, 0).await;
    assert_eq!(peer.arrived().len(), 8);
    worker.end().await;
    let text = logs.text();
    assert_eq!((logs.count("letters are taken again"), logs.count("letter is sent")), (1, 8), "{text}");
    assert!(text.contains("u***@example.org") && text.contains("user1@letters.chat.example"), "{text}");
    for secret in ["user1@example.org", "004711", "token", "BQUFBQ"] {
        assert!(!text.contains(secret), "{secret} is in the log: {text}");
    }
}

#[tokio::test]
async fn a_closed_store_is_told_once_and_the_worker_still_ends() {
    let logs = Logs::default();
    let _guard = logs.collect();
    let outbox = Outbox::new();
    let worker = outbox.work(courier(9));
    sleep(Duration::from_millis(200)).await;
    outbox.store.clone().close().await;
    sleep(Duration::from_secs(2)).await;
    assert!(logs.text().lines().count() < 5, "{}", logs.text());
    worker.end().await;
}

/// What was logged in this thread, on which the whole test runs.
#[derive(Clone, Default)]
struct Logs(Arc<Mutex<Vec<u8>>>);

impl Logs {
    fn collect(&self) -> tracing::subscriber::DefaultGuard {
        let logs = self.clone();
        let subscriber = tracing_subscriber::fmt()
            .with_max_level(tracing::Level::TRACE)
            .with_ansi(false)
            .with_writer(move || logs.clone())
            .finish();
        tracing::subscriber::set_default(subscriber)
    }

    fn text(&self) -> String {
        String::from_utf8_lossy(&self.0.lock().unwrap()).into_owned()
    }

    fn count(&self, words: &str) -> usize {
        self.text().matches(words).count()
    }
}

impl io::Write for Logs {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

//! The couriers alone: a mail server in every mood, and a folder.

use std::{fs, os::unix::fs::PermissionsExt, time::Duration};

use ostiary::delivery::{
    Courier, CourierProblem, OutgoingMail, SendFault, SmtpEncryption, SmtpLogin, SmtpSettings, SpoolSettings,
    probe,
};
use tokio::{net::TcpListener, time::Instant};

use crate::peer::{Mood, Peer};

pub fn settings(port: u16) -> SmtpSettings {
    SmtpSettings {
        host: "127.0.0.1".to_owned(),
        port,
        encryption: SmtpEncryption::Plain,
        login: None,
        ca_file: None,
        hello_name: Some("broker.test".to_owned()),
        timeout: Duration::from_millis(700),
    }
}

fn courier(port: u16) -> Courier {
    Courier::smtp(settings(port)).unwrap()
}

fn mail(to: &str) -> OutgoingMail {
    OutgoingMail {
        from: "broker@chat.example".parse().unwrap(),
        to: to.parse().unwrap(),
        masked_to: "m***@example.org".to_owned(),
        name: "20260101T000000Z-letter@chat.example".to_owned(),
        bytes: b"Subject: x\r\n\r\n.a line with a dot\r\n..\r\nend\r\n".to_vec(),
    }
}

#[tokio::test]
async fn a_letter_arrives_whole_and_the_connection_is_used_again() {
    let peer = Peer::start(Mood::Kind).await;
    let courier = courier(peer.port);
    for to in ["anna@example.org", "ben@example.org", "cleo@example.org"] {
        courier.deliver(&mail(to)).await.unwrap();
    }
    let arrived = peer.arrived();
    assert_eq!(
        arrived.iter().map(|letter| letter.to.as_str()).collect::<Vec<_>>(),
        ["anna@example.org", "ben@example.org", "cleo@example.org"]
    );
    assert_eq!(arrived[0].from, "broker@chat.example");
    assert!(arrived[0].content.starts_with("Subject: x\n\n.a line with a dot\n..\nend\n"), "{arrived:?}");
    assert_eq!(peer.connections(), 1);
}

#[tokio::test]
async fn a_connection_that_the_server_closed_is_replaced() {
    let peer = Peer::start(Mood::OneEach).await;
    let courier = courier(peer.port);
    for _ in 0..3 {
        courier.deliver(&mail("anna@example.org")).await.unwrap();
    }
    assert_eq!((peer.arrived().len(), peer.connections()), (3, 3));
}

#[tokio::test]
async fn a_refused_recipient_is_told_from_one_that_has_to_wait_and_its_address_is_hidden() {
    let peer = Peer::start(Mood::Refuse("mallory")).await;
    let courier = courier(peer.port);
    match courier.deliver(&mail("mallory@example.org")).await {
        Err(SendFault::Refused(text)) => {
            assert!(text.contains("550") && text.contains("m***@example.org"), "{text}");
            assert!(!text.contains("mallory"), "{text}");
        }
        other => panic!("{other:?}"),
    }
    peer.become_(Mood::Greylist(1));
    let first = courier.deliver(&mail("anna@example.org")).await;
    assert!(matches!(&first, Err(SendFault::Delayed(text)) if text.contains("451")), "{first:?}");
    courier.deliver(&mail("anna@example.org")).await.unwrap();
}

#[tokio::test]
async fn what_is_wrong_with_the_whole_server_is_not_blamed_on_the_letter() {
    for mood in [
        Mood::Busy,
        Mood::Mute,
        Mood::MuteAfterGreeting,
        Mood::Nonsense,
        Mood::EndlessLine,
        Mood::RefuseSender,
    ] {
        let peer = Peer::start(mood).await;
        let started = Instant::now();
        let outcome = courier(peer.port).deliver(&mail("anna@example.org")).await;
        assert!(matches!(outcome, Err(SendFault::Unavailable(_))), "{mood:?}: {outcome:?}");
        assert!(started.elapsed() < Duration::from_secs(5), "{mood:?} took {:?}", started.elapsed());
        assert!(peer.arrived().is_empty());
    }
    let unused = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap().port();
    let outcome = courier(unused).deliver(&mail("anna@example.org")).await;
    assert!(matches!(outcome, Err(SendFault::Unavailable(_))), "{outcome:?}");
}

#[tokio::test]
async fn a_letter_on_which_the_server_goes_silent_or_away_is_delayed_within_its_time() {
    for mood in [Mood::MuteAfterContent, Mood::DropInContent] {
        let peer = Peer::start(mood).await;
        let courier = courier(peer.port);
        let started = Instant::now();
        let outcome = courier.deliver(&mail("anna@example.org")).await;
        assert!(matches!(outcome, Err(SendFault::Delayed(_))), "{mood:?}: {outcome:?}");
        assert!(started.elapsed() < Duration::from_secs(5), "{mood:?} took {:?}", started.elapsed());
        peer.become_(Mood::Kind);
        courier.deliver(&mail("anna@example.org")).await.unwrap();
    }
}

#[tokio::test]
async fn a_late_answer_is_never_taken_for_the_answer_to_the_next_letter() {
    let peer = Peer::start(Mood::SlowRefusal(1000)).await;
    let courier = courier(peer.port);
    let outcome = courier.deliver(&mail("anna@example.org")).await;
    assert!(matches!(outcome, Err(SendFault::Delayed(_))), "{outcome:?}");
    tokio::time::sleep(Duration::from_millis(500)).await;
    peer.become_(Mood::Refuse("ben"));
    let outcome = courier.deliver(&mail("ben@example.org")).await;
    assert!(matches!(outcome, Err(SendFault::Refused(_))), "{outcome:?}");
    assert_eq!((peer.connections(), peer.arrived().len()), (2, 0));
}

#[tokio::test]
async fn a_password_is_never_sent_in_clear_to_another_machine() {
    let login = Some(SmtpLogin { username: "broker".to_owned(), password: "s3cret".into() });
    let remote = SmtpSettings { host: "mail.example".to_owned(), login, ..settings(25) };
    let problem = Courier::smtp(remote.clone()).unwrap_err();
    assert!(matches!(&problem, CourierProblem::ClearLogin { host } if host == "mail.example"));
    assert!(!format!("{remote:?}").contains("s3cret"));
    let local = SmtpSettings { host: "localhost".to_owned(), ..remote.clone() };
    assert!(Courier::smtp(local).is_ok());
    let encrypted = SmtpSettings { encryption: SmtpEncryption::StartTls, ..remote };
    assert!(Courier::smtp(encrypted).is_ok());
}

#[tokio::test]
async fn certificates_that_cannot_be_read_are_named() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ca.pem");
    let encrypted =
        SmtpSettings { encryption: SmtpEncryption::Tls, ca_file: Some(path.clone()), ..settings(465) };
    for content in [None, Some(""), Some("no certificate"), Some("-----BEGIN CERTIFICATE-----\n!!!\n")] {
        if let Some(content) = content {
            fs::write(&path, content).unwrap();
        }
        let problem = Courier::smtp(encrypted.clone()).unwrap_err().to_string();
        assert!(problem.contains("ca.pem"), "{content:?}: {problem}");
    }
}

#[tokio::test]
async fn a_server_that_offers_no_starttls_gets_no_letter() {
    let peer = Peer::start(Mood::Kind).await;
    let encrypted = SmtpSettings { encryption: SmtpEncryption::StartTls, ..settings(peer.port) };
    let outcome = Courier::smtp(encrypted).unwrap().deliver(&mail("anna@example.org")).await;
    assert!(matches!(&outcome, Err(SendFault::Unavailable(text)) if text.contains("TLS")), "{outcome:?}");
    assert!(peer.arrived().is_empty());
}

#[tokio::test]
async fn the_folder_gets_whole_files_for_the_owner_only() {
    let folder = tempfile::tempdir().unwrap();
    let spool = folder.path().join("a/b");
    let courier = Courier::spool(SpoolSettings { folder: spool.clone() }).unwrap();
    assert_eq!(fs::metadata(&spool).unwrap().permissions().mode() & 0o777, 0o700);
    let letter = mail("anna@example.org");
    courier.deliver(&letter).await.unwrap();
    courier.deliver(&letter).await.unwrap();
    let files: Vec<_> = fs::read_dir(&spool).unwrap().map(|entry| entry.unwrap().path()).collect();
    assert_eq!(files, [spool.join("20260101T000000Z-letter@chat.example.eml")], "sent twice, there once");
    assert_eq!(fs::read(&files[0]).unwrap(), letter.bytes);
    assert_eq!(fs::metadata(&files[0]).unwrap().permissions().mode() & 0o777, 0o600);
}

#[tokio::test]
async fn a_folder_that_is_gone_makes_letters_wait_until_it_is_back() {
    let parent = tempfile::tempdir().unwrap();
    let spool = parent.path().join("spool");
    let courier = Courier::spool(SpoolSettings { folder: spool.clone() }).unwrap();
    fs::remove_dir(&spool).unwrap();
    let outcome = courier.deliver(&mail("anna@example.org")).await;
    assert!(matches!(outcome, Err(SendFault::Unavailable(_))), "{outcome:?}");
    assert!(probe(&courier).await.is_err());
    fs::create_dir(&spool).unwrap();
    courier.deliver(&mail("anna@example.org")).await.unwrap();
    assert!(probe(&courier).await.unwrap().contains("spool"));
    assert_eq!(fs::read_dir(&spool).unwrap().count(), 1, "the probe leaves nothing behind");
    let file = parent.path().join("file");
    fs::write(&file, "").unwrap();
    let problem = Courier::spool(SpoolSettings { folder: file }).unwrap_err();
    assert!(matches!(problem, CourierProblem::Folder { .. }), "{problem}");
}

#[tokio::test]
async fn the_probe_says_what_it_found_and_what_to_do() {
    let peer = Peer::start(Mood::Kind).await;
    let found = probe(&courier(peer.port)).await.unwrap();
    assert!(found.contains("peer.test") && found.contains("not encrypted"), "{found}");
    assert!(peer.arrived().is_empty(), "nothing was sent");
    for (mood, said) in [
        (Mood::Busy, "greeting"),
        (Mood::Mute, "no answer"),
        (Mood::MuteAfterGreeting, "no answer"),
        (Mood::Nonsense, "greeting"),
    ] {
        peer.become_(mood);
        let error = probe(&courier(peer.port)).await.unwrap_err();
        assert!(error.what.contains(said) && !error.advice.is_empty(), "{mood:?}: {error}");
    }
    drop(peer);
    let unused = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap().port();
    let error = probe(&courier(unused)).await.unwrap_err();
    assert!(error.what.contains("connecting failed"), "{error}");
}

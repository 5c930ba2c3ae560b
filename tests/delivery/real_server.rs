//! Letters through a real mail server, read by an independent mail parser.

use std::time::Duration;

use ostiary::delivery::{Courier, SmtpEncryption, SmtpLogin, SmtpSettings, probe};
use serde_json::Value;

use crate::{couriers::settings, mail_server::MailServer, outbox::Outbox};

fn real(server: &MailServer, encryption: SmtpEncryption) -> SmtpSettings {
    let ca_file = (encryption != SmtpEncryption::Plain).then(|| server.ca_file());
    SmtpSettings {
        host: "localhost".to_owned(),
        encryption,
        ca_file,
        timeout: Duration::from_secs(10),
        ..settings(server.port)
    }
}

fn header<'a>(letter: &'a Value, name: &str) -> &'a str {
    let headers = letter["headers"].as_array().unwrap();
    let mut found = headers.iter().filter(|header| header[0].as_str().unwrap().eq_ignore_ascii_case(name));
    let value = found.next().unwrap_or_else(|| panic!("no {name} in {letter:#}"))[1].as_str().unwrap();
    assert!(found.next().is_none(), "{name} is there twice: {letter:#}");
    value
}

#[tokio::test]
async fn another_parser_reads_the_letter_as_it_was_meant() {
    let Some(mut server) = MailServer::start("plain", None, "PLAIN").await else { return };
    let outbox = Outbox::new();
    let id = outbox.put("anna", "de-AT").await;
    let worker = outbox.work(Courier::smtp(real(&server, SmtpEncryption::Plain)).unwrap());
    let letter = server.next().await;
    outbox.settles_at(0, 0).await;
    worker.end().await;

    assert_eq!(letter["mail_from"], "broker@chat.example");
    assert_eq!(letter["rcpt_tos"], serde_json::json!(["anna@example.org"]));
    assert_eq!(header(&letter, "From"), "Türsteher <broker@chat.example>");
    assert_eq!(header(&letter, "Reply-To"), "help@chat.example");
    assert_eq!(header(&letter, "To"), "anna@example.org");
    assert_eq!(header(&letter, "Subject"), "Bestätige deine E-Mail-Adresse für Plauderstübchen");
    assert_eq!(header(&letter, "Message-ID"), format!("<{id}>"));
    assert_eq!(header(&letter, "Auto-Submitted"), "auto-generated");
    assert_eq!(header(&letter, "Content-Language"), "de");
    assert_eq!(header(&letter, "MIME-Version"), "1.0");
    assert!(header(&letter, "Date").contains(" +0000"), "{letter:#}");
    assert_eq!(letter["type"], "multipart/alternative");
    assert_eq!(letter["defects"], serde_json::json!([]), "{letter:#}");
    assert_eq!(letter["ascii"], true, "no server has to know 8BITMIME");
    assert!(letter["longest_line"].as_u64().unwrap() <= 998, "RFC 5322 §2.1.1");

    let parts = letter["parts"].as_array().unwrap();
    let types: Vec<_> = parts.iter().map(|part| part["type"].as_str().unwrap()).collect();
    assert_eq!(types, ["text/plain", "text/html"], "the richest comes last (RFC 2046 §5.1.4)");
    for part in parts {
        let text = part["text"].as_str().unwrap();
        assert_eq!(part["charset"], "utf-8");
        for words in [
            "004711",
            "anna@chat.example",
            "drücke",
            "Plauderstübchen",
            "/verify?token=BQUFBQUFBQUFBQUFBQUFBQ",
        ] {
            assert!(text.contains(words), "{words}: {text}");
        }
    }
}

#[tokio::test]
async fn letters_go_through_every_kind_of_encryption_and_login() {
    for (kind, encryption) in [
        ("plain", SmtpEncryption::Plain),
        ("starttls", SmtpEncryption::StartTls),
        ("tls", SmtpEncryption::Tls),
    ] {
        for mechanism in ["PLAIN", "LOGIN"] {
            // aiosmtpd takes logins only over encryption of its own, so `tls` is tried without one.
            let login = (kind == "starttls" || kind == "plain").then_some(("broker", "s3cret wörd"));
            let Some(mut server) = MailServer::start(kind, login, mechanism).await else { return };
            let mut settings = real(&server, encryption);
            settings.login = login.map(|(username, password)| SmtpLogin {
                username: username.to_owned(),
                password: password.into(),
            });
            let found = probe(&Courier::smtp(settings.clone()).unwrap()).await.unwrap();
            assert!(found.contains("mail.test"), "{found}");

            let outbox = Outbox::new();
            outbox.put("anna", "en").await;
            outbox.put("ben", "en").await;
            let worker = outbox.work(Courier::smtp(settings).unwrap());
            for _ in 0..2 {
                let letter = server.next().await;
                assert_eq!(letter["encrypted"], kind != "plain", "{kind}: {letter:#}");
            }
            outbox.settles_at(0, 0).await;
            worker.end().await;
        }
    }
}

#[tokio::test]
async fn a_wrong_password_makes_letters_wait_and_is_named_by_the_probe() {
    let Some(server) = MailServer::start("starttls", Some(("broker", "right")), "PLAIN").await else {
        return;
    };
    let login = Some(SmtpLogin { username: "broker".to_owned(), password: "wr0ng".into() });
    let settings = SmtpSettings { login, ..real(&server, SmtpEncryption::StartTls) };
    let error = probe(&Courier::smtp(settings.clone()).unwrap()).await.unwrap_err();
    assert!(error.what.contains("login") && error.advice.contains("password"), "{error}");
    assert!(!error.to_string().contains("wr0ng"), "{error}");
    let outbox = Outbox::new();
    outbox.put("anna", "en").await;
    let worker = outbox.work(Courier::smtp(settings).unwrap());
    tokio::time::sleep(Duration::from_secs(1)).await;
    let counts = outbox.counts().await;
    assert_eq!(
        (counts.letters_waiting, counts.letters_parked),
        (1, 0),
        "not parked: the letter is not to blame"
    );
    worker.end().await;
}

#[tokio::test]
async fn a_certificate_that_nobody_vouches_for_gets_no_letter() {
    for (kind, encryption) in [("starttls", SmtpEncryption::StartTls), ("tls", SmtpEncryption::Tls)] {
        let Some(server) = MailServer::start(kind, None, "PLAIN").await else { return };
        let trusting = real(&server, encryption);
        assert!(probe(&Courier::smtp(trusting.clone()).unwrap()).await.is_ok(), "{kind}");
        let unknown_ca = SmtpSettings { ca_file: None, ..trusting.clone() };
        let other_name = SmtpSettings { host: "127.0.0.2".to_owned(), ..trusting };
        let error = probe(&Courier::smtp(unknown_ca).unwrap()).await.unwrap_err();
        assert!(error.what.contains("TLS failed"), "{error}");
        assert!(probe(&Courier::smtp(other_name).unwrap()).await.is_err(), "{kind}");
    }
}

//! A rendered letter as an Internet message (RFC 5322, MIME).

use std::time::SystemTime;

use jiff::Timestamp;
use lettre::{
    Address, Message,
    message::{
        Mailbox, MultiPart, SinglePart,
        header::{HeaderName, HeaderValue},
    },
};

use super::MailSettings;
use crate::{accounts::Email, store::OutboxLetter, text::RenderedLetter};

/// A message with its envelope, ready to be taken away. Its bytes hold secrets.
pub struct OutgoingMail {
    /// Sender of the envelope.
    pub from: Address,
    /// The one recipient.
    pub to: Address,
    /// The recipient as logs may show it.
    pub masked_to: String,
    /// Name of the message that stays the same over all attempts; usable as a file name.
    pub name: String,
    /// The message with CRLF line ends; ASCII only.
    pub bytes: Vec<u8>,
}

/// A letter cannot be made into a message.
#[derive(Debug, thiserror::Error)]
#[error("the letter cannot be made into a message: {0}")]
pub(super) struct Uncomposable(String);

/// Makes the message. Every attempt has the same `Message-ID`, so that a letter sent twice is shown once.
pub(super) fn compose(
    settings: &MailSettings,
    from: &Mailbox,
    row: &OutboxLetter,
    to: &Email,
    letter: &RenderedLetter,
    now: Timestamp,
) -> Result<OutgoingMail, Uncomposable> {
    let problem = |error: &dyn std::fmt::Display| Uncomposable(error.to_string());
    let address: Address =
        to.as_str().parse().map_err(|_| Uncomposable("the address is damaged".to_owned()))?;
    let id = plain_id(&row.message_id);
    let mut head = Message::builder().from(printable(from)).to(Mailbox::new(None, address.clone()));
    if let Some(reply_to) = &settings.reply_to {
        head = head.reply_to(printable(reply_to));
    }
    let message = head
        .subject(letter.subject.clone())
        .date(SystemTime::from(now))
        .message_id(Some(format!("<{id}>")))
        // RFC 3834 §5: nobody's holiday notice shall answer a program.
        .raw_header(header("Auto-Submitted", "auto-generated"))
        .raw_header(header("X-Auto-Response-Suppress", "All"))
        .raw_header(header("Content-Language", letter.language))
        .multipart(
            MultiPart::alternative()
                .singlepart(SinglePart::plain(letter.text.clone()))
                .singlepart(SinglePart::html(letter.html.clone())),
        )
        .map_err(|error| problem(&error))?;
    Ok(OutgoingMail {
        from: from.email.clone(),
        to: address,
        masked_to: to.masked(),
        name: file_name(row.created_at, &id),
        bytes: message.formatted(),
    })
}

/// lettre panics at a name with a line end in it.
fn printable(mailbox: &Mailbox) -> Mailbox {
    let name = mailbox.name.as_ref().map(|name| name.replace(char::is_control, " "));
    Mailbox::new(name, mailbox.email.clone())
}

fn header(name: &'static str, value: &str) -> HeaderValue {
    HeaderValue::new(HeaderName::new_from_ascii_str(name), value.to_owned())
}

/// The identifier without its brackets and without anything that would end the header.
fn plain_id(id: &str) -> String {
    id.chars().filter(|c| c.is_ascii_graphic() && !"<>\"(),:;[]\\".contains(*c)).collect()
}

pub(super) fn file_name(created_at: Timestamp, id: &str) -> String {
    let safe: String = id
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() || ".-_@".contains(c) { c } else { '_' })
        .take(150)
        .collect();
    format!("{}-{safe}", created_at.strftime("%Y%m%dT%H%M%SZ"))
}

impl std::fmt::Debug for OutgoingMail {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "OutgoingMail({} to {})", self.name, self.masked_to)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::*;
    use crate::accounts::Domain;

    #[test]
    fn nothing_that_goes_into_a_letter_can_add_a_header() {
        let evil = "x\r\nBcc: mallory@example.net\r\n\r\nbody";
        let settings = MailSettings {
            from: Mailbox::new(Some(evil.to_owned()), "broker@chat.example".parse().unwrap()),
            reply_to: Some(Mailbox::new(Some(evil.to_owned()), "help@chat.example".parse().unwrap())),
            senders: HashMap::new(),
            base_url: "https://chat.example/".parse().unwrap(),
            retry_first: std::time::Duration::ZERO,
            retry_most: std::time::Duration::ZERO,
        };
        let row = OutboxLetter {
            id: 1,
            domain: Domain::parse("chat.example").unwrap(),
            message_id: format!("<{evil}/../../etc@chat.example>"),
            kind: "verify".to_owned(),
            sealed: Vec::new(),
            attempts: 0,
            created_at: Timestamp::UNIX_EPOCH,
            expires_at: Timestamp::UNIX_EPOCH,
            request: None,
        };
        let letter = RenderedLetter {
            subject: evil.to_owned(),
            text: format!("{evil}\n.\n"),
            html: evil.to_owned(),
            language: "en",
        };
        let to = Email::parse("alice@example.org").unwrap();
        let mail = compose(&settings, &settings.from, &row, &to, &letter, Timestamp::UNIX_EPOCH).unwrap();
        let message = String::from_utf8(mail.bytes.clone()).unwrap();
        let head = message.split("\r\n\r\n").next().unwrap();
        let names: Vec<_> = head
            .split("\r\n")
            .filter(|line| !line.starts_with(' '))
            .map(|line| line.split(':').next())
            .collect();
        assert!(!names.contains(&Some("Bcc")), "{head}");
        assert!(names.contains(&Some("Subject")) && names.contains(&Some("Content-Type")), "{head}");
        assert!(!mail.name.contains('/') && mail.name.starts_with("19700101T000000Z-"), "{}", mail.name);
        assert!(!format!("{mail:?}").contains("alice"), "{mail:?}");
    }
}

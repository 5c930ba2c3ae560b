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
    row: &OutboxLetter,
    to: &Email,
    letter: &RenderedLetter,
    now: Timestamp,
) -> Result<OutgoingMail, Uncomposable> {
    let problem = |error: &dyn std::fmt::Display| Uncomposable(error.to_string());
    let address: Address =
        to.as_str().parse().map_err(|_| Uncomposable("the address is damaged".to_owned()))?;
    let id = plain_id(&row.message_id);
    let message = Message::builder()
        .from(settings.from.clone())
        .to(Mailbox::new(None, address.clone()))
        .reply_to(settings.reply_to.clone().unwrap_or_else(|| settings.from.clone()))
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
        from: settings.from.email.clone(),
        to: address,
        masked_to: to.masked(),
        name: file_name(row.created_at, &id),
        bytes: message.formatted(),
    })
}

fn header(name: &'static str, value: &str) -> HeaderValue {
    HeaderValue::new(HeaderName::new_from_ascii_str(name), value.to_owned())
}

/// The identifier without its brackets and without anything that would end the header.
fn plain_id(id: &str) -> String {
    id.chars().filter(|c| c.is_ascii_graphic() && !"<>\"(),:;[]\\".contains(*c)).collect()
}

fn file_name(created_at: Timestamp, id: &str) -> String {
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

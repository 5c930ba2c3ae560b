//! The ways that letters go: by mail and by text message. A letter is put into words, and handed to whoever takes it away.

use std::{fmt, time::Duration};

use jiff::Timestamp;

use super::{
    Courier, MailSettings, OutgoingMail, SendFault, SmsSettings,
    message::compose,
    sms::{OutgoingSms, SmsCourier},
};
use crate::{
    accounts::{Channel, Contact, Letter},
    store::OutboxLetter,
    text::{LetterContext, Texts},
};

/// One of the ways.
#[derive(Debug)]
pub(super) enum Post {
    /// By mail.
    Mail(Courier, Box<MailSettings>),
    /// By text message.
    Sms(SmsCourier, SmsSettings),
}

/// A letter in words, and whom it goes to.
pub(super) enum Written {
    Mail(OutgoingMail),
    Sms(OutgoingSms),
}

impl Post {
    pub(super) const fn channel(&self) -> Channel {
        match self {
            Self::Mail(..) => Channel::Mail,
            Self::Sms(..) => Channel::Sms,
        }
    }

    /// How many letters are taken at the same time.
    pub(super) const fn abreast(&self) -> usize {
        match self {
            Self::Mail(courier, _) => courier.abreast(),
            Self::Sms(courier, _) => courier.abreast(),
        }
    }

    /// The first and the longest pause between two attempts.
    pub(super) const fn pauses(&self) -> (Duration, Duration) {
        match self {
            Self::Mail(_, settings) => (settings.retry_first, settings.retry_most),
            Self::Sms(_, settings) => (settings.retry_first, settings.retry_most),
        }
    }

    /// Puts a letter into words. What fails here fails each time.
    pub(super) fn write(
        &self,
        row: &OutboxLetter,
        letter: &Letter,
        texts: &Texts,
        now: Timestamp,
    ) -> Result<Written, String> {
        match (self, &letter.to) {
            (Self::Mail(_, settings), Contact::Email(to)) => {
                let sender = settings.senders.get(&letter.domain);
                let service_name = sender.map_or(letter.domain.as_str(), |sender| &sender.service_name);
                let from = sender.map_or(&settings.from, |sender| &sender.from);
                let context = LetterContext { service_name, base_url: &settings.base_url, sent_at: now };
                let rendered = texts.letter(letter, &context).map_err(|problem| problem.to_string())?;
                let mail = compose(settings, from, row, to, &rendered, now);
                mail.map(Written::Mail).map_err(|problem| problem.to_string())
            }
            (Self::Sms(..), Contact::Phone(to)) => {
                let text = texts.sms(letter, now).ok_or("it is nothing for a text message")?;
                Ok(Written::Sms(OutgoingSms::new(row, to.clone(), text)))
            }
            _ => Err("its recipient cannot be reached this way".to_owned()),
        }
    }

    /// Hands it over.
    pub(super) async fn deliver(&self, written: &Written) -> Result<(), SendFault> {
        match (self, written) {
            (Self::Mail(courier, _), Written::Mail(mail)) => courier.deliver(mail).await,
            (Self::Sms(courier, _), Written::Sms(message)) => courier.deliver(message).await,
            _ => Err(SendFault::Refused("it was written for another way".to_owned())),
        }
    }
}

impl Written {
    pub(super) fn masked_to(&self) -> String {
        match self {
            Self::Mail(mail) => mail.masked_to.clone(),
            Self::Sms(message) => message.to.masked(),
        }
    }
}

impl fmt::Display for Post {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Mail(courier, _) => courier.fmt(f),
            Self::Sms(courier, _) => courier.fmt(f),
        }
    }
}

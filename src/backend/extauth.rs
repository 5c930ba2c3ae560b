//! ejabberd's external authentication, as `ostiary extauth` relays it: frames of two bytes of length (big-endian) and that much text, one
//! question each; the answer is the frame `00 02 00 01` or `00 02 00 00` (`server-integration.md` §5.2). It knows yes and no only: where
//! neither can be said the connection is closed, and the worker exits.

use std::time::Duration;

use secrecy::zeroize::Zeroizing;
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    time::timeout,
};
use tokio_util::sync::CancellationToken;

use super::{
    Backend, Protocol,
    question::{self, Answer},
};
use crate::metrics;

/// The longest frame, in bytes: a name and a domain of 1023 bytes each, and a password.
pub const LONGEST: usize = 8192;
/// How long the rest of a frame may take, and an answer to be taken.
const PATIENCE: Duration = Duration::from_secs(10);
/// How long an answer may take to be made. ejabberd waits for 30 seconds.
const LIMIT: Duration = Duration::from_secs(20);

/// The answers, as frames.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Frame;

impl Frame {
    /// Yes.
    pub const YES: [u8; 4] = [0, 2, 0, 1];
    /// No.
    pub const NO: [u8; 4] = [0, 2, 0, 0];
}

/// What a frame asks.
#[derive(Debug, PartialEq, Eq)]
pub enum Question<'a> {
    /// `auth:user:server:password`
    Auth(&'a str, &'a str, &'a str),
    /// `isuser:user:server`
    IsUser(&'a str, &'a str),
    /// `setpass:user:server:password`
    SetPassword(&'a str, &'a str, &'a str),
    /// `tryregister:user:server:password`
    TryRegister(&'a str, &'a str, &'a str),
    /// `removeuser:user:server`
    RemoveUser(&'a str, &'a str),
    /// `removeuser3:user:server:password`: with a password that must be right
    RemoveUserWith(&'a str, &'a str, &'a str),
}

/// A frame that asks nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the frame asks nothing that external authentication knows")]
pub struct WrongFrame;

impl<'a> Question<'a> {
    /// Reads the text of a frame. A password may hold colons, a name and a domain cannot.
    pub fn read(text: &'a [u8]) -> Result<Self, WrongFrame> {
        let text = std::str::from_utf8(text).map_err(|_| WrongFrame)?;
        let (word, rest) = text.split_once(':').ok_or(WrongFrame)?;
        let (user, rest) = rest.split_once(':').ok_or(WrongFrame)?;
        let (server, password) = match rest.split_once(':') {
            Some((server, password)) => (server, Some(password)),
            None => (rest, None),
        };
        if user.is_empty() || server.is_empty() {
            return Err(WrongFrame);
        }
        match (word, password) {
            ("auth", Some(password)) => Ok(Self::Auth(user, server, password)),
            ("isuser", None) => Ok(Self::IsUser(user, server)),
            ("setpass", Some(password)) => Ok(Self::SetPassword(user, server, password)),
            ("tryregister", Some(password)) => Ok(Self::TryRegister(user, server, password)),
            ("removeuser", None) => Ok(Self::RemoveUser(user, server)),
            ("removeuser3", Some(password)) => Ok(Self::RemoveUserWith(user, server, password)),
            _ => Err(WrongFrame),
        }
    }
}

/// Answers a worker until it goes, until something cannot be answered, or until `cancel`; what is under way is ended.
pub async fn converse<S: AsyncRead + AsyncWrite + Unpin>(
    mut stream: S,
    backend: &Backend,
    cancel: &CancellationToken,
) {
    loop {
        let mut length = [0; 2];
        match cancel.run_until_cancelled(stream.read_exact(&mut length)).await {
            Some(Ok(_)) => {}
            Some(Err(_)) | None => return,
        }
        let length = usize::from(u16::from_be_bytes(length));
        if length > LONGEST {
            return;
        }
        let mut text = Zeroizing::new(vec![0; length]);
        if !matches!(timeout(PATIENCE, stream.read_exact(&mut text)).await, Ok(Ok(_))) {
            return;
        }
        let Ok(Some(answer)) = timeout(LIMIT, answer(backend, &text)).await else { return };
        let frame = if answer { Frame::YES } else { Frame::NO };
        if !matches!(timeout(PATIENCE, stream.write_all(&frame)).await, Ok(Ok(()))) {
            return;
        }
    }
}

/// Yes or no; `None` where neither can be said.
async fn answer(backend: &Backend, text: &[u8]) -> Option<bool> {
    let answer = match Question::read(text).ok()? {
        Question::Auth(user, server, password) => {
            question::check_password(backend, server, user, password).await
        }
        Question::IsUser(user, server) => question::user_exists(backend, server, user).await,
        Question::SetPassword(user, server, password) => {
            question::set_password(backend, server, user, password).await
        }
        Question::TryRegister(user, server, password) => {
            question::register(backend, server, user, password).await
        }
        Question::RemoveUser(user, server) => question::remove_user(backend, server, user).await,
        Question::RemoveUserWith(user, server, password) => {
            match question::check_password(backend, server, user, password).await {
                Answer::Yes => question::remove_user(backend, server, user).await,
                other => other,
            }
        }
    };
    metrics::backend(Protocol::Extauth.as_str(), answer.as_str());
    match answer {
        Answer::Yes => Some(true),
        // Too much was tried: told as "no", since a worker that ends takes its logins from everybody, and whoever guesses could end them all.
        Answer::No | Answer::TooMany | Answer::Conflict | Answer::NotFound | Answer::NotAllowed(_) => {
            Some(false)
        }
        Answer::Later => None,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn every_word_of_the_protocol_is_read() {
        for (text, expected) in [
            ("auth:alice:chat.example:a:b:c", Question::Auth("alice", "chat.example", "a:b:c")),
            ("auth:alice:chat.example:", Question::Auth("alice", "chat.example", "")),
            ("isuser:alice:chat.example", Question::IsUser("alice", "chat.example")),
            ("setpass:alice:chat.example:new", Question::SetPassword("alice", "chat.example", "new")),
            ("tryregister:alice:chat.example:new", Question::TryRegister("alice", "chat.example", "new")),
            ("removeuser:alice:chat.example", Question::RemoveUser("alice", "chat.example")),
            ("removeuser3:alice:chat.example:old", Question::RemoveUserWith("alice", "chat.example", "old")),
        ] {
            assert_eq!(Question::read(text.as_bytes()), Ok(expected), "{text}");
        }
        for text in [
            "",
            "auth",
            "auth:alice",
            "auth:alice:chat.example",
            "auth::chat.example:x",
            "isuser:a:",
            "drop:a:b:c",
            "AUTH:a:b:c",
        ] {
            assert_eq!(Question::read(text.as_bytes()), Err(WrongFrame), "{text}");
        }
        assert_eq!(Question::read(b"auth:\xff:b:c"), Err(WrongFrame));
    }

    proptest! {
        #[test]
        fn whatever_comes_is_read_or_refused(text in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = Question::read(&text);
        }

        #[test]
        fn a_password_comes_through_as_it_is(password in ".{0,60}") {
            let text = format!("auth:alice:chat.example:{password}");
            prop_assert_eq!(Question::read(text.as_bytes()), Ok(Question::Auth("alice", "chat.example", &password)));
        }
    }
}

//! `ostiary extauth`: a worker of ejabberd's external authentication. It relays frames between ejabberd and the running broker, and holds nothing: no
//! configuration, no secret, no runtime. Where there is no answer it ends, so that ejabberd never takes silence for "no".

use std::{
    io::{self, Read, Write},
    os::unix::net::UnixStream,
    path::{Path, PathBuf},
    thread,
    time::{Duration, Instant},
};

use anyhow::Context as _;
use clap::Args;
use secrecy::zeroize::Zeroizing;

use super::ending::Ending;
use crate::backend::{Frame, LONGEST};

/// How long the broker may be away when a worker starts. ejabberd starts it again at once when it ends, and would give up after some times.
const START: Duration = Duration::from_secs(10);
/// The pause between two attempts.
const PAUSE: Duration = Duration::from_millis(200);
/// How long one answer may take. ejabberd waits for 30 seconds.
const ANSWER: Duration = Duration::from_secs(25);

#[derive(Debug, Args)]
pub struct ExtauthArguments {
    /// The Unix socket of the running broker: [backend] extauth.
    #[arg(long, value_name = "PATH")]
    pub socket: PathBuf,
}

/// Relays until ejabberd closes its end.
pub fn extauth(arguments: &ExtauthArguments) -> Result<(), Ending> {
    let socket = connect(&arguments.socket)
        .with_context(|| format!("cannot reach the broker at {}", arguments.socket.display()))?;
    socket.set_read_timeout(Some(ANSWER)).context("the socket")?;
    socket.set_write_timeout(Some(ANSWER)).context("the socket")?;
    Ok(relay(io::stdin().lock(), io::stdout().lock(), &socket)?)
}

fn connect(path: &Path) -> io::Result<UnixStream> {
    #[expect(
        clippy::disallowed_methods,
        reason = "how long to wait for another process is no matter of the product's time"
    )]
    let begun = Instant::now();
    loop {
        match UnixStream::connect(path) {
            Err(_) if begun.elapsed() < START => thread::sleep(PAUSE),
            connected => return connected,
        }
    }
}

fn relay(mut asked: impl Read, mut answers: impl Write, mut broker: &UnixStream) -> anyhow::Result<()> {
    let mut frame = Zeroizing::new([0; 2 + LONGEST]);
    loop {
        match asked.read_exact(&mut frame[..2]) {
            Ok(()) => {}
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(()),
            Err(error) => return Err(error).context("reading from the server"),
        }
        let length = usize::from(u16::from_be_bytes([frame[0], frame[1]]));
        anyhow::ensure!(
            length <= LONGEST,
            "the server sent a frame of {length} bytes; at most {LONGEST} make sense"
        );
        asked.read_exact(&mut frame[2..2 + length]).context("reading from the server")?;
        broker.write_all(&frame[..2 + length]).context("asking the broker")?;
        let mut answer = [0; 4];
        broker
            .read_exact(&mut answer)
            .context("the broker gave no answer: it is busy, stopping, or understood nothing")?;
        anyhow::ensure!(answer == Frame::YES || answer == Frame::NO, "what answered is no broker");
        answers.write_all(&answer).and_then(|()| answers.flush()).context("writing to the server")?;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_an_answer_nothing_is_written() {
        for (sent, said) in [(&b""[..], "gave no answer"), (b"\0\x02\0\x02", "no broker")] {
            let (ours, mut theirs) = UnixStream::pair().unwrap();
            theirs.write_all(sent).unwrap();
            theirs.shutdown(std::net::Shutdown::Write).unwrap();
            let mut answers = Vec::new();
            let error = relay(&b"\0\x0aisuser:a:b"[..], &mut answers, &ours).unwrap_err();
            assert!(format!("{error:#}").contains(said), "{error:#}");
            assert!(answers.is_empty());
        }
    }

    #[test]
    fn a_frame_that_is_too_long_is_told() {
        let (ours, _theirs) = UnixStream::pair().unwrap();
        let error = relay(&b"\xff\xff"[..], Vec::new(), &ours).unwrap_err();
        assert!(error.to_string().contains("65535 bytes"), "{error}");
    }
}

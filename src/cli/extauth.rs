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

/// How long the broker may be away when it is needed, as while it is restarted. With the pause before the end it is shorter than the time that people wait.
const AWAY: Duration = Duration::from_secs(5);
/// The pause before a worker ends with an error. ejabberd's supervisor bears one end of each worker in a second (`extauth_sup`, 23.01); after more it ends
/// all of them. It counts whole seconds, so ends that are less than two apart may be in the same.
const LAST: Duration = Duration::from_millis(2100);
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
    relay(io::stdin().lock(), io::stdout().lock(), &arguments.socket)
        .inspect_err(|_| thread::sleep(LAST))
        .map_err(Ending::from)
}

fn relay(mut asked: impl Read, mut answers: impl Write, socket: &Path) -> anyhow::Result<()> {
    let mut frame = Zeroizing::new([0; 2 + LONGEST]);
    let mut broker: Option<UnixStream> = None;
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
        // A broker that was restarted since the last question has closed that connection.
        let mut connection = match broker.take().filter(is_quiet) {
            Some(connection) => connection,
            None => {
                connect(socket).with_context(|| format!("cannot reach the broker at {}", socket.display()))?
            }
        };
        connection.write_all(&frame[..2 + length]).context("asking the broker")?;
        let mut answer = [0; 4];
        connection
            .read_exact(&mut answer)
            .context("the broker gave no answer: it is busy, stopping, or understood nothing")?;
        anyhow::ensure!(answer == Frame::YES || answer == Frame::NO, "what answered is no broker");
        answers.write_all(&answer).and_then(|()| answers.flush()).context("writing to the server")?;
        broker = Some(connection);
    }
}

fn connect(path: &Path) -> io::Result<UnixStream> {
    #[expect(
        clippy::disallowed_methods,
        reason = "how long to wait for another process is no matter of the product's time"
    )]
    let begun = Instant::now();
    loop {
        match UnixStream::connect(path) {
            Ok(connection) => {
                connection.set_read_timeout(Some(ANSWER))?;
                connection.set_write_timeout(Some(ANSWER))?;
                return Ok(connection);
            }
            Err(error) if error.kind() == io::ErrorKind::PermissionDenied || begun.elapsed() >= AWAY => {
                return Err(error);
            }
            Err(_) => thread::sleep(PAUSE),
        }
    }
}

/// Whether a connection is open and nothing waits in it: what came after its last answer belongs to no question.
fn is_quiet(connection: &UnixStream) -> bool {
    let look = || {
        connection.set_nonblocking(true)?;
        let found = (&*connection).read(&mut [0]);
        connection.set_nonblocking(false)?;
        found
    };
    look().is_err_and(|error| error.kind() == io::ErrorKind::WouldBlock)
}

#[cfg(test)]
mod tests {
    use std::os::unix::net::UnixListener;

    use super::*;

    /// A broker that answers each question with these bytes, and then hangs up where it is told to.
    fn broker(folder: &Path, answers: &'static [&'static [u8]], hangs_up: bool) -> PathBuf {
        let socket = folder.join("broker.sock");
        let listener = UnixListener::bind(&socket).unwrap();
        thread::spawn(move || {
            let mut answers = answers.iter();
            for stream in listener.incoming() {
                let mut stream = stream.unwrap();
                while stream.read_exact(&mut [0; 12]).is_ok() {
                    let Some(answer) = answers.next() else { return };
                    stream.write_all(answer).unwrap();
                    if hangs_up {
                        break;
                    }
                }
            }
        });
        socket
    }

    const QUESTION: &[u8] = b"\0\x0aisuser:a:b";

    #[test]
    fn without_an_answer_nothing_is_written() {
        const CASES: [(&[&[u8]], &str); 3] =
            [(&[b""], "gave no answer"), (&[b"\0\x02\0\x02"], "no broker"), (&[b"\0\x02"], "gave no answer")];
        for (sent, said) in CASES {
            let folder = tempfile::tempdir().unwrap();
            let (socket, mut answers) = (broker(folder.path(), sent, true), Vec::new());
            let error = relay(QUESTION, &mut answers, &socket).unwrap_err();
            assert!(format!("{error:#}").contains(said), "{error:#}");
            assert!(answers.is_empty());
        }
    }

    #[test]
    fn a_second_answer_is_given_to_no_other_question() {
        let folder = tempfile::tempdir().unwrap();
        let socket = broker(folder.path(), &[b"\0\x02\0\x01\0\x02\0\x01", b"\0\x02\0\0"], false);
        let mut answers = Vec::new();
        // The second one waits until what was too much has come.
        let asked = QUESTION.chain(Late).chain(QUESTION);
        relay(asked, &mut answers, &socket).unwrap();
        assert_eq!(answers, [Frame::YES, Frame::NO].concat());
    }

    #[test]
    fn a_broker_that_has_closed_its_connection_between_two_questions_is_met_again() {
        let folder = tempfile::tempdir().unwrap();
        let socket = broker(folder.path(), &[b"\0\x02\0\x01", b"\0\x02\0\0"], true);
        let mut answers = Vec::new();
        relay(QUESTION.chain(Late).chain(QUESTION), &mut answers, &socket).unwrap();
        assert_eq!(answers, [Frame::YES, Frame::NO].concat());
    }

    /// Nothing, a moment later.
    struct Late;

    impl Read for Late {
        fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
            thread::sleep(Duration::from_millis(100));
            Ok(0)
        }
    }

    #[test]
    fn a_frame_that_is_too_long_is_told() {
        let error = relay(&b"\xff\xff"[..], Vec::new(), Path::new("/nowhere")).unwrap_err();
        assert!(error.to_string().contains("65535 bytes"), "{error}");
    }
}

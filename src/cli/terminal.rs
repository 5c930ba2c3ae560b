//! Asking somebody at the terminal.

use std::{
    fs::{File, OpenOptions},
    io::{self, BufRead, BufReader, IsTerminal, Read, Write},
};

use rustix::termios::{LocalModes, OptionalActions, SpecialCodeIndex, Termios, tcgetattr, tcsetattr};
use secrecy::{
    ExposeSecret, SecretString,
    zeroize::{Zeroize, Zeroizing},
};

use super::ending::Ending;
use crate::{
    accounts::Password,
    random::{Random, below},
};

/// Ctrl-C as the terminal gives it when it makes no signal of it.
const CTRL_C: u8 = 3;

/// Asks for a new password twice, without showing it.
pub fn ask_new_password(account: &str) -> Result<SecretString, Ending> {
    let mut terminal = OpenOptions::new().read(true).write(true).open("/dev/tty").map_err(|_| {
        Ending::Usage(
            "there is no terminal to ask for a password: use --password-stdin or --generate".to_owned(),
        )
    })?;
    let first = ask_hidden(&mut terminal, &format!("New password for {account}: "))?;
    let second = ask_hidden(&mut terminal, "The same again: ")?;
    if first.expose_secret() == second.expose_secret() {
        Ok(first)
    } else {
        Err(Ending::Usage("the two passwords differ; nothing was changed".to_owned()))
    }
}

/// Reads a password from the first line of standard input.
pub fn read_password_from_stdin() -> Result<SecretString, Ending> {
    let mut line = Zeroizing::new(String::new());
    let most = Password::MAX_BYTES as u64 + 2;
    BufReader::new(io::stdin().lock().take(most)).read_line(&mut line)?;
    let password = line.trim_end_matches(['\r', '\n']);
    if password.is_empty() {
        return Err(Ending::Usage("standard input held no password".to_owned()));
    }
    Ok(SecretString::from(password))
}

/// Makes a password of 20 characters (about 114 bits), none of which looks like another.
pub fn generate_password(random: &dyn Random) -> SecretString {
    const CHARACTERS: &[u8] = b"23456789abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ";
    let mut password: String = (0..20).map(|_| char::from(CHARACTERS[below(random, 56) as usize])).collect();
    let secret = SecretString::from(password.as_str());
    password.zeroize();
    secret
}

/// Asks a question that `yes` alone answers well.
pub fn confirm(question: &str) -> Result<bool, Ending> {
    if !io::stdin().is_terminal() {
        return Err(Ending::Usage("there is no terminal to ask: use --yes".to_owned()));
    }
    let mut stderr = io::stderr();
    write!(stderr, "{question} Type yes to go on: ")?;
    stderr.flush()?;
    let mut answer = String::new();
    BufReader::new(io::stdin().lock().take(64)).read_line(&mut answer)?;
    Ok(answer.trim() == "yes")
}

fn ask_hidden(terminal: &mut File, question: &str) -> Result<SecretString, Ending> {
    write!(terminal, "{question}")?;
    let hidden = Hidden::start(terminal.try_clone()?)?;
    let mut line = Zeroizing::new(Vec::with_capacity(Password::MAX_BYTES));
    // Byte by byte, so that nothing beyond the line is taken, nor kept in a buffer that is not wiped.
    let mut byte = [0];
    let cancelled = loop {
        if line.len() > Password::MAX_BYTES || terminal.read(&mut byte)? == 0 || byte[0] == b'\n' {
            break false;
        }
        if byte[0] == CTRL_C {
            break true;
        }
        line.push(byte[0]);
    };
    byte.zeroize();
    drop(hidden);
    writeln!(terminal)?;
    if cancelled {
        return Err(Ending::Usage("cancelled; nothing was changed".to_owned()));
    }
    let text =
        std::str::from_utf8(&line).map_err(|_| Ending::Usage("the password is not UTF-8".to_owned()))?;
    Ok(SecretString::from(text))
}

/// A terminal that shows nothing of what is typed, until this is dropped.
struct Hidden {
    terminal: File,
    before: Termios,
}

impl Hidden {
    fn start(terminal: File) -> io::Result<Self> {
        let before = tcgetattr(&terminal)?;
        let mut quiet = before.clone();
        // Ctrl-C ends the line instead of the process: a process that is killed here would leave the terminal mute.
        quiet.local_modes.remove(LocalModes::ECHO | LocalModes::ISIG);
        quiet.special_codes[SpecialCodeIndex::VEOL] = CTRL_C;
        tcsetattr(&terminal, OptionalActions::Flush, &quiet)?;
        Ok(Self { terminal, before })
    }
}

impl Drop for Hidden {
    fn drop(&mut self) {
        // Nothing better can be done about a terminal that has gone away.
        let _ = tcsetattr(&self.terminal, OptionalActions::Now, &self.before);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::SeededRandom;

    #[test]
    fn a_made_password_is_long_and_never_the_same() {
        let random = SeededRandom::new(7);
        let (a, b) = (generate_password(&random), generate_password(&random));
        assert_eq!(a.expose_secret().len(), 20);
        assert_ne!(a.expose_secret(), b.expose_secret());
    }
}

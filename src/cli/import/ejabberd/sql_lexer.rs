//! The words of an SQL dump, one after the other: as much of SQL as `MySQL`, PostgreSQL and SQLite write when they dump a table.

use std::io::{BufRead, ErrorKind};

use anyhow::bail;
use zeroize::Zeroizing;

use crate::cli::import::lines::{CountingLines, Line};

/// Bytes of a value of the table of accounts.
const LONGEST_VALUE: usize = 64 * 1024;
/// Bytes of a line of `COPY`.
const LONGEST_LINE: usize = 256 * 1024;

/// A word.
#[derive(Debug, Clone, PartialEq)]
pub enum Token {
    /// A keyword or a name, in lower case.
    Word(String),
    /// A name in quotes.
    Name(String),
    /// A text.
    Text(Zeroizing<Vec<u8>>),
    /// A number.
    Number(String),
    /// A sign.
    Sign(u8),
}

impl Token {
    /// Whether this is a keyword.
    pub fn is(&self, word: &str) -> bool {
        matches!(self, Self::Word(it) if it == word)
    }
}

/// Reads words.
pub struct Lexer<R: BufRead> {
    file: CountingLines<R>,
    /// `MySQL`, where a backslash in a text means something.
    is_mysql: bool,
    /// What values are wanted; others are passed over without being kept.
    pub keeps: bool,
}

impl<R: BufRead> Lexer<R> {
    /// Reads from the beginning.
    pub fn new(file: R) -> Self {
        Self { file: CountingLines::new(file), is_mysql: false, keeps: false }
    }

    /// Where it is.
    pub fn line(&self) -> Line {
        self.file.line()
    }

    /// The next word; `None` at the end.
    pub fn token(&mut self) -> anyhow::Result<Option<Token>> {
        loop {
            let Some(byte) = self.take()? else { return Ok(None) };
            let token = match byte {
                byte if byte.is_ascii_whitespace() => continue,
                b'#' if self.is_mysql => {
                    self.pass_line()?;
                    continue;
                }
                b'-' => match self.peek()? {
                    Some(b'-') => {
                        self.pass_line()?;
                        continue;
                    }
                    Some(b'0'..=b'9' | b'.') => Token::Number(self.word(byte)?),
                    _ => Token::Sign(byte),
                },
                b'/' if self.peek()? == Some(b'*') => {
                    self.pass_comment()?;
                    continue;
                }
                b'\'' => Token::Text(self.text(b'\'', self.is_mysql)?),
                b'"' => Token::Name(self.name(b'"')?),
                b'`' => {
                    self.is_mysql = true;
                    Token::Name(self.name(b'`')?)
                }
                b'0'..=b'9' => Token::Number(self.word(byte)?),
                byte if byte.is_ascii_alphabetic() || byte == b'_' => {
                    let word = self.word(byte)?.to_ascii_lowercase();
                    // E'...' is PostgreSQL's text with backslashes, _utf8mb4'...' MySQL's with a character set.
                    match self.peek()? {
                        Some(b'\'') if word == "e" => {
                            self.take()?;
                            Token::Text(self.text(b'\'', true)?)
                        }
                        Some(b'\'') if word == "x" => {
                            bail!("a value is written as hexadecimal digits, which is not read")
                        }
                        _ => Token::Word(word),
                    }
                }
                byte => Token::Sign(byte),
            };
            return Ok(Some(token));
        }
    }

    /// Passes over the rest of a statement.
    pub fn pass_statement(&mut self) -> anyhow::Result<()> {
        self.keeps = false;
        while let Some(token) = self.token()? {
            if token == Token::Sign(b';') {
                break;
            }
        }
        Ok(())
    }

    /// A whole line, without its end; `None` at the end of the file.
    pub fn raw_line(&mut self) -> anyhow::Result<Option<Zeroizing<Vec<u8>>>> {
        let mut line = Zeroizing::new(Vec::with_capacity(1024));
        loop {
            match self.take()? {
                None if line.is_empty() => return Ok(None),
                None | Some(b'\n') => return Ok(Some(line)),
                Some(_) if line.len() >= LONGEST_LINE => bail!("a line is longer than {LONGEST_LINE} bytes"),
                Some(byte) => line.push(byte),
            }
        }
    }

    /// Passes over the rest of a line.
    pub fn pass_line(&mut self) -> anyhow::Result<()> {
        while self.take()?.is_some_and(|byte| byte != b'\n') {}
        Ok(())
    }

    fn pass_comment(&mut self) -> anyhow::Result<()> {
        self.take()?;
        let mut last = 0;
        let mut first = true;
        while let Some(byte) = self.take()? {
            self.is_mysql |= first && byte == b'!';
            first = false;
            if (last, byte) == (b'*', b'/') {
                return Ok(());
            }
            last = byte;
        }
        bail!("the file ends in a comment")
    }

    fn word(&mut self, first: u8) -> anyhow::Result<String> {
        let mut word = String::from(char::from(first));
        while let Some(byte) = self.peek()? {
            // A name and the one behind its dot are two words; a number has its dot inside.
            let is_inside = byte == b'.' && (first.is_ascii_digit() || first == b'-');
            if !(byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'$') || is_inside) {
                break;
            }
            if word.len() >= 256 {
                bail!("a word is longer than 256 bytes");
            }
            word.push(char::from(byte));
            self.take()?;
        }
        Ok(word)
    }

    fn name(&mut self, quote: u8) -> anyhow::Result<String> {
        let keeps = std::mem::replace(&mut self.keeps, true);
        let name = self.text(quote, false);
        self.keeps = keeps;
        Ok(String::from_utf8_lossy(&name?).into_owned())
    }

    /// A text after its opening quote. A quote in it is doubled.
    fn text(&mut self, quote: u8, has_escapes: bool) -> anyhow::Result<Zeroizing<Vec<u8>>> {
        let mut text = Zeroizing::new(Vec::with_capacity(if self.keeps { 128 } else { 0 }));
        loop {
            let byte = match self.take()? {
                None => bail!("the file ends in a text"),
                Some(byte) if byte == quote => {
                    if self.peek()? != Some(quote) {
                        return Ok(text);
                    }
                    self.take()?;
                    byte
                }
                Some(b'\\') if has_escapes => match self.take()? {
                    Some(b'n') => b'\n',
                    Some(b'r') => b'\r',
                    Some(b't') => b'\t',
                    Some(b'b') => 8,
                    Some(b'f') => 12,
                    Some(b'0') => 0,
                    Some(b'Z') => 26,
                    Some(same) => same,
                    None => bail!("the file ends in a text"),
                },
                Some(byte) => byte,
            };
            if self.keeps {
                if text.len() >= LONGEST_VALUE {
                    bail!("a value is longer than {LONGEST_VALUE} bytes");
                }
                text.push(byte);
            }
        }
    }

    fn take(&mut self) -> anyhow::Result<Option<u8>> {
        let byte = self.peek()?;
        self.file.consume(usize::from(byte.is_some()));
        Ok(byte)
    }

    fn peek(&mut self) -> anyhow::Result<Option<u8>> {
        loop {
            match self.file.fill_buf() {
                Ok(filled) => return Ok(filled.first().copied()),
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error.into()),
            }
        }
    }
}

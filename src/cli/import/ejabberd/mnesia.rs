//! A dump of ejabberd's Mnesia database as text (`ejabberdctl dump`, `dump_table passwd`): one Erlang term after the other, each ended by
//! a dot, of which those that begin with `{passwd,` are accounts.

use std::{
    io::{BufRead, ErrorKind},
    path::PathBuf,
};

use anyhow::{Context as _, bail};
use secrecy::SecretString;
use zeroize::Zeroizing;

use super::{
    super::{
        lines::{CountingLines, Line},
        xep_0227::place,
    },
    erlang::Term,
    row::{Row, Secret, keys},
};

/// Bytes of the term of an account; other terms may be as long as they like.
const LONGEST: usize = 64 * 1024;
/// How the term of an account begins.
const ACCOUNT: &[u8] = b"{passwd,";

/// The rows of a dump.
pub struct MnesiaRows<R: BufRead> {
    file: CountingLines<R>,
    path: PathBuf,
    line: Line,
    /// Whether the head was there, which says that the file is a dump.
    is_dump: bool,
    is_done: bool,
}

/// Where in a term a byte is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Inside {
    Nothing,
    Quoted(u8),
    Escaped(u8),
    /// After a `$`, which makes a number of the next character.
    Character,
    Comment,
    /// After a dot that ends the term if a blank follows.
    Dot,
}

impl<R: BufRead> MnesiaRows<R> {
    /// Reads from the beginning. `path` is what the file is called in errors.
    pub fn new(file: R, path: PathBuf) -> Self {
        let file = CountingLines::new(file);
        let line = file.line();
        Self { file, path, line, is_dump: false, is_done: false }
    }

    fn next_row(&mut self) -> anyhow::Result<Option<Row>> {
        while let Some(text) = self.next_term()? {
            if !text.starts_with(ACCOUNT) {
                let is_head = text.starts_with(b"{tables,");
                if !(self.is_dump || is_head) {
                    bail!("this is no dump of a Mnesia database: it does not begin with {{tables,...}}");
                }
                self.is_dump = true;
                continue;
            }
            self.is_dump = true;
            // Not the account of a person, but how many there are, in some versions.
            if let Some(row) = row(&Term::parse(&text)?)? {
                return Ok(Some(row));
            }
        }
        Ok(None)
    }

    /// The text of the next term without its dot; of one that is no account, the beginning.
    fn next_term(&mut self) -> anyhow::Result<Option<Zeroizing<Vec<u8>>>> {
        let mut term = Zeroizing::new(Vec::with_capacity(1024));
        let mut inside = Inside::Nothing;
        while let Some(byte) = self.next_byte()? {
            if inside == Inside::Dot && (byte.is_ascii_whitespace() || byte == b'%') {
                term.pop();
                return Ok(Some(term));
            }
            inside = inside.after(byte);
            let is_blank = term.is_empty() && byte.is_ascii_whitespace();
            if is_blank || inside == Inside::Comment {
                continue;
            }
            if term.len() < ACCOUNT.len() || term.starts_with(ACCOUNT) {
                if term.len() >= LONGEST {
                    bail!("an account is longer than {LONGEST} bytes");
                }
                term.push(byte);
            } else if term.len() == ACCOUNT.len() {
                // In the place of everything that is passed over, for the dot to be taken off.
                term.push(0);
            }
        }
        match (inside, term.is_empty()) {
            (Inside::Dot, _) => {
                term.pop();
                Ok(Some(term))
            }
            (_, true) => Ok(None),
            _ => bail!("the file ends in the middle of a term"),
        }
    }

    fn next_byte(&mut self) -> anyhow::Result<Option<u8>> {
        loop {
            match self.file.fill_buf() {
                Ok(filled) => {
                    let byte = filled.first().copied();
                    self.file.consume(usize::from(byte.is_some()));
                    return Ok(byte);
                }
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error.into()),
            }
        }
    }
}

impl<R: BufRead> Iterator for MnesiaRows<R> {
    type Item = anyhow::Result<Row>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.is_done {
            return None;
        }
        let next = self.next_row().with_context(|| place(&self.path, &self.line));
        self.is_done = !matches!(next, Ok(Some(_)));
        next.transpose()
    }
}

impl Inside {
    fn after(self, byte: u8) -> Self {
        match (self, byte) {
            (Self::Quoted(quote), b'\\') => Self::Escaped(quote),
            (Self::Quoted(quote), byte) if byte == quote => Self::Nothing,
            (Self::Comment, byte) if byte != b'\n' => Self::Comment,
            (Self::Character, _) => Self::Nothing,
            (Self::Quoted(quote) | Self::Escaped(quote), _) | (_, quote @ (b'"' | b'\'')) => {
                Self::Quoted(quote)
            }
            (_, b'$') => Self::Character,
            (_, b'%') => Self::Comment,
            (_, b'.') => Self::Dot,
            _ => Self::Nothing,
        }
    }
}

/// `{passwd, {User, Domain}, Password}` or, since 24.10, `{passwd, {User, Domain, Kind}, Password}`.
fn row(term: &Term) -> anyhow::Result<Option<Row>> {
    const WHAT: &str = "an account is not made as ejabberd makes it";
    let Term::Tuple(parts) = term else { bail!(WHAT) };
    let [_, Term::Tuple(key), password] = &parts[..] else { return Ok(None) };
    let (Some(Term::Binary(user)), Some(Term::Binary(domain))) = (key.first(), key.get(1)) else {
        return Ok(None);
    };
    let text = |bytes: &[u8]| std::str::from_utf8(bytes).map(str::to_owned).context("a name is no UTF-8");
    let secret = match password {
        Term::Binary(password) => {
            let password = std::str::from_utf8(password).context("a password is no UTF-8")?;
            Secret::Password(SecretString::from(password))
        }
        Term::Tuple(scram) => {
            let (parts, kind, rounds) = match &scram[..] {
                [Term::Atom(name), parts @ .., Term::Atom(kind), Term::Integer(rounds)]
                    if name == "scram" =>
                {
                    (parts, kind.as_str(), rounds)
                }
                [Term::Atom(name), parts @ .., Term::Integer(rounds)] if name == "scram" => {
                    (parts, "sha", rounds)
                }
                _ => bail!(WHAT),
            };
            let [Term::Binary(stored), Term::Binary(server), Term::Binary(salt)] = parts else { bail!(WHAT) };
            let mechanism = match kind {
                "sha" => "SCRAM-SHA-1",
                "sha256" => "SCRAM-SHA-256",
                "sha512" => "SCRAM-SHA-512",
                _ => "of an unknown kind",
            };
            Secret::Keys(keys(mechanism, stored, server, salt, u64::try_from(*rounds).unwrap_or_default()))
        }
        _ => bail!(WHAT),
    };
    Ok(Some(Row { domain: Some(text(domain)?), username: text(user)?, secret }))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use secrecy::ExposeSecret as _;

    use super::*;

    fn read(text: &[u8]) -> (Vec<(String, String)>, Option<String>) {
        let (mut found, mut problem) = (Vec::new(), None);
        for row in MnesiaRows::new(text, PathBuf::from("dump.txt")) {
            match row {
                Ok(row) => {
                    let what = match &row.secret {
                        Secret::Password(password) => password.expose_secret().to_owned(),
                        Secret::Keys(keys) => {
                            format!("{} {} {:?}", keys.mechanism, keys.iterations, keys.salt)
                        }
                    };
                    found.push((format!("{}@{}", row.username, row.domain.unwrap()), what));
                }
                Err(error) => problem = Some(format!("{error:#}")),
            }
        }
        (found, problem)
    }

    const DUMP: &[u8] = br#"{tables,[{passwd,[{record_name,passwd},
                  {attributes,[us,password]}]}]}. % the head
{vcard,{<<"alice">>,<<"a.example">>},"a. b\". c",$.,$",'q. '}.
{passwd,{<<"alice">>,<<"a.example">>},
        {scram,<<"AQI=">>,<<"AQI=">>,<<"AP8=">>,sha,4096}}.
{passwd,{<<"old">>,<<"a.example">>},{scram,<<"AQI=">>,<<"AQI=">>,<<"AQI=">>,10}}.
{passwd,{<<"bob">>,<<"b.example">>,sha512},{scram,<<"AQI=">>,<<"AQI=">>,<<"AQI=">>,sha512,4096}}.
{passwd,{<<195,168,118,101>>,<<"b.example">>},<<"dots. in it">>}."#;

    #[test]
    fn accounts_are_found_among_whatever_else_is_kept() {
        let pair = |name: &str, what: &str| (name.to_owned(), what.to_owned());
        assert_eq!(
            read(DUMP),
            (
                vec![
                    pair("alice@a.example", "SCRAM-SHA-1 4096 [0, 255]"),
                    pair("old@a.example", "SCRAM-SHA-1 10 [1, 2]"),
                    pair("bob@b.example", "SCRAM-SHA-512 4096 [1, 2]"),
                    pair("ève@b.example", "dots. in it"),
                ],
                None
            )
        );
    }

    #[test]
    fn what_is_wrong_is_told_with_its_line_and_without_any_password() {
        let (found, problem) = read(&DUMP[..DUMP.len() - 8]);
        assert_eq!(found.len(), 3);
        assert_eq!(problem.as_deref(), Some("dump.txt, line 8: the file ends in the middle of a term"));
        let (_, problem) = read(b"{tables,[]}.\n{passwd,{<<\"a\">>,<<\"b\">>},<<\"secret\" oops>>}.\n");
        let problem = problem.unwrap();
        assert!(problem.starts_with("dump.txt, line 3") && !problem.contains("secret"), "{problem}");
        assert!(read(b"{other,1}.\n").1.unwrap().contains("no dump of a Mnesia database"));
    }

    proptest! {
        #[test]
        fn no_file_makes_it_panic(text in prop::collection::vec(any::<u8>(), 0..100), cut in 0..900usize) {
            read(&text);
            read(&[&DUMP[..cut.min(DUMP.len())], &text[..]].concat());
        }
    }
}

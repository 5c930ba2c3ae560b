//! A dump of ejabberd's SQL database: the rows of its table `users`, in `INSERT` statements (`MySQL`, SQLite, `pg_dump --inserts`) or after
//! `COPY` (PostgreSQL).

use std::{io::BufRead, path::PathBuf};

use anyhow::{Context as _, bail};
use zeroize::Zeroizing;

use super::{
    super::{lines::Line, xep_0227::place},
    row::{Cells, Row},
    sql_lexer::{Lexer, Token},
};

/// The table of accounts.
const TABLE: &str = "users";
/// Columns of a table.
const MOST_COLUMNS: usize = 64;

/// A value of a row; `None` for what is no text and no number, such as NULL.
type Value = Option<Zeroizing<Vec<u8>>>;

/// The rows of a dump.
pub struct SqlRows<R: BufRead> {
    lexer: Lexer<R>,
    path: PathBuf,
    line: Line,
    /// The columns of the table, as it was made.
    made: Vec<String>,
    state: State,
    has_table: bool,
}

/// Where in the dump we are.
enum State {
    Between,
    /// In an `INSERT` with these columns, before a row.
    Inserting(Vec<String>),
    /// In the lines of a `COPY` with these columns.
    Copying(Vec<String>),
    Done,
}

impl<R: BufRead> SqlRows<R> {
    /// Reads from the beginning. `path` is what the file is called in errors.
    pub fn new(file: R, path: PathBuf) -> Self {
        let lexer = Lexer::new(file);
        let line = lexer.line();
        Self { lexer, path, line, made: Vec::new(), state: State::Between, has_table: false }
    }

    fn next_row(&mut self) -> anyhow::Result<Option<Row>> {
        loop {
            match std::mem::replace(&mut self.state, State::Between) {
                State::Done => return Ok(None),
                State::Between => {
                    if !self.statement()? {
                        if !self.has_table {
                            bail!("this is no dump of a database of ejabberd: no table {TABLE:?} is in it");
                        }
                        return Ok(None);
                    }
                }
                State::Inserting(columns) => {
                    let row = self.inserted(&columns)?;
                    self.state = self.after_row(columns)?;
                    return Ok(Some(row));
                }
                State::Copying(columns) => {
                    let line = self.lexer.raw_line()?.context("the file ends in the rows of the table")?;
                    let line = line.strip_suffix(b"\r").unwrap_or(&line);
                    if line != b"\\." {
                        let row = row(&columns, copied(line))?;
                        self.state = State::Copying(columns);
                        return Ok(Some(row));
                    }
                }
            }
        }
    }

    /// Reads a statement up to its rows, if it has any of ours; `false` at the end of the file.
    fn statement(&mut self) -> anyhow::Result<bool> {
        self.lexer.keeps = false;
        let Some(token) = self.lexer.token()? else { return Ok(false) };
        match token {
            Token::Sign(b';') => {}
            token if token.is("insert") || token.is("replace") => self.insert()?,
            token if token.is("copy") => self.copy()?,
            token if token.is("create") => self.create()?,
            _ => self.lexer.pass_statement()?,
        }
        Ok(true)
    }

    fn insert(&mut self) -> anyhow::Result<()> {
        let mut token = self.expect()?;
        while !token.is("into") {
            // INSERT IGNORE, INSERT OR REPLACE
            if !matches!(token, Token::Word(_)) {
                return self.lexer.pass_statement();
            }
            token = self.expect()?;
        }
        let (table, mut next) = self.table()?;
        if table != TABLE {
            return self.lexer.pass_statement();
        }
        self.has_table = true;
        let columns = if next == Token::Sign(b'(') {
            let columns = self.columns()?;
            next = self.expect()?;
            columns
        } else {
            self.made.clone()
        };
        if !next.is("values") {
            bail!("VALUES was expected");
        }
        if columns.is_empty() {
            bail!("the columns of the table {TABLE:?} are not named: the dump lacks its CREATE TABLE");
        }
        self.opening()?;
        self.state = State::Inserting(columns);
        Ok(())
    }

    fn copy(&mut self) -> anyhow::Result<()> {
        let (table, next) = self.table()?;
        let columns = if next == Token::Sign(b'(') { self.columns()? } else { self.made.clone() };
        self.lexer.pass_statement()?;
        self.lexer.pass_line()?;
        if table == TABLE {
            self.has_table = true;
            self.state = State::Copying(columns);
            return Ok(());
        }
        while self.lexer.raw_line()?.context("the file ends in the rows of a table")?[..] != *b"\\." {}
        Ok(())
    }

    /// Learns the columns of our table.
    fn create(&mut self) -> anyhow::Result<()> {
        if !self.expect()?.is("table") {
            return self.lexer.pass_statement();
        }
        let (table, next) = self.table()?;
        if table != TABLE || next != Token::Sign(b'(') {
            return self.lexer.pass_statement();
        }
        self.has_table = true;
        self.made.clear();
        let (mut depth, mut is_first) = (1, true);
        while depth > 0 {
            match self.expect()? {
                Token::Sign(b'(') => depth += 1,
                Token::Sign(b')') => depth -= 1,
                Token::Sign(b',') if depth == 1 => {
                    is_first = true;
                    continue;
                }
                Token::Name(name) if is_first && depth == 1 => self.column(name)?,
                Token::Word(word) if is_first && depth == 1 => {
                    let is_rule = ["primary", "unique", "key", "index", "constraint", "check", "foreign"]
                        .contains(&word.as_str());
                    if !is_rule {
                        self.column(word)?;
                    }
                }
                _ => {}
            }
            is_first = false;
        }
        self.lexer.pass_statement()
    }

    fn column(&mut self, name: String) -> anyhow::Result<()> {
        if self.made.len() >= MOST_COLUMNS {
            bail!("the table {TABLE:?} has more than {MOST_COLUMNS} columns");
        }
        self.made.push(name);
        Ok(())
    }

    /// The name of a table, without that of its database or schema, and what comes after it.
    fn table(&mut self) -> anyhow::Result<(String, Token)> {
        let mut name = String::new();
        loop {
            match self.expect()? {
                // CREATE TABLE IF NOT EXISTS, COPY/INSERT ONLY
                Token::Word(word) if ["if", "not", "exists", "only"].contains(&word.as_str()) => continue,
                Token::Word(word) | Token::Name(word) => name = word,
                next => return Ok((name, next)),
            }
            match self.expect()? {
                Token::Sign(b'.') => {}
                next => return Ok((name, next)),
            }
        }
    }

    /// Names of columns after their opening bracket.
    fn columns(&mut self) -> anyhow::Result<Vec<String>> {
        let mut columns = Vec::new();
        loop {
            match self.expect()? {
                Token::Word(name) | Token::Name(name) if columns.len() < MOST_COLUMNS => columns.push(name),
                _ => bail!("the name of a column was expected"),
            }
            match self.expect()? {
                Token::Sign(b',') => {}
                Token::Sign(b')') => return Ok(columns),
                _ => bail!("\",\" or \")\" was expected"),
            }
        }
    }

    /// A row after its opening bracket.
    fn inserted(&mut self, columns: &[String]) -> anyhow::Result<Row> {
        self.lexer.keeps = true;
        let mut values: Vec<Value> = Vec::with_capacity(columns.len());
        loop {
            let value = match self.expect()? {
                Token::Text(text) => Some(text),
                Token::Number(number) => Some(Zeroizing::new(number.into_bytes())),
                // NULL, CURRENT_TIMESTAMP
                Token::Word(_) => None,
                Token::Name(_) | Token::Sign(_) => bail!("a value was expected"),
            };
            if values.len() >= columns.len() {
                bail!("a row has more values than the table has columns");
            }
            values.push(value);
            match self.expect()? {
                Token::Sign(b',') => {}
                Token::Sign(b')') => break,
                _ => bail!("\",\" or \")\" was expected"),
            }
        }
        self.lexer.keeps = false;
        row(columns, values)
    }

    fn after_row(&mut self, columns: Vec<String>) -> anyhow::Result<State> {
        match self.expect()? {
            Token::Sign(b',') => {
                self.opening()?;
                Ok(State::Inserting(columns))
            }
            Token::Sign(b';') => Ok(State::Between),
            // ON CONFLICT DO NOTHING
            _ => self.lexer.pass_statement().map(|()| State::Between),
        }
    }

    fn opening(&mut self) -> anyhow::Result<()> {
        if self.expect()? != Token::Sign(b'(') {
            bail!("\"(\" was expected");
        }
        Ok(())
    }

    fn expect(&mut self) -> anyhow::Result<Token> {
        self.lexer.token()?.context("the file ends in a statement")
    }
}

impl<R: BufRead> Iterator for SqlRows<R> {
    type Item = anyhow::Result<Row>;

    fn next(&mut self) -> Option<Self::Item> {
        let next = self.next_row().with_context(|| place(&self.path, &self.line));
        if !matches!(next, Ok(Some(_))) {
            self.state = State::Done;
        }
        next.transpose()
    }
}

fn row(columns: &[String], values: Vec<Value>) -> anyhow::Result<Row> {
    if values.len() != columns.len() {
        bail!("a row has {} values for {} columns", values.len(), columns.len());
    }
    let (mut cells, mut username, mut domain) = (Cells::default(), None, None);
    for (column, value) in columns.iter().zip(values) {
        let Some(value) = value else { continue };
        let text = || std::str::from_utf8(&value).with_context(|| format!("{column} is no UTF-8"));
        let number = || text()?.parse::<u64>().with_context(|| format!("{column} is no whole number"));
        match column.as_str() {
            "username" => username = Some(text()?.to_owned()),
            "server_host" => domain = Some(text()?.to_owned()),
            "password" => cells.password = text()?.into(),
            "serverkey" => cells.server_key = text()?.into(),
            "salt" => cells.salt = text()?.into(),
            "iterationcount" => cells.iterations = number()?,
            "type" => cells.kind = Some(number()?),
            _ => {}
        }
    }
    let username = username.with_context(|| format!("the table {TABLE:?} has no username"))?;
    Ok(Row { domain, username, secret: cells.secret() })
}

/// The values of a line of `COPY` (PostgreSQL, text format).
fn copied(line: &[u8]) -> Vec<Value> {
    line.split(|byte| *byte == b'\t')
        .map(|value| {
            if value == b"\\N" {
                return None;
            }
            let mut bytes = Zeroizing::new(Vec::with_capacity(value.len()));
            let mut rest = value.iter();
            while let Some(byte) = rest.next() {
                bytes.push(match byte {
                    b'\\' => match rest.next() {
                        Some(b'n') => b'\n',
                        Some(b'r') => b'\r',
                        Some(b't') => b'\t',
                        Some(b'b') => 8,
                        Some(b'f') => 12,
                        Some(b'v') => 11,
                        Some(same) => *same,
                        None => b'\\',
                    },
                    byte => *byte,
                });
            }
            Some(bytes)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use secrecy::ExposeSecret as _;

    use super::{super::row::Secret, *};

    fn read(text: &str) -> (Vec<(String, String)>, Option<String>) {
        let (mut found, mut problem) = (Vec::new(), None);
        for row in SqlRows::new(text.as_bytes(), PathBuf::from("dump.sql")) {
            match row {
                Ok(row) => {
                    let what = match &row.secret {
                        Secret::Password(password) => password.expose_secret().to_owned(),
                        Secret::Keys(keys) => {
                            format!("{} {} {:?}", keys.mechanism, keys.iterations, keys.salt)
                        }
                    };
                    found.push((format!("{}@{}", row.username, row.domain.as_deref().unwrap_or("-")), what));
                }
                Err(error) => problem = Some(format!("{error:#}")),
            }
        }
        (found, problem)
    }

    fn pairs(expected: &[(&str, &str)]) -> Vec<(String, String)> {
        expected.iter().map(|(name, what)| ((*name).to_owned(), (*what).to_owned())).collect()
    }

    const MYSQL: &str = "-- MySQL dump 10.13\n/*!40101 SET NAMES utf8mb4 */;\nDROP TABLE IF EXISTS `users`;
CREATE TABLE `users` (\n  `username` varchar(191) COLLATE utf8mb4_unicode_ci NOT NULL,\n  `server_host` varchar(191) NOT NULL,
  `password` text NOT NULL,\n  `serverkey` varchar(128) NOT NULL DEFAULT '',\n  `salt` varchar(128) NOT NULL DEFAULT '',
  `iterationcount` int(11) NOT NULL DEFAULT '0',\n  `created_at` timestamp NOT NULL DEFAULT current_timestamp(),
  PRIMARY KEY (`server_host`,`username`),\n  KEY `i` (`username`)\n) ENGINE=InnoDB;\nLOCK TABLES `users` WRITE;
INSERT INTO `vcard` VALUES ('x','it\\'s; \\\\',_binary 'x''y');
INSERT INTO `users` VALUES ('alice','a.example','AQI=','AQI=','AP8=',4096,'2020-01-01 00:00:00'),('o\\'b','a.example','a \\\"b\\\\c','','',0,NULL);
UNLOCK TABLES;\n";

    #[test]
    fn a_dump_of_mysql_is_read() {
        let expected =
            pairs(&[("alice@a.example", "SCRAM-SHA-1 4096 [0, 255]"), ("o'b@a.example", "a \"b\\c")]);
        assert_eq!(read(MYSQL), (expected, None));
    }

    #[test]
    fn dumps_of_postgresql_are_read_in_both_forms() {
        let copy = "SET standard_conforming_strings = on;\nCREATE TABLE public.users (\n    username text NOT NULL,\n    password text NOT NULL
);\nCOPY public.last (username, state) FROM stdin;\nalice\tINSERT INTO users VALUES ('x\n\\.\n
COPY public.users (username, password, serverkey, salt, iterationcount, created_at) FROM stdin;
alice\tsha256:AQI=\tAQI=\tAP8=\t4096\t2020-01-01 00:00:00\nbob\ta\\tb\\\\c\t\t\t0\t\\N\n\\.\n\nSELECT 1;\n";
        let expected = pairs(&[("alice@-", "SCRAM-SHA-256 4096 [0, 255]"), ("bob@-", "a\tb\\c")]);
        assert_eq!(read(copy), (expected, None));
        let inserts = "INSERT INTO public.users (username, server_host, type, password, serverkey, salt, iterationcount) VALUES
            ('alice', 'a.example', 3, 'AQI=', 'AQI=', 'AP8=', 4096) ON CONFLICT DO NOTHING;
INSERT INTO public.users (username, server_host, type, password, serverkey, salt, iterationcount)
            VALUES ('bob', 'a.example', 1, 'back\\slash', '', '', 0), ('c', 'a.example', 1, E'a\\'b', '', '', 0);";
        let expected = pairs(&[
            ("alice@a.example", "SCRAM-SHA-256 4096 [0, 255]"),
            ("bob@a.example", "back\\slash"),
            ("c@a.example", "a'b"),
        ]);
        assert_eq!(read(inserts), (expected, None));
    }

    #[test]
    fn a_dump_of_sqlite_is_read() {
        let dump = "PRAGMA foreign_keys=OFF;\nBEGIN TRANSACTION;\nCREATE TABLE users (\n    username text PRIMARY KEY,\n    password text NOT NULL,
    serverkey text NOT NULL DEFAULT '',\n    salt text NOT NULL DEFAULT '',\n    iterationcount integer NOT NULL DEFAULT 0,
    created_at TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP\n);\nINSERT INTO \"users\" VALUES('al''ice','a\\b','','',0,'2020');\nCOMMIT;\n";
        assert_eq!(read(dump), (pairs(&[("al'ice@-", "a\\b")]), None));
    }

    #[test]
    fn what_is_wrong_is_told_with_its_line_and_without_any_password() {
        let (found, problem) = read(&MYSQL[..MYSQL.find("c','','',0").unwrap()]);
        assert_eq!(
            (found.len(), problem.as_deref()),
            (1, Some("dump.sql, line 17: the file ends in a text"))
        );
        for (bad, why) in [
            ("SELECT 1;", "no table \"users\""),
            ("INSERT INTO users VALUES ('secret');", "lacks its CREATE TABLE"),
            ("INSERT INTO users (username, password) VALUES ('secret');", "1 values for 2 columns"),
            ("INSERT INTO users (username) VALUES ('secret', 'secret');", "more values than"),
            ("INSERT INTO users (username, iterationcount) VALUES ('secret', 'secret');", "no whole number"),
            ("INSERT INTO users (password) VALUES ('secret');", "has no username"),
            ("INSERT INTO users (username) SELECT 'secret';", "VALUES was expected"),
            ("COPY users (username) FROM stdin;\nsecret", "dump.sql, line 2"),
        ] {
            let problem = read(bad).1.unwrap_or_default();
            assert!(problem.contains(why) && !problem.contains("secret"), "{bad}: {problem}");
        }
    }

    proptest! {
        #[test]
        fn no_file_makes_it_panic(text in "[INSERTOusrvale(),;'\"`\\\\ .\n-]{0,200}", cut in 0..1200usize) {
            read(&text);
            let cut = (0..=cut.min(MYSQL.len())).rev().find(|at| MYSQL.is_char_boundary(*at)).unwrap_or(0);
            read(&(MYSQL[..cut].to_owned() + &text));
        }
    }
}

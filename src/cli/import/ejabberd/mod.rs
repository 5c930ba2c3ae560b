//! Reads the accounts of ejabberd: its SQLite file, a dump of its SQL database, or a dump of its Mnesia database as text.

mod erlang;
mod mnesia;
mod row;
mod sql_dump;
mod sql_lexer;
mod sqlite;

use std::{io::BufRead as _, iter::Peekable, path::Path};

use anyhow::Context as _;

use self::{
    mnesia::MnesiaRows,
    row::{Row, Rows},
    sql_dump::SqlRows,
};
use super::source::{Found, Source, bar, buffered, in_bytes, open};
use crate::{
    accounts::{Domain, ForeignAccount},
    cli::ending::Ending,
};

/// Rows of one account: a password, or keys for each of three mechanisms.
const MOST_ROWS: usize = 4;

/// The accounts in a file, whatever it is of the three. `domain` is that of the accounts of a database that names none.
pub fn ejabberd(path: &Path, domain: Option<&Domain>) -> Result<Source, Ending> {
    let (file, length) = open(path)?;
    let progress = in_bytes(length);
    let mut file = buffered(file, &progress);
    let head = file.fill_buf().with_context(|| format!("cannot read {}", path.display()))?;
    let first = head.iter().find(|byte| !byte.is_ascii_whitespace()).copied();
    if head.starts_with(b"SQLite format 3\0") {
        let (rows, count) = sqlite::rows(path)?;
        let progress = bar(count, "{bar:40} {percent:>3} %  {pos} of {len} rows, {eta} left");
        let moved = progress.clone();
        return Ok(source(Box::new(rows.inspect(move |_| moved.inc(1))), domain, progress));
    }
    let rows: Rows = match first {
        Some(b'{' | b'%') => Box::new(MnesiaRows::new(file, path.to_owned())),
        _ => Box::new(SqlRows::new(file, path.to_owned())),
    };
    Ok(source(rows, domain, progress))
}

fn source(rows: Rows, domain: Option<&Domain>, progress: indicatif::ProgressBar) -> Source {
    Source { accounts: Box::new(Accounts { rows: rows.peekable(), domain: domain.cloned() }), progress }
}

/// Puts the rows of one account together.
struct Accounts {
    rows: Peekable<Rows>,
    domain: Option<Domain>,
}

impl Accounts {
    fn account(&mut self, first: Row) -> anyhow::Result<Found> {
        let domain = first.domain.clone().or_else(|| self.domain.as_ref().map(ToString::to_string));
        let domain =
            domain.context("this database names no domain for its accounts: name it with --domain")?;
        let (username, of) = (first.username.clone(), first.domain.clone());
        let is_same = |row: &anyhow::Result<Row>| {
            row.as_ref().is_ok_and(|row| row.username == username && row.domain == of)
        };
        let mut rows = vec![first];
        while rows.len() < MOST_ROWS {
            let Some(Ok(row)) = self.rows.next_if(is_same) else { break };
            rows.push(row);
        }
        Ok(Found::Account(ForeignAccount {
            domain,
            secret: row::secret(rows),
            username,
            is_disabled: false,
            email: None,
        }))
    }
}

impl Iterator for Accounts {
    type Item = anyhow::Result<Found>;

    fn next(&mut self) -> Option<Self::Item> {
        let row = self.rows.next()?;
        Some(row.and_then(|row| self.account(row)))
    }
}

/// What the fuzz targets reach in here; see `cli/import/fuzzing.rs`.
#[cfg(any(test, feature = "fuzzing"))]
pub mod fuzzing {
    use std::path::PathBuf;

    use super::{Found, Rows, mnesia::MnesiaRows, source, sql_dump::SqlRows};
    use crate::accounts::Domain;

    /// The accounts of a Mnesia dump.
    pub fn mnesia(data: &[u8]) -> impl Iterator<Item = anyhow::Result<Found>> {
        accounts(Box::new(MnesiaRows::new(std::io::Cursor::new(data.to_vec()), PathBuf::from("file"))))
    }

    /// The accounts of an SQL dump.
    pub fn sql(data: &[u8]) -> impl Iterator<Item = anyhow::Result<Found>> {
        accounts(Box::new(SqlRows::new(std::io::Cursor::new(data.to_vec()), PathBuf::from("file"))))
    }

    fn accounts(rows: Rows) -> impl Iterator<Item = anyhow::Result<Found>> {
        source(rows, Domain::parse("chat.example").ok().as_ref(), indicatif::ProgressBar::hidden()).accounts
    }
}

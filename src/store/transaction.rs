//! What an operation may do: run cached statements, read rows into values, and say whom its changes concern.

use std::cell::Cell;

use jiff::Timestamp;
use rusqlite::{Connection, Params, Row, types::FromSql};

use super::error::Fault;

/// A connection inside a transaction (or, for a single look-up, a connection alone).
pub(super) struct Transaction<'c> {
    connection: &'c Connection,
    letters: Cell<bool>,
    notices: Cell<bool>,
}

/// A row that is being read into values. Column 0 of every query is the row's key, so that damage can be named.
pub(super) struct Cells<'r> {
    row: &'r Row<'r>,
    table: &'static str,
    key: i64,
}

impl<'c> Transaction<'c> {
    pub(super) fn new(connection: &'c Connection) -> Self {
        Self { connection, letters: Cell::new(false), notices: Cell::new(false) }
    }

    /// Runs a statement; the number of rows it changed.
    pub(super) fn execute(&self, sql: &str, params: impl Params) -> Result<usize, Fault> {
        Ok(self.connection.prepare_cached(sql)?.execute(params)?)
    }

    /// The key of the row that was inserted last.
    pub(super) fn last_key(&self) -> i64 {
        self.connection.last_insert_rowid()
    }

    /// The first row of a query, if there is one.
    pub(super) fn one<T>(
        &self,
        table: &'static str,
        sql: &str,
        params: impl Params,
        read: impl FnOnce(&Cells<'_>) -> Result<T, Fault>,
    ) -> Result<Option<T>, Fault> {
        let mut statement = self.connection.prepare_cached(sql)?;
        let mut rows = statement.query(params)?;
        let Some(row) = rows.next()? else { return Ok(None) };
        read(&Cells { row, table, key: row.get(0).unwrap_or_default() }).map(Some)
    }

    /// Every row of a query.
    pub(super) fn all<T>(
        &self,
        table: &'static str,
        sql: &str,
        params: impl Params,
        read: impl Fn(&Cells<'_>) -> Result<T, Fault>,
    ) -> Result<Vec<T>, Fault> {
        let mut statement = self.connection.prepare_cached(sql)?;
        let mut rows = statement.query(params)?;
        let mut values = Vec::new();
        while let Some(row) = rows.next()? {
            values.push(read(&Cells { row, table, key: row.get(0).unwrap_or_default() })?);
        }
        Ok(values)
    }

    /// Notes that a letter was put into the outbox.
    pub(super) fn letter_written(&self) {
        self.letters.set(true);
    }

    /// Notes that a notice was written.
    pub(super) fn notice_written(&self) {
        self.notices.set(true);
    }

    /// Whether letters, and whether notices, were written.
    pub(super) fn written(&self) -> (bool, bool) {
        (self.letters.get(), self.notices.get())
    }
}

impl Cells<'_> {
    /// The same row, for the columns of another table that was joined to it.
    pub(super) fn of(&self, table: &'static str) -> Self {
        Cells { row: self.row, table, key: self.key }
    }

    /// A value that SQLite's own types hold.
    pub(super) fn get<T: FromSql>(&self, index: usize, column: &'static str) -> Result<T, Fault> {
        self.row.get(index).map_err(|_| self.damaged(column))
    }

    /// A number of things.
    pub(super) fn count(&self, index: usize, column: &'static str) -> Result<u64, Fault> {
        u64::try_from(self.get::<i64>(index, column)?).map_err(|_| self.damaged(column))
    }

    /// A text that `parse` makes a value of.
    pub(super) fn parse<T>(
        &self,
        index: usize,
        column: &'static str,
        parse: impl FnOnce(&str) -> Option<T>,
    ) -> Result<T, Fault> {
        self.parse_optional(index, column, parse)?.ok_or_else(|| self.damaged(column))
    }

    /// A text that `parse` makes a value of, or NULL.
    pub(super) fn parse_optional<T>(
        &self,
        index: usize,
        column: &'static str,
        parse: impl FnOnce(&str) -> Option<T>,
    ) -> Result<Option<T>, Fault> {
        let cell = self.row.get_ref(index).map_err(Fault::from)?;
        let Some(text) = cell.as_str_or_null().map_err(|_| self.damaged(column))? else { return Ok(None) };
        parse(text).map(Some).ok_or_else(|| self.damaged(column))
    }

    /// A time.
    pub(super) fn time(&self, index: usize, column: &'static str) -> Result<Timestamp, Fault> {
        self.time_optional(index, column)?.ok_or_else(|| self.damaged(column))
    }

    /// A time, or NULL.
    pub(super) fn time_optional(
        &self,
        index: usize,
        column: &'static str,
    ) -> Result<Option<Timestamp>, Fault> {
        let Some(stored) = self.get::<Option<i64>>(index, column)? else { return Ok(None) };
        Timestamp::from_millisecond(stored).map(Some).map_err(|_| self.damaged(column))
    }

    fn damaged(&self, column: &'static str) -> Fault {
        Fault::Damaged { table: self.table, column, row: self.key }
    }
}

/// A time as it is stored: milliseconds since 1970.
pub(super) fn stored(time: Timestamp) -> i64 {
    time.as_millisecond()
}

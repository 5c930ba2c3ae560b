//! The schema: the steps lead to the whole, and every database that was ever released comes through.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test ends at what it does not expect")]

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use jiff::Timestamp;
use ostiary::{
    accounts::{AccountEvent, AccountState, Channel, Domain, Email, Front, ProofHash, Username},
    store::{
        AccountFilter, Actor, Change, Creation, NewAccount, OpenError, ProofAttempt, Store, StoreSettings,
        Verified,
        schema::{APPLICATION_ID, MIGRATIONS, VERSION, WHOLE},
    },
};
use rusqlite::Connection;

#[test]
fn the_steps_lead_to_the_whole_schema() {
    let (stepwise, whole) = (memory(), memory());
    for (_, step) in MIGRATIONS {
        stepwise.execute_batch(step).unwrap();
    }
    whole.execute_batch(WHOLE).unwrap();
    assert_eq!(structure(&stepwise), structure(&whole));
}

#[test]
fn the_comparison_sees_every_kind_of_difference() {
    let whole = structure(&with_whole());
    for change in [
        "ALTER TABLE accounts ADD COLUMN nickname TEXT",
        "DROP INDEX outbox_by_time",
        "DROP INDEX outbox_by_time; CREATE INDEX outbox_by_time ON outbox (not_before)",
        "DROP TRIGGER accounts_counted_in",
        "UPDATE account_counts SET count = 1 WHERE state = 'active'",
        "DROP TABLE tombstones; CREATE TABLE tombstones (domain TEXT NOT NULL, username TEXT NOT NULL,
            until INTEGER NOT NULL, PRIMARY KEY (domain, username)) WITHOUT ROWID;
            CREATE INDEX tombstones_by_end ON tombstones (until)",
        "DROP TABLE verifications; CREATE TABLE verifications (
            account_id INTEGER PRIMARY KEY REFERENCES accounts (id) ON DELETE CASCADE,
            code_hash BLOB NOT NULL, link_hash BLOB NOT NULL UNIQUE, tries_left INTEGER NOT NULL,
            code_expires_at INTEGER NOT NULL, link_expires_at INTEGER NOT NULL, made_at INTEGER NOT NULL) STRICT",
    ] {
        let changed = with_whole();
        changed.execute_batch(change).unwrap();
        assert_ne!(structure(&changed), whole, "{change}");
    }
}

#[test]
fn versions_rise_one_by_one_and_are_those_of_the_files() {
    let mut files: Vec<String> = fs::read_dir(root().join("schema/migrations"))
        .unwrap()
        .map(|file| file.unwrap().file_name().into_string().unwrap())
        .collect();
    files.sort();
    assert_eq!(files.len(), MIGRATIONS.len(), "{files:?}");
    for (number, (file, (version, step))) in (1u32..).zip(files.iter().zip(MIGRATIONS)) {
        assert_eq!(*version, number);
        assert!(file.starts_with(&format!("{number:04}_")), "{file}");
        assert_eq!(fs::read_to_string(root().join("schema/migrations").join(file)).unwrap(), *step, "{file}");
    }
    assert_eq!(VERSION, MIGRATIONS.last().unwrap().0);
}

#[test]
fn every_table_and_column_is_explained() {
    let mut explained = false;
    for line in WHOLE.lines().map(str::trim) {
        let table = line.starts_with("CREATE TABLE") || line.starts_with("CREATE INDEX");
        let column = [" TEXT", " INTEGER", " BLOB", " REAL", " ANY"].iter().any(|kind| line.contains(kind));
        if (table || column) && !line.starts_with("--") {
            assert!(explained, "no comment above: {line}");
        }
        explained = line.starts_with("--");
    }
}

#[tokio::test]
async fn a_new_database_has_the_whole_schema() {
    let folder = tempfile::TempDir::new().unwrap();
    let settings = settings(folder.path());
    Store::open(&settings).unwrap().close().await;
    assert_eq!(structure(&Connection::open(&settings.path).unwrap()), structure(&with_whole()));
}

#[tokio::test]
async fn every_old_database_gets_the_whole_schema_and_a_second_start_changes_nothing() {
    let mut seen = 0;
    for file in fs::read_dir(root().join("tests/databases")).unwrap() {
        let file = file.unwrap().path();
        let folder = tempfile::TempDir::new().unwrap();
        let settings = restored(folder.path(), &file);
        for _ in 0..2 {
            Store::open(&settings).unwrap().close().await;
            let connection = Connection::open(&settings.path).unwrap();
            let pragma =
                |name| connection.pragma_query_value(None, name, |row| row.get::<_, i64>(0)).unwrap();
            assert_eq!(pragma("user_version"), i64::from(VERSION), "{}", file.display());
            assert_eq!(pragma("application_id"), i64::from(APPLICATION_ID));
            let (mut have, mut want) = (structure(&connection), structure(&with_whole()));
            have.retain(|part, _| !part.starts_with("rows "));
            want.retain(|part, _| !part.starts_with("rows "));
            assert_eq!(have, want, "{}", file.display());
        }
        seen += 1;
    }
    assert!(seen > 0);
}

#[tokio::test]
async fn the_rows_of_version_1_come_through() {
    let folder = tempfile::TempDir::new().unwrap();
    let store = Store::open(&restored(folder.path(), &root().join("tests/databases/v1.sql"))).unwrap();
    let domain = Domain::parse("chat.example").unwrap();
    let at = |seconds: i64| Timestamp::from_second(1_800_000_000 + seconds).unwrap();
    let name = |text| Username::prepare(text).unwrap();

    let accounts = store.accounts(AccountFilter { limit: 10, ..AccountFilter::default() }).await.unwrap();
    let states: Vec<_> = accounts.iter().map(|account| (account.address(), account.state)).collect();
    assert_eq!(
        states,
        [
            ("alice@chat.example".to_owned(), AccountState::Active),
            ("bob@chat.example".to_owned(), AccountState::Pending),
            ("carol@chat.example".to_owned(), AccountState::Suspended),
            ("жанна@other.example".to_owned(), AccountState::Active),
        ]
    );
    assert_eq!(accounts[0].email_verified_at, Some(at(60)));
    assert_eq!(accounts[1].expires_at, Some(at(172_800)));
    assert_eq!(accounts[2].suspension.as_deref(), Some("Too much spam."));
    let email = Email::parse("alice@mail.example").unwrap();
    assert_eq!(store.email_owner(&domain, &email).await.unwrap(), Some(name("alice")));
    let credentials = store.credentials(&domain, &name("alice")).await.unwrap().unwrap();
    let password_hash = credentials.password_hash.unwrap();
    assert!(password_hash.as_phc().starts_with("$argon2id$"));
    assert_eq!(credentials.sealed_scram, Some(vec![1, 2, 3, 4, 5]));
    assert_eq!(credentials.token_epoch, 0);

    let counts = store.counts().await.unwrap();
    assert_eq!((counts.pending, counts.active, counts.suspended), (1, 2, 1));
    assert_eq!((counts.letters_waiting, counts.letters_parked, counts.notices), (1, 1, 3));
    let letter = store.due_letters(Channel::Mail, at(120), 10).await.unwrap().remove(0);
    assert_eq!((letter.message_id.as_str(), letter.attempts), ("abc@mail.example", 1));
    let notices = store.notices(&domain, 0, 10).await.unwrap();
    assert_eq!(
        notices.iter().map(|notice| notice.event).collect::<Vec<_>>(),
        [AccountEvent::Activated, AccountEvent::Suspended, AccountEvent::PasswordChanged]
    );
    assert_eq!(store.audit(None, 10).await.unwrap().len(), 3);

    let actor = Actor { front: Front::Web, client: None, request: None };
    let new = NewAccount {
        domain: domain.clone(),
        username: name("dave"),
        state: AccountState::Active,
        email: None,
        language: accounts[0].language.clone(),
        password_hash,
        sealed_scram: None,
        sealed_login: None,
        verification: None,
        phone_verification: None,
        letters: Vec::new(),
        phone: None,
        created_at: at(200),
        expires_at: None,
        spends: None,
        api_key: None,
        invitation: None,
        member: None,
        actor: actor.clone(),
    };
    assert_eq!(store.create_account(new.clone()).await.unwrap(), Creation::NameTaken, "the tombstone counts");
    let Creation::Created(id) =
        store.create_account(NewAccount { username: name("erin"), ..new }).await.unwrap()
    else {
        panic!("a free name")
    };
    assert_eq!(id.0, 10, "keys of deleted accounts are not used again");
    let mut hash = [0; 32];
    hash[31] = 2;
    let attempt = ProofAttempt::Link { hash: ProofHash::from_bytes(hash) };
    let verified = store.verify(attempt, true, at(300), actor).await.unwrap();
    assert!(matches!(verified, Verified::Activated(account) if account.username == name("bob")));
}

/// The step to 13 makes the table of accounts anew, to which others refer.
#[tokio::test]
async fn the_rows_of_version_12_come_through_and_what_belongs_to_accounts_still_does() {
    let folder = tempfile::TempDir::new().unwrap();
    let settings = restored(folder.path(), &root().join("tests/databases/v12.sql"));
    let content = |connection: &Connection| {
        let mut parts = structure(connection);
        parts.retain(|part, _| part.starts_with("rows ") && part != "rows imported_looks");
        parts
    };
    let before = content(&Connection::open(&settings.path).unwrap());
    assert!(before.values().all(|rows| !rows.is_empty()), "a witness with rows in every table");
    let store = Store::open(&settings).unwrap();
    let connection = Connection::open(&settings.path).unwrap();
    assert_eq!(content(&connection), before);
    let sequence = "SELECT seq FROM sqlite_sequence WHERE name LIKE 'accounts%'";
    assert_eq!(
        connection.query_row(sequence, [], |row| row.get(0)),
        Ok(9),
        "keys of deleted accounts stay used"
    );

    let (alice, at) = (Username::prepare("alice").unwrap(), Timestamp::from_second(1_800_000_100).unwrap());
    let change = Change::Delete { even_suspended: true, keep_name_until: at };
    let actor = Actor { front: Front::Cli, client: None, request: None };
    store.change_account(&Domain::parse("chat.example").unwrap(), &alice, change, at, actor).await.unwrap();
    let left = |table| {
        let count = format!("SELECT count(*) FROM {table} WHERE account_id = 1");
        connection.query_row(&count, [], |row| row.get::<_, i64>(0)).unwrap()
    };
    assert_eq!(
        (left("recoveries"), left("email_changes"), left("profiles")),
        (0, 0, 0),
        "they go with the account"
    );
    let counts = store.counts().await.unwrap();
    assert_eq!((counts.pending, counts.active, counts.suspended), (1, 0, 2), "the triggers count");
}

/// The step to 14 adds a column to letters and audit rows.
#[tokio::test]
async fn the_rows_of_version_13_come_through_and_know_no_request() {
    let folder = tempfile::TempDir::new().unwrap();
    let settings = restored(folder.path(), &root().join("tests/databases/v13.sql"));
    let content = |tables: &[&str]| {
        let mut parts = structure(&Connection::open(&settings.path).unwrap());
        parts.retain(|part, _| part.strip_prefix("rows ").is_some_and(|table| !tables.contains(&table)));
        parts
    };
    let changed = ["outbox", "audit"];
    assert!(content(&[]).values().all(|rows| !rows.is_empty()), "a witness with rows in every table");
    let before = content(&changed);
    let store = Store::open(&settings).unwrap();
    assert_eq!(content(&changed), before);
    let at = Timestamp::from_second(1_800_000_200).unwrap();
    let letters = store.due_letters(Channel::Mail, at, 10).await.unwrap();
    let ids: Vec<_> = letters.iter().map(|letter| letter.message_id.as_str()).collect();
    assert_eq!(ids, ["def@mail.example", "abc@mail.example"]);
    assert!(letters.iter().all(|letter| letter.request.is_none()));
    let audit = store.audit(None, 10).await.unwrap();
    assert!(audit.len() == 2 && audit.iter().all(|entry| entry.request.is_none()));
}

#[tokio::test]
async fn a_newer_database_is_refused_and_left_as_it_is() {
    let folder = tempfile::TempDir::new().unwrap();
    let settings = restored(folder.path(), &root().join("tests/databases/v1.sql"));
    Connection::open(&settings.path).unwrap().pragma_update(None, "user_version", VERSION + 1).unwrap();
    let before = fs::read(&settings.path).unwrap();
    let error = Store::open(&settings).unwrap_err();
    assert!(
        matches!(error, OpenError::Newer { found, known, .. } if (found, known) == (VERSION + 1, VERSION)),
        "{error}"
    );
    assert_eq!(fs::read(&settings.path).unwrap(), before);
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn settings(folder: &Path) -> StoreSettings {
    StoreSettings { path: folder.join("ostiary.db"), readers: 1, cache_kib: 1024 }
}

fn restored(folder: &Path, dump: &Path) -> StoreSettings {
    let settings = settings(folder);
    Connection::open(&settings.path).unwrap().execute_batch(&fs::read_to_string(dump).unwrap()).unwrap();
    settings
}

fn memory() -> Connection {
    Connection::open_in_memory().unwrap()
}

fn with_whole() -> Connection {
    let connection = memory();
    connection.execute_batch(WHOLE).unwrap();
    connection
}

/// Everything about a database that a program can notice, whatever way it was made.
fn structure(connection: &Connection) -> BTreeMap<String, Vec<String>> {
    let mut parts = BTreeMap::new();
    let tables =
        "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name";
    for table in rows(connection, tables) {
        let ask = |what: &str, columns: &str| {
            rows(connection, &format!("SELECT concat_ws('|', {columns}) FROM {what}('{table}') ORDER BY 1"))
        };
        parts.insert(format!("table {table}"), ask("pragma_table_list", "ncol, wr, strict"));
        parts.insert(
            format!("columns {table}"),
            ask("pragma_table_xinfo", "cid, name, type, \"notnull\", quote(dflt_value), pk, hidden"),
        );
        parts.insert(
            format!("references {table}"),
            ask("pragma_foreign_key_list", "\"table\", \"from\", \"to\", on_update, on_delete"),
        );
        parts.insert(format!("checks {table}"), checks(connection, &table));
        let unique = format!(
            "SELECT concat_ws('|', i.origin, i.\"unique\", i.partial, group_concat(x.name || x.desc || x.coll))
             FROM pragma_index_list('{table}') i, pragma_index_xinfo(i.name) x GROUP BY i.name ORDER BY 1"
        );
        parts.insert(format!("indexes {table}"), rows(connection, &unique));
        let values = rows(connection, &format!("SELECT name FROM pragma_table_info('{table}')")).join(", ");
        let content = format!("SELECT concat_ws('|', {values}) FROM {table} ORDER BY 1");
        parts.insert(format!("rows {table}"), rows(connection, &content));
    }
    let others =
        "SELECT name || ': ' || sql FROM sqlite_schema WHERE type <> 'table' AND sql IS NOT NULL ORDER BY 1";
    parts.insert(
        "made by statements".to_owned(),
        rows(connection, others).iter().map(|sql| plain(sql)).collect(),
    );
    parts
}

/// What no pragma tells: `CHECK` and `AUTOINCREMENT`.
fn checks(connection: &Connection, table: &str) -> Vec<String> {
    let sql = rows(connection, &format!("SELECT sql FROM sqlite_schema WHERE name = '{table}'")).remove(0);
    let sql = plain(&sql);
    let mut found: Vec<String> = sql
        .match_indices("CHECK (")
        .map(|(start, _)| {
            let mut depth = 0;
            let end = sql[start..].find(|c| {
                depth += i32::from(c == '(') - i32::from(c == ')');
                c == ')' && depth == 0
            });
            sql[start..=start + end.unwrap()].to_owned()
        })
        .collect();
    found.extend(sql.contains("AUTOINCREMENT").then(|| "AUTOINCREMENT".to_owned()));
    found.sort();
    found
}

/// A statement without comments and with single spaces.
fn plain(sql: &str) -> String {
    let code: Vec<_> = sql.lines().map(|line| line.split("--").next().unwrap()).collect();
    code.join(" ").split_whitespace().collect::<Vec<_>>().join(" ")
}

fn rows(connection: &Connection, sql: &str) -> Vec<String> {
    let mut statement = connection.prepare(sql).unwrap_or_else(|error| panic!("{sql}: {error}"));
    statement.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
}

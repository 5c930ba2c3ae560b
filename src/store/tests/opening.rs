use std::os::unix::fs::PermissionsExt;

use super::*;

#[tokio::test]
async fn a_new_database_is_for_its_owner_only_and_has_the_promised_settings() {
    let house = house();
    house.create_account(active("alice")).await.unwrap();
    for file in std::fs::read_dir(house.folder.path()).unwrap() {
        let file = file.unwrap();
        let mode = file.metadata().unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{}", file.path().display());
    }
    let settings = settings(house.folder.path());
    let number = |connection: &rusqlite::Connection, pragma: &str| -> i64 {
        connection.pragma_query_value(None, pragma, |row| row.get(0)).unwrap()
    };
    let writer = connection::writer(&settings).unwrap();
    for (pragma, value) in [
        ("synchronous", 2),
        ("foreign_keys", 1),
        ("busy_timeout", 5000),
        ("trusted_schema", 0),
        ("secure_delete", 1),
        ("journal_size_limit", 64 << 20),
        ("user_version", i64::from(schema::VERSION)),
        ("application_id", i64::from(schema::APPLICATION_ID)),
    ] {
        assert_eq!(number(&writer, pragma), value, "{pragma}");
    }
    let reader = connection::reader(&settings).unwrap();
    assert_eq!(number(&reader, "query_only"), 1);
    assert!(reader.execute("DELETE FROM accounts", []).is_err());
    assert_eq!(house.number("SELECT count(*) FROM pragma_table_list WHERE schema = 'main' AND type = 'table' AND NOT strict AND name NOT LIKE 'sqlite_%'"), 0);
}

#[tokio::test]
async fn a_database_of_a_newer_version_is_refused_with_both_versions() {
    let house = house();
    house.sqlite().pragma_update(None, "user_version", 7777).unwrap();
    let error = Store::open(&settings(house.folder.path())).unwrap_err();
    assert!(
        matches!(error, OpenError::Newer { found: 7777, known, .. } if known == schema::VERSION),
        "{error}"
    );
    let text = error.to_string();
    assert!(text.contains("7777") && text.contains(&schema::VERSION.to_string()), "{text}");
}

#[test]
fn a_file_of_somebody_else_is_refused_and_left_as_it_is() {
    let folder = TempDir::new().unwrap();
    let settings = settings(folder.path());
    std::fs::write(&settings.path, "Dear diary, this is more than one hundred bytes of text. ".repeat(20))
        .unwrap();
    let before = std::fs::read(&settings.path).unwrap();
    assert!(matches!(Store::open(&settings), Err(OpenError::Foreign { .. })));
    assert_eq!(std::fs::read(&settings.path).unwrap(), before);

    std::fs::remove_file(&settings.path).unwrap();
    let other = rusqlite::Connection::open(&settings.path).unwrap();
    other.execute_batch("CREATE TABLE diary (day TEXT)").unwrap();
    let before = std::fs::read(&settings.path).unwrap();
    assert!(matches!(Store::open(&settings), Err(OpenError::Foreign { .. })));
    other.pragma_update(None, "application_id", 4711).unwrap();
    assert!(matches!(Store::open(&settings), Err(OpenError::Foreign { .. })));
    other.pragma_update(None, "application_id", 0).unwrap();
    assert_eq!(std::fs::read(&settings.path).unwrap().len(), before.len());
}

#[test]
fn a_folder_that_is_not_there_is_named() {
    let folder = TempDir::new().unwrap();
    let error = Store::open(&settings(&folder.path().join("nowhere"))).unwrap_err();
    assert!(error.to_string().contains("nowhere"), "{error}");
}

#[test]
fn many_who_open_a_new_database_at_once_make_it_once() {
    let folder = TempDir::new().unwrap();
    let settings = settings(folder.path());
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| Store::open(&settings).unwrap());
        }
    });
    Store::open(&settings).unwrap();
}

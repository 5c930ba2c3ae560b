use std::time::Duration;

use rusqlite::TransactionBehavior;

use super::*;

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_full_disk_refuses_everybody_harms_nothing_and_ends_by_itself() {
    let house = house();
    house.create_account(active("first")).await.unwrap();
    // SQLite takes it for a full disk when the file would grow beyond so many pages.
    house.on_writer("PRAGMA max_page_count = 1").await;
    let mut registrations: Vec<_> = Vec::new();
    for number in 0..400 {
        let store = house.store.clone();
        let new = NewAccount { sealed_scram: Some(vec![1; 2000]), ..active(&format!("user{number}")) };
        registrations.push(tokio::spawn(async move { store.create_account(new).await }));
    }
    let (mut done, mut refused) = (0, 0);
    for registration in registrations {
        match registration.await.unwrap() {
            Ok(_) => done += 1,
            Err(StoreError::Unavailable(reason)) => {
                assert!(reason.contains("full"), "{reason}");
                refused += 1;
            }
            Err(other) => panic!("{other}"),
        }
    }
    assert!(refused > 300, "{refused} of 400");
    let counts = house.counts().await.unwrap();
    assert_eq!(counts.active, done + 1, "reads go on, and what was refused is not there");
    assert_eq!(u64::try_from(house.number("SELECT count(*) FROM accounts")).unwrap(), done + 1);
    assert_eq!(u64::try_from(house.number("SELECT count(*) FROM audit")).unwrap(), done + 1);

    house.on_writer("PRAGMA max_page_count = 1000000").await;
    made(house.create_account(active("last")).await.unwrap());
}

#[tokio::test]
async fn a_connection_that_may_not_write_is_exchanged() {
    let house = house();
    house.on_writer("PRAGMA query_only = ON").await;
    let refused = house.create_account(active("alice")).await;
    assert!(matches!(refused, Err(StoreError::Unavailable(_))), "{refused:?}");
    made(house.create_account(active("alice")).await.unwrap());
}

#[tokio::test]
async fn a_database_that_is_exchanged_for_another_is_not_written() {
    let house = house();
    house.on_writer("PRAGMA query_only = ON").await;
    house.sqlite().pragma_update(None, "user_version", 99).unwrap();
    for _ in 0..2 {
        let refused = house.create_account(active("alice")).await;
        assert!(matches!(refused, Err(StoreError::Unavailable(_))), "{refused:?}");
    }
    house.sqlite().pragma_update(None, "user_version", schema::VERSION).unwrap();
    made(house.create_account(active("alice")).await.unwrap());
}

#[tokio::test]
async fn while_another_program_holds_the_lock_changes_are_refused_and_reads_go_on() {
    let house = house();
    house.create_account(active("alice")).await.unwrap();
    house.on_writer("PRAGMA busy_timeout = 20").await;
    let mut other = house.sqlite();
    let lock = other.transaction_with_behavior(TransactionBehavior::Immediate).unwrap();
    let refused = house.create_account(active("bob")).await;
    assert!(matches!(refused, Err(StoreError::Unavailable(_))), "{refused:?}");
    assert!(house.find("alice").await.is_some());
    drop(lock);
    made(house.create_account(active("bob")).await.unwrap());
}

#[tokio::test]
async fn a_lock_that_this_process_itself_never_gives_back_ends_with_all_its_connections() {
    let house = house();
    house.create_account(active("alice")).await.unwrap();
    house.on_writer("PRAGMA busy_timeout = 20").await;
    // As after a release that the system refused: the lock is this process's, and nobody in it knows.
    let take = |tx: &Transaction<'_>| {
        tx.execute("PRAGMA query_only = OFF", [])?;
        tx.execute("BEGIN IMMEDIATE", [])
    };
    house.read(Lane::Search, take).await.unwrap();
    let refused = house.create_account(active("bob")).await;
    assert!(matches!(refused, Err(StoreError::Unavailable(_))), "{refused:?}");
    made(house.create_account(active("bob")).await.unwrap());
    assert!(house.find("alice").await.is_some() && house.find("bob").await.is_some());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn more_work_than_the_queue_holds_is_refused_at_once() {
    let house = house();
    house.on_writer("PRAGMA busy_timeout = 60000").await;
    let mut other = house.sqlite();
    let lock = other.transaction_with_behavior(TransactionBehavior::Immediate).unwrap();
    let waiting: Vec<_> = (0..writer::WAITING + 600)
        .map(|_| {
            let store = house.store.clone();
            tokio::spawn(async move { store.notice_told(1).await })
        })
        .collect();
    // What still finds room waits for the lock; sooner or later there is no room.
    loop {
        match tokio::time::timeout(Duration::from_millis(50), house.notice_told(1)).await {
            Ok(Err(StoreError::Busy)) => break,
            Ok(other) => panic!("{other:?}"),
            Err(_) => {}
        }
    }
    drop(lock);
    for task in waiting {
        let outcome = task.await.unwrap();
        assert!(matches!(outcome, Ok(()) | Err(StoreError::Busy)), "{outcome:?}");
    }
    house.notice_told(1).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_operation_that_fails_is_undone_alone() {
    let house = house();
    // A letter that the schema refuses, after the account was already inserted in the same operation.
    house.sqlite().execute_batch("CREATE TRIGGER refusing BEFORE INSERT ON outbox WHEN new.message_id = 'bad@mail' BEGIN SELECT raise(ABORT, 'no'); END;").unwrap();
    let tasks: Vec<_> = (0..50)
        .map(|number| {
            let store = house.store.clone();
            let mut new = pending(&format!("user{number}"));
            if number % 5 == 0 {
                new.letters = vec![letter("bad", 0)];
            }
            tokio::spawn(async move { store.create_account(new).await })
        })
        .collect();
    let mut outcomes = Vec::new();
    for task in tasks {
        outcomes.push(task.await.unwrap());
    }
    for (number, outcome) in outcomes.iter().enumerate() {
        assert_eq!(outcome.is_ok(), number % 5 != 0, "{number}: {outcome:?}");
        assert_eq!(house.find(&format!("user{number}")).await.is_some(), number % 5 != 0);
    }
    assert_eq!(house.number("SELECT count(*) FROM verifications"), 40);
    assert_eq!(house.number("SELECT count(*) FROM audit"), 40);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_is_told_that_it_is_done_when_the_commit_fails() {
    let house = house();
    let store = house.store.clone();
    let (holding, begun) = oneshot::channel();
    let first = tokio::spawn(async move {
        let wait = move |_: &Transaction<'_>| {
            let _ = holding.send(());
            thread::sleep(Duration::from_millis(300));
            Ok(())
        };
        store.write(wait).await
    });
    begun.await.unwrap();
    // These wait together for the writer, and so are committed together.
    let registrations: Vec<_> = (0..20)
        .map(|number| {
            let store = house.store.clone();
            tokio::spawn(async move { store.create_account(active(&format!("user{number}"))).await })
        })
        .collect();
    let spoil = house.write(|tx| {
        tx.execute("PRAGMA defer_foreign_keys = ON", [])?;
        tx.execute("INSERT INTO verifications VALUES (4711, zeroblob(32), zeroblob(32), 1, 1, 1, 1)", [])
    });
    let spoiled = spoil.await;
    assert!(matches!(spoiled, Err(StoreError::Unavailable(_))), "{spoiled:?}");
    first.await.unwrap().unwrap();
    let mut refused = 0;
    for (number, registration) in registrations.into_iter().enumerate() {
        let answer = registration.await.unwrap();
        refused += usize::from(answer.is_err());
        let there = house.find(&format!("user{number}")).await.is_some();
        assert_eq!(there, answer.is_ok(), "user{number}: {answer:?}");
    }
    assert!(refused > 0, "none was in the batch that failed");
    made(house.create_account(active("later")).await.unwrap());
}

#[tokio::test]
async fn a_panic_ends_one_operation_and_no_thread() {
    let house = house();
    for _ in 0..3 {
        let outcome = house.write::<()>(|_| panic!("a test")).await;
        assert!(matches!(outcome, Err(StoreError::Unavailable(_))));
        let outcome = house.read::<()>(Lane::Search, |_| panic!("a test")).await;
        assert!(matches!(outcome, Err(StoreError::Unavailable(_))));
    }
    made(house.create_account(active("alice")).await.unwrap());
    assert!(house.find("alice").await.is_some());
    assert_eq!(house.counts().await.unwrap().active, 1);
}

#[tokio::test]
async fn a_damaged_value_is_named_by_table_column_and_row() {
    let house = house();
    let id = made(house.create_account(pending("alice")).await.unwrap()).0;
    for (damage, table, column) in [
        (
            "UPDATE verifications SET code_expires_at = 9223372036854775807",
            "verifications",
            "code_expires_at",
        ),
        ("UPDATE accounts SET language = ''", "accounts", "language"),
        ("UPDATE accounts SET email = 'nonsense'", "accounts", "email"),
    ] {
        house.sqlite().execute_batch(damage).unwrap();
        let attempt = ProofAttempt::Link { hash: proof("alice-link") };
        let fault = house.verify(attempt, true, at(1), actor()).await.unwrap_err();
        let StoreError::Inconsistent { table: t, column: c, row } = fault else { panic!("{fault}") };
        assert_eq!((t, c, row), (table, column, id));
    }
    let fault = house.account(&domain(), &name("alice")).await.unwrap_err();
    assert!(matches!(fault, StoreError::Inconsistent { table: "accounts", .. }), "{fault}");
}

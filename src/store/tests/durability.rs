use super::*;

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn what_was_answered_as_done_is_there_after_the_handle_was_dropped() {
    let folder = TempDir::new().unwrap();
    let store = Store::open(&settings(folder.path())).unwrap();
    let tasks: Vec<_> = (0..300)
        .map(|number| {
            let store = store.clone();
            tokio::spawn(async move { store.create_account(pending(&format!("user{number}"))).await })
        })
        .collect();
    for task in tasks {
        made(task.await.unwrap().unwrap());
    }
    // What a crash leaves behind: the files as they are now, log and all.
    let crashed = TempDir::new().unwrap();
    for file in ["ostiary.db", "ostiary.db-wal"] {
        std::fs::copy(folder.path().join(file), crashed.path().join(file)).unwrap();
    }
    drop(store);
    for folder in [folder, crashed] {
        let store = Store::open(&settings(folder.path())).unwrap();
        let counts = store.counts().await.unwrap();
        assert_eq!((counts.pending, counts.letters_waiting), (300, 300));
        let filter = AccountFilter { limit: 1000, ..AccountFilter::default() };
        assert_eq!(store.accounts(filter).await.unwrap().len(), 300);
    }
}

#[tokio::test]
async fn closing_does_what_waits_and_leaves_one_file() {
    let House { folder, store } = house();
    let late: Vec<_> = (0..50)
        .map(|number| {
            let store = store.clone();
            tokio::spawn(async move { store.create_account(active(&format!("user{number}"))).await })
        })
        .collect();
    tokio::task::yield_now().await;
    let clone = store.clone();
    store.close().await;
    let mut done = 0;
    for task in late {
        match task.await.unwrap() {
            Ok(_) => done += 1,
            Err(error) => assert!(matches!(error, StoreError::Closed), "{error}"),
        }
    }
    assert!(matches!(clone.create_account(active("late")).await, Err(StoreError::Closed)));
    assert!(matches!(clone.account(&domain(), &name("user1")).await, Err(StoreError::Closed)));
    let files: Vec<_> =
        std::fs::read_dir(folder.path()).unwrap().map(|file| file.unwrap().file_name()).collect();
    assert_eq!(files, ["ostiary.db"]);
    let store = Store::open(&settings(folder.path())).unwrap();
    assert_eq!(store.counts().await.unwrap().active, done);
}

#[tokio::test]
async fn a_backup_is_a_whole_database_for_its_owner_only() {
    use std::os::unix::fs::PermissionsExt;

    let house = house();
    house.create_account(active("alice")).await.unwrap();
    let copies = TempDir::new().unwrap();
    let copy = copies.path().join("ostiary.db");
    house.backup_to(&copy).await.unwrap();
    assert_eq!(std::fs::metadata(&copy).unwrap().permissions().mode() & 0o777, 0o600);
    assert!(matches!(house.backup_to(&copy).await, Err(StoreError::Unavailable(_))), "it overwrites nothing");
    house.create_account(active("bob")).await.unwrap();

    let store = Store::open(&settings(copies.path())).unwrap();
    assert!(store.account(&domain(), &name("alice")).await.unwrap().is_some());
    assert_eq!(store.counts().await.unwrap().active, 1);
}

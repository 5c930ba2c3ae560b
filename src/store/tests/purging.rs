use super::*;

#[tokio::test]
async fn a_pending_account_whose_time_is_over_is_purged_with_all_that_belongs_to_it() {
    let house = house();
    house.create_account(pending("alice")).await.unwrap();
    house.create_account(active("bob")).await.unwrap();
    let end = 48 * 60;
    assert_eq!(house.purge(at(29), AUDIT_KEPT, 100).await.unwrap(), Purged::default());
    let purged = house.purge(at(end), AUDIT_KEPT, 100).await.unwrap();
    assert_eq!(purged, Purged { accounts: 1, ..Purged::default() });
    for table in ["verifications", "outbox", "tombstones"] {
        assert_eq!(house.number(&format!("SELECT count(*) FROM {table}")), 0, "{table}");
    }
    assert_eq!(house.find("alice").await, None);
    assert!(house.find("bob").await.is_some());
    assert_eq!(house.actions("alice@chat.example").await, ["registered", "expired"]);
    assert_eq!(house.audit(None, 1).await.unwrap()[0].front, "broker");
    made(house.create_account(NewAccount { created_at: at(end), ..active("alice") }).await.unwrap());
}

#[tokio::test]
async fn nobody_waits_for_the_purge_to_get_a_name_that_is_free() {
    let house = house();
    let first = made(house.create_account(pending("alice")).await.unwrap());
    let later = |minute| NewAccount {
        created_at: at(minute),
        expires_at: Some(at(minute + 10)),
        verification: Some(verification("second", minute)),
        ..pending("alice")
    };
    let end = 48 * 60;
    assert_eq!(house.create_account(later(end - 1)).await.unwrap(), Creation::NameTaken);
    let second = made(house.create_account(later(end)).await.unwrap());
    assert_ne!(first, second);
    assert_eq!(house.number("SELECT count(*) FROM verifications"), 1);
    assert_eq!(house.number("SELECT count(*) FROM outbox"), 1);
    assert_eq!(house.actions("alice@chat.example").await, ["registered", "expired", "registered"]);
    let counts = house.counts().await.unwrap();
    assert_eq!(counts.pending, 1);
}

#[tokio::test]
async fn one_round_purges_no_more_than_the_limit_of_each_kind() {
    let house = house();
    for number in 0..5 {
        house.create_account(pending(&format!("pending{number}"))).await.unwrap();
        let username = format!("deleted{number}");
        house.create_account(active(&username)).await.unwrap();
        house.change(&username, Change::Delete { even_suspended: true, keep_name_until: at(10) }, 1).await;
    }
    let mut sums = Purged::default();
    let mut rounds = 0;
    loop {
        let purged = house.purge(at(0) + A_DAY * 500, AUDIT_KEPT, 2).await.unwrap();
        assert!(purged.accounts <= 2 && purged.tombstones <= 2 && purged.letters <= 2 && purged.audit <= 2);
        sums.accounts += purged.accounts;
        sums.tombstones += purged.tombstones;
        sums.audit += purged.audit;
        rounds += 1;
        if !purged.reached(2) {
            break;
        }
    }
    assert!(rounds >= 3, "{rounds}");
    assert_eq!((sums.accounts, sums.tombstones, sums.audit), (5, 5, 15));
    assert_eq!(house.number("SELECT count(*) FROM audit WHERE action <> 'expired'"), 0);
    assert_eq!(house.counts().await.unwrap(), Counts { notices: 10, ..Counts::default() });
}

#[tokio::test]
async fn letters_that_are_too_late_go_and_parked_ones_stay_for_a_month() {
    let house = house();
    for username in ["alice", "bob"] {
        let new = NewAccount { expires_at: None, ..pending(username) };
        house.create_account(new).await.unwrap();
    }
    let parked = house.due_letters(Channel::Mail, at(0), 1).await.unwrap().remove(0).id;
    let error = "550 no such user".to_owned();
    house.dispatch(parked, Dispatch::Parked { error }, at(1)).await.unwrap();
    let purged = house.purge(at(30), AUDIT_KEPT, 100).await.unwrap();
    assert_eq!(purged, Purged { letters: 1, ..Purged::default() });
    assert_eq!(house.counts().await.unwrap().letters_parked, 1);
    assert_eq!(house.purge(at(1) + A_DAY * 30, AUDIT_KEPT, 100).await.unwrap().letters, 1);
}

#[tokio::test]
async fn letters_that_a_wrong_clock_put_off_are_due_again() {
    let house = house();
    for username in ["alice", "bob"] {
        house.create_account(NewAccount { expires_at: None, ..pending(username) }).await.unwrap();
    }
    let letters = house.due_letters(Channel::Mail, at(0), 2).await.unwrap();
    let later = |minute| Dispatch::Retry { at: at(minute), error: "421".to_owned() };
    house.dispatch(letters[0].id, later(5 * 60), at(0)).await.unwrap();
    house.dispatch(letters[1].id, later(10), at(0)).await.unwrap();
    let purged = house.purge(at(1), AUDIT_KEPT, 100).await.unwrap();
    assert_eq!(purged, Purged { recalled: 1, ..Purged::default() });
    let due = house.due_letters(Channel::Mail, at(1), 2).await.unwrap();
    assert_eq!(due.iter().map(|letter| letter.id).collect::<Vec<_>>(), [letters[0].id]);
}

use super::*;

fn once(text: &str, minute: i64) -> Spending {
    Spending { hash: proof(text), expires_at: at(minute) }
}

#[tokio::test]
async fn a_thing_can_be_used_once_and_another_one_all_the_same() {
    let house = house();
    assert!(house.spend(once("first", 15)).await.unwrap());
    assert!(!house.spend(once("first", 15)).await.unwrap());
    assert!(!house.spend(once("first", 99)).await.unwrap(), "whatever time is given the second time");
    assert!(house.spend(once("second", 15)).await.unwrap());
}

#[tokio::test]
async fn of_all_who_use_it_at_the_same_moment_one_is_the_first() {
    let house = house();
    let beside = house.beside();
    let uses = (0..20).map(|number| {
        let store = if number % 2 == 0 { &house.store } else { &beside };
        store.spend(once("wanted", 15))
    });
    let outcomes = futures::future::join_all(uses).await;
    assert_eq!(outcomes.into_iter().filter(|outcome| *outcome.as_ref().unwrap()).count(), 1);
}

#[tokio::test]
async fn what_was_used_stays_used_after_a_restart() {
    let House { folder, store } = house();
    assert!(store.spend(once("first", 15)).await.unwrap());
    store.close().await;
    let store = Store::open(&settings(folder.path())).unwrap();
    assert!(!store.spend(once("first", 15)).await.unwrap());
}

#[tokio::test]
async fn it_is_remembered_until_it_is_too_old_and_then_purged_in_portions() {
    let house = house();
    for number in 0..5 {
        house.spend(once(&number.to_string(), 15)).await.unwrap();
    }
    house.spend(once("younger", 16)).await.unwrap();
    assert_eq!(house.purge(at(14), AUDIT_KEPT, 100).await.unwrap(), Purged::default());
    let round = house.purge(at(15), AUDIT_KEPT, 2).await.unwrap();
    assert_eq!(round, Purged { spent: 2, ..Purged::default() });
    assert!(round.reached(2));
    assert_eq!(house.purge(at(15), AUDIT_KEPT, 100).await.unwrap(), Purged { spent: 3, ..Purged::default() });
    assert_eq!(house.number("SELECT count(*) FROM spent"), 1);
    assert!(!house.spend(once("younger", 16)).await.unwrap());
}

#[tokio::test]
async fn an_account_uses_up_what_it_is_made_with_and_one_that_is_not_made_does_not() {
    let house = house();
    let spends = Some(once("solved", 15));
    house.create_account(active("alice")).await.unwrap();
    let with = |username: &str| NewAccount { spends, ..active(username) };
    assert_eq!(house.create_account(with("alice")).await.unwrap(), Creation::NameTaken);
    made(house.create_account(with("bob")).await.unwrap());
    assert_eq!(house.create_account(with("carol")).await.unwrap(), Creation::AlreadySpent);
    assert_eq!(house.find("carol").await, None);
    assert!(!house.spend(once("solved", 15)).await.unwrap());
}

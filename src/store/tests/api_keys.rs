use super::*;
use crate::accounts::{ApiKey, ApiKeyId, KeyOwner};

fn id(text: &str) -> ApiKeyId {
    ApiKeyId::parse(text).unwrap()
}

fn new_key(text: &str, limit: u32) -> NewApiKey {
    NewApiKey {
        id: id(text),
        domain: domain(),
        owner: KeyOwner::parse("Agent API").unwrap(),
        sealed_secret: vec![3; 80],
        limit,
        at: at(0),
        actor: actor(),
    }
}

fn with_key(username: &str, key: &str) -> NewAccount {
    NewAccount { api_key: Some(id(key)), ..active(username) }
}

impl House {
    async fn key(&self, text: &str) -> ApiKey {
        self.api_key(&id(text)).await.unwrap().unwrap().key
    }

    async fn change_key(&self, text: &str, change: KeyChange) -> Option<ApiKey> {
        self.change_api_key(&id(text), change, at(5), actor()).await.unwrap()
    }
}

#[tokio::test]
async fn a_key_is_found_as_it_was_made_and_counts_what_it_makes() {
    let house = house();
    house.create_api_key(new_key("k1", 2)).await.unwrap();
    let stored = house.api_key(&id("k1")).await.unwrap().unwrap();
    assert_eq!(stored.sealed_secret, vec![3; 80]);
    let fresh = ApiKey {
        id: id("k1"),
        domain: domain(),
        owner: KeyOwner::parse("Agent API").unwrap(),
        limit: 2,
        created: 0,
        deleted: 0,
        created_at: at(0),
        last_used_at: None,
        revoked_at: None,
    };
    assert_eq!(stored.key, fresh);
    assert!(house.api_key(&id("k2")).await.unwrap().is_none());

    made(house.create_account(NewAccount { created_at: at(3), ..with_key("alice", "k1") }).await.unwrap());
    assert_eq!(house.key("k1").await, ApiKey { created: 1, last_used_at: Some(at(3)), ..fresh });
    assert_eq!(house.find("alice").await.unwrap().api_key, Some(id("k1")));
    assert_eq!(house.create_account(with_key("alice", "k1")).await.unwrap(), Creation::NameTaken);
    assert_eq!(house.key("k1").await.created, 1, "a name that is taken costs nothing");
}

#[tokio::test]
async fn every_account_that_goes_makes_room_for_another() {
    let house = house();
    house.create_api_key(new_key("k1", 1)).await.unwrap();
    let lapsing = NewAccount { api_key: Some(id("k1")), ..pending("alice") };
    made(house.create_account(lapsing.clone()).await.unwrap());
    assert_eq!(house.create_account(with_key("bob", "k1")).await.unwrap(), Creation::KeyExhausted);
    assert!(house.find("bob").await.is_none());

    house.change("alice", Change::Delete { even_suspended: true, keep_name_until: at(0) }, 1).await;
    assert_eq!((house.key("k1").await.created, house.key("k1").await.deleted), (1, 1));
    made(house.create_account(lapsing.clone()).await.unwrap());
    house.purge(at(48 * 60), AUDIT_KEPT, 100).await.unwrap();
    assert_eq!((house.key("k1").await.created, house.key("k1").await.deleted), (2, 2), "it lapsed");
    made(house.create_account(lapsing).await.unwrap());
    // Somebody else takes the name of the one whose time is over.
    made(house.create_account(NewAccount { created_at: at(48 * 60), ..active("alice") }).await.unwrap());
    assert_eq!((house.key("k1").await.created, house.key("k1").await.deleted), (3, 3));
    house.change("alice", Change::Delete { even_suspended: true, keep_name_until: at(0) }, 1).await;
    assert_eq!(house.key("k1").await.deleted, 3, "that one was made without a key");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_a_hundred_accounts_at_once_a_key_of_seven_makes_exactly_seven() {
    let house = house();
    house.create_api_key(new_key("k1", 7)).await.unwrap();
    let beside = house.beside();
    let tasks: Vec<_> = (0..100)
        .map(|number| {
            let store = if number % 2 == 0 { house.store.clone() } else { beside.clone() };
            let new = with_key(&format!("user{number}"), "k1");
            tokio::spawn(async move { store.create_account(new).await.unwrap() })
        })
        .collect();
    let mut outcomes = Vec::new();
    for task in tasks {
        outcomes.push(task.await.unwrap());
    }
    let made = outcomes.iter().filter(|outcome| matches!(outcome, Creation::Created(_))).count();
    let exhausted = outcomes.iter().filter(|outcome| **outcome == Creation::KeyExhausted).count();
    assert_eq!((made, exhausted), (7, 93));
    assert_eq!(house.number("SELECT count(*) FROM accounts"), 7);
    assert_eq!((house.key("k1").await.created, house.key("k1").await.left()), (7, 0));
}

#[tokio::test]
async fn a_limit_can_be_raised_and_lowered_and_a_revoked_key_makes_nothing() {
    let house = house();
    house.create_api_key(new_key("k1", 1)).await.unwrap();
    made(house.create_account(with_key("alice", "k1")).await.unwrap());
    assert_eq!(house.change_key("k1", KeyChange::Limit(2)).await.unwrap().left(), 1);
    made(house.create_account(with_key("bob", "k1")).await.unwrap());
    assert_eq!(house.change_key("k1", KeyChange::Limit(0)).await.unwrap().left(), 0);
    assert_eq!(house.create_account(with_key("carol", "k1")).await.unwrap(), Creation::KeyExhausted);

    house.change_key("k1", KeyChange::Limit(10)).await.unwrap();
    assert!(house.has_api_key(&domain()).await.unwrap());
    assert_eq!(house.change_key("k1", KeyChange::Revoke).await.unwrap().revoked_at, Some(at(5)));
    house.change_key("k1", KeyChange::Revoke).await.unwrap();
    assert_eq!(house.create_account(with_key("carol", "k1")).await.unwrap(), Creation::KeyRevoked);
    assert!(!house.has_api_key(&domain()).await.unwrap());
    assert!(house.find("alice").await.is_some(), "what it has made stays");
    assert!(house.change_key("k2", KeyChange::Revoke).await.is_none());

    let history = house.audit_of_key(&id("k1"), 100).await.unwrap();
    let told: Vec<_> =
        history.iter().rev().map(|entry| (entry.action.as_str(), entry.account.as_str())).collect();
    assert_eq!(
        told,
        [
            ("key-created", "chat.example"),
            ("registered", "alice@chat.example"),
            ("key-limited", "chat.example"),
            ("registered", "bob@chat.example"),
            ("key-limited", "chat.example"),
            ("key-limited", "chat.example"),
            ("key-revoked", "chat.example"),
        ]
    );
}

#[tokio::test]
async fn a_key_counts_on_its_own_domain_only() {
    let house = house();
    let other = Domain::parse("other.example").unwrap();
    house.create_api_key(NewApiKey { domain: other.clone(), ..new_key("k1", 5) }).await.unwrap();
    assert_eq!(house.create_account(with_key("alice", "k1")).await.unwrap(), Creation::KeyRevoked);
    assert_eq!(house.create_account(with_key("alice", "unknown")).await.unwrap(), Creation::KeyRevoked);
    assert!(!house.has_api_key(&domain()).await.unwrap() && house.has_api_key(&other).await.unwrap());
    house.create_api_key(new_key("k2", 5)).await.unwrap();
    let listed = |keys: Vec<ApiKey>| keys.into_iter().map(|key| key.id.to_string()).collect::<Vec<_>>();
    assert_eq!(listed(house.api_keys(None).await.unwrap()), ["k2", "k1"]);
    assert_eq!(listed(house.api_keys(Some(&other)).await.unwrap()), ["k1"]);
}

#[tokio::test]
async fn names_that_somebody_has_or_had_are_not_free() {
    let house = house();
    made(house.create_account(active("alice1")).await.unwrap());
    made(house.create_account(pending("alice2")).await.unwrap());
    made(house.create_account(active("alice3")).await.unwrap());
    house.change("alice3", Change::Delete { even_suspended: true, keep_name_until: at(60) }, 1).await;
    let free = async |minute| {
        let names = ["alice1", "alice2", "alice3", "alice4"].map(name).to_vec();
        let free = house.free_names(&domain(), names, at(minute)).await.unwrap();
        free.iter().map(|name| name.as_str().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(free(59).await, ["alice4"]);
    assert_eq!(free(60).await, ["alice3", "alice4"]);
    assert_eq!(free(48 * 60).await, ["alice2", "alice3", "alice4"], "its time is over");
}

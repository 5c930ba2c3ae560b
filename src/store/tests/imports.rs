//! Accounts taken over from another server.

use super::*;
use crate::{
    accounts::{Mechanism, Salt, ScramKeys, ScramLook},
    store::{
        Importation::{Deleted, Imported, ThereAlready},
        NewImport,
    },
};

fn look() -> ScramLook {
    ScramLook::of(&[ScramKeys::derive(Mechanism::ScramSha1, "x", Salt::new(&[200; 16]).unwrap(), 16)])
}

fn foreign(username: &str) -> NewImport {
    NewImport {
        domain: domain(),
        username: name(username),
        suspension: None,
        email: None,
        language: LanguageTag::default(),
        password_hash: None,
        sealed_scram: Some(vec![9; 60]),
        sealed_login: None,
        look: Some(look()),
    }
}

#[tokio::test]
async fn names_that_are_held_deleted_or_kept_are_passed_over_and_the_others_come_in() {
    let house = house();
    house.create_account(pending("waiting")).await.unwrap();
    house.create_account(active("here")).await.unwrap();
    house.create_account(active("gone")).await.unwrap();
    let change = Change::Delete { even_suspended: false, keep_name_until: at(100) };
    house.change_account(&domain(), &name("gone"), change, at(1), actor()).await.unwrap();
    let names = ["waiting", "here", "gone", "new", "new"];
    let before = house.events().await;
    let import = async |minute| house.import(names.map(foreign).to_vec(), at(minute), actor()).await.unwrap();
    assert_eq!(import(2).await, [ThereAlready, ThereAlready, Deleted, Imported, ThereAlready]);
    assert_eq!(house.events().await, before, "the server is not told");
    assert_eq!(house.actions("new@chat.example").await, ["imported"]);
    // Later the tombstone is over, and so is the time of the pending account.
    assert_eq!(import(3 * 24 * 60).await, [Imported, ThereAlready, Imported, ThereAlready, ThereAlready]);
    let counts = house.counts().await.unwrap();
    assert_eq!((counts.pending, counts.active), (0, 4));
}

#[tokio::test]
async fn looks_are_counted_up_to_a_bound_and_come_with_every_login() {
    let house = house();
    house.import(vec![foreign("alice"), foreign("bob")], at(1), actor()).await.unwrap();
    for user in ["alice", "nobody"] {
        let found = house.login(&domain(), &name(user)).await.unwrap();
        assert_eq!((found.credentials.is_some(), found.looks), (user == "alice", vec![(look(), 2)]));
    }
    let others = (1..40).map(|length| {
        let keys = ScramKeys::derive(Mechanism::ScramSha1, "x", Salt::new(&vec![200; length]).unwrap(), 1);
        NewImport { look: Some(ScramLook::of(&[keys])), ..foreign(&format!("user{length}")) }
    });
    house.import(others.collect(), at(2), actor()).await.unwrap();
    assert_eq!(house.login(&domain(), &name("nobody")).await.unwrap().looks.len(), 16);
}

#[tokio::test]
async fn keys_are_replaced_only_while_they_are_the_same_and_no_verifier_is_there() {
    let house = house();
    house.import(vec![foreign("alice")], at(1), actor()).await.unwrap();
    let new = |keys: Vec<u8>, hash: &str| NewCredentials {
        domain: domain(),
        username: name("alice"),
        password_hash: PasswordHash::new(hash.to_owned()),
        sealed_scram: Some(vec![9; 60]),
        sealed_login: None,
        replaces: Replaced::Keys(keys),
        changed: false,
        keep: None,
        at: at(2),
        actor: actor(),
    };
    assert!(!house.set_credentials(new(vec![8; 60], "other keys")).await.unwrap());
    assert!(house.set_credentials(new(vec![9; 60], "first")).await.unwrap());
    assert!(!house.set_credentials(new(vec![9; 60], "late")).await.unwrap(), "a verifier is there");
    let stored = house.credentials(&domain(), &name("alice")).await.unwrap().unwrap();
    assert_eq!(stored.password_hash.unwrap().as_phc(), "first");
}

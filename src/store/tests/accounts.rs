use std::collections::HashSet;

use super::*;

#[tokio::test]
async fn an_account_is_found_as_it_was_made() {
    let house = house();
    let id = made(house.create_account(pending("alice")).await.unwrap());
    let account = house.find("alice").await.unwrap();
    assert_eq!(
        account,
        Account {
            id,
            username: name("alice"),
            domain: domain(),
            state: AccountState::Pending,
            suspension: None,
            delete_at: None,
            email: Some(Email::parse("alice@mail.example").unwrap()),
            email_verified_at: None,
            phone: None,
            phone_verified_at: None,
            language: LanguageTag::default(),
            created_at: at(0),
            activated_at: None,
            expires_at: Some(at(48 * 60)),
            api_key: None,
        }
    );
    assert!(house.find("bob").await.is_none());
    assert_eq!(house.actions("alice@chat.example").await, ["registered"]);
    let entry = house.audit(None, 10).await.unwrap().remove(0);
    assert_eq!((entry.at, entry.front.as_str(), entry.client.as_deref()), (at(0), "web", Some("192.0.2.1")));
}

#[tokio::test]
async fn an_account_that_is_active_at_once_is_told_to_the_server() {
    let house = house();
    made(house.create_account(active("alice")).await.unwrap());
    let account = house.find("alice").await.unwrap();
    assert_eq!((account.state, account.activated_at), (AccountState::Active, Some(at(0))));
    assert_eq!(house.events().await, [("alice".to_owned(), AccountEvent::Activated)]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_a_hundred_who_want_a_name_exactly_one_gets_it() {
    let house = house();
    let tasks: Vec<_> = (0..100)
        .map(|number| {
            let store = house.store.clone();
            let mut new = pending("alice");
            new.verification = Some(verification(&number.to_string(), 0));
            tokio::spawn(async move { store.create_account(new).await.unwrap() })
        })
        .collect();
    let mut made = 0;
    for task in tasks {
        made += usize::from(task.await.unwrap() != Creation::NameTaken);
    }
    assert_eq!(made, 1);
    assert_eq!(house.number("SELECT count(*) FROM accounts"), 1);
    assert_eq!(house.number("SELECT count(*) FROM verifications"), 1);
    assert_eq!(house.number("SELECT count(*) FROM outbox"), 1);
}

#[tokio::test]
async fn the_same_name_on_another_domain_is_another_account() {
    let house = house();
    let other = Domain::parse("other.example").unwrap();
    let first = made(house.create_account(active("alice")).await.unwrap());
    let second =
        made(house.create_account(NewAccount { domain: other.clone(), ..active("alice") }).await.unwrap());
    assert_ne!(first, second);
    assert_eq!(house.account(&other, &name("alice")).await.unwrap().unwrap().id, second);
    assert_eq!(house.notices(&other, 0, 10).await.unwrap().len(), 1, "each server hears its own news only");
}

#[tokio::test]
async fn a_key_is_never_used_again() {
    let house = house();
    let first = made(house.create_account(pending("alice")).await.unwrap());
    house.change("alice", Change::Delete { even_suspended: true, keep_name_until: at(0) }, 1).await;
    let second = made(house.create_account(pending("alice")).await.unwrap());
    assert!(second > first);
}

#[tokio::test]
async fn new_credentials_take_the_place_of_the_old_and_are_told_with_the_session_that_stays() {
    let house = house();
    house.create_account(active("alice")).await.unwrap();
    let new = NewCredentials {
        domain: domain(),
        username: name("alice"),
        password_hash: PasswordHash::new("new".to_owned()),
        sealed_scram: None,
        sealed_login: None,
        replaces: Replaced::Anything,
        changed: true,
        keep: Some("alice@chat.example/phone".to_owned()),
        at: at(1),
        actor: actor(),
    };
    assert!(house.set_credentials(new.clone()).await.unwrap());
    let stored = house.credentials(&domain(), &name("alice")).await.unwrap().unwrap();
    assert_eq!((stored.password_hash.unwrap().as_phc(), stored.sealed_scram), ("new", None));
    let notice = house.notices(&domain(), 0, 10).await.unwrap().remove(1);
    assert_eq!(notice.event, AccountEvent::PasswordChanged);
    assert_eq!(notice.keep.as_deref(), Some("alice@chat.example/phone"));
    assert_eq!(house.actions("alice@chat.example").await, ["registered", "password-changed"]);
    assert!(!house.set_credentials(NewCredentials { username: name("bob"), ..new }).await.unwrap());
}

#[tokio::test]
async fn hashing_a_password_anew_neither_tells_anybody_nor_undoes_a_change() {
    let house = house();
    house.create_account(active("alice")).await.unwrap();
    let anew = |replaces: &str, hash: &str| NewCredentials {
        domain: domain(),
        username: name("alice"),
        password_hash: PasswordHash::new(hash.to_owned()),
        sealed_scram: None,
        sealed_login: None,
        replaces: Replaced::Verifier(PasswordHash::new(replaces.to_owned())),
        changed: false,
        keep: None,
        at: at(1),
        actor: actor(),
    };
    assert!(house.set_credentials(anew("hash of alice", "stronger")).await.unwrap());
    assert!(!house.set_credentials(anew("hash of alice", "late")).await.unwrap());
    let stored = house.credentials(&domain(), &name("alice")).await.unwrap().unwrap();
    assert_eq!(stored.password_hash.unwrap().as_phc(), "stronger");
    assert_eq!(house.events().await.len(), 1, "only the activation");
    assert_eq!(house.actions("alice@chat.example").await, ["registered"]);
}

#[tokio::test]
async fn accounts_are_listed_in_order_page_by_page_and_filtered() {
    let house = house();
    for username in ["carol", "alice", "bob", "dave"] {
        house.create_account(active(username)).await.unwrap();
    }
    let other = Domain::parse("b.example").unwrap();
    house.create_account(NewAccount { domain: other.clone(), ..pending("alice") }).await.unwrap();
    house.change("dave", Change::Suspend(None), 1).await;

    let names = async |filter: AccountFilter| -> Vec<String> {
        house.accounts(filter).await.unwrap().iter().map(Account::address).collect()
    };
    let all = AccountFilter { limit: 100, ..AccountFilter::default() };
    let everybody = [
        "alice@b.example",
        "alice@chat.example",
        "bob@chat.example",
        "carol@chat.example",
        "dave@chat.example",
    ];
    assert_eq!(names(all.clone()).await, everybody);

    let mut pages = Vec::new();
    let mut after = None;
    loop {
        let page = house.accounts(AccountFilter { after, limit: 2, ..all.clone() }).await.unwrap();
        let Some(last) = page.last() else { break };
        after = Some((last.domain.clone(), last.username.clone()));
        pages.extend(page.iter().map(Account::address));
    }
    assert_eq!(pages, everybody);

    assert_eq!(
        names(AccountFilter { domain: Some(other.clone()), ..all.clone() }).await,
        ["alice@b.example"]
    );
    let bob = Some((domain(), name("bob")));
    let rest = AccountFilter { domain: Some(domain()), after: bob.clone(), ..all.clone() };
    assert_eq!(names(rest).await, ["carol@chat.example", "dave@chat.example"]);
    assert!(names(AccountFilter { domain: Some(other), after: bob, ..all.clone() }).await.is_empty());
    let suspended = AccountFilter { state: Some(AccountState::Suspended), ..all.clone() };
    assert_eq!(names(suspended).await, ["dave@chat.example"]);
    for search in ["ARO", "carol@mail"] {
        let found = AccountFilter { search: Some(search.to_owned()), ..all.clone() };
        assert_eq!(names(found).await, ["carol@chat.example"], "{search}");
    }
    let wildcard = AccountFilter { search: Some("%".to_owned()), ..all };
    assert!(names(wildcard).await.is_empty(), "no character has a special meaning");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn what_was_answered_as_done_is_seen_by_every_read_after_it() {
    let house = house();
    let tasks: Vec<_> = (0..200)
        .map(|number| {
            let store = house.store.clone();
            tokio::spawn(async move {
                let username = format!("user{number}");
                let id = made(store.create_account(pending(&username)).await.unwrap());
                let found = store.credentials(&domain(), &name(&username)).await.unwrap().unwrap();
                assert_eq!(found.id, id);
                id
            })
        })
        .collect();
    let mut ids = HashSet::new();
    for task in tasks {
        ids.insert(task.await.unwrap());
    }
    assert_eq!(ids.len(), 200);
    let counts = house.counts().await.unwrap();
    assert_eq!((counts.pending, counts.letters_waiting), (200, 200));
}

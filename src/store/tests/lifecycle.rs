use super::*;

#[tokio::test]
async fn an_operator_activates_suspends_and_resumes() {
    let house = house();
    house.create_account(pending("alice")).await.unwrap();
    let Changed::Done(account) = house.change("alice", Change::Activate, 1).await else { panic!() };
    assert_eq!((account.state, account.activated_at), (AccountState::Active, Some(at(1))));
    assert_eq!((account.email_verified_at, account.expires_at), (None, None), "nothing was proven");
    assert_eq!(house.code("alice", "alice-code", 1).await, Verified::Unknown);
    assert_eq!(house.number("SELECT count(*) FROM outbox"), 0);

    let words = Some("Too much spam.".to_owned());
    let Changed::Done(account) = house.change("alice", Change::Suspend(words.clone()), 2).await else {
        panic!()
    };
    assert_eq!((account.state, &account.suspension), (AccountState::Suspended, &words));
    let credentials = house.credentials(&domain(), &name("alice")).await.unwrap().unwrap();
    assert_eq!((credentials.state, &credentials.suspension), (AccountState::Suspended, &words));

    let Changed::Done(account) = house.change("alice", Change::Resume, 3).await else { panic!() };
    assert_eq!((account.state, account.suspension), (AccountState::Active, None));
    assert_eq!(account.activated_at, Some(at(1)), "the first time counts");

    let notices = house.notices(&domain(), 0, 10).await.unwrap();
    let told: Vec<_> = notices.iter().map(|notice| (notice.event, notice.text.clone())).collect();
    assert_eq!(
        told,
        [(AccountEvent::Activated, None), (AccountEvent::Suspended, words), (AccountEvent::Resumed, None)]
    );
    assert_eq!(
        house.actions("alice@chat.example").await,
        ["registered", "activated", "suspended", "resumed"]
    );
}

#[tokio::test]
async fn a_change_that_does_not_fit_changes_nothing() {
    let house = house();
    house.create_account(pending("alice")).await.unwrap();
    house.create_account(active("bob")).await.unwrap();
    house.create_account(active("carol")).await.unwrap();
    house.change("carol", Change::Suspend(None), 1).await;
    let before = house.number("SELECT count(*) FROM notices");
    for (username, change) in [("alice", Change::Suspend(None)), ("alice", Change::Resume)] {
        assert_eq!(house.change(username, change, 1).await, Changed::WrongState(AccountState::Pending));
    }
    assert_eq!(
        house.change("carol", Change::Activate, 1).await,
        Changed::WrongState(AccountState::Suspended)
    );
    for (username, change) in
        [("bob", Change::Activate), ("bob", Change::Resume), ("carol", Change::Suspend(Some("x".to_owned())))]
    {
        assert!(matches!(house.change(username, change, 1).await, Changed::Already(_)));
    }
    assert_eq!(house.change("nobody", Change::Resume, 1).await, Changed::NoSuchAccount);
    assert_eq!(house.number("SELECT count(*) FROM notices"), before);
}

#[tokio::test]
async fn a_deleted_account_leaves_its_name_to_nobody_until_the_tombstone_goes() {
    let house = house();
    let id = made(house.create_account(active("alice")).await.unwrap());
    let delete = Change::Delete { even_suspended: true, keep_name_until: at(100) };
    let Changed::Done(account) = house.change("alice", delete.clone(), 1).await else { panic!() };
    assert_eq!((account.id, account.state), (id, AccountState::Active), "as it was before");
    assert_eq!(house.find("alice").await, None);
    assert_eq!(house.change("alice", delete, 1).await, Changed::NoSuchAccount);
    assert_eq!(house.events().await.last().unwrap(), &("alice".to_owned(), AccountEvent::Deleted));
    assert_eq!(house.actions("alice@chat.example").await, ["registered", "deleted"]);

    let later = |minute| NewAccount { created_at: at(minute), ..active("alice") };
    assert_eq!(house.create_account(later(99)).await.unwrap(), Creation::NameTaken);
    made(house.create_account(later(100)).await.unwrap());
    house.change("alice", Change::Delete { even_suspended: true, keep_name_until: at(300) }, 101).await;
    assert_eq!(
        house.create_account(later(200)).await.unwrap(),
        Creation::NameTaken,
        "the old one is renewed"
    );
}

#[tokio::test]
async fn a_deleted_pending_account_leaves_nothing_but_an_audit_entry_and_a_notice() {
    let house = house();
    house.create_account(pending("alice")).await.unwrap();
    house.change("alice", Change::Delete { even_suspended: true, keep_name_until: at(100) }, 1).await;
    for table in ["accounts", "verifications", "outbox", "tombstones"] {
        assert_eq!(house.number(&format!("SELECT count(*) FROM {table}")), 0, "{table}");
    }
    made(house.create_account(pending("alice")).await.unwrap());
}

#[tokio::test]
async fn an_account_that_is_left_goes_at_its_time_unless_its_owner_stays() {
    let house = house();
    house.create_account(active("alice")).await.unwrap();
    house.create_account(active("bob")).await.unwrap();
    let leave = || Change::Leave { delete_at: at(100), letter: Some(letter("leaving", 60)) };
    let Changed::Done(account) = house.change("alice", leave(), 1).await else { panic!() };
    assert_eq!((account.state, account.delete_at), (AccountState::Suspended, Some(at(100))));
    assert_eq!(house.due_letters(Channel::Mail, at(2), 10).await.unwrap().len(), 1);
    assert_eq!(house.change("alice", leave(), 2).await, Changed::WrongState(AccountState::Suspended));
    assert!(house.leaving_accounts(at(99), 10).await.unwrap().is_empty());
    assert!(!house.delete_left(&domain(), &name("alice"), at(500), at(99)).await.unwrap(), "too early");

    let Changed::Done(account) = house.change("alice", Change::Stay, 50).await else { panic!() };
    assert_eq!((account.state, account.delete_at), (AccountState::Active, None));
    assert!(house.leaving_accounts(at(100), 10).await.unwrap().is_empty());
    assert!(!house.delete_left(&domain(), &name("alice"), at(500), at(100)).await.unwrap(), "she stays");

    // The operator's word ends it, too; and nobody who is suspended gets out of it in this way.
    house.change("bob", leave(), 60).await;
    let Changed::Done(account) = house.change("bob", Change::Resume, 61).await else { panic!() };
    assert_eq!(account.delete_at, None);
    house.change("bob", Change::Suspend(None), 62).await;
    assert_eq!(house.change("bob", Change::Stay, 63).await, Changed::WrongState(AccountState::Suspended));
    assert_eq!(house.change("bob", leave(), 63).await, Changed::WrongState(AccountState::Suspended));

    house.change("alice", leave(), 70).await;
    assert_eq!(house.leaving_accounts(at(100), 10).await.unwrap(), [(domain(), name("alice"))]);
    assert!(house.delete_left(&domain(), &name("alice"), at(500), at(100)).await.unwrap());
    assert!(house.find("alice").await.is_none());
    assert_eq!(
        house.create_account(active("alice")).await.unwrap(),
        Creation::NameTaken,
        "a tombstone keeps it"
    );
    let events: Vec<_> =
        house.events().await.into_iter().filter(|(who, _)| who == "alice").map(|(_, what)| what).collect();
    let words: Vec<_> = events.iter().map(|event| event.as_str()).collect();
    assert_eq!(words, ["activated", "suspended", "resumed", "suspended", "deleted"]);
}

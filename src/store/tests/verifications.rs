use super::*;

#[tokio::test]
async fn the_right_code_activates_the_account_and_nothing_is_left_to_prove() {
    let house = house();
    house.create_account(pending("alice")).await.unwrap();
    let Verified::Activated(account) = house.code("alice", "alice-code", 5).await else { panic!() };
    assert_eq!(account.state, AccountState::Active);
    assert_eq!((account.activated_at, account.email_verified_at), (Some(at(5)), Some(at(5))));
    assert_eq!(account.expires_at, None);
    assert_eq!(house.find("alice").await.unwrap(), account);
    assert_eq!(house.number("SELECT count(*) FROM verifications"), 0);
    assert_eq!(house.number("SELECT count(*) FROM outbox"), 0, "the unsent letter is of no use");
    assert_eq!(house.events().await, [("alice".to_owned(), AccountEvent::Activated)]);
    assert_eq!(house.actions("alice@chat.example").await, ["registered", "activated"]);
    assert_eq!(house.code("alice", "alice-code", 6).await, Verified::Unknown);
    let owner = house.email_owner(&domain(), &Email::parse("ALICE@mail.example").unwrap()).await.unwrap();
    assert_eq!(owner, Some(name("alice")));
}

#[tokio::test]
async fn a_link_names_its_account_without_being_used_up_and_then_proves() {
    let house = house();
    house.create_account(pending("alice")).await.unwrap();
    for _ in 0..2 {
        let account = house.link_account(proof("alice-link")).await.unwrap().unwrap();
        assert_eq!(account.username, name("alice"));
    }
    assert_eq!(house.link_account(proof("bob-link")).await.unwrap(), None);
    assert_eq!(house.link("bob-link", 60).await, Verified::Unknown);
    assert!(matches!(house.link("alice-link", 60).await, Verified::Activated(_)));
    assert_eq!(house.link("alice-link", 60).await, Verified::Unknown);
}

#[tokio::test]
async fn wrong_codes_are_counted_and_then_even_the_right_one_is_too_late() {
    let house = house();
    house.create_account(pending("alice")).await.unwrap();
    for tries_left in (0..5).rev() {
        assert_eq!(house.code("alice", "wrong", 1).await, Verified::Wrong { tries_left });
    }
    assert_eq!(house.code("alice", "wrong", 1).await, Verified::Expired);
    assert_eq!(house.code("alice", "alice-code", 1).await, Verified::Expired);
    assert!(matches!(house.link("alice-link", 1).await, Verified::Activated(_)), "the link still works");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn ten_at_once_have_no_more_tries_than_one() {
    let house = house();
    house.create_account(pending("alice")).await.unwrap();
    let tasks: Vec<_> = (0..10)
        .map(|_| {
            let store = house.store.clone();
            let attempt = ProofAttempt::Code {
                domain: domain(),
                username: name("alice"),
                hash: proof("wrong"),
                channel: None,
            };
            tokio::spawn(async move { store.verify(attempt, true, at(1), actor()).await.unwrap() })
        })
        .collect();
    let mut left = Vec::new();
    for task in tasks {
        match task.await.unwrap() {
            Verified::Wrong { tries_left } => left.push(tries_left),
            other => assert_eq!(other, Verified::Expired),
        }
    }
    left.sort_unstable();
    assert_eq!(left, [0, 1, 2, 3, 4]);
}

#[tokio::test]
async fn proofs_come_too_late_for_the_code_the_link_and_the_account() {
    let house = house();
    house.create_account(pending("alice")).await.unwrap();
    assert_eq!(house.code("alice", "alice-code", 30).await, Verified::Expired);
    assert_eq!(house.link("alice-link", 24 * 60).await, Verified::Expired);
    let mut new = pending("bob");
    new.expires_at = Some(at(10));
    house.create_account(new).await.unwrap();
    assert_eq!(house.code("bob", "bob-code", 10).await, Verified::Expired, "lapsed, though not purged yet");
    assert_eq!(house.link("bob-link", 10).await, Verified::Expired);
}

#[tokio::test]
async fn an_address_proves_one_account_on_a_domain() {
    let house = house();
    let email = Some(Email::parse("Shared@mail.example").unwrap());
    for username in ["alice", "bob", "carol"] {
        house.create_account(NewAccount { email: email.clone(), ..pending(username) }).await.unwrap();
    }
    let other = Domain::parse("other.example").unwrap();
    let new =
        NewAccount { domain: other, email, verification: Some(verification("dave", 0)), ..pending("dave") };
    house.create_account(new).await.unwrap();

    assert!(matches!(house.code("bob", "bob-code", 1).await, Verified::Activated(_)));
    assert_eq!(house.code("alice", "alice-code", 1).await, Verified::AddressInUse);
    assert_eq!(house.link("carol-link", 1).await, Verified::AddressInUse);
    assert_eq!(house.find("alice").await.unwrap().state, AccountState::Pending);
    assert!(matches!(house.link("dave-link", 1).await, Verified::Activated(_)), "domains are apart");

    house.change("bob", Change::Delete { even_suspended: true, keep_name_until: at(0) }, 2).await;
    assert!(matches!(house.code("alice", "alice-code", 2).await, Verified::Activated(_)));
}

#[tokio::test]
async fn an_address_proves_several_accounts_where_that_is_allowed() {
    let house = house();
    let email = Email::parse("shared@mail.example").unwrap();
    for username in ["alice", "bob", "carol"] {
        house.create_account(NewAccount { email: Some(email.clone()), ..pending(username) }).await.unwrap();
    }
    for link in ["alice-link", "bob-link"] {
        let attempt = ProofAttempt::Link { hash: proof(link) };
        let verified = house.verify(attempt, false, at(1), actor()).await.unwrap();
        assert!(matches!(verified, Verified::Activated(_)));
    }
    assert_eq!(house.email_owner(&domain(), &email).await.unwrap(), Some(name("alice")));
    assert_eq!(house.link("carol-link", 1).await, Verified::AddressInUse, "once it is no longer allowed");
}

fn again(username: &str, text: &str, minute: i64) -> NewVerification {
    NewVerification {
        domain: domain(),
        username: name(username),
        email: None,
        phone: None,
        verification: Some(verification(text, minute)),
        phone_verification: None,
        letters: vec![letter(text, minute)],
        not_since: at(minute - 2),
        at: at(minute),
        actor: actor(),
    }
}

#[tokio::test]
async fn another_letter_makes_the_old_code_link_and_letter_void() {
    let house = house();
    house.create_account(pending("alice")).await.unwrap();
    assert_eq!(house.replace_verification(again("alice", "new", 1)).await.unwrap(), Replacement::TooSoon);
    let corrected = NewVerification {
        email: Some(Email::parse("right@mail.example").unwrap()),
        ..again("alice", "new", 3)
    };
    assert_eq!(house.replace_verification(corrected).await.unwrap(), Replacement::Replaced);
    assert_eq!(house.replace_verification(again("alice", "newer", 4)).await.unwrap(), Replacement::TooSoon);
    let letters = house.due_letters(Channel::Mail, at(3), 10).await.unwrap();
    assert_eq!(letters.iter().map(|letter| letter.message_id.as_str()).collect::<Vec<_>>(), ["new@mail"]);
    assert_eq!(house.link("alice-link", 5).await, Verified::Unknown);
    assert_eq!(house.code("alice", "alice-code", 5).await, Verified::Wrong { tries_left: 4 });
    let Verified::Activated(account) = house.code("alice", "new-code", 5).await else { panic!() };
    assert_eq!(account.email, Some(Email::parse("right@mail.example").unwrap()));
    assert_eq!(house.actions("alice@chat.example").await, ["registered", "email-corrected", "activated"]);
}

#[tokio::test]
async fn a_letter_from_before_the_clock_was_set_back_keeps_nobody_waiting() {
    let house = house();
    house.create_account(pending("alice")).await.unwrap();
    assert_eq!(house.replace_verification(again("alice", "new", -1)).await.unwrap(), Replacement::TooSoon);
    assert_eq!(house.replace_verification(again("alice", "new", -60)).await.unwrap(), Replacement::Replaced);
    assert!(matches!(house.code("alice", "new-code", -50).await, Verified::Activated(_)));
}

#[tokio::test]
async fn only_a_pending_account_gets_another_letter() {
    let house = house();
    house.create_account(active("alice")).await.unwrap();
    let mut new = pending("bob");
    new.expires_at = Some(at(10));
    house.create_account(new).await.unwrap();
    for (username, minute) in [("alice", 5), ("bob", 10), ("nobody", 5)] {
        let outcome = house.replace_verification(again(username, "new", minute)).await.unwrap();
        assert_eq!(outcome, Replacement::NotPending, "{username}");
    }
    assert_eq!(house.replace_verification(again("bob", "new", 9)).await.unwrap(), Replacement::Replaced);
    assert_eq!(house.actions("bob@chat.example").await, ["registered", "verification-resent"]);
}

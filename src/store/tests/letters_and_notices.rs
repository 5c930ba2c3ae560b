use std::time::Duration;

use tokio::time::timeout;

use super::*;

const SOON: Duration = Duration::from_secs(5);

#[tokio::test]
async fn a_letter_is_due_until_it_was_sent() {
    let house = house();
    house.create_account(pending("alice")).await.unwrap();
    house.create_account(NewAccount { created_at: at(1), ..pending("bob") }).await.unwrap();
    assert!(house.due_letters(Channel::Mail, at(-1), 10).await.unwrap().is_empty());
    assert_eq!(house.next_letter_at(Channel::Mail).await.unwrap(), Some(at(0)));
    let due = house.due_letters(Channel::Mail, at(1), 10).await.unwrap();
    assert_eq!(due.len(), 2);
    let first = &due[0];
    assert_eq!((first.message_id.as_str(), first.kind.as_str()), ("alice@mail", "verify"));
    assert_eq!((&first.domain, &first.sealed, first.attempts), (&domain(), &vec![7; 40], 0));
    assert_eq!((first.created_at, first.expires_at), (at(0), at(30)));

    house.dispatch(first.id, Dispatch::Sent, at(1)).await.unwrap();
    let retry = Dispatch::Retry { at: at(5), error: "connection refused".to_owned() };
    house.dispatch(due[1].id, retry, at(1)).await.unwrap();
    assert!(house.due_letters(Channel::Mail, at(4), 10).await.unwrap().is_empty());
    assert_eq!(house.next_letter_at(Channel::Mail).await.unwrap(), Some(at(5)));
    assert_eq!(house.due_letters(Channel::Mail, at(5), 10).await.unwrap()[0].attempts, 1);
    house.dispatch(due[0].id, Dispatch::Sent, at(5)).await.unwrap();
}

#[tokio::test]
async fn a_parked_letter_is_counted_and_says_nothing_any_more() {
    let house = house();
    house.create_account(pending("alice")).await.unwrap();
    let id = house.due_letters(Channel::Mail, at(0), 1).await.unwrap()[0].id;
    house.dispatch(id, Dispatch::Parked { error: "ß".repeat(1000) }, at(1)).await.unwrap();
    assert!(house.due_letters(Channel::Mail, at(10), 10).await.unwrap().is_empty());
    assert_eq!(house.next_letter_at(Channel::Mail).await.unwrap(), None);
    let counts = house.counts().await.unwrap();
    assert_eq!((counts.letters_waiting, counts.letters_parked), (0, 1));
    assert_eq!(house.number("SELECT length(sealed) FROM outbox"), 0);
    assert_eq!(house.number("SELECT length(last_error) FROM outbox"), 500);
}

#[tokio::test]
async fn notices_keep_their_order_and_go_when_they_were_told() {
    let house = house();
    for username in ["alice", "bob", "carol"] {
        house.create_account(active(username)).await.unwrap();
    }
    let first = house.notices(&domain(), 0, 2).await.unwrap();
    assert_eq!(first.iter().map(|notice| notice.username.as_str()).collect::<Vec<_>>(), ["alice", "bob"]);
    let rest = house.notices(&domain(), first[1].id, 2).await.unwrap();
    assert_eq!(rest.iter().map(|notice| notice.username.as_str()).collect::<Vec<_>>(), ["carol"]);
    house.notice_told(first[1].id).await.unwrap();
    let left = house.events().await;
    assert_eq!(left.iter().map(|(username, _)| username.as_str()).collect::<Vec<_>>(), ["alice", "carol"]);
}

#[tokio::test]
async fn a_listener_hears_what_was_committed_between_its_look_and_its_wait() {
    let house = house();
    let (mut letters, mut notices) = (house.letters_changed(), house.notices_changed());
    timeout(SOON, letters.next()).await.expect("the first time returns at once");
    settle(&mut letters, &mut notices).await;
    assert!(house.due_letters(Channel::Mail, at(0), 10).await.unwrap().is_empty());
    house.create_account(pending("alice")).await.unwrap();
    timeout(SOON, letters.next()).await.expect("the letter is told of");
    let silence = timeout(Duration::from_millis(600), notices.next()).await;
    assert!(silence.is_err(), "no notice was written");
    house.change("alice", Change::Activate, 1).await;
    timeout(SOON, notices.next()).await.expect("the notice is told of");
}

#[tokio::test]
async fn every_listener_hears_of_a_change() {
    let house = house();
    let mut listeners = [house.notices_changed(), house.notices_changed()];
    for listener in &mut listeners {
        while timeout(Duration::from_millis(600), listener.next()).await.is_ok() {}
    }
    house.create_account(active("alice")).await.unwrap();
    for listener in &mut listeners {
        timeout(SOON, listener.next()).await.expect("told");
    }
}

#[tokio::test]
async fn a_change_by_another_process_is_heard_and_seen() {
    let house = house();
    let (mut letters, mut notices) = (house.letters_changed(), house.notices_changed());
    let other = house.beside();
    settle(&mut letters, &mut notices).await;
    other.create_account(active("alice")).await.unwrap();
    timeout(SOON, notices.next()).await.expect("told");
    assert_eq!(house.events().await.len(), 1);
    other.close().await;
    house.create_account(pending("bob")).await.expect("the one that stays goes on");
}

/// Hears out what the beginning rang in.
async fn settle(letters: &mut Changes, notices: &mut Changes) {
    while timeout(Duration::from_millis(600), letters.next()).await.is_ok() {}
    while timeout(Duration::from_millis(600), notices.next()).await.is_ok() {}
}

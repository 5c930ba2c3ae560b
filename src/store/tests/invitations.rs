//! Invitations: who they let in, how often, and what they keep for whom.

use super::*;
use crate::accounts::{Invitation, InvitationKind};

/// An invitation from minute 0 to 60 for one account.
fn invitation(token: &str) -> NewInvitation {
    NewInvitation {
        token: proof(token),
        domain: domain(),
        kind: InvitationKind::Account,
        username: None,
        email: None,
        inviter: None,
        subscribe: false,
        note: None,
        uses: 1,
        created_at: at(0),
        expires_at: at(60),
        limit: None,
        actor: actor(),
    }
}

fn invited(outcome: Invited) -> Invitation {
    match outcome {
        Invited::Made(invitation) => invitation,
        refused => panic!("{refused:?}"),
    }
}

/// A registration by invitation, for which the person asked in that minute.
fn by(token: &str, username: &str, minute: i64) -> NewAccount {
    let invitation = Some(InvitationUse { token: proof(token), asked: at(minute), email_unique: true });
    NewAccount { invitation, email: None, ..active(username) }
}

#[tokio::test]
async fn an_invitation_lets_in_as_many_as_it_says_and_is_told_what_became_of_it() {
    let house = house();
    let kept = invited(house.invite(NewInvitation { uses: 2, ..invitation("t") }).await.unwrap());
    assert_eq!((kept.used, kept.uses), (0, 2));
    for name in ["ada", "bea"] {
        made(house.create_account(by("t", name, 1)).await.unwrap());
    }
    assert_eq!(house.create_account(by("t", "cleo", 1)).await.unwrap(), Creation::NotInvited);
    assert!(house.find("cleo").await.is_none());
    let (kept, accounts) = house.invitation(kept.id, 10).await.unwrap().unwrap();
    assert_eq!(
        (kept.used, accounts),
        (2, vec!["ada@chat.example".to_owned(), "bea@chat.example".to_owned()])
    );
    assert_eq!(house.actions("invitation 1").await, ["invited", "used", "used"]);
}

#[tokio::test]
async fn a_registration_that_fails_uses_nothing_up() {
    let house = house();
    let id = invited(house.invite(invitation("t")).await.unwrap()).id;
    made(house.create_account(active("ada")).await.unwrap());
    assert_eq!(house.create_account(by("t", "ada", 1)).await.unwrap(), Creation::NameTaken);
    assert_eq!(house.invitation(id, 1).await.unwrap().unwrap().0.used, 0);
    made(house.create_account(by("t", "bea", 1)).await.unwrap());
}

#[tokio::test]
async fn it_counts_when_the_person_came_with_it_not_when_the_account_is_made() {
    let house = house();
    house.invite(NewInvitation { uses: 9, ..invitation("t") }).await.unwrap();
    let late = |asked, name: &str| NewAccount { created_at: at(90), ..by("t", name, asked) };
    made(house.create_account(late(59, "ada")).await.unwrap());
    assert_eq!(house.create_account(late(60, "bea")).await.unwrap(), Creation::NotInvited);
}

#[tokio::test]
async fn an_unknown_a_revoked_and_a_foreign_invitation_let_nobody_in() {
    let house = house();
    let id = invited(house.invite(invitation("t")).await.unwrap()).id;
    assert_eq!(house.create_account(by("other", "ada", 1)).await.unwrap(), Creation::NotInvited);
    let elsewhere = NewAccount { domain: Domain::parse("other.example").unwrap(), ..by("t", "ada", 1) };
    assert_eq!(house.create_account(elsewhere).await.unwrap(), Creation::NotInvited);
    for _ in 0..2 {
        let revoked = house.revoke_invitation(id, at(2), actor()).await.unwrap().unwrap();
        assert_eq!(revoked.revoked_at, Some(at(2)));
    }
    assert_eq!(house.create_account(by("t", "ada", 1)).await.unwrap(), Creation::NotInvited);
    assert_eq!(house.actions("invitation 1").await, ["invited", "revoked"]);
    assert!(house.revoke_invitation(77, at(2), actor()).await.unwrap().is_none());
}

#[tokio::test]
async fn a_name_is_kept_for_who_is_invited_until_the_invitation_ends() {
    let house = house();
    let for_juliet = NewInvitation { username: Some(name("juliet")), ..invitation("t") };
    let id = invited(house.invite(for_juliet.clone()).await.unwrap()).id;
    let again = NewInvitation { token: proof("u"), ..for_juliet.clone() };
    assert_eq!(house.invite(again.clone()).await.unwrap(), Invited::NameTaken);
    assert_eq!(house.create_account(active("juliet")).await.unwrap(), Creation::NameTaken);
    assert_eq!(house.create_account(by("t", "romeo", 1)).await.unwrap(), Creation::NotInvited);
    made(house.create_account(by("t", "juliet", 1)).await.unwrap());
    assert_eq!(house.invite(again).await.unwrap(), Invited::NameTaken, "it belongs to an account now");
    house.revoke_invitation(id, at(1), actor()).await.unwrap();

    for (token, change) in [("x", "expires"), ("y", "revoked")] {
        let bound = NewInvitation { username: Some(name(change)), token: proof(token), ..invitation("t") };
        let id = invited(house.invite(bound).await.unwrap()).id;
        if change == "revoked" {
            house.revoke_invitation(id, at(1), actor()).await.unwrap();
        }
        let free = NewAccount { created_at: at(60), ..active(change) };
        made(house.create_account(free).await.unwrap());
    }
}

#[tokio::test]
async fn an_address_that_was_proven_before_belongs_to_the_account_at_once() {
    let house = house();
    let email = Email::parse("Ada@Mail.example").unwrap();
    let proven = |token| NewInvitation { email: Some(email.clone()), token: proof(token), ..invitation("t") };
    house.invite(proven("t")).await.unwrap();
    house.invite(proven("u")).await.unwrap();
    made(house.create_account(by("t", "ada", 1)).await.unwrap());
    let ada = house.find("ada").await.unwrap();
    assert_eq!((ada.email.as_ref(), ada.email_verified_at), (Some(&email), Some(at(0))));
    assert_eq!(house.email_owner(&domain(), &email).await.unwrap(), Some(name("ada")));
    assert_eq!(house.create_account(by("u", "bea", 1)).await.unwrap(), Creation::AddressInUse);
    assert!(house.find("bea").await.is_none());
}

#[tokio::test]
async fn the_server_is_told_who_gets_the_new_account_as_a_contact() {
    let house = house();
    let inviter = || Some("romeo@chat.example".to_owned());
    let both = NewInvitation { inviter: inviter(), subscribe: true, uses: 2, ..invitation("t") };
    house.invite(both).await.unwrap();
    house.invite(NewInvitation { inviter: inviter(), ..invitation("u") }).await.unwrap();
    house.create_account(by("t", "ada", 1)).await.unwrap();
    house.create_account(by("u", "bea", 1)).await.unwrap();
    let waiting = NewAccount { invitation: by("t", "cleo", 1).invitation, ..pending("cleo") };
    house.create_account(waiting).await.unwrap();
    house.code("cleo", "cleo-code", 2).await;
    house.change("ada", Change::Suspend(None), 3).await;
    let told: Vec<_> = house.notices(&domain(), 0, 10).await.unwrap();
    let told: Vec<_> =
        told.iter().map(|notice| (notice.username.as_str(), notice.inviter.as_deref())).collect();
    let romeo = Some("romeo@chat.example");
    assert_eq!(told, [("ada", romeo), ("bea", None), ("cleo", romeo), ("ada", None)]);
}

#[tokio::test]
async fn one_inviter_makes_no_more_than_allowed_in_the_time() {
    let house = house();
    let of = |inviter: &str, token: &str, minute| NewInvitation {
        inviter: Some(inviter.to_owned()),
        limit: Some(InviterLimit { most: 2, since: at(minute - 30) }),
        created_at: at(minute),
        ..invitation(token)
    };
    for (inviter, token, minute, is_made) in [
        ("a@x", "1", 0, true),
        ("a@x", "2", 10, true),
        ("a@x", "3", 20, false),
        ("b@x", "4", 20, true),
        ("a@x", "5", 31, true),
    ] {
        let outcome = house.invite(of(inviter, token, minute)).await.unwrap();
        assert_eq!(matches!(outcome, Invited::Made(_)), is_made, "{token}: {outcome:?}");
    }
}

#[tokio::test]
async fn invitations_are_listed_and_forgotten_a_month_after_their_end() {
    let house = house();
    for (token, end) in [("a", 60), ("b", 120), ("c", 180)] {
        house.invite(NewInvitation { expires_at: at(end), ..invitation(token) }).await.unwrap();
    }
    let list = async |filter: InvitationFilter| {
        let found = house.invitations(InvitationFilter { limit: 10, ..filter }).await.unwrap();
        found.into_iter().map(|invitation| invitation.id).collect::<Vec<_>>()
    };
    assert_eq!(list(InvitationFilter::default()).await, [3, 2, 1]);
    assert_eq!(list(InvitationFilter { before: Some(3), ..Default::default() }).await, [2, 1]);
    assert_eq!(list(InvitationFilter { open_at: Some(at(120)), ..Default::default() }).await, [3]);
    let other = Domain::parse("other.example").ok();
    assert!(list(InvitationFilter { domain: other, ..Default::default() }).await.is_empty());
    let month = 30 * 24 * 60;
    assert_eq!(house.purge(at(month + 59), AUDIT_KEPT, 10).await.unwrap().invitations, 0);
    assert_eq!(house.purge(at(month + 120), AUDIT_KEPT, 1).await.unwrap().invitations, 1);
    assert_eq!(house.purge(at(month + 120), AUDIT_KEPT, 10).await.unwrap().invitations, 1);
    assert_eq!(list(InvitationFilter::default()).await, [3]);
}

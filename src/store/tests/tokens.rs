use super::*;
use crate::accounts::{Contact, Email};

fn address() -> Email {
    Email::parse("Alice@mail.example").unwrap()
}

impl House {
    async fn holder(&self, username: &str) -> Option<TokenHolder> {
        self.token_holder(&domain(), &name(username), proof("token")).await.unwrap()
    }

    async fn epoch(&self, username: &str) -> i64 {
        self.holder(username).await.unwrap().epoch
    }

    async fn address_code(&self, code: &'static str, minute: i64) -> Verified {
        let new = AddressProof {
            domain: domain(),
            contact: Contact::Email(address()),
            decoy: Spending { hash: proof(&format!("decoy {minute} {code}")), expires_at: at(minute) },
            unique: true,
            at: at(minute),
            actor: actor(),
        };
        self.verify_address(new, move |_| proof(code)).await.unwrap()
    }
}

#[tokio::test]
async fn an_epoch_ends_with_another_password_and_with_a_suspension_only() {
    let house = house();
    house.create_account(active("alice")).await.unwrap();
    assert_eq!(house.epoch("alice").await, 0);
    let new = |changed| NewCredentials {
        domain: domain(),
        username: name("alice"),
        password_hash: PasswordHash::new("$argon2id$another".to_owned()),
        sealed_scram: None,
        sealed_login: None,
        replaces: Replaced::Anything,
        changed,
        keep: None,
        at: at(1),
        actor: actor(),
    };
    house.set_credentials(new(false)).await.unwrap();
    assert_eq!(house.epoch("alice").await, 0, "the same password, hashed anew");
    house.set_credentials(new(true)).await.unwrap();
    assert_eq!(house.epoch("alice").await, 1);
    house.change("alice", Change::Suspend(None), 2).await;
    assert_eq!(house.epoch("alice").await, 2);
    house.change("alice", Change::Resume, 3).await;
    assert_eq!(house.epoch("alice").await, 2);
    let credentials = house.credentials(&domain(), &name("alice")).await.unwrap().unwrap();
    assert_eq!(credentials.token_epoch, 2);
    assert!(house.holder("nobody").await.is_none());
}

#[tokio::test]
async fn a_token_that_was_logged_out_is_known_until_its_time_is_over() {
    let house = house();
    house.create_account(active("alice")).await.unwrap();
    assert!(!house.holder("alice").await.unwrap().ended);
    house.spend(Spending { hash: proof("token"), expires_at: at(10) }).await.unwrap();
    assert!(house.holder("alice").await.unwrap().ended);
    house.purge(at(9), AUDIT_KEPT, 100).await.unwrap();
    assert!(house.holder("alice").await.unwrap().ended);
}

#[tokio::test]
async fn a_code_finds_its_account_by_the_address_and_always_costs_one_write() {
    let house = house();
    assert_eq!(house.address_code("a code", 0).await, Verified::Unknown);
    assert_eq!(house.number("SELECT count(*) FROM spent"), 1, "the decoy");
    let with_address = NewAccount { email: Some(address()), ..pending("alice") };
    house.create_account(with_address).await.unwrap();
    let wrong = house.address_code("a wrong one", 0).await;
    assert!(matches!(wrong, Verified::Wrong { .. }), "{wrong:?}");
    assert_eq!(house.number("SELECT count(*) FROM spent"), 1);
    let plan: String = house
        .sqlite()
        .query_row(
            "EXPLAIN QUERY PLAN SELECT id, username FROM accounts WHERE domain = ?1 AND lower(email) = ?2
             AND state = 'pending' AND expires_at > ?3 ORDER BY id DESC LIMIT 5",
            ["", "", ""],
            |row| row.get(3),
        )
        .unwrap();
    assert!(plan.contains("accounts_by_pending_email"), "{plan}");
}

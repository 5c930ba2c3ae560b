//! `ostiary export`.

use super::*;

fn add(house: &House, account: &str) {
    let mut add = house.command();
    let added = add.args(["account", "add", account, "--generate"]).output().unwrap();
    assert!(added.status.success(), "{}", String::from_utf8_lossy(&added.stderr));
}

#[test]
fn accounts_that_may_log_in_are_written_for_their_owner_only_and_over_nothing() {
    let house = House::new();
    for account in ["alice", "bob", "carol"] {
        add(&house, account);
    }
    house.json(&["account", "suspend", "carol"]);

    let report = house.json(&["export", "xep-0227", "accounts.xml"]);
    assert_eq!(
        report["domains"],
        serde_json::json!([{
            "domain": "chat.example", "exported": 2, "without_keys": 0, "pending": 0, "suspended": 1, "being_deleted": 0
        }])
    );
    let file = house.path("accounts.xml");
    assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    let written = fs::read_to_string(&file).unwrap();
    let root: minidom::Element = written.parse().unwrap();
    assert!(root.is("server-data", "urn:xmpp:pie:0"), "{written}");
    let hosts: Vec<_> = root.children().collect();
    assert_eq!((hosts.len(), hosts[0].attr("jid")), (1, Some("chat.example")));
    let users: Vec<_> = hosts[0].children().map(|user| user.attr("name").unwrap()).collect();
    assert_eq!(users, ["alice", "bob"]);
    let mechanisms: Vec<_> =
        hosts[0].children().next().unwrap().children().map(|keys| keys.attr("mechanism").unwrap()).collect();
    assert_eq!(mechanisms, ["SCRAM-SHA-1", "SCRAM-SHA-256"]);

    let again = house.bare(&["export", "xep-0227", "accounts.xml"]);
    assert_eq!((again.code, again.err.contains("is there already")), (2, true), "{}", again.err);
    assert_eq!(fs::read_to_string(&file).unwrap(), written);
}

#[test]
fn what_cannot_be_exported_leaves_no_file() {
    let house = House::new();
    add(&house, "alice");
    let unknown = house.bare(&["export", "xep-0227", "a.xml", "--domain", "elsewhere.example", "--json"]);
    assert_eq!((unknown.code, unknown.out.contains("\"unknown-domain\"")), (3, true), "{}", unknown.err);
    let nowhere = house.bare(&["export", "xep-0227", "no/such/folder/a.xml"]);
    assert_eq!((nowhere.code, nowhere.err.contains("cannot make no/such/folder/a.xml")), (1, true));
    // Keys sealed with another master key: a fault in the middle of the file.
    fs::write(house.path("secrets/master.key"), "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n").unwrap();
    let sealed = house.bare(&["export", "xep-0227", "a.xml"]);
    assert_eq!(sealed.code, 1, "{}", sealed.err);
    assert!(!house.path("a.xml").exists(), "half a file would pass for a whole one");
}

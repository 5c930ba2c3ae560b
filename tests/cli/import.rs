//! `ostiary import`.

use super::*;

#[test]
fn what_was_exported_is_imported_elsewhere_with_the_same_keys() {
    let (here, there) = (House::new(), House::new());
    for account in ["alice", "bob"] {
        here.add(account, &[]);
    }
    here.json(&["export", "xep-0227", "accounts.xml"]);
    let exported = fs::read_to_string(here.path("accounts.xml")).unwrap();
    fs::write(there.path("accounts.xml"), &exported).unwrap();

    let dry = there.json(&["import", "xep-0227", "accounts.xml"]);
    assert_eq!((&dry["applied"], &dry["imported"]), (&false.into(), &2.into()));
    assert_eq!(there.bare(&["account", "list"]).out, "no accounts\n", "a dry run changes nothing");
    let said = there.bare(&["import", "xep-0227", "accounts.xml"]);
    assert!(
        said.out.contains("2 of 2 accounts would be imported") && said.out.contains("--apply"),
        "{}",
        said.out
    );

    let report = there.json(&["import", "xep-0227", "accounts.xml", "--apply"]);
    assert_eq!(
        report,
        serde_json::json!({
            "applied": true, "found": 2, "imported": 2, "suspended": 0, "from_passwords": 0,
            "without_scram_sha_256": 0, "without_scram_sha_1": 0, "skipped": [], "report": null
        })
    );
    there.json(&["export", "xep-0227", "again.xml"]);
    assert_eq!(fs::read_to_string(there.path("again.xml")).unwrap(), exported);

    let again = there.json(&["import", "xep-0227", "accounts.xml", "--apply"]);
    assert_eq!((&again["imported"], &again["skipped"][0]["reason"]), (&0.into(), &"there-already".into()));
}

const MIXED: &str = "<server-data xmlns='urn:xmpp:pie:0'><host jid='chat.example'>
<user name='alice' password='horse battery'/>
<user name='a b' password='horse battery'/>
<user name='carol'><scram-credentials xmlns='urn:xmpp:pie:0#scram' mechanism='SCRAM-SHA-512'/></user>
<user name='dave'><scram-credentials xmlns='urn:xmpp:pie:0#scram' mechanism='SCRAM-SHA-1'/></user>
<user name='erin'/>
<user name='alice' password='horse staple'/>
</host><host jid='elsewhere.example'><user name='frank' password='horse battery'/></host></server-data>";

#[test]
fn whoever_is_left_out_is_named_with_the_reason_and_no_password() {
    let house = House::new();
    fs::write(house.path("people.xml"), MIXED).unwrap();
    let report = house.json(&["import", "xep-0227", "people.xml", "--apply", "--report", "left-out.txt"]);
    assert_eq!(
        (&report["found"], &report["imported"], &report["from_passwords"]),
        (&7.into(), &1.into(), &1.into())
    );
    let mut reasons: Vec<_> = report["skipped"]
        .as_array()
        .unwrap()
        .iter()
        .map(|skipped| {
            format!("{} {}", skipped["reason"].as_str().unwrap(), skipped["examples"][0].as_str().unwrap())
        })
        .collect();
    reasons.sort();
    assert_eq!(
        reasons,
        [
            "bad-keys dave@chat.example",
            "bad-name a b@chat.example",
            "no-password erin@chat.example",
            "there-already alice@chat.example",
            "unknown-domain frank@elsewhere.example",
            "unknown-mechanism carol@chat.example",
        ]
    );
    let file = house.path("left-out.txt");
    assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    let text = fs::read_to_string(&file).unwrap();
    assert_eq!(text.lines().count(), 6);
    assert!(text.contains("carol@chat.example\tthe keys are for SCRAM-SHA-512 only"), "{text}");
    assert!(!text.contains("horse"), "{text}");

    let said = house.bare(&["import", "xep-0227", "people.xml", "--report", "left-out.txt"]);
    assert_eq!((said.code, said.err.contains("is there already")), (2, true), "{}", said.err);
    let only = house.json(&["import", "xep-0227", "people.xml", "--domain", "chat.example"]);
    assert_eq!(only["found"], 6);
    let unknown =
        house.bare(&["import", "xep-0227", "people.xml", "--domain", "elsewhere.example", "--json"]);
    assert_eq!((unknown.code, unknown.out.contains("\"unknown-domain\"")), (3, true), "{}", unknown.err);
}

#[test]
fn a_file_that_ends_in_the_middle_is_told_and_what_came_before_stays() {
    let house = House::new();
    let user = |number| {
        let key = "AAECAwQFBgcICQoLDA0ODxAREhM=";
        format!(
            "<user name='user{number}'><scram-credentials xmlns='urn:xmpp:pie:0#scram' mechanism='SCRAM-SHA-1'>\
             <iter-count>4096</iter-count><salt>c2FsdA==</salt><server-key>{key}</server-key><stored-key>{key}</stored-key>\
             </scram-credentials></user>\n"
        )
    };
    let head = "<server-data xmlns='urn:xmpp:pie:0'><host jid='chat.example'>\n".to_owned();
    let file = head + &(0..1500).map(user).collect::<String>();
    fs::write(house.path("cut.xml"), &file).unwrap();
    let dry = house.bare(&["import", "xep-0227", "cut.xml"]);
    assert_eq!(dry.code, 1);
    assert!(dry.err.contains("nothing was changed") && dry.err.contains("cut.xml, line 1502"), "{}", dry.err);
    let cut = house.bare(&["import", "xep-0227", "cut.xml", "--apply"]);
    assert!(cut.err.contains("1000 accounts were imported before this"), "{}", cut.err);
    fs::write(house.path("whole.xml"), file + "</host></server-data>").unwrap();
    let rest = house.json(&["import", "xep-0227", "whole.xml", "--apply"]);
    assert_eq!((&rest["imported"], &rest["skipped"][0]["accounts"]), (&500.into(), &1000.into()));
    assert_eq!(rest["without_scram_sha_256"], 500);
}

#[test]
fn what_cannot_be_read_is_told_before_a_database_is_made() {
    let house = House::new();
    let missing = house.bare(&["import", "xep-0227", "no-such.xml"]);
    assert_eq!((missing.code, missing.err.contains("cannot read no-such.xml")), (1, true), "{}", missing.err);
    let folder = house.bare(&["import", "xep-0227", "."]);
    assert_eq!((folder.code, folder.err.contains("is a folder")), (2, true), "{}", folder.err);
    assert!(!house.path("ostiary.db").exists());
}

#[test]
fn a_database_that_names_no_domain_needs_one_and_is_left_as_it_is() {
    let house = House::new();
    let file = house.path("ejabberd.db");
    let schema = "CREATE TABLE users (username TEXT PRIMARY KEY, password TEXT, serverkey TEXT, salt TEXT, iterationcount INTEGER);
        INSERT INTO users VALUES ('alice', 'horse battery', '', '', 0), ('bob', 'sha512:AQI=', 'AQI=', 'AQI=', 4096);";
    rusqlite::Connection::open(&file).unwrap().execute_batch(schema).unwrap();
    let before = fs::read(&file).unwrap();
    let unnamed = house.bare(&["import", "ejabberd", "ejabberd.db", "--apply"]);
    assert_eq!((unnamed.code, unnamed.err.contains("--domain")), (1, true), "{}", unnamed.err);
    let report = house.json(&["import", "ejabberd", "ejabberd.db", "--domain", "chat.example", "--apply"]);
    assert_eq!(
        (&report["imported"], &report["skipped"][0]["reason"]),
        (&1.into(), &"unknown-mechanism".into())
    );
    assert_eq!(fs::read(&file).unwrap(), before);
    fs::write(house.path("notes.txt"), "my notes\n").unwrap();
    let notes = house.bare(&["import", "ejabberd", "notes.txt"]);
    assert!(notes.err.contains("no dump of a database of ejabberd"), "{}", notes.err);
}

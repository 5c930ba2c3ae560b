//! `ostiary invite`.

use super::*;

#[test]
fn invitations_are_made_shown_once_listed_and_taken_back() {
    let house = House::new();
    let made = house.json(&["invite", "create", "--uses", "3", "--expires", "2d", "--note", "chess club"]);
    let uri = made["uri"].as_str().unwrap();
    let token = uri.strip_prefix("xmpp:chat.example?register;preauth=").unwrap();
    assert_eq!(token.len(), 26);
    assert!(made["landing_url"].as_str().unwrap().ends_with(&format!("/invite/{token}")), "{made}");
    assert_eq!((&made["invitation"], &made["uses"], &made["state"]), (&1.into(), &3.into(), &"open".into()));
    for file in
        fs::read_dir(house.path("")).unwrap().map(|file| file.unwrap().path()).filter(|path| path.is_file())
    {
        let bytes = fs::read(&file).unwrap();
        assert!(!bytes.windows(26).any(|window| window == token.as_bytes()), "{}", file.display());
    }

    let bound = house.bare(&["invite", "create", "--name", "Juliet"]);
    assert!(bound.out.contains("xmpp:juliet@chat.example?register;preauth="), "{}", bound.out);
    assert!(bound.out.contains("/invite/") && bound.out.contains("shown this once"), "{}", bound.out);
    let contact = house.json(&["invite", "create", "--inviter", "romeo@chat.example"]);
    assert!(
        contact["uri"].as_str().unwrap().starts_with("xmpp:romeo@chat.example?roster;preauth="),
        "{contact}"
    );
    assert_eq!((&contact["kind"], &contact["contact"]), (&"contact".into(), &true.into()));

    let list = house.bare(&["invite", "list", "--limit", "2"]).out;
    assert!(list.contains("juliet") && list.contains("there are more: --before 2"), "{list}");
    let shown = house.bare(&["invite", "show", "1"]).out;
    assert!(shown.contains("chess club") && shown.contains("0 of 3") && shown.contains("invited"), "{shown}");
    assert!(!shown.contains(token));

    let unasked = house.bare(&["invite", "revoke", "1"]);
    assert_eq!((unasked.code, unasked.err.contains("use --yes")), (2, true), "{}", unasked.err);
    let revoked = house.json(&["invite", "revoke", "1", "--yes"]);
    assert_eq!(revoked["state"], "revoked");
    let states = |arguments: &[&str]| -> Vec<String> {
        let list = house.json(arguments);
        list.as_array().unwrap().iter().map(|one| one["state"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(states(&["invite", "list"]), ["open", "open"]);
    assert_eq!(states(&["invite", "list", "--all"]), ["open", "open", "revoked"]);

    for (arguments, code) in [
        (&["invite", "show", "77"][..], "invitation-invalid"),
        (&["invite", "create", "--name", "juliet"], "name-taken"),
        (&["invite", "create", "--name", "a b"], "invalid"),
        (&["invite", "create", "--domain", "elsewhere.example"], "unknown-domain"),
    ] {
        let ended = house.bare(&[arguments, &["--json"]].concat());
        assert_eq!(ended.code, 3, "{arguments:?}: {}", ended.err);
        assert!(ended.out.contains(&format!("\"{code}\"")), "{}", ended.out);
    }
    for wrong in ["--expires=5", "--expires=1s", "--expires=99999d", "--uses=0", "--inviter=chat.example"] {
        assert_eq!(house.bare(&["invite", "create", wrong]).code, 2, "{wrong}");
    }
}

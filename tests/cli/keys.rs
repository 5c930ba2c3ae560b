//! `ostiary key`.

use super::*;

#[test]
fn keys_are_made_shown_once_limited_and_revoked() {
    let house = House::new();
    let made = house.bare(&["key", "create", "--owner", "Acme \u{1b}Sensors", "--limit", "5"]);
    assert_eq!((made.code, made.err.contains("1 to 200 characters")), (2, true), "{}", made.err);
    let made = house.json(&["key", "create", "--owner", "Agent API", "--limit", "5"]);
    let (key, secret) = (made["key"].as_str().unwrap(), made["secret"].as_str().unwrap());
    assert_eq!((&made["owner"], &made["domain"]), (&"Agent API".into(), &"chat.example".into()));
    assert_eq!((&made["left"], &made["enabled"], secret.len()), (&5.into(), &true.into(), 43));

    let shown = house.bare(&["key", "show", key]);
    assert!(shown.out.contains("Agent API") && shown.out.contains("key-created"), "{}", shown.out);
    assert!(!shown.out.contains(secret) && house.json(&["key", "show", key])["secret"].is_null());
    let files = fs::read_dir(house.path("")).unwrap().map(|file| file.unwrap().path());
    for file in files.filter(|file| file.to_string_lossy().contains("ostiary.db")) {
        let bytes = fs::read(&file).unwrap();
        assert!(!bytes.windows(43).any(|window| window == secret.as_bytes()), "{}", file.display());
    }

    assert_eq!(house.json(&["key", "limit", key, "7"])["left"], 7);
    let text = house.bare(&["key", "create", "--owner", "Zeta", "--limit", "0"]).out;
    assert!(text.contains("created: a key of Zeta for chat.example, 0 accounts at most"), "{text}");
    assert!(text.contains("shown this once"), "{text}");
    let list = house.bare(&["key", "list"]).out;
    assert!(list.contains("Agent API") && list.contains("exhausted") && list.lines().count() == 3, "{list}");

    let unasked = house.bare(&["key", "revoke", key]);
    assert_eq!((unasked.code, unasked.err.contains("use --yes")), (2, true), "{}", unasked.err);
    let revoked = house.json(&["key", "revoke", key, "--yes"]);
    assert_eq!((&revoked["enabled"], &revoked["left"]), (&false.into(), &0.into()));
    assert!(revoked["revoked_at"].is_string());
    assert_eq!(house.json(&["key", "list"]).as_array().unwrap().len(), 2);
    assert_eq!(house.json(&["key", "list", "--domain", "other.example"]), serde_json::json!([]));

    for (arguments, code) in [
        (&["key", "show", "unknown"][..], "no-such-key"),
        (&["key", "show", "no key"], "no-such-key"),
        (&["key", "limit", "unknown", "3"], "no-such-key"),
        (
            &["key", "create", "--owner", "A", "--limit", "1", "--domain", "elsewhere.example"],
            "unknown-domain",
        ),
    ] {
        let ended = house.bare(&[arguments, &["--json"]].concat());
        assert_eq!(ended.code, 3, "{arguments:?}: {}", ended.err);
        assert!(ended.out.contains(&format!("\"{code}\"")), "{}", ended.out);
    }
}

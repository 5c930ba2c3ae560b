//! `ostiary branch`.

use super::*;

#[test]
fn branches_are_made_shown_once_rotated_and_revoked() {
    let house = House::new();
    let bad = house.bare(&["branch", "create", "--owner", "Acme \u{1b}Leeds"]);
    assert_eq!((bad.code, bad.err.contains("1 to 200 characters")), (2, true), "{}", bad.err);
    let made = house.json(&["branch", "create", "--owner", "Acme Leeds"]);
    assert_eq!((&made["branch"], &made["domain"]), (&1.into(), &"chat.example".into()));
    let (secret, token) = (made["secret"].as_str().unwrap(), made["activation_token"].as_str().unwrap());
    assert_eq!((secret.len(), token.len(), secret == token), (43, 43, false));

    let text = house.bare(&["branch", "rotate", "1"]).out;
    assert!(text.contains("rotated: branch 1 of Acme Leeds") && text.contains("shown this once"), "{text}");
    assert!(!text.contains(secret) && !text.contains(token), "both are new");
    let list = house.bare(&["branch", "list"]).out;
    assert!(list.contains("Acme Leeds") && list.contains("enabled") && !list.contains(token), "{list}");
    let files = fs::read_dir(house.path("")).unwrap().map(|file| file.unwrap().path());
    for file in files.filter(|file| file.to_string_lossy().contains("ostiary.db")) {
        let bytes = fs::read(&file).unwrap();
        for shown in [secret, token] {
            assert!(!bytes.windows(43).any(|window| window == shown.as_bytes()), "{}", file.display());
        }
    }

    let unasked = house.bare(&["branch", "revoke", "1"]);
    assert_eq!((unasked.code, unasked.err.contains("use --yes")), (2, true), "{}", unasked.err);
    assert_eq!(house.json(&["branch", "revoke", "1", "--yes"])["enabled"], false);
    assert_eq!(house.json(&["branch", "list", "--domain", "other.example"]), serde_json::json!([]));
    for (arguments, code) in [
        (&["branch", "rotate", "1"][..], "no-such-branch"),
        (&["branch", "revoke", "1", "--yes"], "no-such-branch"),
        (&["branch", "rotate", "none"], "no-such-branch"),
        (&["branch", "create", "--owner", "A", "--domain", "elsewhere.example"], "unknown-domain"),
    ] {
        let ended = house.bare(&[arguments, &["--json"]].concat());
        assert_eq!(ended.code, 3, "{arguments:?}: {}", ended.err);
        assert!(ended.out.contains(&format!("\"{code}\"")), "{}", ended.out);
    }
}

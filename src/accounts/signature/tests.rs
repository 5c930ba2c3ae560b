//! The test vectors, computed apart from this code by the algorithm of the known client, and what must never be accepted.

use proptest::prelude::*;

use super::*;

const SECRET: &str = "s3cr&t";
const TOKEN_SECRET: &str = "ts/456=";

fn fields(username: &str, more: &[(&str, &str)]) -> Vec<(String, String)> {
    let usual = [
        ("FORM_TYPE", NS_SIGNATURE),
        ("username", username),
        ("password", "p@ss word"),
        ("oauth_token", "tok123"),
        ("oauth_token_secret", TOKEN_SECRET),
        ("oauth_nonce", "0123456789abcdef0123456789abcdef"),
        ("oauth_timestamp", "1700000000"),
        ("oauth_consumer_key", "key-1"),
        ("oauth_version", "1.0"),
        ("oauth_signature_method", "HMAC-SHA1"),
    ];
    usual.iter().chain(more).map(|&(name, value)| (name.to_owned(), value.to_owned())).collect()
}

fn signed(mut fields: Vec<(String, String)>, signature: &str) -> SignedForm {
    fields.push(("oauth_signature".to_owned(), signature.to_owned()));
    SignedForm::of_fields(fields, "example.org").unwrap()
}

fn secret() -> ApiSecret {
    ApiSecret::from_text(SECRET.to_owned())
}

fn accepts(form: &SignedForm) -> bool {
    form.claim().is_some() && form.is_signed_with(&secret(), TOKEN_SECRET)
}

const MAIL: [(&str, &str); 1] = [("email", "a@b.example")];

#[test]
fn every_variation_that_a_client_really_produces_is_right() {
    for (what, username, more, signature, escape, order, to) in [
        ("client", "alice", &[][..], "MvOHO4pzLds3b0a%2BmVOlbBDnawQ%3D", Escape::Utf8, FieldOrder::Bytes, ""),
        ("client", "alice", &[], "MvOHO4pzLds3b0a%2BmVOlbBDnawQ%3D", Escape::Utf16, FieldOrder::Culture, ""),
        (
            "to",
            "alice",
            &[],
            "CzYS6bYc8zvjVYSZGeDJ9ALX%2Fsg%3D",
            Escape::Utf8,
            FieldOrder::Bytes,
            "example.org",
        ),
        ("email", "alice", &MAIL, "%2F2weDWYckqNeQpiycVlAKrOWmvk%3D", Escape::Utf8, FieldOrder::Bytes, ""),
        ("email", "alice", &MAIL, "bD3JJwDqYMfuzcWnJm%2B32GHiEIQ%3D", Escape::Utf8, FieldOrder::Culture, ""),
        ("élise", "élise", &[], "%2B0us1NzCvdv9lH7rNNZk5TlnwHE%3D", Escape::Utf16, FieldOrder::Bytes, ""),
        ("élise", "élise", &[], "muX64Qp6o7x73f18Tvr3Mht4Obs%3D", Escape::Utf8, FieldOrder::Bytes, ""),
    ] {
        let form = signed(fields(username, more), signature);
        let variant = Variant { escape, order, to };
        assert_eq!(*form.signature(variant, SECRET, TOKEN_SECRET), signature, "{what} {variant:?}");
        assert!(accepts(&form), "{what} {variant:?}");
    }
}

#[test]
fn the_base_string_is_that_of_the_test_vector() {
    let form = signed(fields("alice", &[]), "x");
    let variant = Variant { escape: Escape::Utf8, order: FieldOrder::Bytes, to: "" };
    let pairs = "FORM_TYPE=urn%3Axmpp%3Axdata%3Asignature%3Aoauth1&oauth_consumer_key=key-1&\
                 oauth_nonce=0123456789abcdef0123456789abcdef&oauth_signature_method=HMAC-SHA1&\
                 oauth_timestamp=1700000000&oauth_token=tok123&oauth_version=1.0&password=p%40ss%20word&username=alice";
    assert_eq!(*form.base_string(variant), format!("submit&&{}", *Escape::Utf8.apply(pairs)));
}

#[test]
fn characters_are_escaped_as_the_two_ways_say() {
    for (text, utf8, utf16) in [
        ("aZ09-._~", "aZ09-._~", "aZ09-._~"),
        (" +%&=", "%20%2B%25%26%3D", "%20%2B%25%26%3D"),
        ("\n", "%0A", "%0A"),
        ("é", "%C3%A9", "%E9"),
        ("€", "%E2%82%AC", "%20AC"),
        ("ā", "%C4%81", "%101"),
        ("😀", "%F0%9F%98%80", "%D83D%DE00"),
        ("e\u{301}", "%C3%A9", "e%301"),
    ] {
        assert_eq!((&**Escape::Utf8.apply(text), &**Escape::Utf16.apply(text)), (utf8, utf16), "{text:?}");
    }
}

#[test]
fn names_are_sorted_by_bytes_or_as_words() {
    let sorted = |order: FieldOrder| {
        let mut names =
            ["username", "email", "FORM_TYPE", "oauth_token", "oauth_version", "a1", "a_b", "ab", "A_b"];
        names.sort_by(|a, b| order.compare(a, b));
        names.join(" ")
    };
    assert_eq!(sorted(FieldOrder::Bytes), "A_b FORM_TYPE a1 a_b ab email oauth_token oauth_version username");
    assert_eq!(
        sorted(FieldOrder::Culture),
        "a_b A_b a1 ab email FORM_TYPE oauth_token oauth_version username"
    );
}

#[test]
fn a_form_with_empty_or_missing_fields_is_not_signed() {
    let blank = |signature: &str, key: &str| {
        let echoed = fields("alice", &[("oauth_signature", signature)]).into_iter();
        let echoed = echoed.map(|(name, value)| {
            let value = if name == "oauth_consumer_key" { key.to_owned() } else { value };
            (name, value)
        });
        SignedForm::of_fields(echoed, "example.org")
    };
    assert!(blank("", "").is_none());
    assert!(blank("x", "").is_some_and(|form| form.claim().is_none()));
    assert!(blank("", "key-1").is_some_and(|form| !accepts(&form)));
    assert!(SignedForm::of_fields([("username".to_owned(), "alice".to_owned())], "example.org").is_none());
}

#[test]
fn another_method_a_field_twice_and_unreadable_values_make_no_claim() {
    let right = "MvOHO4pzLds3b0a%2BmVOlbBDnawQ%3D";
    assert!(signed(fields("alice", &[]), right).claim().is_some());
    assert!(signed(fields("alice", &[("username", "alice")]), right).claim().is_none());
    for (field, value) in [
        ("oauth_signature_method", "PLAINTEXT"),
        ("oauth_version", "2.0"),
        ("oauth_nonce", ""),
        ("oauth_nonce", &"n".repeat(129)),
        ("oauth_timestamp", "yesterday"),
        ("oauth_timestamp", "99999999999999999999"),
        ("oauth_timestamp", "9223372036854775807"),
        ("oauth_consumer_key", "key 1"),
    ] {
        let mut fields = fields("alice", &[]);
        fields.retain(|(name, _)| name != field);
        fields.push((field.to_owned(), value.to_owned()));
        assert!(signed(fields, right).claim().is_none(), "{field}={value}");
    }
}

#[test]
fn a_signature_counts_for_ten_minutes_before_and_after() {
    let claim = signed(fields("alice", &[]), "x").claim().unwrap();
    let fresh = |seconds: i64| claim.is_fresh(Timestamp::from_second(1_700_000_000 + seconds).unwrap());
    assert!(fresh(0) && fresh(600) && fresh(-600) && !fresh(601) && !fresh(-601));
    assert_eq!(claim.useless_from(), Timestamp::from_second(1_700_000_601).unwrap());
}

#[test]
fn nothing_of_the_form_is_shown() {
    assert_eq!(format!("{:?}", signed(fields("alice", &[]), "x")), "SignedForm(..)");
}

/// What the escape of the known clients leaves open: whoever can change a form on its way can put one of these for the other. It
/// would have to be somebody inside the encrypted connection.
#[test]
fn what_the_clients_escape_cannot_tell_apart_is_known() {
    assert_eq!(*Escape::Utf16.apply("€"), *Escape::Utf16.apply(" AC"));
    assert_ne!(*Escape::Utf8.apply("€"), *Escape::Utf8.apply(" AC"));
    // Nor can a reader tell which of the two ways was used.
    assert_eq!(*Escape::Utf8.apply("é"), *Escape::Utf16.apply("Ã©"));
}

/// Texts that the client's escape writes in one way only: what is below U+0100 has exactly two digits.
fn text() -> impl Strategy<Value = String> {
    "[ -~\u{a1}-\u{ff}]{0,12}"
}

fn order() -> impl Strategy<Value = FieldOrder> {
    prop_oneof![Just(FieldOrder::Bytes), Just(FieldOrder::Culture)]
}

fn escape() -> impl Strategy<Value = Escape> {
    prop_oneof![Just(Escape::Utf8), Just(Escape::Utf16)]
}

proptest! {
    #[test]
    fn any_changed_value_fails(
        name in text(), email in text(), other in text(), at in 0usize..12, escape in escape(), order in order(),
        addressed: bool,
    ) {
        let to = if addressed { "example.org" } else { "" };
        let mut fields = fields(&name, &[("email", &email)]);
        let signature = signed(fields.clone(), "x").signature(Variant { escape, order, to }, SECRET, TOKEN_SECRET);
        // The token's secret is not signed: the one that counts is ours.
        let changes = fields[at % fields.len()].0 != "oauth_token_secret" && fields[at % fields.len()].1 != other;
        let right = signed(fields.clone(), &signature);
        // Without anything beyond ASCII both escapes write the same.
        prop_assert!(right.is_signed_with(&secret(), TOKEN_SECRET));
        prop_assert!(!right.is_signed_with(&secret(), "another token"));
        prop_assert!(!right.is_signed_with(&ApiSecret::from_text("another secret".to_owned()), TOKEN_SECRET));
        let index = at % fields.len();
        fields[index].1 = other;
        prop_assert_eq!(signed(fields, &signature).is_signed_with(&secret(), TOKEN_SECRET), !changes);
    }

    #[test]
    fn an_added_or_missing_field_fails(name in text(), value in text(), at in 0usize..10) {
        let fields = fields(&name, &[]);
        let variant = Variant { escape: Escape::Utf16, order: FieldOrder::Culture, to: "" };
        let signature = signed(fields.clone(), "x").signature(variant, SECRET, TOKEN_SECRET);
        let more = [fields.clone(), vec![("added".to_owned(), value)]].concat();
        prop_assert!(!signed(more, &signature).is_signed_with(&secret(), TOKEN_SECRET));
        let mut less = fields;
        let gone = less.remove(at);
        let right = signed(less, &signature).is_signed_with(&secret(), TOKEN_SECRET);
        prop_assert_eq!(right, gone.0 == "oauth_token_secret");
    }

    #[test]
    fn what_is_accepted_is_one_of_the_list(name in "\\PC{0,8}", value in "\\PC{0,8}", given in "\\PC{0,40}") {
        let form = signed(fields(&name, &[("email", &value)]), &given);
        let list: Vec<_> = form.variants().map(|variant| form.signature(variant, SECRET, TOKEN_SECRET)).collect();
        prop_assert!(list.len() <= Variant::MOST);
        prop_assert_eq!(form.is_signed_with(&secret(), TOKEN_SECRET), list.iter().any(|text| **text == given));
        for signature in &list {
            let form = signed(fields(&name, &[("email", &value)]), signature);
            prop_assert!(form.is_signed_with(&secret(), TOKEN_SECRET));
        }
    }

    #[test]
    fn no_form_ends_in_a_panic(pairs in proptest::collection::vec((any::<String>(), any::<String>()), 0..20)) {
        if let Some(form) = SignedForm::of_fields(pairs, "example.org") {
            let _ = form.claim();
            let _ = form.is_signed_with(&secret(), TOKEN_SECRET);
        }
    }
}

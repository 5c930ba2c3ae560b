//! Signed forms (XEP-0348) and their tokens. The input is lines of `name=value`.
#![no_main]

use jiff::Timestamp;
use libfuzzer_sys::fuzz_target;
use ostiary::accounts::{ApiSecret, Domain, FormToken, OauthField, ProofKey, SignedForm};

const SECRET: &str = "the secret of the key";

fuzz_target!(|text: &str| {
    let (key, domain) = (ProofKey::new([1; 32]), Domain::parse("chat.example").expect("a domain"));
    let now = Timestamp::from_second(1_800_000_000).expect("a time");
    assert!(FormToken::check(&key, &domain, text, now).is_none(), "a token that we never gave out");
    let fields: Vec<(String, String)> = text
        .lines()
        .filter_map(|line| line.split_once('='))
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect();
    let Some(form) = SignedForm::of_fields(fields.clone(), "chat.example") else { return };
    let secret = ApiSecret::from_text(SECRET.to_owned());
    let signatures: Vec<String> =
        form.variants().map(|variant| form.signature(variant, SECRET, "token").to_string()).collect();
    if form.claim().is_some_and(|claim| claim.is_fresh(now)) {
        assert!(claim_names_are_unique(&fields), "a field twice, and still a claim");
    }
    let given = fields.iter().find(|(name, _)| name == OauthField::Signature.name());
    let right = given.is_some_and(|(_, given)| signatures.contains(given));
    assert_eq!(form.is_signed_with(&secret, "token"), right);
    // Signed by one who knows the secret, it is right; with another secret it is not.
    let signed: Vec<_> = fields
        .into_iter()
        .filter(|(name, _)| name != OauthField::Signature.name())
        .chain([(OauthField::Signature.name().to_owned(), signatures[0].clone())])
        .collect();
    let Some(form) = SignedForm::of_fields(signed, "chat.example") else {
        panic!("a signature and no signed form")
    };
    assert!(form.is_signed_with(&secret, "token"));
    assert!(!form.is_signed_with(&ApiSecret::from_text("another".to_owned()), "token"));
});

fn claim_names_are_unique(fields: &[(String, String)]) -> bool {
    let mut names: Vec<_> = fields.iter().map(|(name, _)| name).collect();
    names.sort_unstable();
    names.windows(2).all(|pair| pair[0] != pair[1])
}

//! Tokens of invitations, typed or pasted: what is taken is one token, however it was written.
#![no_main]

use libfuzzer_sys::fuzz_target;
use ostiary::accounts::InvitationToken;

fuzz_target!(|text: &str| {
    for token in [InvitationToken::parse(text), InvitationToken::parse_pasted(text)].into_iter().flatten() {
        assert_eq!(token.expose().len(), InvitationToken::LENGTH);
        let again = InvitationToken::parse(token.expose()).expect("a token as we write it");
        assert_eq!(again.expose(), token.expose());
        assert!(!format!("{token:?}").contains(token.expose()), "a token shows itself");
    }
});

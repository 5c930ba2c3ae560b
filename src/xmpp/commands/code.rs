//! The stage that asks for the code of a letter. Several commands lead to it.

use super::command::{Call, Form, NoteKind, Stage, Turn};
use crate::{
    accounts::{Account, AccountState, Domain},
    broker::{Outcome, ProofInput},
    xmpp::data_form::{FieldType, FormField},
};

/// The field for the code.
pub(super) const CODE: &str = "code";

/// Asks for the code of an account whose letter has just been asked for.
pub(super) fn ask(call: Call<'_>, number: u8, domain: &Domain, username: &str) -> Turn {
    let address = format!("{username}@{domain}");
    let form = call
        .form("adhoc-verify", &call.format("adhoc-code-instructions", &[("address", &address)]))
        .field(field(call));
    Turn::ask(form).at(Stage { number, carried: vec![domain.to_string(), username.to_owned()] })
}

/// Takes the code.
pub(super) async fn take(call: Call<'_>, stage: &Stage, form: &Form<'_>) -> Turn {
    let [domain, username] = stage.carried.as_slice() else {
        return Turn::failed(call.text("xmpp-try-later"));
    };
    let Some(domain) = call.context.served(domain) else {
        return Turn::failed(call.text("refusal-unknown-domain"));
    };
    match prove(call, &domain, username, &form.get(CODE)).await {
        Ok(account) => proven(call, stage.number, &account),
        Err(failure) => call.refused(&failure, ask(call, stage.number, &domain, username)),
    }
}

/// Proves a contact; gives the account.
pub(super) async fn prove(call: Call<'_>, domain: &Domain, username: &str, code: &str) -> Outcome<Account> {
    let proof =
        ProofInput::Code { domain: domain.clone(), username: username.to_owned(), code: code.to_owned() };
    call.context.broker.verify(&call.asker.origin, proof).await
}

/// The account is ready, or waits for the code of another message.
pub(super) fn proven(call: Call<'_>, number: u8, account: &Account) -> Turn {
    if account.state == AccountState::Pending {
        let again = ask(call, number, &account.domain, account.username.as_str());
        return again.note(NoteKind::Info, call.text("page-verify-further"));
    }
    done(call, &account.address())
}

/// The account is ready.
pub(super) fn done(call: Call<'_>, address: &str) -> Turn {
    Turn::done(call.format("adhoc-ready", &[("address", address)]))
}

pub(super) fn field(call: Call<'_>) -> FormField {
    FormField::new(CODE, FieldType::TextSingle).label(&call.text("page-label-code")).required(true)
}

/// Asks for the code, and says that a letter is on its way if there is an account that waits for one.
pub(super) fn sent(call: Call<'_>, number: u8, domain: &Domain, username: &str) -> Turn {
    ask(call, number, domain, username).note(NoteKind::Info, call.text("page-verify-sent"))
}

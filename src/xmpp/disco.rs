//! XEP-0030: what the component is and can do, with contact addresses (XEP-0157).

use minidom::Element;
use xmpp_parsers::{
    data_forms::{DataForm, DataFormType, Field, FieldType},
    disco::{DiscoInfoResult, DiscoItemsResult, Identity},
    ns,
    stanza_error::{DefinedCondition, ErrorType},
};

use super::{
    delegation,
    reply::Reply,
    router::Router,
    settings::ContactAddresses,
    stanza::{Request, RequestKind},
};

/// Answers `disco#info` (XEP-0030 §3).
pub(super) fn info(router: &Router, request: &Request) -> Reply {
    match node(request) {
        Err(refusal) => return refusal,
        Ok(Some(node)) => {
            let info = router.nodes().and_then(|nodes| nodes.info(node, request));
            return info.or_else(|| delegation::info(node)).unwrap_or_else(no_such_node);
        }
        Ok(None) => {}
    }
    let name = &router.service().name;
    let result = DiscoInfoResult {
        node: None,
        identities: vec![Identity {
            category: "component".to_owned(),
            type_: "generic".to_owned(),
            lang: None,
            name: (!name.is_empty()).then(|| name.clone()),
        }],
        features: router.features().clone(),
        extensions: contact_form(&router.service().contacts).into_iter().collect(),
    };
    Element::from(result).into()
}

/// Answers `disco#items` (XEP-0030 §4): there are no other addresses below the component, only nodes.
pub(super) fn items(router: &Router, request: &Request) -> Reply {
    match node(request) {
        Err(refusal) => refusal,
        Ok(None) => Element::from(DiscoItemsResult { node: None, items: Vec::new(), rsm: None }).into(),
        Ok(Some(node)) => {
            let items = router.nodes().and_then(|nodes| nodes.items(node, request));
            items.map_or_else(no_such_node, Reply::from)
        }
    }
}

/// Which node is asked about, if one is.
fn node(request: &Request) -> Result<Option<&str>, Reply> {
    if request.kind == RequestKind::Set || request.payload.name() != "query" {
        Err(Reply::bad_request())
    } else {
        Ok(request.payload.attr("node"))
    }
}

/// XEP-0030 §7.
fn no_such_node() -> Reply {
    Reply::error(DefinedCondition::ItemNotFound, ErrorType::Cancel)
}

fn contact_form(contacts: &ContactAddresses) -> Option<DataForm> {
    let fields: Vec<Field> = [
        ("abuse-addresses", &contacts.abuse),
        ("admin-addresses", &contacts.admin),
        ("feedback-addresses", &contacts.feedback),
        ("sales-addresses", &contacts.sales),
        ("security-addresses", &contacts.security),
        ("support-addresses", &contacts.support),
    ]
    .into_iter()
    .filter(|(_, addresses)| !addresses.is_empty())
    .map(|(var, addresses)| {
        let field = Field::new(var, FieldType::ListMulti);
        addresses.iter().fold(field, |field, address| field.with_value(address))
    })
    .collect();
    (!fields.is_empty()).then(|| DataForm::new(DataFormType::Result_, ns::SERVER_INFO, fields))
}

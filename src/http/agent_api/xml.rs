//! Reading a request in XML: the attributes of one element. The parser knows no document types, no entities of its own and no processing
//! instructions; depth and number of attributes have bounds here, and the size has one before.

use rxml::{Event, Parse, Parser, error::EndOrError};

use super::NAMESPACE;

/// How deep elements may be. Requests have one element; more are passed over.
const DEEPEST: usize = 8;
/// Most attributes of the element. The largest request has ten.
const MOST_ATTRIBUTES: usize = 32;

/// The attributes of the root element, or why it is no request.
pub fn attributes(mut bytes: &[u8]) -> Result<Vec<(String, String)>, &'static str> {
    const BAD: &str = "The body is not well-formed XML.";

    let mut parser = Parser::new();
    let (mut depth, mut root) = (0_usize, None);
    loop {
        match parser.parse(&mut bytes, true) {
            Ok(Some(Event::StartElement(_, (namespace, _), attributes))) => {
                depth += 1;
                if depth > DEEPEST || attributes.len() > MOST_ATTRIBUTES {
                    return Err("The body holds more than any request.");
                }
                if root.is_none() {
                    if namespace != NAMESPACE {
                        return Err(
                            "The element is not in the namespace https://waher.se/Schema/BrokerAgent.xsd.",
                        );
                    }
                    let plain = attributes.into_iter().filter(|((namespace, _), _)| namespace.is_none());
                    root = Some(plain.map(|((_, name), value)| (name.to_string(), value)).collect());
                }
            }
            Ok(Some(Event::EndElement(_))) => depth = depth.saturating_sub(1),
            Ok(Some(Event::XmlDeclaration(..) | Event::Text(..))) => {}
            Ok(None) => return root.ok_or(BAD),
            Err(EndOrError::NeedMoreData | EndOrError::Error(_)) => return Err(BAD),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(body: &str) -> Result<Vec<(String, String)>, &'static str> {
        attributes(body.as_bytes())
    }

    #[test]
    fn the_attributes_of_the_element_are_the_fields() {
        let fields = read(
            "<?xml version='1.0' encoding='utf-8'?>\n<Login xmlns=\"https://waher.se/Schema/BrokerAgent.xsd\" \
             userName=\"al&amp;ice\" password='a &lt; b' seconds='3600'/>\n",
        )
        .unwrap();
        let get = |name| fields.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str());
        assert_eq!(
            (get("userName"), get("password"), get("seconds")),
            (Some("al&ice"), Some("a < b"), Some("3600"))
        );
        assert_eq!(
            read("<a:Info xmlns:a='https://waher.se/Schema/BrokerAgent.xsd'><x><y/></x></a:Info>"),
            Ok(vec![])
        );
    }

    #[test]
    fn what_is_no_request_or_could_do_harm_is_refused() {
        let ns = "xmlns='https://waher.se/Schema/BrokerAgent.xsd'";
        let many = (0..33).map(|n| format!(" a{n}=''")).collect::<Vec<_>>().concat();
        for bad in [
            String::new(),
            "nonsense".to_owned(),
            "<Login/>".to_owned(),
            "<Login xmlns='urn:other'/>".to_owned(),
            format!("<Login {ns}>"),
            format!("<Login {ns} a='1' a='2'/>"),
            format!("<Login {ns}/><Login {ns}/>"),
            format!("<!DOCTYPE Login [<!ENTITY x 'y'>]><Login {ns} userName='&x;'/>"),
            format!("<!DOCTYPE Login SYSTEM 'http://127.0.0.1/x'><Login {ns}/>"),
            format!("<Login {ns} userName='&x;'/>"),
            format!("<Login {ns} userName='&#0;'/>"),
            format!("<?xml-stylesheet href='x'?><Login {ns}/>"),
            format!("<Login {ns}{many}/>"),
            format!("<Login {ns}>{}{}</Login>", "<x>".repeat(8), "</x>".repeat(8)),
        ] {
            assert!(read(&bad).is_err(), "{bad}");
        }
    }

    proptest::proptest! {
        #[test]
        fn no_bytes_make_it_panic(bytes in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..200)) {
            let _ = attributes(&bytes);
        }

        #[test]
        fn nothing_near_a_request_makes_it_panic(text in "[<>/a='\"&;! xmlns:]{0,80}") {
            let _ = read(&format!("<a xmlns='https://waher.se/Schema/BrokerAgent.xsd' {text}"));
        }
    }
}

//! CAPTCHAs in forms: XEP-0158 §4 (no `<captcha/>` around the form, which stays the form of its own protocol), with the picture
//! as media of its field (XEP-0221) and as data beside the form (XEP-0231), since clients show no picture that they have to fetch.

use std::fmt::Write;

use base64::{Engine, engine::general_purpose::STANDARD};
use minidom::Element;
use sha1::{Digest, Sha1};

use super::{
    attributes,
    data_form::{self, FieldType, FormField, SentForm},
};
use crate::{
    accounts::challenge::CaptchaAnswers,
    broker::{CaptchaOffer, captcha::picture},
    text::Words,
};

/// XEP-0221.
const NS_MEDIA: &str = "urn:xmpp:media-element";
/// XEP-0231.
const NS_BOB: &str = "urn:xmpp:bob";

/// The fields of XEP-0158 §14.2.
const CHALLENGE: &str = "challenge";
const SID: &str = "sid";
const ANSWERS: &str = "answers";
const OCR: &str = "ocr";
const QA: &str = "qa";
const SHA_256: &str = "SHA-256";

const PNG: &str = "image/png";

/// Bytes of a request's id at most that are repeated as `sid`.
const LONGEST_SID: usize = 256;

/// The fields of a challenge, to come after those of the form itself. `request` is the id of the request for it.
pub fn fields(words: &Words<'_>, offer: &CaptchaOffer, request: Option<&str>) -> Vec<FormField> {
    let mut fields = vec![FormField::hidden(CHALLENGE, &offer.challenge)];
    if let Some(id) = request.filter(|id| !id.is_empty() && id.len() <= LONGEST_SID) {
        fields.push(FormField::hidden(SID, id));
    }
    fields.push(FormField::hidden(ANSWERS, "1"));
    let offered = [offer.picture.is_some(), offer.question.is_some(), offer.work.is_some()];
    // Where there is a choice, a client that insists on every required field would take it away.
    let only_one = offered.into_iter().filter(|offered| *offered).count() == 1;
    let field = |var, label: &str| FormField::new(var, FieldType::TextSingle).label(label).required(only_one);
    if let Some(file) = &offer.picture {
        fields.push(field(OCR, &words.get("label-captcha-picture")).element(media(file)));
    }
    if let Some(question) = &offer.question {
        fields.push(field(QA, question));
    }
    if let Some(label) = &offer.work {
        // The label must be the number (XEP-0158 §6.2); people read in the description that it is not for them.
        let description = Element::builder("desc", data_form::NS).append(words.get("xmpp-captcha-work"));
        fields.push(field(SHA_256, label).element(description.build()));
    }
    fields
}

/// The picture, to stand beside the form.
pub fn data(offer: &CaptchaOffer) -> Option<Element> {
    let file = offer.picture.as_ref()?;
    let data = Element::builder("data", NS_BOB)
        .attr(attributes::CID.to_owned(), content_id(file))
        // Gajim takes no data without it; nobody asks for this picture again.
        .attr(attributes::MAX_AGE.to_owned(), "0")
        .attr(attributes::TYPE.to_owned(), PNG)
        .append(STANDARD.encode(file));
    Some(data.build())
}

/// The answers in a form that was sent to `sent_to`; none if it holds no challenge.
pub fn read(form: &SentForm<'_>, sent_to: &str) -> Option<CaptchaAnswers> {
    let value = |var| form.value(var).unwrap_or_default();
    Some(CaptchaAnswers {
        challenge: form.value(CHALLENGE)?,
        picture: value(OCR),
        question: value(QA),
        work: value(SHA_256),
        sent_to: sent_to.to_owned(),
        ..CaptchaAnswers::default()
    })
}

fn media(file: &[u8]) -> Element {
    let uri = Element::builder("uri", NS_MEDIA)
        .attr(attributes::TYPE.to_owned(), PNG)
        .append(format!("cid:{}", content_id(file)));
    Element::builder("media", NS_MEDIA)
        .attr(attributes::HEIGHT.to_owned(), picture::HEIGHT.to_string())
        .attr(attributes::WIDTH.to_owned(), picture::WIDTH.to_string())
        .append(uri.build())
        .build()
}

fn content_id(file: &[u8]) -> String {
    let mut id = "sha1+".to_owned();
    for byte in Sha1::digest(file) {
        let _ = write!(id, "{byte:02x}");
    }
    id + "@bob.xmpp.org"
}

#[cfg(test)]
mod tests {
    use xmpp_parsers::{bob, media_element::MediaElement};

    use super::*;
    use crate::{
        text::Texts,
        xmpp::data_form::{DataForm, FormKind},
    };

    fn offer() -> CaptchaOffer {
        CaptchaOffer {
            challenge: "F3A6292C".to_owned(),
            picture: Some(vec![0xff; 3000]),
            question: Some("Type the color of a stop light".to_owned()),
            work: Some("93c7a".to_owned()),
        }
    }

    fn form(offer: &CaptchaOffer, id: Option<&str>) -> Element {
        let texts = Texts::new();
        let words = texts.words(texts.negotiate("en"));
        let form = DataForm::new(FormKind::Form, "jabber:iq:register")
            .field(FormField::new("username", FieldType::TextSingle).required(true));
        fields(&words, offer, id).into_iter().fold(form, DataForm::field).into()
    }

    fn field<'f>(form: &'f Element, var: &str) -> &'f Element {
        form.children()
            .find(|field| field.attr("var") == Some(var))
            .unwrap_or_else(|| panic!("no field {var}"))
    }

    fn value(form: &Element, var: &str) -> String {
        let field = field(form, var);
        assert_eq!(field.attr("type"), Some("hidden"), "{var}");
        field.get_child("value", data_form::NS).unwrap().text()
    }

    /// The example of XEP-0158 §4, with a question as in §3.1 and the form's own fields first.
    #[test]
    fn the_challenge_is_in_the_form_of_the_registration_itself() {
        let form = form(&offer(), Some("reg1"));
        let vars: Vec<_> = form.children().filter_map(|field| field.attr("var")).collect();
        assert_eq!(vars, ["FORM_TYPE", "username", "challenge", "sid", "answers", "ocr", "qa", "SHA-256"]);
        assert_eq!(value(&form, "FORM_TYPE"), "jabber:iq:register");
        assert_eq!(value(&form, "challenge"), "F3A6292C");
        assert_eq!(value(&form, "sid"), "reg1");
        assert_eq!(value(&form, "answers"), "1");
        assert_eq!(field(&form, "qa").attr("label"), Some("Type the color of a stop light"));
        assert_eq!(field(&form, "SHA-256").attr("label"), Some("93c7a"));
        assert!(field(&form, "SHA-256").has_child("desc", data_form::NS));
        for var in ["ocr", "qa", "SHA-256"] {
            assert_eq!(
                field(&form, var).attr("type"),
                Some("text-single"),
                "Dino shows no field without type"
            );
            assert!(!field(&form, var).has_child("required", data_form::NS), "{var}: one of them is enough");
        }
    }

    #[test]
    fn a_challenge_of_one_kind_must_be_answered() {
        let alone = CaptchaOffer { question: None, work: None, ..offer() };
        let form = form(&alone, None);
        assert!(field(&form, "ocr").has_child("required", data_form::NS));
        assert!(
            !form.children().any(|field| ["sid", "qa", "SHA-256"].contains(&field.attr("var").unwrap_or("")))
        );
    }

    #[test]
    fn an_endless_id_is_not_repeated() {
        let form = form(&offer(), Some(&"x".repeat(LONGEST_SID + 1)));
        assert!(!form.children().any(|field| field.attr("var") == Some("sid")));
    }

    /// XEP-0221 §2, XEP-0231 §2; read with the types of another author.
    #[test]
    fn the_picture_of_the_field_is_the_data_beside_the_form() {
        let form = form(&offer(), None);
        let media = field(&form, "ocr").children().find(|child| child.name() == "media").unwrap().clone();
        let media = MediaElement::try_from(media).unwrap();
        assert_eq!((media.width, media.height), (Some(260), Some(84)));
        assert_eq!(media.uris[0].type_, "image/png");

        let element = data(&offer()).unwrap();
        assert!(!element.text().contains(char::is_whitespace), "XEP-0231 §2.1: no whitespace");
        assert_eq!(element.attr("max-age"), Some("0"), "Gajim takes no data without it");
        let cid = element.attr("cid").unwrap().to_owned();
        assert_eq!(media.uris[0].uri, format!("cid:{cid}"));
        let data = bob::Data::try_from(element).unwrap();
        assert_eq!(Some(data.data), offer().picture);
        assert_eq!(data.type_.as_deref(), Some("image/png"));
        assert_eq!(cid, "sha1+f099586ad17a8d59f21a33d14c54b8032a66166f@bob.xmpp.org");
    }

    /// The submission of XEP-0158 §4.
    #[test]
    fn answers_are_read_from_the_form_that_comes_back() {
        let query: Element = "<query xmlns='jabber:iq:register'><x xmlns='jabber:x:data' type='submit'>\
             <field var='FORM_TYPE'><value>jabber:iq:register</value></field>\
             <field var='challenge'><value>F3A6292C</value></field><field var='sid'><value>reg1</value></field>\
             <field var='answers'><value>3</value></field><field var='ocr'><value>7nHL3</value></field>\
             <field var='username'><value>bill</value></field><field var='password'><value>Calliope</value></field>\
             </x></query>"
            .parse()
            .unwrap();
        let form = SentForm::find(&query).unwrap().unwrap();
        let answers = read(&form, "victim.com").unwrap();
        assert_eq!((answers.challenge.as_str(), answers.picture.as_str()), ("F3A6292C", "7nHL3"));
        assert_eq!((answers.question.as_str(), answers.work.as_str()), ("", ""));
        let nothing: Element =
            "<query xmlns='jabber:iq:register'><x xmlns='jabber:x:data'/></query>".parse().unwrap();
        assert!(read(&SentForm::find(&nothing).unwrap().unwrap(), "victim.com").is_none());
    }
}

//! `[service]`: what people get to see of the service.

use toml::de::DeValue;
use url::Url;

use super::{
    define::{Fallback, OptionDef, SectionDef, Times},
    kinds,
    reader::{Kind, Section},
};
use crate::accounts::LanguageTag;

/// What people get to see of the service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Service {
    /// Its name, where the operator gave one.
    pub name: Option<String>,
    /// The address of its web pages, without a slash at the end of the path.
    pub base_url: Url,
    /// The language of people who ask for none.
    pub language: LanguageTag,
}

pub(super) const NAME: OptionDef = OptionDef {
    key: "name",
    allowed: "a text",
    default: Fallback::Described("the name of the first domain"),
    example: "\"Chat Example\"",
    doc: "Name of the service, as people read it on pages and in letters.",
};

pub(super) const BASE_URL: OptionDef = OptionDef {
    key: "base_url",
    allowed: "an address that starts with https:// or http://, without user, query and fragment",
    default: Fallback::Required,
    example: "\"https://accounts.chat.example\"",
    doc: "Public address of the web pages. Links in letters start with it, so it must be reachable from outside; use https.",
};

const LANGUAGE: OptionDef = OptionDef {
    key: "language",
    allowed: "a language tag such as \"en\" or \"pt-BR\"",
    default: Fallback::Value("\"en\""),
    example: "\"en\"",
    doc: "Language of pages and letters for people whose client or browser asks for none.",
};

pub(super) const SECTION: SectionDef = SectionDef {
    name: "service",
    times: Times::Once,
    doc: "What people get to see of the service.",
    options: &[&NAME, &BASE_URL, &LANGUAGE],
};

pub(super) fn read(section: &Section<'_>) -> Option<Service> {
    let name = section.optional(&NAME, kinds::text);
    let base_url = section.get(&BASE_URL, base_url);
    let language = section.get(&LANGUAGE, |value| {
        LanguageTag::parse(&kinds::text(value)?).ok_or_else(|| "not a language tag".to_owned())
    });
    Some(Service { name, base_url: base_url?, language: language? })
}

fn base_url(value: &DeValue<'_>) -> Kind<Url> {
    let mut url = Url::parse(&kinds::text(value)?).map_err(|error| error.to_string())?;
    let plain = url.username().is_empty()
        && url.password().is_none()
        && url.query().is_none()
        && url.fragment().is_none();
    if !plain || !matches!(url.scheme(), "http" | "https") || url.host().is_none() {
        return Err(String::new());
    }
    let path = url.path().trim_end_matches('/').to_owned();
    url.set_path(&path);
    Ok(url)
}

//! `[brand]` and `[[domain_brand]]`: how the pages look, and where they lead.

use std::path::PathBuf;

use toml::de::DeValue;
use url::Url;

use super::{
    define::{Fallback, OptionDef, SectionDef, Times},
    kinds,
    reader::{Kind, Section},
};
use crate::accounts::Domain;

/// How the pages look, and where they lead.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Brand {
    /// The picture at the top.
    pub logo_file: Option<PathBuf>,
    /// The colour of buttons and links on light ground, as `#rrggbb`.
    pub colour: Option<String>,
    /// The same on dark ground.
    pub colour_dark: Option<String>,
    /// The terms of use.
    pub terms_url: Option<Url>,
    /// What becomes of people's data.
    pub privacy_url: Option<Url>,
    /// Who runs the service.
    pub imprint_url: Option<Url>,
}

/// The same for one domain; what is not given is as in `[brand]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DomainBrand {
    /// The domain.
    pub domain: Domain,
    /// What the service is called there.
    pub name: Option<String>,
    /// How it looks.
    pub brand: Brand,
}

pub(super) const DOMAIN: OptionDef = OptionDef {
    key: "domain",
    allowed: "the name of one of the domains",
    default: Fallback::Required,
    example: "\"chat.example\"",
    doc: "The domain whose people see this: who opens a page with `?domain=` and this name, or has an account there.",
};

const NAME: OptionDef = OptionDef {
    key: "name",
    allowed: "a text",
    default: Fallback::Described("that of `[service]`"),
    example: "\"Second Chat\"",
    doc: "What the service is called there.",
};

const LOGO_FILE: OptionDef = OptionDef {
    key: "logo_file",
    allowed: "the path of an SVG or PNG file of at most 256 KiB",
    default: Fallback::Described("a door"),
    example: "\"logo.svg\"",
    doc: "The picture at the top of every page, shown 28 pixels high. It is read when the service starts.",
};

const COLOUR: OptionDef = OptionDef {
    key: "colour",
    allowed: "a colour such as \"#2756a8\", dark enough to be read on white (contrast 4.5, WCAG 2.2)",
    default: Fallback::Value("\"#2756a8\""),
    example: "\"#1b6e3c\"",
    doc: "Buttons and links on light ground.",
};

const COLOUR_DARK: OptionDef = OptionDef {
    key: "colour_dark",
    allowed: "a colour such as \"#8fb4f5\", bright enough to be read on dark grey (contrast 4.5, WCAG 2.2)",
    default: Fallback::Value("\"#8fb4f5\""),
    example: "\"#7fd6a0\"",
    doc: "Buttons and links on dark ground, for people whose system is set to that.",
};

const TERMS_URL: OptionDef = OptionDef {
    key: "terms_url",
    allowed: "an address that starts with https://",
    default: Fallback::Described("none"),
    example: "\"https://chat.example/terms\"",
    doc: "The terms of use; linked at the foot of every page.",
};

const PRIVACY_URL: OptionDef = OptionDef {
    key: "privacy_url",
    allowed: "an address that starts with https://",
    default: Fallback::Described("none"),
    example: "\"https://chat.example/privacy\"",
    doc: "What becomes of people's data; linked at the foot of every page.",
};

const IMPRINT_URL: OptionDef = OptionDef {
    key: "imprint_url",
    allowed: "an address that starts with https://",
    default: Fallback::Described("none"),
    example: "\"https://chat.example/imprint\"",
    doc: "Who runs the service; linked at the foot of every page.",
};

pub(super) const SECTION: SectionDef = SectionDef {
    name: "brand",
    times: Times::Once,
    doc: "How the pages look, and where they lead.",
    options: &[&LOGO_FILE, &COLOUR, &COLOUR_DARK, &TERMS_URL, &PRIVACY_URL, &IMPRINT_URL],
};

pub(super) const DOMAIN_SECTION: SectionDef = SectionDef {
    name: "domain_brand",
    times: Times::Any,
    doc: "How the pages look for the people of one domain. What is not set is as in `[brand]`.",
    options: &[&DOMAIN, &NAME, &LOGO_FILE, &COLOUR, &COLOUR_DARK, &TERMS_URL, &PRIVACY_URL, &IMPRINT_URL],
};

/// What WCAG 2.2 (1.4.3) asks for.
const CONTRAST: f64 = 4.5;
/// The grounds that a colour is read on, of `assets/style.css`, and the text on a button of it.
const LIGHT: [[u8; 3]; 2] = [[0xff, 0xff, 0xff], [0xff, 0xff, 0xff]];
const DARK: [[u8; 3]; 2] = [[0x1a, 0x20, 0x29], [0x10, 0x21, 0x3d]];

pub(super) fn read(section: &Section<'_>) -> Brand {
    let logo_file = section.optional(&LOGO_FILE, kinds::text).map(|path| section.path(&path));
    let colour = section.optional(&COLOUR, |value| colour(value, LIGHT));
    let colour_dark = section.optional(&COLOUR_DARK, |value| self::colour(value, DARK));
    let terms_url = section.optional(&TERMS_URL, address);
    let privacy_url = section.optional(&PRIVACY_URL, address);
    let imprint_url = section.optional(&IMPRINT_URL, address);
    Brand { logo_file, colour, colour_dark, terms_url, privacy_url, imprint_url }
}

pub(super) fn read_domain(section: &Section<'_>) -> Option<DomainBrand> {
    let domain = section.get(&DOMAIN, kinds::domain);
    let name = section.optional(&NAME, kinds::text);
    let brand = read(section);
    Some(DomainBrand { domain: domain?, name, brand })
}

fn colour(value: &DeValue<'_>, grounds: [[u8; 3]; 2]) -> Kind<String> {
    let text = kinds::text(value)?.to_ascii_lowercase();
    let channels = channels(&text).ok_or_else(String::new)?;
    let least = grounds.map(|ground| contrast(channels, ground)).into_iter().fold(f64::INFINITY, f64::min);
    if least < CONTRAST {
        return Err(format!("its contrast is {least:.1}"));
    }
    Ok(text)
}

fn channels(text: &str) -> Option<[u8; 3]> {
    let digits = text.strip_prefix('#').filter(|digits| digits.len() == 6 && digits.is_ascii())?;
    let channel = |at| u8::from_str_radix(digits.get(at..at + 2)?, 16).ok();
    Some([channel(0)?, channel(2)?, channel(4)?])
}

/// WCAG 2.2, "contrast ratio".
fn contrast(one: [u8; 3], other: [u8; 3]) -> f64 {
    let (one, other) = (luminance(one), luminance(other));
    (one.max(other) + 0.05) / (one.min(other) + 0.05)
}

/// WCAG 2.2, "relative luminance".
fn luminance(colour: [u8; 3]) -> f64 {
    let [red, green, blue] = colour.map(|channel| {
        let value = f64::from(channel) / 255.0;
        if value <= 0.04045 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
    });
    0.2126 * red + 0.7152 * green + 0.0722 * blue
}

fn address(value: &DeValue<'_>) -> Kind<Url> {
    let url = Url::parse(&kinds::text(value)?).map_err(|error| error.to_string())?;
    if url.scheme() == "https" && url.has_host() && url.username().is_empty() {
        Ok(url)
    } else {
        Err(String::new())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_contrast_is_that_of_the_guidelines() {
        assert!((contrast([0; 3], [255; 3]) - 21.0).abs() < 0.001);
        assert!((contrast([0x76; 3], [255; 3]) - 4.54).abs() < 0.01, "the lightest grey that will do");
        assert!(
            channels("#12345g").is_none() && channels("123456").is_none() && channels("#12345é").is_none()
        );
    }
}

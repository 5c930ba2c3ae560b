//! The operator's own look: a logo, a colour, links at the foot of the pages.

use std::{fs::File, io::Read, path::Path};

use url::Url;

use crate::accounts::Domain;

/// Bytes of a logo at most.
const LARGEST_LOGO: u64 = 256 * 1024;

/// A picture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Logo {
    /// `svg` or `png`.
    pub(super) kind: &'static str,
    pub(super) bytes: Vec<u8>,
}

impl Logo {
    /// Reads a picture; what is wrong with it is told in words.
    pub fn read(path: &Path) -> Result<Self, String> {
        let mut bytes = Vec::new();
        let file = File::open(path).map_err(|error| error.to_string())?;
        file.take(LARGEST_LOGO + 1).read_to_end(&mut bytes).map_err(|error| error.to_string())?;
        if bytes.len() as u64 > LARGEST_LOGO {
            return Err("it is larger than 256 KiB".to_owned());
        }
        let is_svg = || {
            std::str::from_utf8(&bytes).is_ok_and(|text| {
                let text = text.trim_start_matches('\u{feff}').trim_start();
                ["<?xml", "<svg", "<!--"].iter().any(|start| text.starts_with(start)) && text.contains("<svg")
            })
        };
        let kind = if bytes.starts_with(b"\x89PNG\r\n\x1a\n") {
            "png"
        } else if is_svg() {
            "svg"
        } else {
            return Err("it is neither SVG nor PNG".to_owned());
        };
        Ok(Self { kind, bytes })
    }
}

/// How the pages look, and where they lead. Without anything they look as `assets/style.css` says.
#[derive(Debug, Clone, Default)]
pub struct Brand {
    /// The picture at the top.
    pub logo: Option<Logo>,
    /// The colour of buttons and links on light ground, as `#rrggbb`; dark enough to be read there.
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

/// How the pages look for the people of one domain.
#[derive(Debug, Clone)]
pub struct DomainBrand {
    /// The domain.
    pub domain: Domain,
    /// What the service is called there.
    pub name: Option<String>,
    /// How it looks.
    pub brand: Brand,
}

impl Brand {
    /// The style sheet that puts the colours in place of the usual ones.
    pub(super) fn style(&self) -> Option<String> {
        let rules = |colour: &str, towards: &str, ground: &str| {
            format!(
                ":root {{ --accent: {colour}; --accent-strong: color-mix(in srgb, {colour} 80%, {towards}); \
                 --tint: color-mix(in srgb, {colour} 8%, {ground}); --tint-line: color-mix(in srgb, {colour} 35%, {ground}); }}"
            )
        };
        let light = self.colour.as_deref().map(|colour| rules(colour, "black", "white"));
        let dark = self.colour_dark.as_deref().map(|colour| {
            format!("@media (prefers-color-scheme: dark) {{ {} }}", rules(colour, "white", "#1a2029"))
        });
        // The dark ground has colours of its own, which the light one must not take the place of.
        let light = light.map(|rules| format!("@media (prefers-color-scheme: light) {{ {rules} }}"));
        let style = light.into_iter().chain(dark).collect::<Vec<_>>().join("\n");
        (!style.is_empty()).then_some(style)
    }

    /// The links at the foot: the key of the text, and the address.
    pub(super) fn links(&self) -> Vec<(&'static str, &Url)> {
        [
            ("page-terms", &self.terms_url),
            ("page-privacy", &self.privacy_url),
            ("page-imprint", &self.imprint_url),
        ]
        .into_iter()
        .filter_map(|(key, url)| Some((key, url.as_ref()?)))
        .collect()
    }
}

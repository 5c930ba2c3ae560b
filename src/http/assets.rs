//! Style sheet, icon and scripts, part of the program. Their names hold a hash, so browsers may keep them for ever.

use axum::{
    body::Bytes,
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use sha2::{Digest, Sha256};

use super::brand::{Brand, DomainBrand};
use crate::accounts::Domain;

const CSS: &str = "text/css; charset=utf-8";

/// The files that pages refer to.
#[derive(Debug)]
pub struct Assets {
    /// The one style sheet.
    pub style: Asset,
    /// The icon in the browser's tab.
    pub icon: Asset,
    /// The script that does the work of a CAPTCHA.
    pub work: Asset,
    /// The script that sends a form for a CAPTCHA service without anything to see.
    pub score: Asset,
    /// The script that says how hard a new password is to guess.
    pub strength: Asset,
    /// The calculation itself, on a thread of its own.
    pub worker: Asset,
    /// The operator's.
    pub brand: BrandAssets,
    /// Those of single domains.
    domains: Vec<(Domain, BrandAssets)>,
}

/// What an operator adds.
#[derive(Debug)]
pub struct BrandAssets {
    /// The colours.
    pub style: Option<Asset>,
    /// The logo.
    pub logo: Option<Asset>,
}

/// One file.
#[derive(Debug)]
pub struct Asset {
    /// Its path below the front's folder.
    pub path: String,
    content_type: &'static str,
    body: Bytes,
}

impl Assets {
    /// The files of this build, and those of the operator.
    pub fn new(brand: &Brand, domains: &[DomainBrand]) -> Self {
        let domains = domains.iter().map(|own| (own.domain.clone(), BrandAssets::new(&own.brand)));
        Self {
            style: Asset::new("style", "css", CSS, include_str!("../../assets/style.css")),
            brand: BrandAssets::new(brand),
            domains: domains.collect(),
            icon: Asset::new("icon", "svg", "image/svg+xml", include_str!("../../assets/icon.svg")),
            work: Asset::script("work", include_str!("../../assets/work.js")),
            score: Asset::script("score", include_str!("../../assets/score.js")),
            strength: Asset::script("strength", include_str!("../../assets/strength.js")),
            worker: Asset::script("worker", include_str!("../../assets/worker.js")),
        }
    }

    /// All of them.
    pub fn all(&self) -> impl Iterator<Item = &Asset> {
        let own = [&self.style, &self.icon, &self.work, &self.score, &self.strength, &self.worker];
        let brands = [&self.brand].into_iter().chain(self.domains.iter().map(|(_, brand)| brand));
        own.into_iter().chain(brands.flat_map(|brand| brand.style.iter().chain(&brand.logo)))
    }

    /// What the operator adds for the people of a domain.
    pub fn brand_of(&self, domain: Option<&Domain>) -> &BrandAssets {
        let own = self.domains.iter().find(|(name, _)| Some(name) == domain);
        own.map_or(&self.brand, |(_, brand)| brand)
    }
}

impl BrandAssets {
    fn new(brand: &Brand) -> Self {
        let picture = |kind: &str| if kind == "svg" { "image/svg+xml" } else { "image/png" };
        let logo = brand.logo.as_ref();
        Self {
            style: brand.style().map(|style| Asset::new("brand", "css", CSS, style)),
            logo: logo.map(|logo| Asset::new("logo", logo.kind, picture(logo.kind), logo.bytes.clone())),
        }
    }
}

impl Asset {
    fn script(name: &str, body: &'static str) -> Self {
        Self::new(name, "js", "text/javascript; charset=utf-8", body)
    }

    fn new(name: &str, extension: &str, content_type: &'static str, body: impl Into<Bytes>) -> Self {
        let body = body.into();
        let hash = URL_SAFE_NO_PAD.encode(&Sha256::digest(&body)[..9]);
        Self { path: format!("/{name}-{hash}.{extension}"), content_type, body }
    }
}

impl IntoResponse for &Asset {
    fn into_response(self) -> Response {
        let headers = [
            (header::CONTENT_TYPE, HeaderValue::from_static(self.content_type)),
            (header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=31536000, immutable")),
        ];
        (headers, self.body.clone()).into_response()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    /// WCAG 2.2, "relative luminance".
    fn luminance(colour: &str) -> f64 {
        let channel = |at: usize| {
            let value = f64::from(u8::from_str_radix(&colour[at..at + 2], 16).unwrap()) / 255.0;
            if value <= 0.04045 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
        };
        0.2126 * channel(1) + 0.7152 * channel(3) + 0.0722 * channel(5)
    }

    fn contrast(one: &str, other: &str) -> f64 {
        let (one, other) = (luminance(one), luminance(other));
        (one.max(other) + 0.05) / (one.min(other) + 0.05)
    }

    #[test]
    fn every_text_stands_out_from_its_ground_in_light_and_dark() {
        let style = include_str!("../../assets/style.css");
        let schemes: Vec<HashMap<&str, &str>> = style
            .split(":root {")
            .skip(1)
            .map(|block| {
                let lines = block.split('}').next().unwrap().lines();
                lines
                    .filter_map(|line| line.trim().strip_prefix("--")?.strip_suffix(';')?.split_once(": "))
                    .collect()
            })
            .collect();
        assert_eq!(schemes.len(), 2, "light and dark");
        let texts = [
            ("text", "ground"),
            ("text", "card"),
            ("text", "tint"),
            ("text", "wrong-tint"),
            ("soft", "ground"),
            ("soft", "card"),
            ("soft", "tint"),
            ("accent", "card"),
            ("accent", "tint"),
            ("accent-strong", "card"),
            ("accent-strong", "tint"),
            ("on-accent", "accent"),
            ("on-accent", "accent-strong"),
            ("wrong", "card"),
        ];
        for scheme in schemes {
            for (text, ground) in texts {
                let found = contrast(scheme[text], scheme[ground]);
                assert!(found >= 4.5, "{text} on {ground}: {found:.2}");
            }
            // The edges of fields (WCAG 2.2, 1.4.11).
            assert!(contrast(scheme["edge"], scheme["card"]) >= 3.0);
        }
    }
}

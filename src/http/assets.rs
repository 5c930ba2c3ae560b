//! Style sheet and icon, part of the program. Their names hold a hash, so browsers may keep them for ever.

use axum::{
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use sha2::{Digest, Sha256};

/// The files that pages refer to.
#[derive(Debug)]
pub struct Assets {
    /// The one style sheet.
    pub style: Asset,
    /// The icon in the browser's tab.
    pub icon: Asset,
}

/// One file.
#[derive(Debug)]
pub struct Asset {
    /// Its path below the front's folder.
    pub path: String,
    content_type: &'static str,
    body: &'static str,
}

impl Assets {
    /// The files of this build.
    pub fn new() -> Self {
        Self {
            style: Asset::new(
                "style",
                "css",
                "text/css; charset=utf-8",
                include_str!("../../assets/style.css"),
            ),
            icon: Asset::new("icon", "svg", "image/svg+xml", include_str!("../../assets/icon.svg")),
        }
    }
}

impl Asset {
    fn new(name: &str, extension: &str, content_type: &'static str, body: &'static str) -> Self {
        let hash = URL_SAFE_NO_PAD.encode(&Sha256::digest(body.as_bytes())[..9]);
        Self { path: format!("/{name}-{hash}.{extension}"), content_type, body }
    }
}

impl IntoResponse for &Asset {
    fn into_response(self) -> Response {
        let headers = [
            (header::CONTENT_TYPE, HeaderValue::from_static(self.content_type)),
            (header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=31536000, immutable")),
        ];
        (headers, self.body).into_response()
    }
}

//! QR codes as a path of an SVG image: drawn here, so that pages need no script and load nothing.

use std::fmt::Write;

use qrcode::{Color, EcLevel, QrCode};

/// Modules of quiet space around a code (ISO/IEC 18004 §9.1).
const QUIET: usize = 4;

/// A QR code.
#[derive(Debug)]
pub struct Qr {
    /// Width and height, the quiet space included.
    pub size: usize,
    /// The `d` of the path that is its dark modules.
    pub path: String,
}

impl Qr {
    /// The code of a text; `None` for one that is too long.
    pub fn of(text: &str) -> Option<Self> {
        let code = QrCode::with_error_correction_level(text, EcLevel::M).ok()?;
        let width = code.width();
        let modules = code.to_colors();
        let mut path = String::new();
        for (y, row) in modules.chunks(width).enumerate() {
            let mut x = 0;
            while x < width {
                let run = row[x..].iter().take_while(|&&module| module == Color::Dark).count();
                if run > 0 {
                    let _ = write!(path, "M{} {}h{run}v1h-{run}z", x + QUIET, y + QUIET);
                }
                x += run.max(1);
            }
        }
        Some(Self { size: width + 2 * QUIET, path })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_has_its_three_corners_and_quiet_space() {
        let qr = Qr::of("https://accounts.example/invite/abcdefghijklmnopqrstuvwxyz").unwrap();
        let far = qr.size - QUIET - 7;
        for (x, y) in [(QUIET, QUIET), (far, QUIET), (QUIET, far)] {
            assert!(qr.path.contains(&format!("M{x} {y}h7v1h-7z")), "{x} {y}");
        }
        assert!(!qr.path.contains("M3 ") && !qr.path.contains("M0 "));
        assert!(Qr::of(&"x".repeat(5000)).is_none());
    }
}

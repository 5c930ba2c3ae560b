//! The CAPTCHA services that are known by name.

/// A service with a `siteverify` resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SiteService {
    /// Google reCAPTCHA v2, the box to tick.
    RecaptchaV2,
    /// Google reCAPTCHA v3, a score without anything to see.
    RecaptchaV3,
    /// hCaptcha.
    Hcaptcha,
    /// Cloudflare Turnstile.
    Turnstile,
}

impl SiteService {
    /// Its resource, by its documentation.
    pub const fn verify_url(self) -> &'static str {
        match self {
            Self::RecaptchaV2 | Self::RecaptchaV3 => "https://www.google.com/recaptcha/api/siteverify",
            Self::Hcaptcha => "https://api.hcaptcha.com/siteverify",
            Self::Turnstile => "https://challenges.cloudflare.com/turnstile/v0/siteverify",
        }
    }

    /// Whether its answers hold a score.
    pub const fn scores(self) -> bool {
        matches!(self, Self::RecaptchaV3)
    }
}

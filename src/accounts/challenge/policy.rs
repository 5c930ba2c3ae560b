//! When a domain asks for a CAPTCHA, and which.

use jiff::SignedDuration;

use super::Question;
use crate::accounts::Front;

/// When somebody who registers must solve a CAPTCHA.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum CaptchaMode {
    /// Never.
    #[default]
    Off,
    /// Always.
    Always,
    /// While there is more going on than usual: see [`BusyRule`].
    WhenBusy,
}

/// What counts as more than usual.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BusyRule {
    /// So many registrations and wrong tries together ...
    pub events: u32,
    /// ... within this time.
    pub window: SignedDuration,
}

/// The CAPTCHAs of a domain. Whatever is on is offered together; people choose.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CaptchaPolicy {
    /// When one must be solved.
    pub mode: CaptchaMode,
    /// When it is busy.
    pub busy: BusyRule,
    /// Whether a picture is offered.
    pub picture: bool,
    /// The questions, of which one is asked; none where there are none.
    pub questions: Vec<Question>,
    /// The bits of the work offered to programs.
    pub work_bits: Option<u32>,
    /// The bits of the work that the script of a page does, where work is offered at all: browsers calculate slowly, and a person waits.
    pub web_work_bits: u32,
    /// Whether our pages show the CAPTCHA of somebody else's service in place of these.
    pub web_service: bool,
}

impl CaptchaPolicy {
    /// The bits of the work for somebody who comes this way.
    pub fn work_for(&self, front: Front) -> Option<u32> {
        self.work_bits.map(|bits| if front == Front::Web { self.web_work_bits } else { bits })
    }
}

impl Default for CaptchaPolicy {
    fn default() -> Self {
        Self {
            mode: CaptchaMode::Off,
            busy: BusyRule { events: 20, window: SignedDuration::from_mins(10) },
            picture: true,
            questions: Vec::new(),
            work_bits: Some(24),
            web_work_bits: 20,
            web_service: false,
        }
    }
}

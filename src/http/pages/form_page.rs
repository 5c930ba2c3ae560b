//! A page with a form: fields, what is wrong with them, where else to go.

use askama::Template;
use axum::{
    http::{HeaderValue, StatusCode, header},
    response::Response,
};

use super::{Page, captcha::InlineWork, html, widget::Widget};
use crate::http::{
    csrf,
    headers::{Needs, NeedsSession, Scripts},
    refusal::{Problem, Told},
    web::CaptchaSite,
};

/// A page with one form.
#[derive(Template)]
#[template(path = "web/form.html")]
pub struct FormPage<'a> {
    /// What every page knows.
    pub page: Page<'a>,
    /// What it is about.
    pub lead: Option<String>,
    /// What has just happened.
    pub notice: Option<String>,
    /// How things stand: names and values.
    pub facts: Vec<(String, String)>,
    /// Where the form goes.
    pub action: &'static str,
    /// Whether it sends people on to where the operator allows.
    pub sends_on: bool,
    /// Values that go with it.
    pub hidden: Vec<(&'static str, String)>,
    /// The fields.
    pub widgets: Vec<Widget>,
    /// What a script does while the person fills it in.
    pub work: Option<InlineWork>,
    /// The CAPTCHA service whose script is shown.
    pub site: Option<CaptchaSite>,
    /// What the button says.
    pub submit: String,
    /// Another button for the same fields: what it says, and where it sends them.
    pub second: Option<(String, &'static str)>,
    /// Where else to go: text and path.
    pub links: Vec<(String, &'static str)>,
    /// Whether there is a button although there is nothing to fill in.
    pub always: bool,
    /// What is wrong; set by [`FormPage::refused`].
    pub problems: Vec<Problem>,
    /// Binds the form to the session.
    pub csrf: String,
}

impl<'a> FormPage<'a> {
    /// A form that goes to `action`, with a button of that text.
    pub fn new(page: Page<'a>, action: &'static str, submit_key: &str) -> Self {
        let csrf = csrf::token(page.web, &page.visitor.session);
        let submit = page.words.get(submit_key);
        Self {
            page,
            lead: None,
            notice: None,
            facts: Vec::new(),
            action,
            sends_on: false,
            hidden: Vec::new(),
            widgets: Vec::new(),
            work: None,
            site: None,
            submit,
            second: None,
            links: Vec::new(),
            always: false,
            problems: Vec::new(),
            csrf,
        }
    }

    /// What the button of the form does, where a CAPTCHA service has no box to tick.
    fn scored(&self) -> Option<&CaptchaSite> {
        self.site.as_ref().filter(|site| site.service.scores())
    }

    /// Whether a script says how hard a new password is to guess.
    fn has_strength(&self) -> bool {
        self.widgets.iter().any(|widget| widget.strength.is_some())
    }

    /// The page as it is.
    pub fn show(self) -> Response {
        self.respond(StatusCode::OK)
    }

    /// The page with a refusal: all problems in the summary, each also at its field.
    pub fn refused(mut self, told: Told) -> Response {
        for mut problem in told.problems {
            let name = problem.field.take();
            if let Some(widget) = self.widgets.iter_mut().find(|widget| name.is_some_and(|n| widget.shows(n)))
            {
                problem.field = Some(widget.name);
                widget.error.get_or_insert_with(|| problem.text.clone());
            }
            self.problems.push(problem);
        }
        let mut response = self.respond(told.status);
        if let Some(wait) = told.retry_after {
            let seconds = HeaderValue::from(wait.as_secs().max(1));
            response.headers_mut().insert(header::RETRY_AFTER, seconds);
        }
        response
    }

    fn respond(self, status: StatusCode) -> Response {
        let mut response = html(status, &self);
        response.extensions_mut().insert(NeedsSession);
        let picture = self.widgets.iter().any(|widget| widget.picture.is_some());
        response.extensions_mut().insert(Needs {
            picture,
            scripts: match self.has_strength() {
                true => Scripts::Asking,
                false if self.work.is_some() || self.site.is_some() => Scripts::Own,
                false => Scripts::None,
            },
            site: self.site.as_ref().map(|site| site.service),
            sends_on: self.sends_on,
        });
        response
    }
}

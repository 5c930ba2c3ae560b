//! Questions with answers that people know (`qa`, XEP-0158 §6.3).

use subtle::ConstantTimeEq;
use unicode_normalization::UnicodeNormalization;

use crate::accounts::LanguageTag;

/// A question in one language and everything that is right to answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question {
    language: LanguageTag,
    text: String,
    /// In the form that answers are compared in.
    answers: Vec<String>,
}

/// Why a text is no question.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum QuestionProblem {
    /// Nothing to read.
    #[error("the question is empty")]
    Empty,
    /// Nothing to answer.
    #[error("an answer is empty or longer than 100 characters, or there is none")]
    Answers,
}

/// Characters of an answer at most.
const LONGEST_ANSWER: usize = 100;

impl Question {
    /// A question with its right answers.
    pub fn new(language: LanguageTag, text: &str, answers: &[String]) -> Result<Self, QuestionProblem> {
        if text.trim().is_empty() {
            return Err(QuestionProblem::Empty);
        }
        let compared: Option<Vec<_>> = answers.iter().map(|answer| compared(answer)).collect();
        match compared {
            Some(answers) if !answers.is_empty() => {
                Ok(Self { language, text: text.trim().to_owned(), answers })
            }
            _ => Err(QuestionProblem::Answers),
        }
    }

    /// What is asked.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Its language.
    pub fn language(&self) -> &LanguageTag {
        &self.language
    }

    /// Whether somebody who wants texts in `language` understands it; regions do not matter.
    pub(super) fn speaks(&self, language: &str) -> bool {
        let main = |tag: &str| tag.split('-').next().unwrap_or_default().to_ascii_lowercase();
        main(self.language.as_str()) == main(language)
    }

    /// Whether an answer is right; case and spaces do not matter.
    pub fn accepts(&self, answer: &str) -> bool {
        let Some(given) = compared(answer) else { return false };
        // Every answer is compared, so that the time tells nothing about which one was near.
        let hits = self.answers.iter().map(|right| right.as_bytes().ct_eq(given.as_bytes()).unwrap_u8());
        hits.fold(0, |sum, hit| sum | hit) == 1
    }
}

/// The form that answers are compared in.
fn compared(answer: &str) -> Option<String> {
    let short = answer.chars().take(4 * LONGEST_ANSWER);
    let plain: String =
        short.nfkc().flat_map(char::to_lowercase).filter(|c| !c.is_whitespace() && !c.is_control()).collect();
    ((1..=LONGEST_ANSWER).contains(&plain.chars().count())).then_some(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn question(answers: &[&str]) -> Result<Question, QuestionProblem> {
        let answers: Vec<_> = answers.iter().map(|answer| (*answer).to_owned()).collect();
        Question::new(LanguageTag::parse("de-AT").unwrap(), " Welche Farbe hat der Schnee? ", &answers)
    }

    #[test]
    fn any_of_the_answers_is_right_whatever_its_case_and_spaces() {
        let snow = question(&["weiß", "Blüten Weiß", "white"]).unwrap();
        for right in
            ["weiß", " WEIß ", "blütenweiß", "Blu\u{308}ten weiß", "w h i t e", "ｗｈｉｔｅ", "wei\tß\n"]
        {
            assert!(snow.accepts(right), "{right:?}");
        }
        for wrong in ["", "  ", "weiss ", "schwarz", "whit", "whitee", &"weiß".repeat(500)] {
            assert!(!snow.accepts(wrong), "{wrong:?}");
        }
        assert_eq!(snow.text(), "Welche Farbe hat der Schnee?");
    }

    #[test]
    fn a_question_without_text_or_answers_is_none() {
        let english = LanguageTag::default();
        assert_eq!(Question::new(english, " ", &["a".to_owned()]), Err(QuestionProblem::Empty));
        for answers in [&[][..], &["right", " "], &[&"x".repeat(101)]] {
            assert_eq!(question(answers), Err(QuestionProblem::Answers), "{answers:?}");
        }
    }

    #[test]
    fn regions_do_not_matter() {
        let snow = question(&["weiß"]).unwrap();
        assert!(snow.speaks("de") && snow.speaks("DE-ch") && !snow.speaks("en") && !snow.speaks("den"));
    }
}

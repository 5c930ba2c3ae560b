//! What a partner tells about a person beside the account itself.

/// The name and the work of a person, as a partner gave them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Profile {
    /// Such as `Ms`.
    pub title: String,
    /// First name.
    pub first_name: String,
    /// Last name.
    pub last_name: String,
    /// What the person does.
    pub job_title: String,
}

/// A field of [`Profile`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProfileField {
    /// [`Profile::title`].
    Title,
    /// [`Profile::first_name`].
    FirstName,
    /// [`Profile::last_name`].
    LastName,
    /// [`Profile::job_title`].
    JobTitle,
}

/// What can be wrong with a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProfileProblem {
    /// Nothing in it.
    Missing,
    /// Too many characters.
    TooLong,
    /// Control characters.
    Characters,
}

impl ProfileField {
    /// Every field, in the order of [`Profile`].
    pub const ALL: [Self; 4] = [Self::Title, Self::FirstName, Self::LastName, Self::JobTitle];

    /// Most characters (`RegisterAndActivateBindingModel`, account-apis §3.2).
    pub const fn max_length(self) -> usize {
        match self {
            Self::Title => 5,
            Self::FirstName | Self::LastName | Self::JobTitle => 20,
        }
    }

    fn check(self, value: &str) -> Result<(), ProfileProblem> {
        if value.trim().is_empty() {
            Err(ProfileProblem::Missing)
        } else if value.chars().count() > self.max_length() {
            Err(ProfileProblem::TooLong)
        } else if value.chars().any(char::is_control) {
            Err(ProfileProblem::Characters)
        } else {
            Ok(())
        }
    }
}

impl Profile {
    /// Takes what was given for each field of [`ProfileField::ALL`]: a profile, or everything that is wrong.
    pub fn parse(given: [&str; 4]) -> Result<Self, Vec<(ProfileField, ProfileProblem)>> {
        let wrong: Vec<_> = ProfileField::ALL
            .into_iter()
            .zip(given)
            .filter_map(|(field, value)| field.check(value).err().map(|problem| (field, problem)))
            .collect();
        if !wrong.is_empty() {
            return Err(wrong);
        }
        let [title, first_name, last_name, job_title] = given.map(|value| value.trim().to_owned());
        Ok(Self { title, first_name, last_name, job_title })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_field_that_is_wrong_is_told() {
        use ProfileField::{FirstName, JobTitle, LastName, Title};
        use ProfileProblem::{Characters, Missing, TooLong};
        assert_eq!(
            Profile::parse(["Doctor", "", "a\u{0}b", "123456789012345678901"]),
            Err(vec![(Title, TooLong), (FirstName, Missing), (LastName, Characters), (JobTitle, TooLong)])
        );
    }

    #[test]
    fn lengths_count_characters() {
        let profile =
            Profile::parse(["\u{e4}\u{e4}\u{e4}\u{e4}\u{e4}", " Ada ", "Byron", "Analyst"]).unwrap();
        assert_eq!((profile.first_name.as_str(), profile.title.chars().count()), ("Ada", 5));
    }
}

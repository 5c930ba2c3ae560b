//! `RegisterAndActivateBindingModel`: eleven properties, their names in any case, with their lengths (account-apis §3.2).

use std::{collections::HashMap, fmt};

use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;

use super::model_state::{ModelState, annotation};
use crate::{
    accounts::{
        BranchId, BranchSecrets, Profile, ProfileField, ProfileProblem,
        form::{Field, RawForm},
    },
    broker::BranchClaim,
};

/// A property of the model.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Property {
    AdminActivationToken,
    Title,
    FirstName,
    LastName,
    JobTitle,
    Email,
    UserName,
    Password,
    ConfirmPassword,
    BranchId,
    BranchSecret,
}

/// What can be wrong with a property by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mistake {
    Required,
    TooLong(usize),
    TooShort(usize),
    Characters,
    NoText,
    Unequal,
}

/// What was sent. Every value counts as secret.
pub struct Model {
    values: HashMap<Property, SecretString>,
    /// Properties whose value is a list or an object.
    no_text: Vec<Property>,
}

/// A model's mistakes.
pub type Mistakes = ModelState;

impl Property {
    pub const ALL: [Self; 11] = [
        Self::AdminActivationToken,
        Self::Title,
        Self::FirstName,
        Self::LastName,
        Self::JobTitle,
        Self::Email,
        Self::UserName,
        Self::Password,
        Self::ConfirmPassword,
        Self::BranchId,
        Self::BranchSecret,
    ];

    /// Its name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::AdminActivationToken => "AdminActivationToken",
            Self::Title => "Title",
            Self::FirstName => "FirstName",
            Self::LastName => "LastName",
            Self::JobTitle => "JobTitle",
            Self::Email => "Email",
            Self::UserName => "UserName",
            Self::Password => "Password",
            Self::ConfirmPassword => "ConfirmPassword",
            Self::BranchId => "BranchId",
            Self::BranchSecret => "BranchSecret",
        }
    }

    /// The fewest and the most characters of it, where there is such a rule.
    pub fn lengths(self) -> Option<(usize, usize)> {
        match self {
            Self::Email | Self::UserName => Some((1, 256)),
            Self::Password => Some((6, 100)),
            Self::Title | Self::FirstName | Self::LastName | Self::JobTitle => {
                let field = ProfileField::ALL.into_iter().find(|field| Self::of_profile(*field) == self)?;
                Some((1, field.max_length()))
            }
            Self::AdminActivationToken | Self::ConfirmPassword | Self::BranchId | Self::BranchSecret => None,
        }
    }

    /// Its key in a `ModelState`.
    pub fn key(self) -> String {
        format!("model.{}", self.name())
    }

    const fn of_profile(field: ProfileField) -> Self {
        match field {
            ProfileField::Title => Self::Title,
            ProfileField::FirstName => Self::FirstName,
            ProfileField::LastName => Self::LastName,
            ProfileField::JobTitle => Self::JobTitle,
        }
    }
}

impl Model {
    /// Reads a body. Unknown properties are passed over, of a repeated one one value counts, numbers are taken for their digits: as the
    /// .NET libraries do.
    pub fn read(bytes: &[u8]) -> Result<Self, Mistakes> {
        let refused = |text: String| {
            let mut state = ModelState::default();
            state.add("model", text);
            state
        };
        let value: Value = serde_json::from_slice(bytes).map_err(|error| {
            // The message of the error could repeat what was sent.
            let (line, column) = (error.line(), error.column());
            refused(format!("The body is not valid JSON (line {line}, column {column})."))
        })?;
        let Value::Object(object) = value else {
            return Err(refused("The body must be a JSON object.".to_owned()));
        };
        let mut model = Self { values: HashMap::new(), no_text: Vec::new() };
        for (name, value) in object {
            let Some(property) =
                Property::ALL.into_iter().find(|known| known.name().eq_ignore_ascii_case(&name))
            else {
                continue;
            };
            match value {
                Value::String(text) => drop(model.values.insert(property, text.into())),
                Value::Number(number) => drop(model.values.insert(property, number.to_string().into())),
                Value::Bool(truth) => drop(model.values.insert(property, truth.to_string().into())),
                Value::Null => {}
                Value::Array(_) | Value::Object(_) => model.no_text.push(property),
            }
        }
        Ok(model)
    }

    /// What the program says about its branch; `None` when something of it is missing or no number.
    pub fn claim(&self) -> Option<BranchClaim> {
        let given = |property| Some(self.values.get(&property)?.clone());
        Some(BranchClaim {
            id: BranchId::parse(self.get(Property::BranchId).trim())?,
            secrets: BranchSecrets {
                secret: given(Property::BranchSecret)?,
                activation_token: given(Property::AdminActivationToken)?,
            },
        })
    }

    /// The person, or everything that is wrong with the model by itself.
    pub fn profile(&self) -> Result<Profile, Mistakes> {
        let mut state = ModelState::default();
        let mut note =
            |property: Property, mistake| state.add(&property.key(), annotation(property, mistake));
        for &property in &self.no_text {
            note(property, Mistake::NoText);
        }
        let profile = Profile::parse(ProfileField::ALL.map(|field| self.get(Property::of_profile(field))));
        for (field, problem) in profile.as_ref().err().into_iter().flatten() {
            note(
                Property::of_profile(*field),
                match problem {
                    ProfileProblem::Missing => Mistake::Required,
                    ProfileProblem::TooLong => Mistake::TooLong(field.max_length()),
                    ProfileProblem::Characters => Mistake::Characters,
                },
            );
        }
        for property in [Property::Email, Property::UserName, Property::Password, Property::ConfirmPassword] {
            let value = self.get(property);
            let length = value.chars().count();
            match property.lengths() {
                _ if value.is_empty() => note(property, Mistake::Required),
                Some((_, most)) if length > most => note(property, Mistake::TooLong(most)),
                Some((least, _)) if length < least => note(property, Mistake::TooShort(least)),
                _ => {}
            }
        }
        if self.get(Property::Password) != self.get(Property::ConfirmPassword)
            && !self.get(Property::ConfirmPassword).is_empty()
        {
            note(Property::ConfirmPassword, Mistake::Unequal);
        }
        match profile {
            Ok(profile) if state.is_empty() => Ok(profile),
            _ => Err(state),
        }
    }

    /// The registration form.
    pub fn form(&self) -> RawForm {
        let mut form = RawForm::default();
        for (field, property) in [
            (Field::Username, Property::UserName),
            (Field::Password, Property::Password),
            (Field::Email, Property::Email),
        ] {
            form.set(field, self.get(property).to_owned());
        }
        form
    }

    /// A value as it may be repeated in an answer: the program's own words, without what a terminal would obey.
    pub fn shown(&self, property: Property) -> String {
        self.get(property).chars().filter(|c| !c.is_control()).collect()
    }

    /// How many characters the password has.
    pub fn password_length(&self) -> usize {
        self.get(Property::Password).chars().count()
    }

    fn get(&self, property: Property) -> &str {
        self.values.get(&property).map_or("", |value| value.expose_secret())
    }
}

impl fmt::Debug for Model {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Model(..)")
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn names_come_in_any_case_and_of_two_values_one_counts() {
        let body = br#"{"TITLE": "Mr", "title": "Ms", "branchid": 7, "BRANCHSECRET": "s", "adminActivationToken": "t", "x": [1]}"#;
        let model = Model::read(body).unwrap();
        assert_eq!(model.get(Property::Title), "Ms");
        assert_eq!(model.claim().unwrap().id.number(), 7);
    }

    #[test]
    fn a_claim_is_whole_or_none() {
        for body in [
            r#"{"branchId": 7, "branchSecret": "s"}"#,
            r#"{"branchId": 7, "adminActivationToken": "t"}"#,
            r#"{"branchId": "seven", "branchSecret": "s", "adminActivationToken": "t"}"#,
            r#"{"branchId": null, "branchSecret": "s", "adminActivationToken": "t"}"#,
        ] {
            assert!(Model::read(body.as_bytes()).unwrap().claim().is_none(), "{body}");
        }
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            if let Ok(model) = Model::read(&bytes) {
                let _ = (model.claim(), model.profile(), model.form());
            }
        }

        #[test]
        fn no_mistake_repeats_a_secret(secret in "[a-z]{3,5}[0-9]{6}") {
            let body = serde_json::json!({ "password": secret, "branchSecret": secret, "adminActivationToken": secret, "confirmPassword": "other" });
            let model = Model::read(body.to_string().as_bytes()).unwrap();
            let told = format!("{model:?} {:?}", model.profile());
            prop_assert!(!told.contains(&secret), "{}", told);
        }
    }
}

//! Phone numbers in the international form of E.164, the one that every gateway takes.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// A phone number that a text message can be sent to: `+`, the country code, the number; 8 to 15 digits (E.164 §6). `Display` shows it
/// whole: mask it in logs ([`Phone::masked`]).
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Phone(String);

/// Why a text is no phone number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PhoneProblem {
    /// Nothing was given.
    Missing,
    /// Not `+` and 8 to 15 digits. A number without its country's code could be that of anybody.
    Malformed,
}

/// Fewest digits: there are shorter numbers, of services only.
const FEWEST: usize = 8;
/// Most digits (E.164 §6.2.1).
const MOST: usize = 15;
/// Digits at the end of a number that differ within one block of a provider; who sells calls to themselves has whole blocks.
const BLOCK: usize = 4;

impl Phone {
    /// Reads a number as people write it: with blanks, hyphens, dots, slashes and brackets; `00` stands for `+`.
    pub fn parse(input: &str) -> Result<Self, PhoneProblem> {
        let input = input.trim();
        if input.is_empty() {
            return Err(PhoneProblem::Missing);
        }
        if input.len() > 64 {
            return Err(PhoneProblem::Malformed);
        }
        let plain: String = input
            .chars()
            .filter(|c| !c.is_whitespace() && !"-./()\u{2010}\u{2011}\u{2013}".contains(*c))
            .collect();
        let digits =
            plain.strip_prefix('+').or_else(|| plain.strip_prefix("00")).ok_or(PhoneProblem::Malformed)?;
        let right = (FEWEST..=MOST).contains(&digits.len())
            && !digits.starts_with('0')
            && digits.bytes().all(|digit| digit.is_ascii_digit());
        if right { Ok(Self(format!("+{digits}"))) } else { Err(PhoneProblem::Malformed) }
    }

    /// The number with its `+`.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The number without its `+`, as some gateways want it.
    pub fn digits(&self) -> &str {
        self.0.trim_start_matches('+')
    }

    /// The block of numbers that it lies in: all but its last four digits.
    pub fn block(&self) -> &str {
        &self.0[..self.0.len() - BLOCK]
    }

    /// A form for logs and for people who may not see the whole: `+46…89`.
    pub fn masked(&self) -> String {
        format!("{}…{}", &self.0[..3], &self.0[self.0.len() - 2..])
    }
}

impl fmt::Debug for Phone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Phone({})", self.masked())
    }
}

impl fmt::Display for Phone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Serialize for Phone {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Phone {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).map_err(|_| de::Error::custom("not a phone number"))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn numbers_are_read_as_people_write_them() {
        for given in [
            "+46 70-000 00 00",
            "0046700000000",
            " +46 (70) 000.00.00 ",
            "+46/700000000",
            "+46\u{a0}700000000",
        ] {
            assert_eq!(Phone::parse(given).unwrap().as_str(), "+46700000000", "{given}");
        }
        assert_eq!(Phone::parse("+46700000000").unwrap().digits(), "46700000000");
        assert_eq!(Phone::parse("+46700000000").unwrap().block(), "+4670000");
    }

    #[test]
    fn what_is_no_number_of_the_world_is_refused() {
        assert_eq!(Phone::parse("  "), Err(PhoneProblem::Missing));
        for bad in [
            "0700000000",
            "46700000000",
            "+0700000000",
            "+",
            "+4670000",
            "+4670000000000000",
            "++46700000000",
            "+46 70 000 00 0o",
            "+４６７０００００００",
            "+46700000000\r\nX: 1",
            "+46700000000;ext=1",
            "tel:+46700000000",
        ] {
            assert_eq!(Phone::parse(bad), Err(PhoneProblem::Malformed), "{bad}");
        }
    }

    #[test]
    fn logs_see_only_the_masked_form() {
        assert_eq!(format!("{:?}", Phone::parse("+46700000089").unwrap()), "Phone(+46…89)");
    }

    proptest! {
        #[test]
        fn whatever_is_taken_is_plus_and_digits(given in "\\PC{0,80}|\\+[0-9 ]{0,20}") {
            if let Ok(phone) = Phone::parse(&given) {
                prop_assert!(phone.digits().bytes().all(|digit| digit.is_ascii_digit()));
                prop_assert!((8..=15).contains(&phone.digits().len()));
                prop_assert_eq!(Phone::parse(phone.as_str()), Ok(phone));
            }
        }
    }
}

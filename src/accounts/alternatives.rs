//! Names to propose to a program whose name is taken.

use super::{Username, UsernamePolicy};

/// Names like `taken` that the policy allows, made by putting `numbers` behind it.
///
/// The numbers must be random. Those of the names that are free are told to the asker, and one that is left out must not tell
/// that it is taken: nobody can know whether it was ever among them.
pub fn alternatives(taken: &Username, policy: &UsernamePolicy, numbers: &[u32]) -> Vec<Username> {
    let mut proposed: Vec<Username> = Vec::with_capacity(numbers.len());
    for number in numbers {
        let number = number.to_string();
        let room = policy.max_length.saturating_sub(number.len());
        let start: String = taken.as_str().chars().take(room).collect();
        if let Ok(name) = Username::choose(&format!("{start}{number}"), policy)
            && name != *taken
            && !proposed.contains(&name)
        {
            proposed.push(name);
        }
    }
    proposed
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(taken: &str, policy: &UsernamePolicy, numbers: &[u32]) -> Vec<String> {
        let names = alternatives(&Username::prepare(taken).unwrap(), policy, numbers);
        names.iter().map(|name| name.as_str().to_owned()).collect()
    }

    #[test]
    fn each_number_makes_another_name() {
        let policy = UsernamePolicy::default();
        assert_eq!(of("alice", &policy, &[17, 405, 17, 9031]), ["alice17", "alice405", "alice9031"]);
        assert_eq!(of("alice", &policy, &[]), [""; 0]);
    }

    #[test]
    fn what_is_proposed_keeps_to_the_policy() {
        let policy = UsernamePolicy { max_length: 6, ..UsernamePolicy::default() };
        assert_eq!(of("sensor", &policy, &[17, 405]), ["sens17", "sen405"]);
        assert_eq!(of("sens17", &policy, &[17, 18]), ["sens18"], "not the taken one itself");
        let reserved = UsernamePolicy { reserved: vec!["root17".to_owned()], ..UsernamePolicy::default() };
        assert_eq!(of("root", &reserved, &[17, 18]), ["root18"]);
        assert_eq!(of("жанна", &UsernamePolicy::default(), &[17]), [""; 0]);
    }

    proptest::proptest! {
        #[test]
        fn every_proposal_could_be_registered(taken in "\\PC{1,20}", numbers in proptest::collection::vec(10u32..10_000, 0..8)) {
            let policy = UsernamePolicy { max_length: 12, ..UsernamePolicy::default() };
            if let Ok(taken) = Username::prepare(&taken) {
                for name in alternatives(&taken, &policy, &numbers) {
                    proptest::prop_assert_eq!(&Username::choose(name.as_str(), &policy).unwrap(), &name);
                }
            }
        }
    }
}

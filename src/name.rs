//! The one function that makes names of cloud resources, and the check that no two are the same.
//!
//! Every cloud has its own limit (load balancer and target group 32, role 64, RDS 63, bucket 63):
//! a name that is too long is cut and gets four hex digits of a hash of what was cut, so that it
//! stays the same at every render and differs from its neighbours.

use std::collections::BTreeMap;

use ring::digest::{SHA256, digest};

use crate::source::{Place, Problem, Problems};

/// Least `max` that leaves room for a letter, a dash and the four digits.
const SHORTEST: usize = 6;

/// Joins the environment's name and a part of it: `acme` and `web` give `acme-web`.
///
/// The result has lower-case letters, digits and single dashes only (`_` becomes `-`), starts as
/// the environment's name starts, never ends with a dash, and has at most `max` characters
/// (at least six). What is longer is cut and ends with four hex digits of a SHA-256 over both
/// parts.
///
/// ```
/// use landfall::name::name;
///
/// assert_eq!(name("acme", "web", 32), "acme-web");
/// assert_eq!(name("acme-production", "public-load-balancer", 32).len(), 32);
/// ```
pub fn name(environment: &str, part: &str, max: usize) -> String {
    let max = max.max(SHORTEST);
    let full = dashed(&format!("{environment}-{part}"));
    if full.len() <= max {
        return full;
    }
    let hash = digest(&SHA256, format!("{environment}\n{part}").as_bytes());
    let [first, second, ..] = hash.as_ref() else { return full[..max].to_owned() };
    let kept = full[..max - 5].trim_end_matches('-');
    format!("{kept}-{first:02x}{second:02x}")
}

/// Lower-case letters, digits and single dashes, none at either end.
fn dashed(text: &str) -> String {
    let mut dashed = String::with_capacity(text.len());
    for character in text.chars().map(|character| character.to_ascii_lowercase()) {
        if character.is_ascii_lowercase() || character.is_ascii_digit() {
            dashed.push(character);
        } else if !dashed.is_empty() && !dashed.ends_with('-') {
            dashed.push('-');
        }
    }
    dashed.truncate(dashed.trim_end_matches('-').len());
    dashed
}

/// Which names are taken, and by what.
#[derive(Debug, Default)]
pub struct Names(BTreeMap<(&'static str, String), String>);

impl Names {
    /// Makes the [`name`] of a `kind` of thing (`role`, `target group`) for `owner` (as in
    /// `service.web`). Two owners of one name are a problem at `place`.
    pub fn claim(
        &mut self,
        kind: &'static str,
        name: String,
        owner: &str,
        place: Option<&Place>,
        problems: &mut Problems,
    ) -> String {
        match self.0.get(&(kind, name.clone())) {
            Some(other) if other != owner => problems.push(Problem::new(
                place.cloned(),
                format!("{owner} and {other} would share the {kind} `{name}`"),
                "names in the cloud have lower-case letters, digits and dashes only, and must differ",
                format!("rename {owner} or {other}"),
            )),
            _ => {
                self.0.insert((kind, name.clone()), owner.to_owned());
            }
        }
        name
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests")]

    use proptest::prelude::*;

    use super::*;

    #[test]
    fn short_names_are_joined_and_long_ones_end_with_a_hash() {
        assert_eq!(name("demo-aws", "web", 32), "demo-aws-web");
        assert_eq!(name("demo-aws", "dead_letter", 32), "demo-aws-dead-letter");
        let long = name("acme-production", "a-service-name-of-20", 32);
        assert_eq!(long.len(), 32, "{long}");
        assert!(long.starts_with("acme-production-a-service-n"), "{long}");
        assert_ne!(long, name("acme-production", "a-service-name-of-21", 32));
    }

    #[test]
    fn two_owners_of_one_name_are_a_problem() {
        let mut names = Names::default();
        let mut problems = Problems::new();
        let mut claim = |owner, part| {
            names.claim("target group", name("acme", part, 32), owner, None, &mut problems)
        };
        claim("service.dead-letter", "dead-letter");
        claim("service.dead-letter", "dead-letter");
        claim("service.dead_letter", "dead_letter");
        let told: Vec<String> = problems.iter().map(|problem| problem.what.clone()).collect();
        assert_eq!(
            told,
            ["service.dead_letter and service.dead-letter would share the target group \
              `acme-dead-letter`"]
        );
    }

    proptest! {
        #[test]
        fn every_name_keeps_the_rules(
            environment in "[a-z][a-z0-9-]{1,18}[a-z0-9]",
            part in "[a-z][a-z0-9_-]{0,40}",
            max in 6_usize..64,
        ) {
            let made = name(&environment, &part, max);
            prop_assert!(made.len() <= max);
            prop_assert!(made.starts_with(|c: char| c.is_ascii_lowercase()));
            prop_assert!(!made.contains("--") && !made.ends_with('-'));
            prop_assert!(made.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-'));
            prop_assert_eq!(&made, &name(&environment, &part, max));
        }

        #[test]
        fn names_that_were_cut_differ(part in "[a-z]{30,40}", other in "[a-z]{30,40}") {
            prop_assume!(part != other);
            // Four hex digits: not a proof of uniqueness, which is why `Names` exists; but the
            // hash must depend on what was cut off.
            let tail = |part: &str| name("acme", &format!("x{part}"), 64);
            prop_assert_ne!(tail(&part), tail(&other));
        }
    }
}

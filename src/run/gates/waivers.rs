//! What a person gives to waive a safeguard with: `--waive drift=REASON`.

use std::collections::BTreeMap;

use crate::failure::{Failure, Result};

/// A situation that can be waived at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Waivable {
    /// Drift of what the vendor owns.
    Drift,
    /// Changes that are not committed.
    Uncommitted,
}

impl Waivable {
    const ALL: [Self; 2] = [Self::Drift, Self::Uncommitted];

    /// As it is written on the command line and kept in the receipt.
    pub fn word(self) -> &'static str {
        match self {
            Self::Drift => "drift",
            Self::Uncommitted => "uncommitted",
        }
    }
}

/// Situations with the reasons that were given for them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Waivers(BTreeMap<Waivable, String>);

impl Waivers {
    /// Reads `drift=REASON` and `uncommitted=REASON`; everything that is wrong is said at once.
    pub fn parse(given: &[String]) -> Result<Self> {
        let mut waivers = BTreeMap::new();
        let mut wrong = Vec::new();
        for text in given {
            let (word, reason) = text.split_once('=').unwrap_or((text, ""));
            match Waivable::ALL.into_iter().find(|it| it.word() == word) {
                None => wrong.push(format!("{text}: `{word}` cannot be waived")),
                Some(_) if reason.trim().is_empty() => {
                    wrong.push(format!("{text}: it has no reason"));
                }
                Some(situation) => {
                    waivers.insert(situation, reason.trim().to_owned());
                }
            }
        }
        if wrong.is_empty() {
            return Ok(Self(waivers));
        }
        let mut failure = Failure::input("a waiver cannot be read");
        for line in wrong {
            failure = failure.because(line);
        }
        Err(failure.next("write `--waive drift=REASON` or `--waive uncommitted=REASON`"))
    }

    /// The reason that was given for a situation.
    pub fn reason(&self, situation: Waivable) -> Option<&str> {
        self.0.get(&situation).map(String::as_str)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::*;

    fn parse(given: &[&str]) -> Result<Waivers> {
        Waivers::parse(&given.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>())
    }

    #[test]
    fn a_waiver_has_a_reason() {
        let waivers = parse(&["drift=a hotfix = agreed with Ana", "uncommitted= try it "]).unwrap();
        assert_eq!(waivers.reason(Waivable::Drift), Some("a hotfix = agreed with Ana"));
        assert_eq!(waivers.reason(Waivable::Uncommitted), Some("try it"));
        assert_eq!(parse(&[]).unwrap().reason(Waivable::Drift), None);
    }

    #[test]
    fn everything_that_is_wrong_is_said_at_once() {
        let failure = parse(&["drift", "drift= ", "loss=because"]).unwrap_err();
        assert_eq!(
            failure.reasons(),
            [
                "drift: it has no reason",
                "drift= : it has no reason",
                "loss=because: `loss` cannot be waived"
            ]
        );
    }
}

//! The gates in front of a change: which situation stops an environment of which class (G4, G5,
//! G11), and what a person can do about it.
//!
//! [`verdict`] is the whole table. [`work_tree`] holds the files against git, [`drift`] the cloud
//! against what was installed, [`loss`] the plan against what holds data.

mod drift;
mod loss;
mod waivers;
mod work_tree;

pub use drift::drift;
pub use loss::loss;
pub use waivers::{Waivable, Waivers};
pub use work_tree::{Passed, WorkTree, work_tree};

use crate::environment::model::Class;

/// Something that can stand in the way of a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Situation {
    /// There is no git repository.
    NoRepository,
    /// A person changed files and did not commit them.
    Uncommitted,
    /// What the vendor owns was changed in the cloud.
    Drift,
    /// The plan replaces or destroys what holds data.
    Loss,
}

/// What a situation means for an environment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It stops, and no flag waives it.
    Stop,
    /// It stops unless it is waived with a reason, which the receipt keeps.
    Waive(Waivable),
    /// It needs an approval that names each resource (G11).
    Name,
    /// It goes on, with a note.
    GoesOn,
}

/// Class × situation → verdict.
pub const fn verdict(class: Class, situation: Situation) -> Verdict {
    match (class, situation) {
        (Class::Production, _) => Verdict::Stop,
        (Class::Staging, Situation::Uncommitted) => Verdict::Waive(Waivable::Uncommitted),
        (Class::Staging, Situation::Drift) => Verdict::Waive(Waivable::Drift),
        (Class::Staging | Class::Preview, Situation::Loss) => Verdict::Name,
        (Class::Staging | Class::Preview, Situation::NoRepository)
        | (Class::Preview, Situation::Uncommitted | Situation::Drift) => Verdict::GoesOn,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every cell, written out: a change of the table is a change of this test.
    #[test]
    fn the_table() {
        use Class::{Preview, Production, Staging};
        use Situation::{Drift, Loss, NoRepository, Uncommitted};
        let table = [
            (Production, NoRepository, Verdict::Stop),
            (Production, Uncommitted, Verdict::Stop),
            (Production, Drift, Verdict::Stop),
            (Production, Loss, Verdict::Stop),
            (Staging, NoRepository, Verdict::GoesOn),
            (Staging, Uncommitted, Verdict::Waive(Waivable::Uncommitted)),
            (Staging, Drift, Verdict::Waive(Waivable::Drift)),
            (Staging, Loss, Verdict::Name),
            (Preview, NoRepository, Verdict::GoesOn),
            (Preview, Uncommitted, Verdict::GoesOn),
            (Preview, Drift, Verdict::GoesOn),
            (Preview, Loss, Verdict::Name),
        ];
        for (class, situation, expected) in table {
            assert_eq!(verdict(class, situation), expected, "{class:?}, {situation:?}");
        }
    }
}

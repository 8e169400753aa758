//! What terraform would do, read from its plan and said in words: risk first.
//!
//! ```text
//! terraform show -json ─► read.rs ─► LayerPlan (model.rs) ─┬► words.rs   sentences
//!    unchanged resources   values.rs   masked, cut          │  vocabulary.rs  what is lost
//!    are skipped unread    containers.rs  images, variables │  rollout.rs     what will run
//!                          policies.rs    permissions       │  rules.rs       who reaches whom
//!                                                           │  grouped.rs     many as one
//!                                                           ├► summary.rs  rights, downtime, data, costs
//!                                                           └► digest.rs  part of the approval
//! ```

mod containers;
mod digest;
mod grouped;
mod model;
mod policies;
mod read;
mod rollout;
mod rules;
mod summary;
mod values;
mod vocabulary;
mod words;

pub use containers::{Container, Image};
pub use digest::{compare, part};
pub use model::{Action, Attribute, Change, LayerPlan, Shown};
pub use policies::Permissions;
pub use read::read;
pub use rollout::{ImageChange, images};
pub use summary::{Summary, summary};
pub use values::MOST_ATTRIBUTES;
pub use vocabulary::is_stateful;
pub use words::{Risk, Sentence, Words, drifted, sentences};

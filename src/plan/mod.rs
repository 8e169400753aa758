//! What terraform would do, read from its plan and said in words: risk first.
//!
//! ```text
//! terraform show -json ─► read.rs ─► LayerPlan (model.rs) ─┬► words.rs   sentences
//!    unchanged resources   values.rs   masked, cut          │  vocabulary/  what is lost, by cloud
//!    are skipped unread    differences.rs                   │  names.rs     what is called how
//!                          containers/  images, variables   │  rollout.rs   what will run
//!                          policies.rs  permissions         │  scale.rs     how many of it
//!                          openings.rs  who is let in       │  rules.rs     who reaches whom
//!                                                           │  members.rs   who may do what
//!                                                           │  grouped.rs   many as one
//!                                                           ├► summary/   rights, downtime, data, costs
//!                                                           └► digest.rs  part of the approval
//! ```

mod containers;
mod differences;
mod digest;
mod grouped;
mod members;
mod model;
mod names;
mod openings;
mod policies;
mod read;
mod rollout;
mod rules;
mod scale;
mod summary;
mod values;
mod vocabulary;
mod words;

pub use containers::{Container, Image};
pub use differences::MOST_ATTRIBUTES;
pub use digest::{compare, part};
pub use model::{Action, Attribute, Change, LayerPlan, Shown};
pub use policies::Permissions;
pub use read::read;
pub use rollout::{ImageChange, images};
pub use summary::{Summary, summary};
pub use vocabulary::is_stateful;
pub use words::{Risk, Sentence, Words, drifted, sentences};

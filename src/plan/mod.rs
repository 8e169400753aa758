//! What terraform would do, read from its plan and said in words: risk first.
//!
//! ```text
//! terraform show -json ─► read.rs ─► LayerPlan (model.rs) ─┬► words.rs   sentences
//!    unchanged resources   values.rs   masked, cut          │  vocabulary.rs  what is lost
//!    are skipped unread    containers.rs  images, variables │  rollout.rs     what will run
//!                                                           └► digest.rs  part of the approval
//! ```

mod containers;
mod digest;
mod model;
mod read;
mod rollout;
mod values;
mod vocabulary;
mod words;

pub use containers::{Container, Image};
pub use digest::{compare, part};
pub use model::{Action, Attribute, Change, LayerPlan, Shown};
pub use read::read;
pub use values::MOST_ATTRIBUTES;
pub use vocabulary::is_stateful;
pub use words::{Risk, Sentence, Words, drifted, sentences};

//! The only place that spawns terraform (or tofu): one binary, one owned environment, one folder
//! per layer.
//!
//! ```text
//! Terraform::find ── binary.rs       which program, new enough
//!        │           environment.rs  what it sees of the person's environment
//!        │           backend.rs      where a layer's state lies in the bucket
//!        ▼
//! Terraform::layer ─ run.rs          init, plan, show, outputs, state … of one folder
//!        │           arguments.rs    pure argv builders
//!        │           state.rs        what is read of a stored state
//!        │           command.rs      spawning, own process group, "failed to <purpose>"
//!        ▼
//! Layer::apply ───── apply.rs        the long one: its record, Ctrl-C, late attach
//!                    tail.rs         following a file that terraform writes
//!                    events.rs       terraform's JSON stream, typed
//!                    applied.rs      how it ended
//!                    diagnostics.rs  terraform's complaints as ours
//! ```
//!
//! Terraform writes its stream to a file and never to a pipe: a terraform whose reader dies is
//! killed by SIGPIPE in the middle of an apply, with an empty state and its lock left behind;
//! writing to a file it finishes on its own.

mod applied;
mod apply;
mod arguments;
mod backend;
mod binary;
mod command;
mod diagnostics;
mod environment;
mod events;
mod lock_info;
mod providers;
mod run;
mod state;
mod tail;

pub use applied::{Applied, Progress};
pub use arguments::{Init, Plan, Refresh};
pub use backend::Backend;
pub use binary::Terraform;
pub use diagnostics::{Diagnostic, Lookup, Severity, Trouble, failure};
pub use environment::{Engine, States};
pub use events::{Action, Event, Summary};
pub use lock_info::LockInfo;
pub use run::Layer;
pub use state::StateSummary;

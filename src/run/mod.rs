//! A run: one journey of a command through steps, told, recorded, and resumed by running the same
//! command again.
//!
//! [`journey`] is the whole way, top to bottom. Each step lives in its own file, recomputes what
//! it needs, proves what holds already and acts on the rest; there is no saved position to go
//! wrong.

mod context;
mod drift;
mod forecast;
pub mod gates;
mod going_back;
mod grants;
mod history;
mod images;
mod jobs;
mod journey;
mod keys;
mod layer;
mod orphans;
mod permissions;
mod preflight;
mod promote;
mod proposals;
mod propose;
mod records;
mod recover;
mod revert;
mod rollout;
mod rotate;
mod rotation;
mod run_lock;
mod schema;
mod secrets;
mod snapshot;
mod state_store;
mod tidy;
mod transition;
mod unlock;
mod versions;
mod way_back;

pub use context::{Asks, Finished, Outputs, Run, Supplied, Verb, new_run_id};
pub use drift::look as look_for_drift;
pub(crate) use drift::values as values_for_drift;
pub use going_back::Returned;
pub use journey::{Installed, install, plan, update};
pub use preflight::same_target;
pub use revert::revert;
pub use rotate::{Rotated, rotate};
pub use run_lock::RunLock;
pub use schema::LiveSchema;
pub use secrets::{Written, set as set_secret};
pub use transition::{Before, written_by};
pub use unlock::{Locks, locks, unlock};

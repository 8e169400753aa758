//! A run: one journey of a command through steps, told, recorded, and resumed by running the same
//! command again.
//!
//! [`install`] is the whole way, top to bottom. Each step lives in its own file, recomputes what
//! it needs, proves what holds already and acts on the rest; there is no saved position to go
//! wrong.

mod context;
mod forecast;
mod install;
mod jobs;
mod keys;
mod layer;
mod orphans;
mod preflight;
mod promote;
mod propose;
mod records;
mod recover;
mod rollout;
mod rotate;
mod rotation;
mod run_lock;
mod secrets;
mod state_store;
mod unlock;
mod versions;
mod way_back;

pub use context::{Asks, Finished, Outputs, Run, Supplied, Verb, new_run_id};
pub use install::{Installed, install, plan};
pub use rotate::{Rotated, rotate};
pub use run_lock::RunLock;
pub use secrets::{Written, set as set_secret};
pub use unlock::{Locks, locks, unlock};

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
mod layer;
mod preflight;
mod propose;
mod records;
mod rollout;
mod secrets;
mod state_store;

pub use context::{Asks, Finished, Outputs, Run, Supplied, new_run_id};
pub use install::{Installed, install, plan};
pub use secrets::Written;

//! The simulated cloud: a simulated account on AWS or Google Cloud, and a simulated provider that the
//! real terraform talks to.
//!
//! [`Simulator::start`] serves the provider over `TF_REATTACH_PROVIDERS`; what terraform applies
//! ends up in the [`Account`], from which [`crate::cloud::simulated`] reads back what runs.
//! Nothing here reaches the network: [`refuse_foreign`] finds what would, before terraform starts.
//!
//! How it is built, from the wire up:
//! - `platform`: which cloud it is
//! - `server`: gRPC on a unix socket; `protocol`: its messages; `msgpack`, `value`: the values
//! - `backend`: terraform's states, in the account's bucket
//! - `catalogue`: the embedded data of `data/`; `schema`, `types`: what a schema says
//! - `provider`: one method per call; `plan`: what it plans; `synthesise`: what the service would
//!   answer
//! - `account`: what exists and what runs; `faults`: what goes wrong

mod account;
mod backend;
mod catalogue;
mod faults;
mod killer;
mod msgpack;
mod plan;
mod platform;
mod protocol;
mod provider;
mod refuse;
mod schema;
mod server;
mod simulator;
mod synthesise;
mod types;
mod value;

pub use account::{Account, JobRecord, Tampering};
pub use catalogue::served_types;
pub(crate) use faults::Operation;
pub use faults::{Faults, HELP as FAULTS_HELP};
pub use killer::Killer;
pub(crate) use platform::Platform;
pub use refuse::refuse_foreign;
pub use simulator::Simulator;

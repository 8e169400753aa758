//! The Google Cloud side of [`Cloud`](super::Cloud).
//!
//! [`Gcp`] is the door; one file per thing that Google Cloud knows. Every call says what it was for
//! and which permission it needs ([`call::Call`]), so that a refusal becomes a sentence that an
//! administrator can act on. All APIs are plain JSON over HTTP through one client ([`rest`]); what
//! is read of an answer is named after its schema in Google's public discovery documents
//! (`run.v2#GoogleCloudRunV2Service`). Credentials come from application default credentials and
//! are never shown.

mod apis;
mod backups;
mod call;
mod certificate;
mod client;
mod connection;
mod containers;
mod endpoints;
mod errors;
mod executions;
mod identity;
mod job_log;
mod jobs;
mod labels;
mod names;
mod objects;
mod operations;
mod permissions;
mod refusal;
mod rest;
mod revisions;
mod secret_state;
mod secrets;
mod state_store;
#[cfg(test)]
mod tests;
mod trouble_kind;
mod workloads;

pub(crate) use apis::{RESOURCE_MANAGER, names as apis, refused_by_policy};
pub use client::Gcp;
pub use connection::Connection;
pub use endpoints::Endpoints;

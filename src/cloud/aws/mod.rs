//! The real AWS side of [`Cloud`](super::Cloud).
//!
//! [`Aws`] is the door; one file per thing that AWS knows. Every call says what it was for and
//! which right it needs ([`call::Call`]), so that a refusal becomes a sentence that an
//! administrator can act on. Credentials come from the SDK's own chain and are never shown.

mod call;
mod certificate;
mod chain;
mod client;
mod connection;
mod errors;
mod identity;
mod jobs;
mod objects;
mod secrets;
mod service_linked_roles;
mod services;
mod snapshots;
mod state_store;
mod tags;
mod tasks;
#[cfg(test)]
mod tests;

pub use client::Aws;
pub use connection::Connection;

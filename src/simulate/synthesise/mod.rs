//! What the service would have answered: ids, ARNs, addresses, defaults.
//!
//! [`fill`] replaces every unknown of a planned resource, from the templates of
//! `data/*-values.json` ([`template`]), else by the attribute's name and type ([`guess`]).
//! Everything follows from a seed, so the same resource always gets the same identity.

mod fill;
mod guess;
mod labels;
mod policy_document;
mod random;
mod tags;
mod template;
#[cfg(test)]
mod tests;

pub(super) use fill::fill;
pub(super) use labels::labels;
pub(super) use policy_document::policy_document;
pub(super) use random::{digits, hash, hex, lower};
pub(super) use tags::tags_all;
pub(super) use template::Context;

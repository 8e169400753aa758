//! Planning: what a provider makes of a prior state, a configuration and the state that terraform
//! proposes.
//!
//! - [`propose`]: unknown for what the service decides; set elements are paired with the
//!   configuration and with what they were ([`pair`]).
//! - [`legacy`]: the shape that providers of the old SDK give a plan: defaults, empty strings,
//!   normalised documents.
//! - [`replace`]: which changes replace the resource.
//! - [`validate`]: which configurations the provider refuses.

mod document;
mod legacy;
mod pair;
mod propose;
mod replace;
#[cfg(test)]
mod tests;
mod validate;

pub(super) use document::compact;
pub(super) use legacy::shape;
pub(super) use propose::propose;
pub(super) use replace::replaces;
pub(super) use validate::complaints;

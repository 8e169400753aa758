//! The kit: what a vendor's `kit.hcl` says, typed and checked, with every problem at once.
//!
//! ```text
//! kit.hcl ──► hcl::Body ──► one file per family of blocks ──► Kit (model) ──► check
//!             (places)      (shape: names, types, ranges)                     (across blocks)
//! ```
//!
//! Shape is checked where a block is read; what needs two blocks to see (a reference, a secret in
//! the wrong place, two routes with one path) is checked in [`check`] over the finished model and
//! over the [mentions](draft::Mention) that were collected on the way. A block that is wrong still
//! counts as existing, so that one mistake gives one problem.

mod check;
pub mod cron;
mod database;
mod draft;
mod image;
mod ingress;
mod input;
mod job;
mod later;
pub mod model;
mod process;
mod read;
mod release;
mod service;
mod sources;
#[cfg(test)]
mod tests;
pub mod types;
mod variable;

pub use read::parse;

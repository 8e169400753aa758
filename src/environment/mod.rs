//! From what people wrote to one complete [`Environment`](model::Environment), or every problem
//! of all four files at once.
//!
//! `read` makes drafts of `environment.hcl` and `defaults.hcl` and lays one over the other;
//! [`resolve()`] decides everything, family by family; `origins` remembers where each value came
//! from, for `landfall show`.

mod draft;
pub mod model;
mod origins;
mod other_cloud;
mod read;
mod release_line;
mod resolve;
#[cfg(test)]
pub(crate) mod tests;
mod union;

pub use read::{WantedKit, read_source, wanted_kit};
pub use release_line::set_release;
pub use resolve::{Inputs, Neighbour, neighbour, pinned_to, resolve};
pub(crate) use resolve::{needs_remote_images, place_of_bucket};
pub use union::union;

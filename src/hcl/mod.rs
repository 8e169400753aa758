//! Reading HCL that people write: places for everything, every problem at once.
//!
//! `hcl-edit` parses; this room adds what a person needs. [`read()`] is for `kit.hcl`, where a
//! template may hold references; [`read_literal()`] is for `environment.hcl`, where `"${x}"` is
//! that very text. Both give a [`Body`]: take the attributes and blocks you know, by name, with
//! the getters of [`Value`], and [`Body::finish`] reports all that is left over.
//!
//! ```text
//! let mut body = hcl::read_literal(&source, problems)?;
//! if let Some(mut aws) = body.block("aws", problems) {
//!     let region = aws.require("region", problems).and_then(|value| value.string(problems));
//!     aws.finish(problems);
//! }
//! body.finish(problems);
//! ```

mod body;
mod expression;
mod guard;
mod read;
mod suggest;
#[cfg(test)]
mod tests;
mod units;
mod value;

pub use body::{Block, Body, Label};
pub use expression::{Reference, Written};
pub use read::{read, read_literal, source};
pub use suggest::{list, suggest};
pub use units::{parse_duration, parse_size_mib};
pub use value::Value;

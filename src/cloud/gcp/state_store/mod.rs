//! The state bucket: looked at, made, given its settings, and refused if it is another's.

mod bucket;
mod settings;

pub(super) use bucket::{check_owner, ensure, find};

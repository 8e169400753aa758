//! The state bucket: made if it is absent, brought to its settings, and read back.
//!
//! Bucket names are global, so a name that can be guessed can be taken by anyone: every call names
//! the account that must own the bucket.

mod bucket;
mod lifecycle;
mod policy;
mod read;
mod settings;
mod write;

pub(super) use bucket::{ensure, find};

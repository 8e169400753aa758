//! A release: a kit at a pinned tag, bound to exact bytes.
//!
//! [`lock`] is `kit.lock` as types, [`read`] reads the file and compares it with the kit,
//! [`tree`] hashes the kit's files, [`source`] says where a kit comes from, [`fetch`] brings one
//! from git, [`registry`] asks where images live, [`moved`] holds a tag against what was verified under it.

pub mod fetch;
pub mod lock;
pub mod moved;
pub mod read;
pub mod registry;
pub mod source;
pub mod tree;

pub use read::parse;
pub use source::KitSource;

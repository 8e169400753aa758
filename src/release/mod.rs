//! A release: a kit at a pinned tag, bound to exact bytes.
//!
//! [`lock`] is `kit.lock` as types, [`read`] reads the file and compares it with the kit,
//! [`tree`] hashes the kit's files, [`source`] says where a kit comes from, [`fetch`] brings one
//! from git, [`registry`] asks where images live, [`moved`] holds a tag against what was verified under it.

pub mod fetch;
pub mod foreign;
pub mod lint;
pub mod lock;
mod modified;
pub mod moved;
pub mod pin;
pub mod read;
pub mod registry;
pub mod signer;
pub mod skeleton;
pub mod source;
pub mod tree;
pub mod vendor;
pub mod verify;
pub mod write;

pub use modified::vendor_modified;
pub use read::parse;
pub use source::KitSource;

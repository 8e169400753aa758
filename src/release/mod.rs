//! A release: a kit at a pinned tag, bound to exact bytes.
//!
//! [`lock`] is `kit.lock` as types, [`read`] reads the file and compares it with the kit,
//! [`tree`] hashes the kit's files, [`source`] says where a kit comes from, [`fetch`] brings one
//! from git, [`registry`] asks where images live, [`moved`] holds a tag against what was verified
//! under it, [`path`] says what must be passed on the way to it, [`bundle`] is a whole release as it
//! is kept in the bucket, [`signer`] says who must have signed it.
//!
//! The vendor's side: [`skeleton`] begins a repository, [`lint`] checks it, [`pin`] binds it to exact
//! bytes, [`write`] writes the lock, [`verify`] proves a tag.

pub mod bundle;
pub mod fetch;
pub mod foreign;
pub mod lint;
pub mod lock;
mod modified;
pub mod moved;
pub mod path;
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

pub use bundle::Bundle;
pub use modified::vendor_modified;
pub use read::parse;
pub(crate) use read::provider;
pub use source::KitSource;

//! Releases: kits from git, images at registries, what binds a tag to bytes.

mod git;
mod pin;
mod registry;
mod signer;
mod vendor;

//! `kit.lock`: what binds a kit at a version to exact bytes.
//!
//! It lies beside `kit.hcl` and names the hash of the kit's tree, the digest of every image (the
//! index and each platform), the `PostgreSQL` client image of the bootstrap job, and the providers
//! with their hashes.

use std::collections::BTreeMap;

use semver::Version;

/// `kit.lock`, read and checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KitLock {
    /// Version of the kit that it locks.
    pub version: Version,
    /// `sha256:...` over the kit's tree.
    pub tree: String,
    /// By the kit's image name.
    pub images: BTreeMap<String, LockedImage>,
    /// The image of the bootstrap job: has `psql`.
    pub postgres_client: LockedImage,
    /// The image of the Cloud SQL Auth Proxy, for kits that log in through it on Google Cloud.
    pub sql_proxy: Option<LockedImage>,
    /// By source address: `registry.terraform.io/hashicorp/aws`.
    pub providers: BTreeMap<String, LockedProvider>,
    /// `sha256:...` of the file itself.
    pub hash: String,
}

/// An image, pinned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LockedImage {
    /// Without tag or digest.
    pub repository: String,
    /// Informational.
    pub tag: String,
    /// `sha256:...` of the index (or of the only manifest).
    pub digest: String,
    /// `linux/amd64` → `sha256:...`.
    pub platforms: BTreeMap<String, String>,
}

impl LockedImage {
    /// `repository@sha256:...`, the only form the cloud is ever given.
    pub fn reference(&self) -> String {
        format!("{}@{}", self.repository, self.digest)
    }

    /// Whether a running digest is this image: the index's or one of its platforms'.
    /// An empty digest is not proof of anything.
    pub fn is(&self, digest: &str) -> bool {
        !digest.is_empty()
            && (self.digest == digest || self.platforms.values().any(|platform| platform == digest))
    }
}

/// A provider, pinned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LockedProvider {
    /// Exact version.
    pub version: Version,
    /// As the modules write it.
    pub constraints: String,
    /// `h1:...` and `zh:...`, sorted.
    pub hashes: Vec<String>,
}

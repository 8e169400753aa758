//! Where terraform's backends keep the state of a layer in the bucket, and what they lock it with.
//! The rendered `backend.tf` names the layer; the rest of the name is the backend's own choice.

use super::lock_info::LockInfo;
use crate::failure::Result;
use crate::kit::model::CloudName;

/// A backend that layers are rendered with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Backend {
    /// `s3`, with its own lock: `foundation.tfstate`, `foundation.tfstate.tflock`.
    S3,
    /// `gcs`, whose states are named after the workspace, and always locked:
    /// `foundation/default.tfstate`, `foundation/default.tflock`
    /// (<https://developer.hashicorp.com/terraform/language/backend/gcs>).
    Gcs,
}

impl Backend {
    /// The backend of a cloud.
    pub fn of(cloud: CloudName) -> Self {
        match cloud {
            CloudName::Aws => Self::S3,
            CloudName::Gcp => Self::Gcs,
        }
    }

    /// Key of the object that holds the state of a layer.
    pub fn state_key(self, layer: &str) -> String {
        match self {
            Self::S3 => format!("{layer}.tfstate"),
            Self::Gcs => format!("{layer}/default.tfstate"),
        }
    }

    /// Key of the object that locks the state of a layer.
    pub fn lock_key(self, layer: &str) -> String {
        self.lock_of(&self.state_key(layer))
    }

    /// Reads the lock object of a state. `version` is the object's own: the `gcs` backend calls a
    /// lock by its generation, which it cannot know when it writes the object.
    pub fn read_lock(self, json: &[u8], version: &str) -> Result<LockInfo> {
        let lock = LockInfo::read(json)?;
        Ok(match self {
            Self::S3 => lock,
            Self::Gcs => LockInfo { id: version.to_owned(), ..lock },
        })
    }

    /// Key of the object that locks the state with this key.
    pub fn lock_of(self, state: &str) -> String {
        match self {
            Self::S3 => format!("{state}.tflock"),
            Self::Gcs => format!("{}.tflock", state.strip_suffix(".tfstate").unwrap_or(state)),
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    #[test]
    fn each_backend_has_names_of_its_own() {
        assert_eq!(Backend::S3.state_key("jobs"), "jobs.tfstate");
        assert_eq!(Backend::S3.lock_key("jobs"), "jobs.tfstate.tflock");
        assert_eq!(Backend::Gcs.state_key("jobs"), "jobs/default.tfstate");
        assert_eq!(Backend::Gcs.lock_key("jobs"), "jobs/default.tflock");
    }

    #[test]
    fn a_lock_has_the_id_that_force_unlock_takes() {
        let json = br#"{"ID":"0b7c2d1e","Who":"ana@build-1","Created":"2026-11-21T15:01:14Z"}"#;
        let id = |backend: Backend| backend.read_lock(json, "1763737274512345").unwrap().id;
        assert_eq!(id(Backend::S3), "0b7c2d1e");
        assert_eq!(id(Backend::Gcs), "1763737274512345");
    }
}

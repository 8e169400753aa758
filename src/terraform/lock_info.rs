//! Who holds a state lock: the JSON that terraform writes beside the state.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::failure::{Failure, Result};

/// The content of `<state>.tflock` (S3 backend) or `.terraform.tfstate.lock.info` (local state).
/// Read the object itself: terraform's error text holds other lines that look like an id.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LockInfo {
    /// What `force-unlock` wants.
    #[serde(rename = "ID")]
    pub id: String,
    /// Such as `OperationTypeApply`.
    #[serde(rename = "Operation", default)]
    pub operation: String,
    /// `user@host`.
    #[serde(rename = "Who", default)]
    pub who: String,
    /// Terraform's version.
    #[serde(rename = "Version", default)]
    pub version: String,
    /// RFC 3339, UTC.
    #[serde(rename = "Created", default)]
    pub created: String,
    /// The state it locks.
    #[serde(rename = "Path", default)]
    pub path: String,
}

impl LockInfo {
    /// Reads the JSON of a lock.
    pub fn read(json: &[u8]) -> Result<Self> {
        serde_json::from_slice(json)
            .map_err(|error| Failure::failed("cannot read the state lock").caused_by(error))
    }

    /// The host part of `who`.
    pub fn host(&self) -> Option<&str> {
        self.who.rsplit_once('@').map(|(_, host)| host)
    }
}

impl fmt::Display for LockInfo {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let operation = match self.operation.strip_prefix("OperationType") {
            Some(operation) => operation.to_lowercase(),
            None if self.operation.is_empty() => "something".to_owned(),
            None => self.operation.clone(),
        };
        write!(formatter, "{} has locked the state since {}", self.who, self.created)?;
        write!(formatter, " to {operation} (lock {})", self.id)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    #[test]
    fn a_lock_says_who_holds_it_and_for_what() {
        let lock = LockInfo::read(
            br#"{"ID":"7c2d","Operation":"OperationTypeApply","Info":"","Who":"ana@build-1",
                "Version":"1.11.4","Created":"2026-11-21T15:01:14.5Z","Path":"b/foundation.tfstate"}"#,
        )
        .unwrap();
        assert_eq!(lock.host(), Some("build-1"));
        assert_eq!(
            lock.to_string(),
            "ana@build-1 has locked the state since 2026-11-21T15:01:14.5Z to apply (lock 7c2d)"
        );
    }

    #[test]
    fn a_lock_that_is_none_is_a_failure() {
        assert_eq!(LockInfo::read(b"{}").unwrap_err().what(), "cannot read the state lock");
    }
}

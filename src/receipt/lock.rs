//! `landfall.lock`: what was last verified. Committed; written only after `verify` has passed.

use std::path::Path;

use serde::{Deserialize, Serialize};

use super::{Receipt, ReleaseRecord};
use crate::failure::{Failure, Result};
use crate::fs;

/// Version of the lock's format.
const FORMAT: u32 = 1;

/// What was last verified.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lock {
    /// Version of this format.
    pub format: u32,
    /// The environment's name.
    pub environment: String,
    /// The release that runs.
    pub release: ReleaseRecord,
    /// Service → image reference that was proved to run.
    pub images: std::collections::BTreeMap<String, String>,
    /// The run whose receipt proves it.
    pub receipt_run: String,
    /// Hash of that receipt.
    pub receipt: String,
}

impl Lock {
    pub(super) fn new(receipt: &Receipt, hash: &str) -> Self {
        let images = receipt.services.iter().map(|it| (it.service.clone(), it.image.clone()));
        Self {
            format: FORMAT,
            environment: receipt.environment.clone(),
            release: receipt.release.clone(),
            images: images.collect(),
            receipt_run: receipt.run.clone(),
            receipt: hash.to_owned(),
        }
    }

    /// Reads a lock; `None` if nothing was ever verified here.
    pub fn read(path: &Path) -> Result<Option<Self>> {
        let Some(bytes) = fs::read_if_present(path)? else { return Ok(None) };
        let lock: Self = serde_json::from_slice(&bytes).map_err(|error| {
            Failure::input(format!("{} cannot be read", path.display()))
                .because(error.to_string())
                .next("restore it from git; only Landfall writes it")
        })?;
        if lock.format > FORMAT {
            return Err(Failure::input(format!(
                "{} was written by a newer Landfall",
                path.display()
            ))
            .next("update Landfall"));
        }
        Ok(Some(lock))
    }

    pub(super) fn write(&self, path: &Path) -> Result<()> {
        let mut text = serde_json::to_vec_pretty(self)
            .map_err(|error| Failure::failed("cannot write landfall.lock").caused_by(error))?;
        text.push(b'\n');
        fs::write(path, &text)
    }
}

//! `landfall.next.lock`: the release that an update is under way to. Committed as the lock is, so
//! that whoever takes over sees what was begun; gone as soon as it is verified, or went back.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::ReleaseRecord;
use crate::failure::{Failure, Result};
use crate::fs;
use crate::run::Run;

/// Version of the file's format.
const FORMAT: u32 = 1;

/// What is being installed beside what is locked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Candidate {
    /// Version of this format.
    pub format: u32,
    /// The environment's name.
    pub environment: String,
    /// The command that began it: `update acme v1.1.0`.
    pub command: String,
    /// The release.
    pub release: ReleaseRecord,
    /// Whether it was verified: what only the release before needed is being taken away, so there
    /// is no going back to that by leaving things as they are.
    #[serde(default)]
    pub verified: bool,
}

impl Candidate {
    /// The candidate of a run.
    pub fn of(run: &Run) -> Self {
        Self {
            format: FORMAT,
            environment: run.environment.name.clone(),
            command: run.command.clone(),
            release: run.release(),
            verified: run.before.as_ref().is_some_and(|before| before.verified),
        }
    }

    fn path(folder: &Path) -> PathBuf {
        folder.join("landfall.next.lock")
    }

    /// Reads it from an environment's folder; `None` if no update is under way.
    pub fn read(folder: &Path) -> Result<Option<Self>> {
        let path = Self::path(folder);
        let Some(bytes) = fs::read_if_present(&path)? else { return Ok(None) };
        let candidate: Self = serde_json::from_slice(&bytes).map_err(|error| {
            Failure::input(format!("{} cannot be read", path.display()))
                .because(error.to_string())
                .next("restore it from git; only Landfall writes it")
        })?;
        if candidate.format > FORMAT {
            return Err(Failure::input(format!(
                "{} was written by a newer Landfall",
                path.display()
            ))
            .next("update Landfall"));
        }
        Ok(Some(candidate))
    }

    /// Writes it into an environment's folder.
    pub fn write(&self, folder: &Path) -> Result<()> {
        let mut text = serde_json::to_vec_pretty(self)
            .map_err(|error| Failure::failed("cannot write landfall.next.lock").caused_by(error))?;
        text.push(b'\n');
        fs::write(&Self::path(folder), &text)
    }

    /// Removes it; no error if there is none.
    pub fn remove(folder: &Path) -> Result<()> {
        fs::remove_file(&Self::path(folder))
    }
}

//! The simulated account: what terraform made through the provider, and what Landfall did
//! through the `Cloud` trait. One truth for both sides.
//!
//! - `content`: what is persisted
//! - `document`: a resource's state, which remembers how it was written
//! - `resources`: what terraform made
//! - `secrets`: which values were written, as salted hashes
//! - `objects`: buckets
//! - `workloads`: what runs, computed from applied resources alone: by `fargate` on AWS, by
//!   `cloud_run` on Google Cloud
//! - `jobs`: one-off tasks
//! - `snapshots`: of databases
//! - `tamper`: what happens behind everybody's back

mod cloud_run;
mod content;
mod document;
mod fargate;
mod jobs;
mod objects;
mod resources;
mod secrets;
mod snapshots;
mod tamper;
#[cfg(test)]
mod tests;
mod workloads;

use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

use content::Content;
pub use jobs::JobRecord;
use objects::Objects;
pub use tamper::Tampering;

use crate::cloud::Identity;
use crate::failure::{Failure, Result};
use crate::fs;
use crate::simulate::platform::Platform;

/// A simulated account. Shared by the provider's server and the simulated cloud.
#[derive(Debug)]
pub struct Account {
    /// `None`: it lives in memory only.
    file: Option<PathBuf>,
    content: Mutex<Content>,
    /// Which revision of the content is on disk.
    saved: Mutex<u64>,
    objects: Objects,
}

impl Account {
    /// Opens the account that lives in a folder, or makes it. The folder gets mode 0700, the file
    /// `account.json` in it 0600. Fails if it belongs to another account or region, or was written
    /// by a newer Landfall.
    pub fn open(folder: &Path, identity: Identity) -> Result<Self> {
        fs::create_private_folder(folder)?;
        let file = folder.join("account.json");
        let content = match fs::read_if_present(&file)? {
            Some(bytes) => Content::read(&bytes, &file, &identity)?,
            None => Content::new(identity)?,
        };
        let account = Self {
            file: Some(file),
            content: Mutex::new(content),
            saved: Mutex::new(0),
            objects: Objects::Folder(folder.join("bucket")),
        };
        account.save()?;
        Ok(account)
    }

    /// An account in memory, for what nobody needs afterwards: the forecast's foundation.
    pub fn ephemeral(identity: Identity) -> Result<Self> {
        Ok(Self {
            file: None,
            content: Mutex::new(Content::new(identity)?),
            saved: Mutex::new(0),
            objects: Objects::Memory(Mutex::default()),
        })
    }

    /// Whose account it is.
    pub fn identity(&self) -> Identity {
        self.content().identity.clone()
    }

    /// Which cloud it is in.
    pub(crate) fn platform(&self) -> Platform {
        self.content().platform()
    }

    fn content(&self) -> MutexGuard<'_, Content> {
        self.content.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Changes the content and saves it. When this returns, the change is on disk.
    fn change<T>(&self, change: impl FnOnce(&mut Content) -> T) -> Result<T> {
        let result = {
            let mut content = self.content();
            content.revision += 1;
            change(&mut content)
        };
        self.save()?;
        Ok(result)
    }

    /// Writes the content. Changes that came together are written once.
    fn save(&self) -> Result<()> {
        let Some(file) = &self.file else { return Ok(()) };
        let wanted = self.content().revision;
        let mut saved = self.saved.lock().unwrap_or_else(PoisonError::into_inner);
        if wanted != 0 && *saved >= wanted {
            return Ok(());
        }
        let (revision, bytes) = {
            let content = self.content();
            (content.revision, serde_json::to_vec(&*content))
        };
        let bytes = bytes.map_err(|error| {
            Failure::failed("cannot write the simulated account").caused_by(error)
        })?;
        fs::write_private(file, &bytes)?;
        *saved = revision;
        Ok(())
    }
}

/// Milliseconds since 1970.
fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}

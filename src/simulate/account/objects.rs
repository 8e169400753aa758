//! Objects of buckets: files on disk, or in memory for an account that is.

use std::collections::BTreeMap;
use std::path::{Component, Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use super::Account;
use super::secrets::hexadecimal;
use crate::cloud::{StateStore, Versioned};
use crate::failure::{Failure, Result};
use crate::fs;

/// Where objects are kept.
#[derive(Debug)]
pub(super) enum Objects {
    /// `<folder>/<bucket>/<key>`, 0600.
    Folder(PathBuf),
    /// (bucket, key) → bytes.
    Memory(Mutex<BTreeMap<(String, String), Vec<u8>>>),
}

/// Keys that would leave the bucket's folder are refused.
fn path(folder: &Path, bucket: &str, key: &str) -> Result<PathBuf> {
    let plain = |text: &str| {
        Path::new(text).components().all(|part| matches!(part, Component::Normal(_)))
            && !text.is_empty()
    };
    if !plain(bucket) || bucket.contains('/') || !plain(key) {
        return Err(Failure::failed(format!("the simulated bucket cannot hold the key {key:?}")));
    }
    Ok(folder.join(bucket).join(key))
}

impl Objects {
    fn get(&self, bucket: &str, key: &str) -> Result<Option<Vec<u8>>> {
        match self {
            Self::Folder(folder) => fs::read_if_present(&path(folder, bucket, key)?),
            Self::Memory(objects) => {
                let objects = objects.lock().unwrap_or_else(PoisonError::into_inner);
                Ok(objects.get(&(bucket.to_owned(), key.to_owned())).cloned())
            }
        }
    }

    fn put(&self, bucket: &str, key: &str, body: Vec<u8>) -> Result<()> {
        match self {
            Self::Folder(folder) => fs::write_private(&path(folder, bucket, key)?, &body),
            Self::Memory(objects) => {
                let mut objects = objects.lock().unwrap_or_else(PoisonError::into_inner);
                objects.insert((bucket.to_owned(), key.to_owned()), body);
                Ok(())
            }
        }
    }

    fn remove(&self, bucket: &str, key: &str) -> Result<()> {
        match self {
            Self::Folder(folder) => fs::remove_file(&path(folder, bucket, key)?),
            Self::Memory(objects) => {
                let mut objects = objects.lock().unwrap_or_else(PoisonError::into_inner);
                objects.remove(&(bucket.to_owned(), key.to_owned()));
                Ok(())
            }
        }
    }

    fn keys(&self, bucket: &str) -> Result<Vec<String>> {
        match self {
            Self::Folder(folder) => {
                let files = fs::walk(&folder.join(bucket), &|_| false)?;
                Ok(files.iter().map(|file| file.to_string_lossy().into_owned()).collect())
            }
            Self::Memory(objects) => {
                let objects = objects.lock().unwrap_or_else(PoisonError::into_inner);
                let keys = objects.keys().filter(|(of, _)| of == bucket);
                Ok(keys.map(|(_, key)| key.clone()).collect())
            }
        }
    }
}

impl Account {
    /// The state bucket, as it always is once it was made.
    pub(crate) fn bucket(&self, bucket: &str) -> Option<StateStore> {
        self.content().buckets.contains(bucket).then(|| StateStore {
            bucket: bucket.to_owned(),
            created: false,
            versioned: true,
            encrypted: true,
            private: true,
        })
    }

    pub(crate) fn make_bucket(&self, bucket: &str) -> Result<StateStore> {
        let created = self.change(|content| content.buckets.insert(bucket.to_owned()))?;
        Ok(StateStore {
            bucket: bucket.to_owned(),
            created,
            versioned: true,
            encrypted: true,
            private: true,
        })
    }

    fn need_bucket(&self, bucket: &str) -> Result<()> {
        if self.content().buckets.contains(bucket) {
            return Ok(());
        }
        Err(Failure::failed(format!("there is no bucket {bucket}"))
            .because("NoSuchBucket: the specified bucket does not exist"))
    }

    pub(crate) fn get_object(&self, bucket: &str, key: &str) -> Result<Option<Versioned>> {
        self.need_bucket(bucket)?;
        let body = self.objects.get(bucket, key)?;
        Ok(body.map(|body| {
            let tag = ring::digest::digest(&ring::digest::SHA256, &body);
            Versioned { tag: hexadecimal(tag.as_ref()), body }
        }))
    }

    pub(crate) fn put_object(&self, bucket: &str, key: &str, body: Vec<u8>) -> Result<()> {
        self.need_bucket(bucket)?;
        self.objects.put(bucket, key, body)
    }

    /// `false` if there was one. Atomic within this process: the content's lock is held.
    pub(crate) fn put_object_if_absent(
        &self,
        bucket: &str,
        key: &str,
        body: Vec<u8>,
    ) -> Result<bool> {
        self.need_bucket(bucket)?;
        let _one_at_a_time = self.content();
        if self.objects.get(bucket, key)?.is_some() {
            return Ok(false);
        }
        self.objects.put(bucket, key, body)?;
        Ok(true)
    }

    pub(crate) fn delete_object(&self, bucket: &str, key: &str) -> Result<()> {
        self.need_bucket(bucket)?;
        self.objects.remove(bucket, key)
    }

    pub(crate) fn list_objects(&self, bucket: &str, prefix: &str) -> Result<Vec<String>> {
        self.need_bucket(bucket)?;
        let mut keys = self.objects.keys(bucket)?;
        keys.retain(|key| key.starts_with(prefix));
        Ok(keys)
    }

    /// Whether a run enabled this API of Google Cloud, which was off.
    pub(crate) fn has_enabled(&self, api: &str) -> bool {
        self.content().service_linked_roles.contains(api)
    }

    /// Makes the service-linked roles that are not there; returns those it made.
    pub(crate) fn make_service_linked_roles(&self, roles: &[&str]) -> Result<Vec<String>> {
        self.change(|content| {
            let made = roles
                .iter()
                .filter(|role| content.service_linked_roles.insert((**role).to_owned()));
            made.map(|role| (*role).to_owned()).collect()
        })
    }
}

//! What the account remembers: the content of `account.json`.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use ring::rand::SecureRandom as _;
use serde::{Deserialize, Serialize};

use super::cloud_run::Revisions;
use super::fargate::Rollout;
use super::jobs::Job;
use super::resources::Resource;
use super::secrets::Versions;
use super::snapshots::Snapshot;
use crate::cloud::Identity;
use crate::failure::{Failure, Result};
use crate::simulate::platform::Platform;

/// The format that this version writes.
pub(super) const FORMAT: u32 = 1;

/// Everything but the objects of buckets.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Content {
    pub(super) format: u32,
    pub(super) identity: Identity,
    /// Sixteen bytes, hexadecimal: what the hashes of secrets are salted with.
    pub(super) salt: String,
    /// Type → key → resource.
    pub(super) resources: BTreeMap<String, BTreeMap<String, Resource>>,
    /// How often a resource was made from the same plan: identical ones get their own identities,
    /// and one that is made again after a destroy is not the one that was.
    pub(super) made: BTreeMap<String, u32>,
    /// ARN → task definition that was deregistered: tasks that run it go on.
    pub(super) inactive: BTreeMap<String, serde_json::Value>,
    /// Family → its highest revision.
    pub(super) revisions: BTreeMap<String, u32>,
    /// ARN or id of a secret → its versions.
    pub(super) secrets: BTreeMap<String, Versions>,
    /// Buckets that were made through the API.
    pub(super) buckets: BTreeSet<String>,
    pub(super) service_linked_roles: BTreeSet<String>,
    /// Token → job.
    pub(super) jobs: BTreeMap<String, Job>,
    /// ARN of a service → its deployments.
    pub(super) rollouts: BTreeMap<String, Rollout>,
    /// Id of a Cloud Run service or worker pool → its revisions. Accounts of before have none.
    #[serde(default)]
    pub(super) cloud_run: BTreeMap<String, Revisions>,
    /// Name → snapshot of a database. Accounts of before snapshots have none.
    #[serde(default)]
    pub(super) snapshots: BTreeMap<String, Snapshot>,
    /// Counts changes in this process.
    #[serde(skip)]
    pub(super) revision: u64,
}

impl Content {
    /// An empty account.
    pub(super) fn new(identity: Identity) -> Result<Self> {
        let mut salt = [0; 16];
        let random = ring::rand::SystemRandom::new();
        random
            .fill(&mut salt)
            .map_err(|_| Failure::failed("the operating system gave no random numbers"))?;
        Ok(Self {
            format: FORMAT,
            identity,
            salt: super::secrets::hexadecimal(&salt),
            resources: BTreeMap::new(),
            made: BTreeMap::new(),
            inactive: BTreeMap::new(),
            revisions: BTreeMap::new(),
            secrets: BTreeMap::new(),
            buckets: BTreeSet::new(),
            service_linked_roles: BTreeSet::new(),
            jobs: BTreeMap::new(),
            rollouts: BTreeMap::new(),
            cloud_run: BTreeMap::new(),
            snapshots: BTreeMap::new(),
            revision: 0,
        })
    }

    /// Which cloud it is in.
    pub(super) fn platform(&self) -> Platform {
        Platform::of(&self.identity)
    }

    /// Reads what was written; refuses what is newer or somebody else's.
    pub(super) fn read(bytes: &[u8], file: &Path, identity: &Identity) -> Result<Self> {
        #[derive(Deserialize)]
        struct Format {
            format: u32,
        }
        let place = file.display().to_string();
        let damaged = |error: serde_json::Error| {
            Failure::failed("the simulated account cannot be read")
                .at(place.clone())
                .caused_by(error)
                .next("delete its folder: the rehearsal starts anew")
        };
        let Format { format } = serde_json::from_slice(bytes).map_err(damaged)?;
        if format > FORMAT {
            return Err(Failure::failed(format!(
                "the simulated account was written by a newer Landfall (format {format}, this \
                 one knows {FORMAT})"
            ))
            .at(place)
            .next("use that Landfall, or delete the folder"));
        }
        let content: Self = serde_json::from_slice(bytes).map_err(damaged)?;
        let (was, is) = (&content.identity, identity);
        if (&was.account, &was.region, &was.partition) != (&is.account, &is.region, &is.partition) {
            return Err(Failure::input(format!(
                "the simulated account is {} in {}, not {} in {}",
                was.account, was.region, is.account, is.region
            ))
            .at(place)
            .next("delete its folder: the rehearsal starts anew"));
        }
        Ok(content)
    }
}

//! The door: [`Gcp`], and where each method of [`Cloud`] is answered.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;
use std::time::Duration;

use async_trait::async_trait;
use google_cloud_auth::credentials::Credentials;

use super::call::Call;
use super::connection::{self, Connection};
use super::endpoints::Endpoints;
use super::rest::Rest;
use super::{
    apis, backups, certificate, containers, executions, identity, job_log, jobs, labels, objects,
    permissions, revisions, secrets, state_store, workloads,
};
use crate::cloud::probe::{self, Answer, Probe};
use crate::cloud::{
    Certificate, Cloud, Identity, JobHandle, JobRequest, JobState, LogCursor, LogLine, Permissions,
    RunningService, RunningTask, SecretState, SnapshotState, StateStore, StoppedTask,
    TaggedResource, TargetHealth, TaskDefinition, Versioned,
};
use crate::failure::Result;
use crate::secret::Secret;

/// A Google Cloud project in one region.
#[derive(Debug)]
pub struct Gcp {
    pub(super) rest: Rest,
    pub(super) endpoints: Endpoints,
    /// Id of the project.
    pub(super) project: String,
    /// Its number: buckets must belong to it.
    pub(super) project_number: String,
    pub(super) region: String,
    /// Pause between two looks at an operation that goes on at Google.
    pub(super) settle: Duration,
    /// Buckets that were seen to belong to the project: Cloud Storage cannot be told whose bucket
    /// is meant, so it is looked up once before the first object.
    pub(super) our_buckets: Mutex<BTreeSet<String>>,
}

impl Gcp {
    /// Prepares to talk to a project. A token is fetched with the first call, so that a failure
    /// names what it was for.
    pub fn connect(target: &Connection) -> Result<Self> {
        let rest = Rest::new(target.credentials()?, false)?;
        Ok(Self::with_rest(target, rest))
    }

    /// The same with credentials of one's own: tests, emulators. Nothing is read from the
    /// environment.
    pub fn with_credentials(target: &Connection, credentials: Credentials) -> Result<Self> {
        connection::use_ring();
        Ok(Self::with_rest(target, Rest::new(credentials, true)?))
    }

    fn with_rest(target: &Connection, rest: Rest) -> Self {
        Self {
            rest,
            endpoints: target.endpoints.clone(),
            project: target.project.clone(),
            project_number: target.project_number.clone(),
            region: target.region.clone(),
            settle: Duration::from_secs(2),
            our_buckets: Mutex::default(),
        }
    }

    /// A call: what it is for ("cannot ..."), the permission that it needs, and on what.
    pub(super) fn call(
        &self,
        aim: impl Into<String>,
        right: &'static str,
        resource: impl Into<String>,
    ) -> Call {
        Call {
            aim: aim.into(),
            right,
            resource: resource.into(),
            denial_may_mean: None,
            confidential: false,
            project: self.project.clone(),
            project_number: self.project_number.clone(),
            region: self.region.clone(),
        }
    }
}

#[async_trait]
impl Cloud for Gcp {
    async fn identity(&self) -> Result<Identity> {
        identity::read(self).await
    }

    async fn permissions(&self, wanted: &[&str]) -> Result<Permissions> {
        permissions::test(self, wanted).await
    }

    async fn state_store(&self, bucket: &str) -> Result<Option<StateStore>> {
        state_store::find(self, bucket).await
    }

    async fn ensure_state_store(&self, bucket: &str, key: Option<&str>) -> Result<StateStore> {
        state_store::ensure(self, bucket, key).await
    }

    fn object_address(&self, bucket: &str, key: &str) -> String {
        format!("gs://{bucket}/{key}")
    }

    async fn get_object(&self, bucket: &str, key: &str) -> Result<Option<Versioned>> {
        objects::get(self, bucket, key).await
    }

    async fn put_object(&self, bucket: &str, key: &str, body: Vec<u8>) -> Result<()> {
        objects::put(self, bucket, key, body).await
    }

    async fn put_object_if_absent(&self, bucket: &str, key: &str, body: Vec<u8>) -> Result<bool> {
        objects::put_if_absent(self, bucket, key, body).await
    }

    async fn delete_object(&self, bucket: &str, key: &str) -> Result<()> {
        objects::delete(self, bucket, key).await
    }

    async fn list_objects(&self, bucket: &str, prefix: &str) -> Result<Vec<String>> {
        objects::list(self, bucket, prefix).await
    }

    async fn tagged(&self, name: &str, value: &str) -> Result<Vec<TaggedResource>> {
        labels::labelled(self, name, value).await
    }

    async fn has_role(&self, name: &str, _tag: &str, _value: &str) -> Result<bool> {
        // Service accounts carry no labels.
        labels::has_service_account(self, name).await
    }

    async fn ensure_service_linked_roles(&self) -> Result<Vec<String>> {
        apis::ensure(self).await
    }

    async fn certificate(&self, id: &str) -> Result<Certificate> {
        certificate::read(self, id).await
    }

    async fn secret(&self, id: &str) -> Result<SecretState> {
        secrets::describe(self, id).await
    }

    async fn upcoming_version(&self, id: &str) -> Result<Option<String>> {
        secrets::upcoming(self, id).await.map(Some)
    }

    async fn put_secret(&self, id: &str, value: &Secret, token: &str) -> Result<String> {
        secrets::put(self, id, value, token).await
    }

    async fn stage_secret(&self, id: &str, value: &Secret, token: &str) -> Result<String> {
        secrets::stage(self, id, value, token).await
    }

    async fn label_secret(&self, id: &str, label: &str, version: Option<&str>) -> Result<()> {
        secrets::label(self, id, label, version).await
    }

    async fn start_job(&self, request: &JobRequest) -> Result<JobHandle> {
        jobs::start(self, request).await
    }

    async fn job(&self, handle: &JobHandle) -> Result<JobState> {
        executions::state(self, handle).await
    }

    async fn stop_job(&self, handle: &JobHandle, reason: &str) -> Result<()> {
        executions::stop(self, handle, reason).await
    }

    async fn job_log(
        &self,
        handle: &JobHandle,
        cursor: &LogCursor,
    ) -> Result<(Vec<LogLine>, LogCursor)> {
        job_log::read(self, handle, cursor).await
    }

    async fn service(&self, cluster: &str, name: &str) -> Result<Option<RunningService>> {
        workloads::service(self, cluster, name).await
    }

    async fn running_tasks(&self, cluster: &str, service: &str) -> Result<Vec<RunningTask>> {
        workloads::running(self, cluster, service).await
    }

    async fn stopped_tasks(&self, cluster: &str, service: &str) -> Result<Vec<StoppedTask>> {
        revisions::failed(self, cluster, service).await
    }

    async fn task_definition(&self, arn: &str) -> Result<TaskDefinition> {
        containers::task_definition(self, arn).await
    }

    async fn target_health(&self, target_group: &str) -> Result<Vec<TargetHealth>> {
        workloads::health(self, target_group).await
    }

    async fn snapshot_database(
        &self,
        database: &str,
        snapshot: &str,
        _tags: &BTreeMap<String, String>,
    ) -> Result<SnapshotState> {
        // A backup of Cloud SQL carries a description and no labels.
        backups::make(self, database, snapshot).await
    }

    async fn database_snapshot(&self, snapshot: &str) -> Result<Option<SnapshotState>> {
        backups::find(self, snapshot).await
    }

    async fn probe(&self, probe: &Probe) -> Result<Option<Answer>> {
        // What cannot be reached from here (a firewall, a private address) is unknown, not wrong.
        Ok(probe::send(probe).await.ok())
    }
}

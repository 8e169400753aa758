//! The door: [`Aws`], its clients, and where each method of [`Cloud`] is answered.

use std::collections::BTreeMap;
use std::time::Duration;

use async_trait::async_trait;
use aws_config::SdkConfig;

use super::call::Call;
use super::connection::{self, Connection};
use super::{
    certificate, identity, jobs, objects, secrets, service_linked_roles, services, snapshots,
    state_store, tags, tasks,
};
use crate::cloud::probe::{self, Answer, Probe};
use crate::cloud::{
    Certificate, Cloud, Identity, JobHandle, JobRequest, JobState, LogCursor, LogLine, Permissions,
    RunningService, RunningTask, SecretState, SnapshotState, StateStore, StoppedTask,
    TaggedResource, TargetHealth, TaskDefinition, Versioned,
};
use crate::failure::Result;
use crate::secret::Secret;

/// An AWS account in one region.
#[derive(Clone, Debug)]
pub struct Aws {
    pub(super) sts: aws_sdk_sts::Client,
    pub(super) s3: aws_sdk_s3::Client,
    pub(super) iam: aws_sdk_iam::Client,
    pub(super) acm: aws_sdk_acm::Client,
    pub(super) secrets_manager: aws_sdk_secretsmanager::Client,
    pub(super) ecs: aws_sdk_ecs::Client,
    pub(super) logs: aws_sdk_cloudwatchlogs::Client,
    pub(super) load_balancing: aws_sdk_elasticloadbalancingv2::Client,
    pub(super) rds: aws_sdk_rds::Client,
    pub(super) tagging: aws_sdk_resourcegroupstagging::Client,
    /// Twelve digits: buckets must belong to this account.
    pub(super) account: String,
    pub(super) region: String,
    /// Pause between two reads of a bucket whose settings have not arrived everywhere.
    pub(super) settle: Duration,
}

impl Aws {
    /// Prepares to talk to an account. Credentials are looked for with the first call, so that a
    /// failure names what it was for.
    pub async fn connect(target: &Connection) -> Result<Self> {
        // Boxed, for the SDK's chain of credentials would lie on the stack of every command.
        let config = Box::pin(target.sdk_config()).await?;
        Ok(Self::with_config(&config, &target.expected_account))
    }

    /// The same with settings of one's own: tests, emulators. Nothing is read from the
    /// environment; an HTTP client is added if there is none.
    pub fn with_config(config: &SdkConfig, expected_account: &str) -> Self {
        let mut config = config.clone();
        if config.http_client().is_none() {
            config = config.into_builder().http_client(connection::direct_http_client()).build();
        }
        Self {
            sts: aws_sdk_sts::Client::new(&config),
            s3: aws_sdk_s3::Client::new(&config),
            iam: aws_sdk_iam::Client::new(&config),
            acm: aws_sdk_acm::Client::new(&config),
            secrets_manager: aws_sdk_secretsmanager::Client::new(&config),
            ecs: aws_sdk_ecs::Client::new(&config),
            logs: aws_sdk_cloudwatchlogs::Client::new(&config),
            load_balancing: aws_sdk_elasticloadbalancingv2::Client::new(&config),
            rds: aws_sdk_rds::Client::new(&config),
            tagging: aws_sdk_resourcegroupstagging::Client::new(&config),
            account: expected_account.to_owned(),
            region: config.region().map(ToString::to_string).unwrap_or_default(),
            settle: Duration::from_secs(1),
        }
    }

    /// A call: what it is for ("cannot ..."), the right that it needs, and on what.
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
            account: self.account.clone(),
            region: self.region.clone(),
        }
    }

    /// The partition of the region: the second field of every ARN in it.
    pub(super) fn partition(&self) -> &'static str {
        match &self.region {
            region if region.starts_with("cn-") => "aws-cn",
            region if region.starts_with("us-gov-") => "aws-us-gov",
            _ => "aws",
        }
    }
}

#[async_trait]
impl Cloud for Aws {
    async fn identity(&self) -> Result<Identity> {
        identity::read(self).await
    }

    /// Not known: only `iam:SimulatePrincipalPolicy` could say, a right of its own that whoever
    /// installs need not have, and its answer leaves out the policies of an organization.
    async fn permissions(&self, wanted: &[&str]) -> Result<Permissions> {
        let unknown = wanted.iter().map(|it| (*it).to_owned()).collect();
        Ok(Permissions { missing: Vec::new(), unknown })
    }

    async fn state_store(&self, bucket: &str) -> Result<Option<StateStore>> {
        state_store::find(self, bucket).await
    }

    /// There is no key to be set: an environment on AWS names none.
    async fn ensure_state_store(&self, bucket: &str, _key: Option<&str>) -> Result<StateStore> {
        state_store::ensure(self, bucket).await
    }

    fn object_address(&self, bucket: &str, key: &str) -> String {
        format!("s3://{bucket}/{key}")
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
        tags::tagged(self, name, value).await
    }

    async fn has_role(&self, name: &str, tag: &str, value: &str) -> Result<bool> {
        tags::has_role(self, name, tag, value).await
    }

    async fn ensure_service_linked_roles(&self) -> Result<Vec<String>> {
        service_linked_roles::ensure(self).await
    }

    async fn certificate(&self, id: &str) -> Result<Certificate> {
        certificate::read(self, id).await
    }

    async fn secret(&self, id: &str) -> Result<SecretState> {
        secrets::describe(self, id).await
    }

    async fn upcoming_version(&self, _id: &str) -> Result<Option<String>> {
        // The token of a write is the version's id.
        Ok(None)
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
        jobs::state(self, handle).await
    }

    async fn stop_job(&self, handle: &JobHandle, reason: &str) -> Result<()> {
        jobs::stop(self, handle, reason).await
    }

    async fn job_log(
        &self,
        handle: &JobHandle,
        cursor: &LogCursor,
    ) -> Result<(Vec<LogLine>, LogCursor)> {
        jobs::log(self, handle, cursor).await
    }

    async fn service(&self, cluster: &str, name: &str) -> Result<Option<RunningService>> {
        services::service(self, cluster, name).await
    }

    async fn running_tasks(&self, cluster: &str, service: &str) -> Result<Vec<RunningTask>> {
        tasks::running(self, cluster, service).await
    }

    async fn stopped_tasks(&self, cluster: &str, service: &str) -> Result<Vec<StoppedTask>> {
        tasks::stopped(self, cluster, service).await
    }

    async fn task_definition(&self, arn: &str) -> Result<TaskDefinition> {
        services::task_definition(self, arn).await
    }

    async fn target_health(&self, target_group: &str) -> Result<Vec<TargetHealth>> {
        services::target_health(self, target_group).await
    }

    async fn snapshot_database(
        &self,
        database: &str,
        snapshot: &str,
        tags: &BTreeMap<String, String>,
    ) -> Result<SnapshotState> {
        snapshots::make(self, database, snapshot, tags).await
    }

    async fn database_snapshot(&self, snapshot: &str) -> Result<Option<SnapshotState>> {
        snapshots::find(self, snapshot).await
    }

    async fn probe(&self, probe: &Probe) -> Result<Option<Answer>> {
        // What cannot be reached from here (a firewall, a private address) is unknown, not wrong.
        Ok(probe::send(probe).await.ok())
    }
}

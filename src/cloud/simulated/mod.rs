//! The simulated side of [`Cloud`]: the same account that terraform's simulated provider fills.

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::sync::Arc;

use async_trait::async_trait;

use super::probe::{Answer, Probe};
use super::{
    Certificate, Cloud, Identity, JobHandle, JobRequest, JobState, LogCursor, LogLine,
    RunningService, RunningTask, SecretState, SnapshotState, StateStore, StoppedTask,
    TaggedResource, TargetHealth, TaskDefinition, Versioned,
};
use crate::failure::{Failure, Result};
use crate::secret::Secret;
use crate::simulate::{Account, Faults, Operation};

/// The service-linked roles that a real account needs.
const SERVICE_LINKED_ROLES: [&str; 4] = [
    "ecs.amazonaws.com",
    "elasticloadbalancing.amazonaws.com",
    "rds.amazonaws.com",
    "ecs.application-autoscaling.amazonaws.com",
];

/// A cloud that is one simulated account.
#[derive(Clone, Debug)]
pub struct Simulated {
    account: Arc<Account>,
    faults: Arc<Faults>,
}

impl Simulated {
    /// The account and the faults are the ones that the provider is served with.
    pub fn new(account: Arc<Account>, faults: Arc<Faults>) -> Self {
        Self { account, faults }
    }

    /// Fails if a fault refuses this right.
    fn allow(&self, action: &str) -> Result<()> {
        let Some(effect) = self.faults.strike(Operation::Deny, action) else { return Ok(()) };
        let identity = self.account.identity();
        Err(Failure::failed(format!("access denied: {action}"))
            .because(format!("{} is not authorized to perform {action}", identity.arn))
            .because(effect.label)
            .next(format!("ask the account's admin for the right {action}")))
    }
}

#[async_trait]
impl Cloud for Simulated {
    async fn identity(&self) -> Result<Identity> {
        self.allow("sts:GetCallerIdentity")?;
        Ok(self.account.identity())
    }

    async fn state_store(&self, bucket: &str) -> Result<Option<StateStore>> {
        self.allow("s3:ListBucket")?;
        Ok(self.account.bucket(bucket))
    }

    async fn ensure_state_store(&self, bucket: &str) -> Result<StateStore> {
        self.allow("s3:CreateBucket")?;
        self.account.make_bucket(bucket)
    }

    async fn get_object(&self, bucket: &str, key: &str) -> Result<Option<Versioned>> {
        self.allow("s3:GetObject")?;
        self.account.get_object(bucket, key)
    }

    async fn put_object(&self, bucket: &str, key: &str, body: Vec<u8>) -> Result<()> {
        self.allow("s3:PutObject")?;
        self.account.put_object(bucket, key, body)
    }

    async fn put_object_if_absent(&self, bucket: &str, key: &str, body: Vec<u8>) -> Result<bool> {
        self.allow("s3:PutObject")?;
        self.account.put_object_if_absent(bucket, key, body)
    }

    async fn delete_object(&self, bucket: &str, key: &str) -> Result<()> {
        self.allow("s3:DeleteObject")?;
        self.account.delete_object(bucket, key)
    }

    async fn list_objects(&self, bucket: &str, prefix: &str) -> Result<Vec<String>> {
        self.allow("s3:ListBucket")?;
        self.account.list_objects(bucket, prefix)
    }

    async fn tagged(&self, name: &str, value: &str) -> Result<Vec<TaggedResource>> {
        self.allow("tag:GetResources")?;
        Ok(self.account.tagged(name, value))
    }

    async fn has_role(&self, name: &str, tag: &str, value: &str) -> Result<bool> {
        self.allow("iam:GetRole")?;
        let tagged = self.account.tagged(tag, value);
        Ok(tagged.iter().any(|it| it.arn.ends_with(&format!(":role/{name}"))))
    }

    async fn ensure_service_linked_roles(&self) -> Result<Vec<String>> {
        self.allow("iam:CreateServiceLinkedRole")?;
        self.account.make_service_linked_roles(&SERVICE_LINKED_ROLES)
    }

    /// Every certificate of this account and region is issued, for every name (`*`): a rehearsal
    /// has none of its own, and names one that lies elsewhere.
    async fn certificate(&self, id: &str) -> Result<Certificate> {
        self.allow("acm:DescribeCertificate")?;
        let identity = self.account.identity();
        let here = format!(
            "arn:{}:acm:{}:{}:certificate/",
            identity.partition, identity.region, identity.account
        );
        if !id.starts_with(&here) {
            return Err(Failure::failed(format!("there is no certificate {id}"))
                .because(format!("certificates of this account and region start with {here}")));
        }
        let pending = self.faults.strike(Operation::Certificate, "pending").is_some();
        let status = if pending { "PENDING_VALIDATION" } else { "ISSUED" };
        let names = vec!["*".to_owned()];
        Ok(Certificate { issued: !pending, status: status.to_owned(), names })
    }

    async fn secret(&self, id: &str) -> Result<SecretState> {
        self.allow("secretsmanager:DescribeSecret")?;
        Ok(self.account.secret(id))
    }

    async fn put_secret(&self, id: &str, value: &Secret, token: &str) -> Result<String> {
        self.allow("secretsmanager:PutSecretValue")?;
        self.account.put_secret(id, value, token)
    }

    async fn stage_secret(&self, id: &str, value: &Secret, token: &str) -> Result<String> {
        self.allow("secretsmanager:PutSecretValue")?;
        self.account.stage_secret(id, value, token)
    }

    async fn label_secret(&self, id: &str, label: &str, version: Option<&str>) -> Result<()> {
        self.allow("secretsmanager:UpdateSecretVersionStage")?;
        self.account.label_secret(id, label, version)
    }

    async fn start_job(&self, request: &JobRequest) -> Result<JobHandle> {
        self.allow("ecs:RunTask")?;
        self.account.start_job(request, &self.faults)
    }

    async fn job(&self, handle: &JobHandle) -> Result<JobState> {
        self.allow("ecs:DescribeTasks")?;
        self.account.job(handle)
    }

    async fn stop_job(&self, handle: &JobHandle, reason: &str) -> Result<()> {
        self.allow("ecs:StopTask")?;
        self.account.stop_job(handle, reason)
    }

    /// The cursor counts lines.
    async fn job_log(
        &self,
        handle: &JobHandle,
        cursor: &LogCursor,
    ) -> Result<(Vec<LogLine>, LogCursor)> {
        self.allow("logs:GetLogEvents")?;
        let from = cursor.0.as_deref().and_then(|cursor| cursor.parse().ok()).unwrap_or_default();
        let lines = self.account.job_log(handle, from)?;
        let next = LogCursor(Some((from + lines.len()).to_string()));
        Ok((lines, next))
    }

    async fn service(&self, cluster: &str, name: &str) -> Result<Option<RunningService>> {
        self.allow("ecs:DescribeServices")?;
        Ok(self.account.service(cluster, name, &self.faults))
    }

    async fn running_tasks(&self, cluster: &str, service: &str) -> Result<Vec<RunningTask>> {
        self.allow("ecs:ListTasks")?;
        Ok(self.account.running_tasks(cluster, service))
    }

    async fn stopped_tasks(&self, cluster: &str, service: &str) -> Result<Vec<StoppedTask>> {
        self.allow("ecs:ListTasks")?;
        Ok(self.account.stopped_tasks(cluster, service))
    }

    async fn task_definition(&self, arn: &str) -> Result<TaskDefinition> {
        self.allow("ecs:DescribeTaskDefinition")?;
        self.account.task_definition(arn)
    }

    async fn target_health(&self, target_group: &str) -> Result<Vec<TargetHealth>> {
        self.allow("elasticloadbalancing:DescribeTargetHealth")?;
        Ok(self.account.target_health(target_group))
    }

    async fn snapshot_database(
        &self,
        database: &str,
        snapshot: &str,
        _tags: &BTreeMap<String, String>,
    ) -> Result<SnapshotState> {
        self.allow("rds:CreateDBSnapshot")?;
        let fault = self.faults.strike(Operation::Snapshot, "failed");
        self.account.snapshot_database(database, snapshot, fault.as_ref())
    }

    async fn database_snapshot(&self, snapshot: &str) -> Result<Option<SnapshotState>> {
        self.allow("rds:DescribeDBSnapshots")?;
        self.account.snapshot(snapshot)
    }

    /// Every load balancer that exists answers 200 with an empty document: what a product says is
    /// not simulated.
    async fn probe(&self, probe: &Probe) -> Result<Option<Answer>> {
        let there = self.account.answers(&probe.connect_to);
        Ok(there.then(|| Answer { status: 200, body: b"{}".to_vec() }))
    }
}

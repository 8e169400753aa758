//! The simulated side of [`Cloud`]: the same account that terraform's simulated provider fills.

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::sync::Arc;

use async_trait::async_trait;

use super::gcp;
use super::probe::{Answer, Probe};
use super::{
    Certificate, Cloud, Identity, JobHandle, JobRequest, JobState, LogCursor, LogLine, Permissions,
    RunningService, RunningTask, SecretState, SnapshotState, StateStore, StoppedTask,
    TaggedResource, TargetHealth, TaskDefinition, Versioned,
};
use crate::failure::{Failure, Result};
use crate::secret::Secret;
use crate::simulate::{Account, Faults, Operation, Platform};

/// The service-linked roles that a real account needs.
const SERVICE_LINKED_ROLES: [&str; 4] = [
    "ecs.amazonaws.com",
    "elasticloadbalancing.amazonaws.com",
    "rds.amazonaws.com",
    "ecs.application-autoscaling.amazonaws.com",
];

/// The services of Google Cloud that act by agents of their own, which have to be made before they
/// can be given the key.
const SERVICE_AGENTS: [&str; 4] = [
    "artifactregistry.googleapis.com",
    "run.googleapis.com",
    "secretmanager.googleapis.com",
    "sqladmin.googleapis.com",
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

    /// Fails if a fault has the organization forbid an API that an environment needs.
    fn allow_apis(&self) -> Result<()> {
        for api in gcp::apis() {
            if let Some(effect) = self.faults.strike(Operation::Policy, api) {
                let identity = self.account.identity();
                let refused = gcp::refused_by_policy(&identity.account, &identity.region, api);
                return Err(refused.because(effect.label));
            }
        }
        Ok(())
    }

    /// Whether a fault has this API off. It is on for good once the APIs were enabled.
    fn is_off(&self, api: &str) -> bool {
        self.faults.strike(Operation::Disabled, api).is_some() && !self.account.has_enabled(api)
    }

    /// Fails if a fault refuses this right, which has a name on each platform.
    fn allow(&self, aws: &str, google: &str) -> Result<()> {
        let (action, right) = match self.account.platform() {
            Platform::Aws => (aws, aws.to_owned()),
            Platform::Google => (google, google.replacen(':', ".", 1)),
        };
        let Some(effect) = self.faults.strike(Operation::Deny, action) else { return Ok(()) };
        let identity = self.account.identity();
        Err(Failure::failed(format!("access denied: {right}"))
            .because(format!("{} is not authorized to perform {right}", identity.arn))
            .because(effect.label)
            .next(format!("ask the account's admin for the right {right}")))
    }

    /// Every certificate of this account and region is issued, for every name (`*`): a rehearsal
    /// has none of its own, and names one that lies elsewhere.
    fn certificate_of_aws(&self, id: &str) -> Result<Certificate> {
        let identity = self.account.identity();
        let here = format!(
            "arn:{}:acm:{}:{}:certificate/",
            identity.partition, identity.region, identity.account
        );
        self.certificate_here(id, &here, ["ISSUED", "PENDING_VALIDATION"])
    }

    /// On Google Cloud as well, of this project; a bare name is of this project, too.
    fn certificate_of_google(&self, id: &str) -> Result<Certificate> {
        let here = format!("projects/{}/", self.account.identity().account);
        let at = id.find("projects/").unwrap_or_default();
        let full = if id.contains('/') { id[at..].to_owned() } else { format!("{here}{id}") };
        self.certificate_here(&full, &here, ["ACTIVE", "PROVISIONING"])
    }

    fn certificate_here(&self, id: &str, here: &str, words: [&str; 2]) -> Result<Certificate> {
        if !id.starts_with(here) {
            return Err(Failure::failed(format!("there is no certificate {id}"))
                .because(format!("certificates of this account and region start with {here}")));
        }
        let pending = self.faults.strike(Operation::Certificate, "pending").is_some();
        let status = words[usize::from(pending)].to_owned();
        Ok(Certificate { issued: !pending, status, names: vec!["*".to_owned()] })
    }
}

#[async_trait]
impl Cloud for Simulated {
    async fn identity(&self) -> Result<Identity> {
        self.allow("sts:GetCallerIdentity", "resourcemanager:projects.get")?;
        Ok(self.account.identity())
    }

    /// Everybody may do everything in a simulated project, but for what a fault denies: asking
    /// counts as a call. A simulated account says as little as AWS.
    async fn permissions(&self, wanted: &[&str]) -> Result<Permissions> {
        let own = |them: Vec<&&str>| them.into_iter().map(|it| (*it).to_owned()).collect();
        if self.account.platform() == Platform::Aws || self.is_off(gcp::RESOURCE_MANAGER) {
            return Ok(Permissions { missing: Vec::new(), unknown: own(wanted.iter().collect()) });
        }
        let denied = |right: &&&str| {
            let action = right.replacen('.', ":", 1);
            self.faults.strike(Operation::Deny, &action).is_some()
        };
        Ok(Permissions {
            missing: own(wanted.iter().filter(denied).collect()),
            unknown: Vec::new(),
        })
    }

    async fn state_store(&self, bucket: &str) -> Result<Option<StateStore>> {
        self.allow("s3:ListBucket", "storage:buckets.get")?;
        Ok(self.account.bucket(bucket))
    }

    async fn ensure_state_store(&self, bucket: &str, _key: Option<&str>) -> Result<StateStore> {
        self.allow("s3:CreateBucket", "storage:buckets.create")?;
        self.account.make_bucket(bucket)
    }

    fn object_address(&self, bucket: &str, key: &str) -> String {
        match self.account.platform() {
            Platform::Aws => format!("s3://{bucket}/{key}"),
            Platform::Google => format!("gs://{bucket}/{key}"),
        }
    }

    async fn get_object(&self, bucket: &str, key: &str) -> Result<Option<Versioned>> {
        self.allow("s3:GetObject", "storage:objects.get")?;
        self.account.get_object(bucket, key)
    }

    async fn put_object(&self, bucket: &str, key: &str, body: Vec<u8>) -> Result<()> {
        self.allow("s3:PutObject", "storage:objects.create")?;
        self.account.put_object(bucket, key, body)
    }

    async fn put_object_if_absent(&self, bucket: &str, key: &str, body: Vec<u8>) -> Result<bool> {
        self.allow("s3:PutObject", "storage:objects.create")?;
        self.account.put_object_if_absent(bucket, key, body)
    }

    async fn delete_object(&self, bucket: &str, key: &str) -> Result<()> {
        self.allow("s3:DeleteObject", "storage:objects.delete")?;
        self.account.delete_object(bucket, key)
    }

    async fn list_objects(&self, bucket: &str, prefix: &str) -> Result<Vec<String>> {
        self.allow("s3:ListBucket", "storage:objects.list")?;
        self.account.list_objects(bucket, prefix)
    }

    async fn tagged(&self, name: &str, value: &str) -> Result<Vec<TaggedResource>> {
        self.allow("tag:GetResources", "run:services.list")?;
        Ok(self.account.tagged(name, value))
    }

    async fn has_role(&self, name: &str, tag: &str, value: &str) -> Result<bool> {
        self.allow("iam:GetRole", "iam:serviceAccounts.get")?;
        Ok(self.account.has_role(name, tag, value))
    }

    async fn ensure_service_linked_roles(&self) -> Result<Vec<String>> {
        self.allow("iam:CreateServiceLinkedRole", "serviceusage:services.enable")?;
        if self.account.platform() == Platform::Aws {
            return self.account.make_service_linked_roles(&SERVICE_LINKED_ROLES);
        }
        self.allow_apis()?;
        let off = Some(gcp::RESOURCE_MANAGER).filter(|api| self.is_off(api));
        let made: Vec<&str> = SERVICE_AGENTS.into_iter().chain(off).collect();
        self.account.make_service_linked_roles(&made)
    }

    async fn certificate(&self, id: &str) -> Result<Certificate> {
        self.allow("acm:DescribeCertificate", "compute:sslCertificates.get")?;
        match self.account.platform() {
            Platform::Aws => self.certificate_of_aws(id),
            Platform::Google => self.certificate_of_google(id),
        }
    }

    async fn secret(&self, id: &str) -> Result<SecretState> {
        self.allow("secretsmanager:DescribeSecret", "secretmanager:secrets.get")?;
        Ok(self.account.secret(id))
    }

    async fn upcoming_version(&self, id: &str) -> Result<Option<String>> {
        self.allow("secretsmanager:DescribeSecret", "secretmanager:versions.list")?;
        Ok(self.account.upcoming_version(id))
    }

    async fn put_secret(&self, id: &str, value: &Secret, token: &str) -> Result<String> {
        self.allow("secretsmanager:PutSecretValue", "secretmanager:versions.add")?;
        self.account.put_secret(id, value, token)
    }

    async fn stage_secret(&self, id: &str, value: &Secret, token: &str) -> Result<String> {
        self.allow("secretsmanager:PutSecretValue", "secretmanager:versions.add")?;
        self.account.stage_secret(id, value, token)
    }

    async fn label_secret(&self, id: &str, label: &str, version: Option<&str>) -> Result<()> {
        self.allow("secretsmanager:UpdateSecretVersionStage", "secretmanager:secrets.update")?;
        self.account.label_secret(id, label, version)
    }

    async fn start_job(&self, request: &JobRequest) -> Result<JobHandle> {
        self.allow("ecs:RunTask", "run:jobs.runWithOverrides")?;
        self.account.start_job(request, &self.faults)
    }

    async fn job(&self, handle: &JobHandle) -> Result<JobState> {
        self.allow("ecs:DescribeTasks", "run:executions.get")?;
        self.account.job(handle)
    }

    async fn stop_job(&self, handle: &JobHandle, reason: &str) -> Result<()> {
        self.allow("ecs:StopTask", "run:executions.cancel")?;
        self.account.stop_job(handle, reason)
    }

    /// The cursor counts lines.
    async fn job_log(
        &self,
        handle: &JobHandle,
        cursor: &LogCursor,
    ) -> Result<(Vec<LogLine>, LogCursor)> {
        self.allow("logs:GetLogEvents", "logging:logEntries.list")?;
        let from = cursor.0.as_deref().and_then(|cursor| cursor.parse().ok()).unwrap_or_default();
        let lines = self.account.job_log(handle, from)?;
        let next = LogCursor(Some((from + lines.len()).to_string()));
        Ok((lines, next))
    }

    async fn service(&self, cluster: &str, name: &str) -> Result<Option<RunningService>> {
        self.allow("ecs:DescribeServices", "run:services.get")?;
        Ok(self.account.service(cluster, name, &self.faults))
    }

    async fn running_tasks(&self, cluster: &str, service: &str) -> Result<Vec<RunningTask>> {
        self.allow("ecs:ListTasks", "run:revisions.list")?;
        Ok(self.account.running_tasks(cluster, service))
    }

    async fn stopped_tasks(&self, cluster: &str, service: &str) -> Result<Vec<StoppedTask>> {
        self.allow("ecs:ListTasks", "run:revisions.list")?;
        Ok(self.account.stopped_tasks(cluster, service))
    }

    async fn task_definition(&self, arn: &str) -> Result<TaskDefinition> {
        self.allow("ecs:DescribeTaskDefinition", "run:revisions.get")?;
        self.account.task_definition(arn)
    }

    async fn target_health(&self, target_group: &str) -> Result<Vec<TargetHealth>> {
        self.allow("elasticloadbalancing:DescribeTargetHealth", "run:revisions.get")?;
        Ok(self.account.target_health(target_group))
    }

    async fn snapshot_database(
        &self,
        database: &str,
        snapshot: &str,
        _tags: &BTreeMap<String, String>,
    ) -> Result<SnapshotState> {
        self.allow("rds:CreateDBSnapshot", "cloudsql:backupRuns.create")?;
        let fault = self.faults.strike(Operation::Snapshot, "failed");
        self.account.snapshot_database(database, snapshot, fault.as_ref())
    }

    async fn database_snapshot(&self, snapshot: &str) -> Result<Option<SnapshotState>> {
        self.allow("rds:DescribeDBSnapshots", "cloudsql:backupRuns.list")?;
        self.account.snapshot(snapshot)
    }

    /// Every load balancer that exists answers 200 with an empty document: what a product says is
    /// not simulated.
    async fn probe(&self, probe: &Probe) -> Result<Option<Answer>> {
        let there = self.account.answers(&probe.connect_to);
        Ok(there.then(|| Answer { status: 200, body: b"{}".to_vec() }))
    }
}

//! The cloud as Landfall sees it: one trait, two real sides ([`aws`], [`gcp`]) and a simulated one
//! ([`simulated`]).
//!
//! Everything that Terraform does not do goes through here: who we are, the state bucket and the
//! records in it, secret values, one-off jobs, and reading back what is running. Nothing here
//! prints, and nothing ever reads a secret value back.

pub mod aws;
pub mod gcp;
mod model;
pub mod probe;
pub mod simulated;

use std::collections::BTreeMap;

use async_trait::async_trait;

pub use model::{CURRENT, MAIN, NEXT, PREVIOUS};
pub use model::{
    Certificate, Identity, JobHandle, JobRequest, JobState, LogCursor, LogLine, Permissions,
    RunningService, RunningTask, SecretState, ServiceEvent, SnapshotState, StateStore, StoppedTask,
    TaggedResource, TargetHealth, TaskContainer, TaskDefinition, Versioned,
};

use self::probe::{Answer, Probe};
use crate::failure::Result;
use crate::secret::Secret;

/// What a run needs of a cloud account. Object-safe: a run holds `Arc<dyn Cloud>`.
///
/// Every method names the resource in its failure, says which right was missing when access was
/// denied (`ecs:RunTask`), and never retries beyond the SDK's own policy.
#[async_trait]
pub trait Cloud: Send + Sync {
    /// Who is calling, and for which account. Read once at the start of every verb (G1).
    async fn identity(&self) -> Result<Identity>;

    /// Which of these permissions the caller has on the account or project. Nothing is tried out:
    /// where the platform does not say, they are not known.
    async fn permissions(&self, wanted: &[&str]) -> Result<Permissions>;

    /// Reads the state bucket as it is; `None` if there is no such bucket.
    /// Fails if it exists but belongs to another account.
    async fn state_store(&self, bucket: &str) -> Result<Option<StateStore>>;

    /// Makes the state bucket if it is absent and sets versioning, encryption, public access
    /// block, owner-enforced objects and the TLS-only policy, then reads them back. `key` is the
    /// name of a key of Cloud KMS; without one, the key that the bucket has stays.
    async fn ensure_state_store(&self, bucket: &str, key: Option<&str>) -> Result<StateStore>;

    /// Where an object is, for messages: `s3://BUCKET/KEY`, `gs://BUCKET/KEY`.
    fn object_address(&self, bucket: &str, key: &str) -> String;

    /// An object of the state bucket with its version tag; `None` if absent.
    async fn get_object(&self, bucket: &str, key: &str) -> Result<Option<Versioned>>;

    /// Writes an object of the state bucket.
    async fn put_object(&self, bucket: &str, key: &str, body: Vec<u8>) -> Result<()>;

    /// Writes an object only if there is none of that name (`If-None-Match: *`); `false` if there
    /// was one.
    async fn put_object_if_absent(&self, bucket: &str, key: &str, body: Vec<u8>) -> Result<bool>;

    /// Deletes an object of the state bucket; no error if it is absent.
    async fn delete_object(&self, bucket: &str, key: &str) -> Result<()>;

    /// The keys under a prefix, sorted.
    async fn list_objects(&self, bucket: &str, prefix: &str) -> Result<Vec<String>>;

    /// Every resource with this tag that the platform can list, sorted by ARN.
    async fn tagged(&self, name: &str, value: &str) -> Result<Vec<TaggedResource>>;

    /// Whether there is an IAM role of this name that carries this tag: roles are the one kind of
    /// resource that [`Cloud::tagged`] cannot list.
    async fn has_role(&self, name: &str, tag: &str, value: &str) -> Result<bool>;

    /// Makes the service-linked roles that ECS, load balancers, RDS and autoscaling need in a
    /// fresh account; "has been taken" is success. Returns the ones that were made.
    async fn ensure_service_linked_roles(&self) -> Result<Vec<String>>;

    /// A TLS certificate, by its ARN or name.
    async fn certificate(&self, id: &str) -> Result<Certificate>;

    /// Whether a secret's container exists and which version is current. Never its value.
    async fn secret(&self, id: &str) -> Result<SecretState>;

    /// The id that the next version of a secret that exists will get, where the platform numbers
    /// them; `None` where whoever writes a version chooses its id.
    async fn upcoming_version(&self, id: &str) -> Result<Option<String>>;

    /// Writes a new version of a secret and makes it current; returns the version id, which is not
    /// secret. `token` makes a repeated call with the same value idempotent (32 to 64 characters).
    async fn put_secret(&self, id: &str, value: &Secret, token: &str) -> Result<String>;

    /// Writes a new version of a secret under the label [`NEXT`] alone: whoever asks for the current
    /// one gets the same as before. Returns its id; `token` as in [`Cloud::put_secret`].
    async fn stage_secret(&self, id: &str, value: &Secret, token: &str) -> Result<String>;

    /// Moves a label of a secret to a version, or takes it away with `None`; no error if it is so
    /// already. A label is at one version at most.
    async fn label_secret(&self, id: &str, label: &str, version: Option<&str>) -> Result<()>;

    /// Starts a one-off job, or attaches to the one that was started with the same token.
    async fn start_job(&self, request: &JobRequest) -> Result<JobHandle>;

    /// Stops a job; no error if it has stopped. `reason` is kept by the platform.
    async fn stop_job(&self, handle: &JobHandle, reason: &str) -> Result<()>;

    /// How a job is doing.
    async fn job(&self, handle: &JobHandle) -> Result<JobState>;

    /// The lines of a job's log after the cursor, and the new cursor. Empty if none are there yet.
    async fn job_log(
        &self,
        handle: &JobHandle,
        cursor: &LogCursor,
    ) -> Result<(Vec<LogLine>, LogCursor)>;

    /// A service as the platform sees it; `None` if there is no such service.
    async fn service(&self, cluster: &str, name: &str) -> Result<Option<RunningService>>;

    /// The tasks of a service that are running, with the digest that each one runs.
    async fn running_tasks(&self, cluster: &str, service: &str) -> Result<Vec<RunningTask>>;

    /// The tasks of a service that stopped lately, newest first.
    async fn stopped_tasks(&self, cluster: &str, service: &str) -> Result<Vec<StoppedTask>>;

    /// What a task definition says: images, names of variables and secrets.
    async fn task_definition(&self, arn: &str) -> Result<TaskDefinition>;

    /// The health of every target of a target group.
    async fn target_health(&self, target_group: &str) -> Result<Vec<TargetHealth>>;

    /// Begins a snapshot of a database server, or finds the one of that name: the same call again
    /// changes nothing. `tags` are put on it.
    async fn snapshot_database(
        &self,
        database: &str,
        snapshot: &str,
        tags: &BTreeMap<String, String>,
    ) -> Result<SnapshotState>;

    /// How a snapshot is doing; `None` if there is none of that name.
    async fn database_snapshot(&self, snapshot: &str) -> Result<Option<SnapshotState>>;

    /// One HTTP request to what was installed, by its load balancer's address: public DNS is not
    /// needed. `None` if it cannot be reached from here.
    async fn probe(&self, probe: &Probe) -> Result<Option<Answer>>;
}

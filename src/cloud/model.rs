//! What the cloud answers, in the platform's own words.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// The product's container in every task definition, revision and job: the modules call it so. Others
/// beside it are side-cars.
pub const MAIN: &str = "main";

/// Who is calling.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Identity {
    /// On AWS twelve digits, on Google Cloud the id of the project.
    pub account: String,
    /// Number of the project; `None` on AWS.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub project_number: Option<String>,
    /// The caller: a role session or a user; on Google Cloud `serviceAccount:...` or `user:...`.
    pub arn: String,
    /// `aws`, `aws-cn`, `aws-us-gov`; `gcp` on Google Cloud.
    pub partition: String,
    /// The region that calls go to.
    pub region: String,
}

/// What is known of the caller's permissions. All others of those that were asked for are proved.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Permissions {
    /// Those that the caller does not have.
    pub missing: Vec<String>,
    /// Those of which the platform does not say.
    pub unknown: Vec<String>,
}

/// The state bucket as it was read back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StateStore {
    /// Bucket name.
    pub bucket: String,
    /// Whether this call made it.
    pub created: bool,
    /// Versioning is on.
    pub versioned: bool,
    /// Encrypted at rest by default.
    pub encrypted: bool,
    /// All four public access blocks are on.
    pub private: bool,
}

/// An object and the tag of its version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Versioned {
    /// The bytes.
    pub body: Vec<u8>,
    /// Changes with every write.
    pub tag: String,
}

/// A TLS certificate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Certificate {
    /// Issued and not expired.
    pub issued: bool,
    /// The platform's word for its status: `ISSUED`, `PENDING_VALIDATION`.
    pub status: String,
    /// The names it is for, wildcards as `*.example.com`.
    pub names: Vec<String>,
}

/// A secret's container.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SecretState {
    /// Whether the container exists.
    pub exists: bool,
    /// Its current version; `None` while no value was written.
    pub version: Option<String>,
    /// The version under [`NEXT`], while a rotation is under way.
    pub next: Option<String>,
    /// While there is no current version: the id that the next one will get, where the platform
    /// numbers them, also in a container that does not exist yet. `None` where whoever writes a
    /// version chooses its id, and where there is a current one: most who look do not need the
    /// number then, and it is asked for by [`Cloud::upcoming_version`](super::Cloud).
    pub upcoming: Option<String>,
}

/// The label that the platform gives to the version of a secret that it hands out.
pub const CURRENT: &str = "AWSCURRENT";

/// The label of a version that is to become current once services were proved to run with it.
pub const NEXT: &str = "landfall-next";

/// The label of the version before the current one. A version without a label may vanish.
pub const PREVIOUS: &str = "landfall-previous";

/// A resource that carries a tag.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct TaggedResource {
    /// Its ARN.
    pub arn: String,
    /// Its tag `Name`.
    pub name: Option<String>,
}

/// What it takes to start a one-off job.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JobRequest {
    /// The kit's name of the job, for people.
    pub name: String,
    /// Cluster name or ARN.
    pub cluster: String,
    /// Task definition with revision.
    pub task_definition: String,
    /// Private subnets.
    pub subnets: Vec<String>,
    /// Security groups.
    pub security_groups: Vec<String>,
    /// Where its log goes.
    pub log_group: String,
    /// Stream prefix of the log (`awslogs-stream-prefix`).
    pub log_stream_prefix: String,
    /// Idempotency token, at most 64 characters: the same token attaches to the same task.
    pub token: String,
    /// Shown by the platform as who started it, at most 128 characters of `[A-Za-z0-9-_/]`.
    pub started_by: String,
    /// Variables of this one start, over those of the task definition; never a secret.
    pub environment: BTreeMap<String, String>,
}

/// A started job.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct JobHandle {
    /// Cluster name or ARN.
    pub cluster: String,
    /// Task ARN.
    pub task: String,
    /// Log group.
    pub log_group: String,
    /// Log stream of the main container.
    pub log_stream: String,
}

/// How a job is doing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum JobState {
    /// Not finished; the platform's word (`PROVISIONING`, `RUNNING`).
    Running(String),
    /// Finished.
    Stopped {
        /// Exit code of the main container; `None` if it never started.
        exit_code: Option<i32>,
        /// Why the platform says it stopped.
        reason: String,
    },
}

/// A place in a log. The default is its start.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LogCursor(pub Option<String>);

/// A line of a log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogLine {
    /// Milliseconds since 1970.
    pub at: i64,
    /// Without line break; not redacted yet.
    pub text: String,
}

/// A service as the platform sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunningService {
    /// Its name.
    pub name: String,
    /// `ACTIVE`, `DRAINING`, `INACTIVE`.
    pub status: String,
    /// Wanted tasks.
    pub desired: u32,
    /// Running tasks.
    pub running: u32,
    /// The task definition it should run.
    pub task_definition: String,
    /// Rollout state of the primary deployment: `COMPLETED`, `IN_PROGRESS`, `FAILED`.
    pub rollout: String,
    /// Why, in the platform's words.
    pub rollout_reason: String,
    /// How many deployments are under way; one means steady.
    pub deployments: u32,
    /// Target groups it is registered with.
    pub target_groups: Vec<String>,
    /// Newest first.
    pub events: Vec<ServiceEvent>,
}

/// A line of a service's own history.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServiceEvent {
    /// Milliseconds since 1970.
    pub at: i64,
    /// The platform's words.
    pub message: String,
}

/// A task that runs now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunningTask {
    /// Task ARN.
    pub arn: String,
    /// Task definition ARN with revision.
    pub task_definition: String,
    /// `sha256:...` of the main container; empty means the platform did not say (not proved).
    pub digest: String,
    /// `RUNNING`, ...
    pub status: String,
    /// `HEALTHY`, `UNHEALTHY`, `UNKNOWN` (no container health check).
    pub health: String,
}

/// A task that stopped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoppedTask {
    /// Task ARN.
    pub arn: String,
    /// Task definition ARN with revision.
    pub task_definition: String,
    /// Why, in the platform's words, exit code included.
    pub reason: String,
    /// Milliseconds since 1970.
    pub stopped_at: i64,
}

/// What a task definition says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TaskDefinition {
    /// With revision.
    pub arn: String,
    /// Its containers.
    pub containers: Vec<TaskContainer>,
}

/// A container of a task definition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TaskContainer {
    /// Its name; the product's is `main`.
    pub name: String,
    /// The image reference.
    pub image: String,
    /// Plain variables.
    pub environment: BTreeMap<String, String>,
    /// Variable name → where its secret value comes from.
    pub secrets: BTreeMap<String, String>,
}

/// A target of a target group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TargetHealth {
    /// Its id: an address.
    pub id: String,
    /// `healthy`, `unhealthy`, `initial`, `draining`, `unused`.
    pub state: String,
    /// Why not.
    pub reason: String,
}

/// A snapshot of a database.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SnapshotState {
    /// Identifier of the database that it was made from.
    pub database: String,
    /// The platform's word: `creating`, `available`, `failed`.
    pub status: String,
    /// How much of it is made, 0 to 100.
    pub percent: u8,
}

impl SnapshotState {
    /// Whether it can be restored from.
    pub fn is_available(&self) -> bool {
        self.status == "available"
    }
}

//! One installation, complete: everything that `kit.hcl`, `kit.lock`, `defaults.hcl` and
//! `environment.hcl` decide together, typed, validated and with every default filled in.
//!
//! Rendering needs no further lookup and makes no further choice: what is here goes into
//! `terraform.tfvars`, and what only the foundation's outputs know is a [`Wiring`] expression.
//!
//! Long: it is everything that both clouds are given, in one place, and mostly documentation.

mod secret;

use std::collections::BTreeMap;
use std::time::Duration;

use ipnet::Ipv4Net;

use crate::kit::model::{CloudName, Kit, Phase, Roles, ScaleMetric, Update};
use crate::release::lock::{KitLock, LockedImage};
use crate::source::Place;

pub use secret::{SecretContainer, SecretValue};

/// A whole installation.
#[derive(Clone, Debug)]
pub struct Environment {
    /// `[a-z][a-z0-9-]*`, at most 20 characters.
    pub name: String,
    /// Which safeguards can be waived.
    pub class: Class,
    /// What was asked for: `v1.0.0`, or `dev`.
    pub release: String,
    /// E-mail address for alarms.
    pub contact: Option<String>,
    /// The chosen size; empty when the kit has none.
    pub size: String,
    /// What it is pinned to.
    pub target: Target,
    /// Its addresses.
    pub network: Network,
    /// By name.
    pub ingresses: BTreeMap<String, Ingress>,
    /// By name.
    pub databases: BTreeMap<String, Database>,
    /// Every secret container, by key (see [`SecretContainer::key`]).
    pub secrets: BTreeMap<String, SecretContainer>,
    /// Services and jobs in the kit's order, then one bootstrap job for each database.
    pub workloads: Vec<Workload>,
    /// On every resource, Landfall's own included (`landfall:environment`, ...).
    pub tags: BTreeMap<String, String>,
    /// What is checked after an apply.
    pub checks: Vec<Check>,
    /// What the customer changes in the cloud without Landfall.
    pub drift: Drift,
    /// The kit it was made from.
    pub kit: Kit,
    /// The digests it was made with.
    pub lock: KitLock,
    /// Every value and where it comes from, for `show`, in the order it is shown.
    pub origins: Vec<Origin>,
}

/// Which safeguards can be waived.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize,
)]
#[serde(rename_all = "lowercase")]
pub enum Class {
    /// Short-lived.
    Preview,
    /// Before production.
    Staging,
    /// Everything on.
    Production,
}

impl Class {
    /// As it is written in `environment.hcl`.
    pub fn word(self) -> &'static str {
        match self {
            Self::Preview => "preview",
            Self::Staging => "staging",
            Self::Production => "production",
        }
    }
}

/// What an environment is pinned to (G1).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// Which cloud.
    pub cloud: CloudName,
    /// On AWS twelve digits, on Google Cloud the id of the project.
    pub account_id: String,
    /// Number of the project, by which Google names its service agents; `None` on AWS.
    pub project_number: Option<String>,
    /// `eu-central-1`, `europe-west3`.
    pub region: String,
    /// `aws`, `aws-cn`, `aws-us-gov`: follows from the region; `gcp` on Google Cloud.
    pub partition: String,
    /// State bucket.
    pub bucket: String,
    /// Key of Cloud KMS that the bucket is encrypted with; `None` is one of the platform's own.
    pub bucket_key: Option<String>,
    /// On every role we make; AWS only.
    pub permissions_boundary: Option<String>,
    /// Assumed by verb; `None` is who you are.
    pub roles: VerbRoles,
}

/// Roles to assume, by the weight of the verb.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct VerbRoles {
    /// For verbs that only read.
    pub read: Option<String>,
    /// For updates.
    pub update: Option<String>,
    /// For installs.
    pub install: Option<String>,
}

/// Addresses and zones.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Network {
    /// Between /16 and /22.
    pub cidr: Ipv4Net,
    /// Two or three zone names: `eu-central-1a`; none on Google Cloud, whose networks span a region.
    pub zones: Vec<String>,
    /// One NAT gateway a zone instead of one; on Google Cloud two addresses instead of one.
    pub nat_per_zone: bool,
}

/// What may differ in the cloud without being drift.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Drift {
    /// Tag keys that somebody else sets.
    pub ignore_tags: Vec<String>,
    /// Parts that belong to the customer: `ingress.public.firewall`.
    pub customer_owned: Vec<String>,
}

/// The certificate of an [`Ingress`] that the cloud makes and renews; Google Cloud only.
pub const MANAGED_CERTIFICATE: &str = "managed";

/// A way in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ingress {
    /// The kit's name of it.
    pub name: String,
    /// Name of the load balancer, at most 32 characters.
    pub load_balancer_name: String,
    /// Name of the bucket for access logs; `None` on Google Cloud, which logs requests itself.
    pub log_bucket: Option<String>,
    /// Host name of the product.
    pub host: String,
    /// Reached from the internet, or from inside only.
    pub internal: bool,
    /// ARN, or `managed` on Google Cloud; `None` is plain HTTP, never in production.
    pub certificate: Option<String>,
    /// CIDRs; empty is everyone.
    pub allow: Vec<String>,
    /// `https://host` or `http://host`.
    pub url: String,
    /// Seconds that an answer may take (1 to 4000): the longest `timeout` of its routes.
    pub idle_timeout_seconds: u32,
}

/// A database server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Database {
    /// The kit's name of it.
    pub name: String,
    /// Where it runs: decides how roles are made.
    pub cloud: CloudName,
    /// Instance identifier, at most 63 characters.
    pub identifier: String,
    /// Major version of `PostgreSQL`: `17`.
    pub engine_version: String,
    /// `db.t4g.small`; on Google Cloud a tier, `db-custom-1-3840`.
    pub instance_class: String,
    /// GiB to start with.
    pub storage_gib: u32,
    /// GiB to grow to.
    pub max_storage_gib: u32,
    /// Days.
    pub backup_days: u32,
    /// `sun:02:00-sun:03:00`.
    pub maintenance: String,
    /// A standby in another zone.
    pub multi_az: bool,
    /// Deletion protection and a final snapshot.
    pub protected: bool,
    /// The databases inside; the first is made with the server.
    pub databases: Vec<String>,
    /// Default schema.
    pub schema: String,
    /// Split or single roles.
    pub roles: Roles,
    /// Password logins instead of IAM.
    pub password: bool,
    /// Through the Cloud SQL Auth Proxy beside the process, which logs in by IAM for it.
    pub proxy: bool,
    /// Extension name → made by the owner (else by the managed master).
    pub extensions: BTreeMap<String, bool>,
    /// Parameters of the closed list.
    pub parameters: BTreeMap<String, String>,
    /// Who logs in: login name → what it may do. Sorted. On Google Cloud the users have the names
    /// of service accounts, which the foundation knows: here they go by the key of their workload.
    pub logins: BTreeMap<String, Login>,
    /// Key of the secret container that holds the SCRAM verifiers (password logins only):
    /// a JSON object, login → verifier.
    pub verifiers: Option<String>,
}

/// A database login.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Login {
    /// Migrations: a member of the owner role.
    pub owner: bool,
    /// Key of its password's container, for password logins.
    pub password_secret: Option<String>,
}

/// What a workload is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WorkloadKind {
    /// Runs all the time.
    Service(Box<Service>),
    /// Runs to its end.
    Job(Job),
    /// Makes roles, grants and extensions in a database; Landfall's own.
    DatabaseBootstrap {
        /// Database.
        database: String,
    },
}

/// A service or a job, complete.
#[derive(Clone, Debug, PartialEq)]
pub struct Workload {
    /// The kit's name: `web`; for a bootstrap job `bootstrap_<database>`.
    pub name: String,
    /// Key in Terraform maps and suffix of module names: `service_web`, `job_migrate`,
    /// `job_bootstrap_main`.
    pub key: String,
    /// Name in the cloud (task family, service, log group part), at most 48 characters.
    pub resource_name: String,
    /// Name prefix of its roles, at most 50 characters; on Google Cloud the id of its service
    /// account, at most 30.
    pub role_name: String,
    /// Name of its log group; on Google Cloud what its logs are found by, [`Self::resource_name`].
    pub log_group: String,
    /// What it is.
    pub kind: WorkloadKind,
    /// The image with its locked digests.
    pub image: LockedImage,
    /// What stands for its registry on Google Cloud, where it is neither Artifact Registry nor
    /// Docker Hub.
    pub registry: Option<Registry>,
    /// Key of the container with the pull credentials.
    pub pull_secret: Option<String>,
    /// Replaces the image's entry point; empty keeps it.
    pub command: Vec<String>,
    /// Arguments; empty keeps the image's.
    pub args: Vec<Wiring>,
    /// CPU units: 1024 is one vCPU; a size that Fargate or Cloud Run has.
    pub cpu_units: u32,
    /// MiB; a size that Fargate or Cloud Run has for that CPU.
    pub memory_mib: u32,
    /// `X86_64` or `ARM64`.
    pub architecture: &'static str,
    /// User of the container.
    pub uid: Option<u32>,
    /// Whether the root file system can be written to.
    pub writable_root: bool,
    /// Writable paths.
    pub writable_paths: Vec<String>,
    /// Its variables, by name; `LANDFALL_ENVIRONMENT` and `LANDFALL_CLASS` included.
    pub variables: BTreeMap<String, Variable>,
    /// Databases it logs in to: database → login name.
    pub databases: BTreeMap<String, String>,
    /// The Cloud SQL Auth Proxies beside it.
    pub proxies: Vec<SqlProxy>,
    /// Where the block stands; `None` for Landfall's own.
    pub place: Option<Place>,
}

impl Workload {
    /// A reference to an image as the kit's lock names it: on Google Cloud a remote repository of
    /// the project may stand for the vendor's registry. Any other image stays what it is.
    pub fn as_locked(&self, target: &Target, reference: &str) -> String {
        let vendors = || {
            let registry = self.registry.as_ref()?;
            let project = format!("{}-docker.pkg.dev/{}/", target.region, target.account_id);
            let (repository, digest) = reference.strip_prefix(&project)?.split_once('@')?;
            let remote = format!("-{}/{}", registry.key, registry.path);
            repository.ends_with(&remote).then(|| format!("{}@{digest}", self.image.repository))
        };
        vendors().unwrap_or_else(|| reference.to_owned())
    }
}

/// A registry that Cloud Run reaches through a remote repository of the foundation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Registry {
    /// Key of the remote repository: `registry-ledger-example`.
    pub key: String,
    /// `https://registry.ledger.example`.
    pub uri: String,
    /// What follows the host in the image's name: `ledger`.
    pub path: String,
}

/// A Cloud SQL Auth Proxy beside a process: listens on the loopback address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SqlProxy {
    /// The database server that it leads to.
    pub database: String,
    /// Where it listens.
    pub port: u16,
    /// Its image, by digest.
    pub image: LockedImage,
}

/// A variable of a process.
#[derive(Clone, Debug, PartialEq)]
pub struct Variable {
    /// Where its value comes from.
    pub value: Wiring,
    /// The process must have it (checked by `verify`).
    pub required: bool,
}

/// A value, as far as it is known at render.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wiring {
    /// Known: goes into `terraform.tfvars`.
    Plain(String),
    /// Known only to the foundation: becomes an expression in `main.tf`.
    Output(Output),
    /// A text with foundation outputs in it.
    Template(Vec<Wiring>),
    /// A function of something that only the foundation knows.
    Call(crate::kit::model::Function, Box<Wiring>),
    /// The value of a secret container, by key; pinned to the version that Landfall wrote.
    Secret(String),
    /// The name of a database login with a password. There are two, in use in turn: the version of
    /// the password that is pinned says which.
    Login {
        /// The first: `main_web`.
        first: String,
        /// The second: `main_2_web`.
        second: String,
        /// Key of the password's container.
        secret: String,
    },
}

/// An output of the foundation. The only place where kit references meet Terraform paths.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Output {
    /// Host name of a database server.
    DatabaseHost(String),
    /// Certificates of the database server: a PEM file beside the layer, not an output.
    DatabaseCertificates,
    /// Certificates of a database server of Cloud SQL: they are the instance's own.
    DatabaseServerCa(String),
    /// The name of a workload's user in a database of Cloud SQL: its service account's.
    DatabaseUser {
        /// Database.
        database: String,
        /// Key of the workload.
        workload: String,
    },
}

/// A service, complete.
#[derive(Clone, Debug, PartialEq)]
pub struct Service {
    /// How many.
    pub replicas: u32,
    /// At least, when it scales.
    pub min: u32,
    /// At most.
    pub max: u32,
    /// What it scales by.
    pub metric: Option<(ScaleMetric, f64)>,
    /// How it is replaced.
    pub update: Update,
    /// How long it may finish its work.
    pub drain: Duration,
    /// Its port and health path, if it has one.
    pub http: Option<Http>,
    /// Health command of a service without a port.
    pub health_command: Vec<String>,
    /// Port and live path of a service that has them and is reached by no route; Cloud Run only.
    pub live_probe: Option<(u16, String)>,
    /// Between two probes.
    pub health_interval: Duration,
    /// How long a start may take.
    pub startup: Duration,
}

impl Eq for Service {}

/// A service's port behind a load balancer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Http {
    /// 1 to 65535.
    pub port: u16,
    /// Ports of the release that still runs; only a [`union`](super::union) has any.
    pub former_ports: Vec<u16>,
    /// Name of the target group, at most 32 characters.
    pub target_group_name: String,
    /// `HTTP`, `HTTP2`, `GRPC`.
    pub protocol_version: &'static str,
    /// Ready path.
    pub ready: String,
    /// Live path, if the kit has one; only Cloud Run asks for it.
    pub live: Option<String>,
    /// Seconds that an answer may take: the longest `timeout` of the routes to it. Cloud Run only,
    /// AWS has one limit for all that a load balancer leads to.
    pub timeout_seconds: u32,
    /// Rules of the load balancers.
    pub routes: Vec<Route>,
}

/// One listener rule: at most five values in all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Route {
    /// Ingress name.
    pub ingress: String,
    /// 1 to 50000, unique in its ingress; more specific paths have smaller numbers.
    pub priority: u32,
    /// Path patterns as load balancers of both clouds write them: `/api/*`.
    pub paths: Vec<String>,
    /// Host names; empty means any.
    pub hosts: Vec<String>,
}

/// A job, complete.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Job {
    /// When it runs.
    pub phase: Phase,
    /// Within the phase.
    pub order: i64,
    /// Stopped after that.
    pub timeout: Duration,
    /// Tried again so often.
    pub retries: u32,
    /// For phase `schedule`.
    pub schedule: Option<Schedule>,
}

/// When a scheduled job runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Schedule {
    /// Name of the schedule, at most 64 characters.
    pub name: String,
    /// `cron(17 3 * * ? *)`; on Google Cloud `17 3 * * *`.
    pub expression: String,
    /// IANA name.
    pub timezone: String,
    /// Id of the service account that starts it, at most 30 characters; `None` on AWS.
    pub account: Option<String>,
}

/// A check of the kit after an apply.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Check {
    /// Its name.
    pub name: String,
    /// Whole URL.
    pub url: String,
    /// Expected status.
    pub status: u16,
    /// Field of the JSON answer.
    pub json: Option<String>,
    /// What it must equal.
    pub equals: Option<String>,
    /// After the bootstrap jobs.
    pub after_bootstrap: bool,
}

/// A value and where it comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin {
    /// `database.main.instance_class`, `service.web.env.MAIL_FROM`.
    pub key: String,
    /// As shown; secrets show where they are kept, never a value.
    pub value: String,
    /// `environments/demo-aws/environment.hcl:12:3`, `defaults.hcl:3:1`, `kit.hcl:40:3`,
    /// `class production`, `derived`.
    pub origin: String,
}

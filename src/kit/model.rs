//! What a kit says, typed: one struct for each block of `kit.hcl`, in the words of the grammar.
//!
//! These types hold what was written, checked for shape and with defaults filled in, not yet
//! resolved against an environment. Names are plain strings that matched
//! `^[a-z][a-z0-9_-]{0,18}[a-z0-9]$`. Maps keep the order of the file where order is shown to
//! people; all lookups are by name.
//!
//! Long: it is the whole grammar in one place, and nearly all of it is documentation.

use std::collections::BTreeMap;
use std::time::Duration;

use semver::{Version, VersionReq};

use crate::source::Place;

/// A whole kit.
#[derive(Clone, Debug)]
pub struct Kit {
    /// `kit "NAME"`.
    pub name: String,
    /// For people.
    pub title: String,
    /// Who ships it.
    pub vendor: Option<String>,
    /// Which Landfall can render it.
    pub landfall: Option<VersionReq>,
    /// Where it can be installed; empty means both.
    pub clouds: Vec<CloudName>,
    /// The release block.
    pub release: Release,
    /// By database name.
    pub schemas: BTreeMap<String, Schema>,
    /// In file order.
    pub sizes: Vec<Size>,
    /// By name.
    pub images: BTreeMap<String, Image>,
    /// In file order: this is the order of the interview.
    pub inputs: Vec<Input>,
    /// In file order.
    pub secrets: Vec<SecretSpec>,
    /// By name.
    pub databases: BTreeMap<String, Database>,
    /// Plain and typed, in file order; a name occurs once.
    pub variables: Vec<Variable>,
    /// In file order.
    pub services: Vec<Service>,
    /// In file order.
    pub jobs: Vec<Job>,
    /// By name.
    pub ingresses: BTreeMap<String, Ingress>,
    /// In file order.
    pub checks: Vec<Check>,
    /// In file order.
    pub features: Vec<Feature>,
    /// Blocks that are parsed and checked but not rendered yet (`cache`, `bucket`, ...): what,
    /// where. The environment refuses them at render with "not yet supported".
    pub unsupported: Vec<Unsupported>,
    /// Where every block and attribute stands, for messages and `show`:
    /// `service.web.cpu`, `env.LOG_LEVEL`, `database.main`.
    pub places: BTreeMap<String, Place>,
}

/// Something the grammar knows and this version cannot render yet.
#[derive(Clone, Debug)]
pub struct Unsupported {
    /// As in `cache "main"` or `job "x" phase = "manual"`.
    pub what: String,
    /// Where it is written.
    pub place: Place,
}

/// A cloud.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CloudName {
    /// Amazon Web Services.
    Aws,
    /// Google Cloud.
    Gcp,
}

impl CloudName {
    /// As people call it.
    pub fn title(self) -> &'static str {
        match self {
            Self::Aws => "AWS",
            Self::Gcp => "Google Cloud",
        }
    }

    /// Its block in `environment.hcl`.
    pub fn word(self) -> &'static str {
        match self {
            Self::Aws => "aws",
            Self::Gcp => "gcp",
        }
    }

    /// How outputs name what identifies a resource: `cluster.arn`, `service_id`.
    pub fn id(self) -> &'static str {
        match self {
            Self::Aws => "arn",
            Self::Gcp => "id",
        }
    }

    /// What an environment is pinned to there.
    pub fn account(self) -> &'static str {
        match self {
            Self::Aws => "account",
            Self::Gcp => "project",
        }
    }
}

/// `release { }`.
#[derive(Clone, Debug)]
pub struct Release {
    /// The kit's version.
    pub version: Version,
    /// The git tag, evaluated: `v1.0.0`.
    pub tag: String,
    /// What an update to this release may start from.
    pub from: Option<VersionReq>,
    /// Versions to pass on the way.
    pub stops: Vec<Version>,
    /// How long this release is supported for going back.
    pub window: Option<Duration>,
    /// How services move.
    pub update: Update,
    /// Whether going back to the older image is possible at all.
    pub rollback: bool,
}

/// How a service is replaced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Update {
    /// The new one is healthy before the old one goes.
    Rolling,
    /// The old one stops first.
    Recreate,
}

/// `schema DB { }`.
#[derive(Clone, Debug)]
pub struct Schema {
    /// The migration tool, for people.
    pub tool: Option<String>,
    /// After this release's migration; integers are kept as their decimal text.
    pub version: Option<String>,
    /// Live versions this release can serve.
    pub accepts: Vec<String>,
    /// Job that prints the live version.
    pub probe: Option<String>,
    /// Whether the product migrates by itself at start.
    pub at_start: AtStart,
    /// Variables that switch that off.
    pub off: BTreeMap<String, String>,
    /// How concurrent migrations exclude each other.
    pub locks: Locks,
    /// Whether the code serves a schema that is ahead of it.
    pub ahead_serves: bool,
}

/// `at_start`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AtStart {
    /// Never: the migrate job does it.
    Never,
    /// Unless the variables of `off` are set.
    UnlessEnv,
    /// At every start.
    Always,
}

/// `locks`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Locks {
    /// An advisory lock.
    Advisory,
    /// A lock table.
    Table,
    /// None: two starts at once would collide.
    None,
}

/// `size NAME { }`.
#[derive(Clone, Debug)]
pub struct Size {
    /// Its name.
    pub name: String,
    /// For people.
    pub title: String,
    /// Chosen when the environment says nothing.
    pub default: bool,
}

/// `image NAME { }`.
#[derive(Clone, Debug)]
pub struct Image {
    /// Without tag or digest.
    pub repository: String,
    /// Evaluated.
    pub tag: String,
    /// Secret that holds the pull credentials.
    pub pull_secret: Option<String>,
    /// User the container runs as.
    pub uid: Option<u32>,
    /// Whether the root file system can be written to.
    pub writable_root: bool,
    /// Writable paths and their sizes in MiB.
    pub writable: BTreeMap<String, u64>,
}

/// `input NAME { }`.
#[derive(Clone, Debug)]
pub struct Input {
    /// Its name.
    pub name: String,
    /// What shape it has.
    pub kind: ValueType,
    /// The question.
    pub prompt: Option<String>,
    /// Used when nothing is answered; as text.
    pub default: Option<String>,
    /// Must match, as a whole.
    pub pattern: Option<String>,
    /// The only values allowed; empty means any.
    pub values: Vec<String>,
    /// Never changes after the install.
    pub immutable: bool,
    /// For people.
    pub doc: Option<String>,
}

/// The shape of a variable or input.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ValueType {
    /// Any text.
    String,
    /// A whole number.
    Int,
    /// A decimal number.
    Float,
    /// true or false.
    Bool,
    /// One of `values`.
    Enum,
    /// An absolute URL.
    Url,
    /// A host name.
    Host,
    /// `90s`, `30m`.
    Duration,
    /// A JSON document.
    Json,
    /// A list of strings.
    List,
    /// An e-mail address.
    Email,
    /// A secret.
    Secret,
}

/// `secret NAME { }`.
#[derive(Clone, Debug)]
pub struct SecretSpec {
    /// Its name.
    pub name: String,
    /// Where the value comes from.
    pub origin: SecretOrigin,
    /// Whether the product starts without it.
    pub required: bool,
    /// Must match, as a whole.
    pub check: Option<String>,
    /// Never rotated.
    pub immutable: bool,
    /// After the bootstrap its place in the console is printed.
    pub show_once: bool,
    /// For people.
    pub doc: Option<String>,
}

/// Where a secret's value comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SecretOrigin {
    /// Landfall makes it.
    Generated {
        /// Alphabet and form.
        kind: GeneratedKind,
        /// Bytes of randomness (`hex`, `base64`) or characters (`alnum`); 16 for `uuid`.
        length: usize,
        /// Put in front.
        prefix: String,
    },
    /// A person gives it.
    Supplied,
}

/// The form of a generated secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GeneratedKind {
    /// Lower-case hexadecimal of `length` bytes.
    Hex,
    /// Standard base64 with padding of `length` bytes.
    Base64,
    /// `length` letters and digits.
    Alnum,
    /// A version 4 UUID.
    Uuid,
}

/// `database NAME { }`.
#[derive(Clone, Debug)]
pub struct Database {
    /// Its name.
    pub name: String,
    /// Which PostgreSQL: a constraint on the major version.
    pub version: VersionReq,
    /// The databases to make; at least one (default: the kit's name with `-` as `_`).
    pub databases: Vec<String>,
    /// Default schema.
    pub schema: String,
    /// Extension name → made by whom.
    pub extensions: BTreeMap<String, ExtensionBy>,
    /// Split or single roles.
    pub roles: Roles,
    /// How the product logs in on AWS.
    pub aws_auth: DatabaseAuth,
    /// How the product logs in on Google Cloud.
    pub gcp_auth: DatabaseAuth,
    /// Size name → instance class (`db.t4g.small`) and storage.
    pub sizes: BTreeMap<String, DatabaseSize>,
    /// Parameters of the closed list.
    pub parameters: BTreeMap<String, String>,
    /// By name.
    pub urls: BTreeMap<String, DatabaseUrl>,
}

/// What a size means for a database.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DatabaseSize {
    /// Instance class of RDS: `db.m7g.large`.
    pub instance: Option<String>,
    /// Tier of Cloud SQL: `db-custom-2-8192`.
    pub tier: Option<String>,
    /// Storage in GiB.
    pub storage_gib: Option<u32>,
}

/// Who makes an extension.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExtensionBy {
    /// The owner role, so that the product's migrations can alter it.
    Owner,
    /// The managed master.
    Admin,
}

/// `roles`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Roles {
    /// Owner and read-write role without login, one login per consumer.
    Split,
    /// One login that owns the schema.
    Single,
}

/// `iam`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DatabaseAuth {
    /// The product fetches a token itself.
    Native,
    /// The Cloud SQL Auth Proxy.
    Proxy,
    /// A generated password.
    Password,
}

/// `url NAME { }` of a database.
#[derive(Clone, Debug)]
pub struct DatabaseUrl {
    /// `postgres`, `postgresql+asyncpg`, ...
    pub scheme: String,
    /// Which of `databases`; default the first.
    pub database: Option<String>,
    /// Query parameters, in order of name.
    pub params: BTreeMap<String, String>,
    /// Whether it may go through a pooler.
    pub pooled: bool,
    /// As the owner (migrator) instead of the consumer.
    pub owner: bool,
}

/// One entry of `env { }` or one `env NAME { }`.
#[derive(Clone, Debug)]
pub struct Variable {
    /// The name in the process.
    pub name: String,
    /// `None` for plain wiring: follows the source.
    pub kind: Option<ValueType>,
    /// Where the value comes from.
    pub from: Expression,
    /// How a typed value is written.
    pub format: Option<String>,
    /// Allowed values; empty means any.
    pub values: Vec<String>,
    /// Least allowed number.
    pub min: Option<f64>,
    /// Greatest allowed number.
    pub max: Option<f64>,
    /// The process must have it.
    pub required: bool,
    /// Receivers named one by one: `service.web`, `job.migrate`. Empty means: who uses the source.
    pub to: Vec<Consumer>,
    /// Left out when this is false.
    pub when: Option<Expression>,
    /// The environment may override it.
    pub operator: bool,
    /// For people.
    pub doc: Option<String>,
    /// Where it is written.
    pub place: Place,
}

/// A service or a job, by name.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Consumer {
    /// `service.NAME`.
    Service(String),
    /// `job.NAME`.
    Job(String),
}

/// A value that is not evaluated yet: literals, references, templates, the closed list of
/// functions and operators.
#[derive(Clone, Debug, PartialEq)]
pub enum Expression {
    /// A literal (string, number, bool, null, list or map of literals).
    Literal(serde_json::Value),
    /// A reference, split at the dots: `["database", "main", "host"]`.
    Reference(Vec<String>),
    /// `"a${b}c"`.
    Template(Vec<Expression>),
    /// `[a, b]` with references in it.
    List(Vec<Expression>),
    /// `{ a = b }` with references in it, in order of the file.
    Map(Vec<(String, Expression)>),
    /// `urlencode(x)`, `base64(x)`, `jsonencode(x)`, `yamlencode(x)`.
    Call(Function, Box<Expression>),
    /// `!x`.
    Not(Box<Expression>),
    /// `a == b`, `a != b`, `a && b`, `a || b`.
    Binary(Operator, Box<Expression>, Box<Expression>),
}

/// The closed list of functions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Function {
    /// Percent-encoding of a URL component.
    Urlencode,
    /// Standard base64.
    Base64,
    /// JSON.
    Jsonencode,
    /// YAML.
    Yamlencode,
}

/// The closed list of operators.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operator {
    /// `==`
    Equal,
    /// `!=`
    NotEqual,
    /// `&&`
    And,
    /// `||`
    Or,
}

/// What services and jobs have in common.
#[derive(Clone, Debug)]
pub struct Process {
    /// Its name.
    pub name: String,
    /// Which image.
    pub image: String,
    /// Replaces the image's entry point.
    pub command: Vec<String>,
    /// Its arguments.
    pub args: Vec<Expression>,
    /// Variables of this process alone.
    pub set: Vec<(String, Expression)>,
    /// What it uses: `["database", "main"]`, `["secret", "licence"]`.
    pub uses: Vec<Vec<String>>,
    /// vCPU.
    pub cpu: f64,
    /// MiB.
    pub memory_mib: u64,
    /// Left out when this is false.
    pub when: Option<Expression>,
    /// Where the block stands.
    pub place: Place,
}

/// `service NAME { }`.
#[derive(Clone, Debug)]
pub struct Service {
    /// What it shares with jobs.
    pub process: Process,
    /// Services that must be there first.
    pub needs: Vec<Vec<String>>,
    /// How many, unless a size says otherwise.
    pub replicas: u32,
    /// Size name → what it means here.
    pub sizes: BTreeMap<String, ServiceSize>,
    /// `x86_64` (default) or `arm64`.
    pub arm64: bool,
    /// How it is replaced; the release's unless it says so.
    pub update: Option<Update>,
    /// How long it may finish its work.
    pub drain: Duration,
    /// By name; empty means not reached by the network.
    pub ports: BTreeMap<String, Port>,
    /// How it is known to work.
    pub health: Option<Health>,
    /// How it grows.
    pub scale: Option<Scale>,
}

/// What a size means for a service.
#[derive(Clone, Debug, PartialEq)]
pub struct ServiceSize {
    /// vCPU.
    pub cpu: f64,
    /// MiB.
    pub memory_mib: u64,
    /// How many.
    pub replicas: u32,
    /// At most.
    pub max: Option<u32>,
}

/// `port NAME { }`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Port {
    /// 1 to 65535.
    pub number: u16,
    /// What it speaks.
    pub protocol: Protocol,
    /// Variable that tells the process its port.
    pub number_env: Option<String>,
}

/// `protocol`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Protocol {
    /// HTTP/1.1.
    Http,
    /// HTTP/2.
    Http2,
    /// gRPC.
    Grpc,
    /// HTTP with upgrades.
    Websocket,
}

/// `health { }`.
#[derive(Clone, Debug)]
pub struct Health {
    /// Decides about a restart.
    pub live: Option<String>,
    /// Decides about traffic.
    pub ready: Option<String>,
    /// How long a start may take.
    pub startup: Option<Duration>,
    /// Port name; default the only one.
    pub port: Option<String>,
    /// Instead of paths, for a service without a port.
    pub command: Vec<String>,
    /// Between two probes.
    pub interval: Option<Duration>,
}

/// `scale { }`.
#[derive(Clone, Debug, PartialEq)]
pub struct Scale {
    /// What is measured.
    pub metric: ScaleMetric,
    /// Per cent for cpu and memory.
    pub target: f64,
    /// Default: the replicas.
    pub min: Option<u32>,
    /// At most.
    pub max: u32,
}

/// `metric`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ScaleMetric {
    /// CPU in per cent.
    Cpu,
    /// Memory in per cent.
    Memory,
}

/// `job NAME { }`.
#[derive(Clone, Debug)]
pub struct Job {
    /// What it shares with services.
    pub process: Process,
    /// When it runs.
    pub phase: Phase,
    /// Within the phase; ties by file order.
    pub order: i64,
    /// Owner of the database instead of its own read-write login.
    pub db_owner: bool,
    /// Stopped after that.
    pub timeout: Duration,
    /// Tried again so often.
    pub retries: u32,
    /// For phase `schedule`: five fields, as written, checked.
    pub schedule: Option<String>,
    /// IANA name.
    pub timezone: String,
    /// Whether two may run at once.
    pub overlap: bool,
}

/// `phase`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Phase {
    /// After the migrations of a first install.
    Bootstrap,
    /// Before services are touched.
    Migrate,
    /// After verify.
    Post,
    /// By the clock.
    Schedule,
}

/// `ingress NAME { }`.
#[derive(Clone, Debug)]
pub struct Ingress {
    /// Its name.
    pub name: String,
    /// In file order.
    pub routes: Vec<Route>,
}

/// `route { }`.
#[derive(Clone, Debug)]
pub struct Route {
    /// `["/"]`, `["/api/"]`.
    pub prefixes: Vec<String>,
    /// Exact paths, instead of prefixes.
    pub exact: Vec<String>,
    /// Host names; empty means the ingress's own.
    pub hosts: Vec<String>,
    /// Service name.
    pub to: String,
    /// Port name; default the only one.
    pub port: Option<String>,
    /// How long an answer may take.
    pub timeout: Option<Duration>,
    /// Where it stands.
    pub place: Place,
}

/// `check NAME { }`.
#[derive(Clone, Debug)]
pub struct Check {
    /// Its name.
    pub name: String,
    /// Path at the ingress.
    pub path: String,
    /// Expected status.
    pub status: u16,
    /// JSON pointer-like path of the field to compare.
    pub json: Option<String>,
    /// What it must equal.
    pub equals: Option<Expression>,
    /// After the bootstrap job instead of after the apply.
    pub after_bootstrap: bool,
}

/// `feature NAME { }`.
#[derive(Clone, Debug)]
pub struct Feature {
    /// Its name.
    pub name: String,
    /// On unless the environment says otherwise.
    pub default: bool,
    /// References that must be there when it is on.
    pub requires: Vec<Vec<String>>,
    /// For people.
    pub title: Option<String>,
}

//! Where an environment stands: what is wanted, what was last verified, what a run under way would
//! make of it, and what the cloud runs, read back now.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::cloud::{MAIN, RunningService, RunningTask};
use crate::environment::model::{Workload, WorkloadKind};
use crate::failure::Result;
use crate::fs;
use crate::receipt::Lock;
use crate::receipt::history::{self, Entry};
use crate::run::Run;

/// How many reasons of stopped tasks are told.
const MOST_REASONS: usize = 3;

/// Where an environment stands.
#[derive(Clone, Debug, Serialize)]
pub struct Status {
    /// Its name.
    pub environment: String,
    /// Twelve digits.
    pub account: String,
    /// `account`, or `project` on Google Cloud.
    pub pinned_to: &'static str,
    /// `eu-central-1`.
    pub region: String,
    /// The tag in environment.hcl.
    pub wanted: String,
    /// The tag in landfall.lock: last verified.
    pub locked: Option<String>,
    /// The tag in landfall.next.lock: an update that is under way, or did not end.
    pub candidate: Option<String>,
    /// What runs.
    pub services: Vec<ServiceStatus>,
    /// The newest receipt.
    pub last_run: Option<LastRun>,
    /// The command to type now.
    pub next: String,
}

/// Which release an image belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Origin {
    /// The one in landfall.lock.
    Locked,
    /// The one in landfall.next.lock.
    Candidate,
    /// The one that environment.hcl names, which was never verified.
    Wanted,
    /// None of them.
    Unknown,
}

/// One service as the platform has it.
#[derive(Clone, Debug, Serialize)]
pub struct ServiceStatus {
    /// The kit's name of it.
    pub service: String,
    /// Whether the platform has it at all.
    pub exists: bool,
    /// Wanted tasks.
    pub desired: u32,
    /// Running tasks.
    pub tasks: usize,
    /// Digests that they run, each once.
    pub digests: BTreeSet<String>,
    /// The release that all of them belong to; `None` if no task runs.
    pub origin: Option<Origin>,
    /// Its tag, if it is known.
    pub tag: Option<String>,
    /// Whether the locked release runs, as many tasks as wanted, healthy, with nothing under way.
    pub as_locked: bool,
    /// The platform's word: `COMPLETED`, `IN_PROGRESS`, `FAILED`.
    pub rollout: String,
    /// Why, in the platform's words, if the service is not steady.
    pub reasons: Vec<String>,
    /// `2 of 2 targets healthy`, for each target group.
    pub targets: Vec<String>,
}

/// The newest receipt.
#[derive(Clone, Debug, Serialize)]
pub struct LastRun {
    /// Run id.
    pub run: String,
    /// `update acme`.
    pub command: String,
    /// When it ended, UTC.
    pub at: String,
    /// Who was calling.
    pub who: Option<String>,
    /// Where it went, or was to go.
    pub to: Option<String>,
    /// `verified`, `returned`, `failed`, `interrupted`.
    pub result: String,
    /// The step at which it stopped.
    pub step: Option<String>,
    /// What went wrong, and the evidence.
    pub why: Vec<String>,
}

/// A release by its images: what `landfall.lock` and `landfall.next.lock` have in common.
#[derive(Deserialize)]
struct Release {
    release: Tag,
    #[serde(default)]
    images: BTreeMap<String, String>,
}

#[derive(Deserialize)]
struct Tag {
    tag: String,
}

/// Reads all of it; changes nothing.
pub async fn look(run: &Run) -> Result<Status> {
    let identity = run.check_identity().await?;
    let lock = Lock::read(&run.folder().join("landfall.lock"))?;
    let candidate = fs::read_if_present(&run.folder().join("landfall.next.lock"))?;
    // A candidate of another form is still one; only its images are not known.
    let candidate: Option<Release> =
        candidate.and_then(|bytes| serde_json::from_slice(&bytes).ok());
    let locked =
        lock.map(|lock| Release { release: Tag { tag: lock.release.tag }, images: lock.images });
    let mut services = Vec::new();
    for workload in &run.environment.workloads {
        if matches!(workload.kind, WorkloadKind::Service(_)) {
            services.push(one(run, workload, locked.as_ref(), candidate.as_ref()).await?);
        }
    }
    let last_run = match run.cloud.state_store(run.bucket()).await? {
        Some(_) => history::last(run.cloud.as_ref(), run.bucket()).await?.map(last_run),
        None => None,
    };
    let tag = |release: Option<Release>| release.map(|release| release.release.tag);
    let mut status = Status {
        environment: run.environment.name.clone(),
        account: identity.account,
        pinned_to: run.environment.target.cloud.account(),
        region: identity.region,
        wanted: run.environment.release.clone(),
        locked: tag(locked),
        candidate: tag(candidate),
        services,
        last_run,
        next: String::new(),
    };
    status.next = next(&status);
    Ok(status)
}

/// The command that brings it further, or shows that there is nothing to bring.
fn next(status: &Status) -> String {
    let name = &status.environment;
    let right = status.services.iter().all(|service| service.as_locked);
    match (&status.locked, &status.candidate) {
        (None, _) => format!("landfall install {name}"),
        (Some(_), Some(candidate)) => format!("landfall update {name} {candidate}"),
        (Some(locked), None) if right && *locked == status.wanted => {
            format!("landfall plan {name}")
        }
        (Some(_), None) => format!("landfall update {name}"),
    }
}

fn last_run(entry: Entry) -> LastRun {
    let to = entry.to().map(str::to_owned);
    let record = entry.record;
    LastRun {
        run: entry.run,
        command: record.command,
        at: record.at,
        who: record.caller.map(|caller| caller.arn),
        to,
        result: record.result,
        step: record.step,
        why: record.what.into_iter().chain(record.because).collect(),
    }
}

async fn one(
    run: &Run,
    workload: &Workload,
    locked: Option<&Release>,
    candidate: Option<&Release>,
) -> Result<ServiceStatus> {
    let (cluster, name) = (&run.environment.name, &workload.resource_name);
    let mut status = ServiceStatus {
        service: workload.name.clone(),
        exists: false,
        desired: 0,
        tasks: 0,
        digests: BTreeSet::new(),
        origin: None,
        tag: None,
        as_locked: false,
        rollout: String::new(),
        reasons: Vec::new(),
        targets: Vec::new(),
    };
    let Some(service) = run.cloud.service(cluster, name).await? else { return Ok(status) };
    let tasks = run.cloud.running_tasks(cluster, name).await?;
    status.exists = true;
    status.desired = service.desired;
    status.tasks = tasks.len();
    status.rollout.clone_from(&service.rollout);
    status.digests = tasks.iter().map(|task| task.digest.clone()).collect();
    let mut origins = Vec::new();
    for task in &tasks {
        origins.push(origin(run, workload, task, locked, candidate).await?);
    }
    // Two releases at once are none of them.
    if let [first, rest @ ..] = origins.as_slice() {
        let same = rest.iter().all(|other| other == first);
        let (origin, tag) = if same { first.clone() } else { (Origin::Unknown, None) };
        status.origin = Some(origin);
        status.tag = tag;
    }
    let healthy = health(run, &service, &mut status).await?;
    let steady = service.rollout != "FAILED"
        && service.rollout != "IN_PROGRESS"
        && service.deployments <= 1
        && healthy
        && service.desired > 0
        && u32::try_from(tasks.len()).is_ok_and(|count| count == service.desired);
    status.as_locked = steady && status.origin == Some(Origin::Locked);
    if !steady {
        reasons(run, name, &service, &mut status).await?;
    }
    Ok(status)
}

/// Which release a task runs: its definition names the image, and what runs must be one of that
/// image's digests as far as they are known.
async fn origin(
    run: &Run,
    workload: &Workload,
    task: &RunningTask,
    locked: Option<&Release>,
    candidate: Option<&Release>,
) -> Result<(Origin, Option<String>)> {
    let definition = run.cloud.task_definition(&task.task_definition).await?;
    let main = definition.containers.into_iter().find(|container| container.name == MAIN);
    let image = main.map(|container| container.image).unwrap_or_default();
    let image = workload.as_locked(&run.environment.target, &image);
    let wanted = image == workload.image.reference();
    if image.is_empty() || (wanted && !workload.image.is(&task.digest)) {
        return Ok((Origin::Unknown, None));
    }
    let of = |release: Option<&Release>| {
        let release = release.filter(|it| it.images.get(&workload.name) == Some(&image))?;
        Some(release.release.tag.clone())
    };
    Ok(if let Some(tag) = of(locked) {
        (Origin::Locked, Some(tag))
    } else if let Some(tag) = of(candidate) {
        (Origin::Candidate, Some(tag))
    } else if wanted {
        (Origin::Wanted, Some(run.environment.release.clone()))
    } else {
        (Origin::Unknown, None)
    })
}

/// Whether every target that is not on its way out is healthy.
async fn health(run: &Run, service: &RunningService, status: &mut ServiceStatus) -> Result<bool> {
    let mut all = true;
    for group in &service.target_groups {
        let targets = run.cloud.target_health(group).await?;
        let serving: Vec<_> = targets.iter().filter(|it| it.state != "draining").collect();
        let healthy = serving.iter().filter(|it| it.state == "healthy").count();
        all &= healthy == serving.len() && healthy >= service.desired as usize;
        status.targets.push(format!("{healthy} of {} targets healthy", serving.len()));
        let ill = serving.iter().find(|it| it.state != "healthy");
        status
            .reasons
            .extend(ill.map(|it| format!("target {}: {} {}", it.id, it.state, it.reason)));
    }
    Ok(all)
}

/// Why a service is not steady, in the platform's words.
async fn reasons(
    run: &Run,
    name: &str,
    service: &RunningService,
    status: &mut ServiceStatus,
) -> Result<()> {
    if !service.rollout_reason.is_empty() {
        status.reasons.insert(0, service.rollout_reason.clone());
    }
    let stopped = run.cloud.stopped_tasks(&run.environment.name, name).await?;
    let mut told = BTreeSet::new();
    let fresh = stopped.into_iter().filter(|task| told.insert(task.reason.clone()));
    let texts = fresh.take(MOST_REASONS).map(|task| format!("a task stopped: {}", task.reason));
    status.reasons.extend(texts);
    Ok(())
}

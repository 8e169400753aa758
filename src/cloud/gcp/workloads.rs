//! Services and worker pools of Cloud Run: which revision serves, and how its rollout goes.
//!
//! Cloud Run shows no single instances, so the revision that serves stands for as many as are
//! wanted: it is ready, or none of them is.

use serde::Deserialize;

use super::Gcp;
use super::containers;
use super::names::short;
use super::rest::Request;
use super::revisions::{self, Condition, Revision};
use crate::cloud::{RunningService, RunningTask, ServiceEvent, TargetHealth};
use crate::failure::Result;

/// `run.v2#GoogleCloudRunV2Service` and `run.v2#GoogleCloudRunV2WorkerPool`: they differ in how
/// they call the share of a revision.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Workload {
    pub(super) name: String,
    delete_time: Option<String>,
    reconciling: bool,
    latest_ready_revision: String,
    latest_created_revision: String,
    terminal_condition: Condition,
    conditions: Vec<Condition>,
    scaling: Scaling,
    template: Template,
    traffic_statuses: Vec<Share>,
    instance_split_statuses: Vec<Share>,
}

/// `run.v2#GoogleCloudRunV2ServiceScaling`, `run.v2#GoogleCloudRunV2WorkerPoolScaling`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Scaling {
    #[serde(rename = "scalingMode")]
    mode: String,
    min_instance_count: u32,
    manual_instance_count: Option<u32>,
}

/// `run.v2#GoogleCloudRunV2RevisionTemplate`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct Template {
    scaling: RevisionScaling,
}

/// `run.v2#GoogleCloudRunV2RevisionScaling`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct RevisionScaling {
    min_instance_count: u32,
}

/// `run.v2#GoogleCloudRunV2TrafficTargetStatus`, `run.v2#GoogleCloudRunV2InstanceSplitStatus`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct Share {
    /// Short; empty if it is whichever is the latest ready one.
    revision: String,
    percent: u32,
}

impl Workload {
    fn is_worker_pool(&self) -> bool {
        self.name.contains("/workerPools/")
    }

    /// Full names of the revisions that get a share, the largest first.
    fn serving(&self) -> Vec<String> {
        let shares = if self.is_worker_pool() {
            &self.instance_split_statuses
        } else {
            &self.traffic_statuses
        };
        let mut shares: Vec<&Share> = shares.iter().filter(|share| share.percent > 0).collect();
        shares.sort_by_key(|share| std::cmp::Reverse(share.percent));
        let mut names: Vec<String> = Vec::new();
        for share in shares {
            let name = self.full_name(&share.revision);
            if !names.contains(&name) {
                names.push(name);
            }
        }
        // Without a status yet, the latest ready one is what serves.
        if names.is_empty() && !self.latest_ready_revision.is_empty() {
            names.push(self.full_name(""));
        }
        names
    }

    fn full_name(&self, revision: &str) -> String {
        let revision = if revision.is_empty() { &self.latest_ready_revision } else { revision };
        if revision.contains('/') || revision.is_empty() {
            return revision.to_owned();
        }
        format!("{}/revisions/{revision}", self.name)
    }

    /// How many instances are wanted at least.
    fn desired(&self) -> u32 {
        let manual = self.scaling.manual_instance_count;
        if self.is_worker_pool() || self.scaling.mode == "MANUAL" {
            return manual.unwrap_or(1);
        }
        // The two minimums add up to nothing: either keeps as many alive.
        self.scaling.min_instance_count.max(self.template.scaling.min_instance_count).max(1)
    }

    fn rollout(&self) -> &'static str {
        if self.terminal_condition.has_failed() {
            "FAILED"
        } else if self.terminal_condition.has_succeeded() && !self.reconciling {
            "COMPLETED"
        } else {
            "IN_PROGRESS"
        }
    }

    /// One is steady; a revision that is on its way counts, one that failed does not.
    fn deployments(&self, serving: usize) -> u32 {
        let under_way = u32::from(self.rollout() == "IN_PROGRESS");
        u32::try_from(serving).unwrap_or(u32::MAX).max(1) + under_way
    }

    /// Why the rollout is as it is: the terminal condition, then what else failed.
    fn reason(&self) -> String {
        if self.rollout() == "COMPLETED" {
            return String::new();
        }
        let failed = self.conditions.iter().filter(|it| it.has_failed());
        let mut words: Vec<String> = Vec::new();
        for text in
            std::iter::once(&self.terminal_condition).chain(failed).filter_map(Condition::words)
        {
            let text = text.split("Logs URL:").next().unwrap_or_default().trim().to_owned();
            if !words.contains(&text) {
                words.push(text);
            }
        }
        words.join("; ")
    }

    /// What its conditions say, newest first: Cloud Run keeps no other history.
    fn events(&self) -> Vec<ServiceEvent> {
        let all = std::iter::once(&self.terminal_condition).chain(&self.conditions);
        let mut events: Vec<ServiceEvent> = all
            .filter_map(|it| {
                Some(ServiceEvent { at: it.at(), message: format!("{}: {}", it.kind, it.words()?) })
            })
            .collect();
        events.sort_by_key(|event| std::cmp::Reverse(event.at));
        events
    }
}

/// The service or worker pool of this name; `None` if there is neither.
pub(super) async fn read(gcp: &Gcp, cluster: &str, name: &str) -> Result<Option<Workload>> {
    if name.contains('/') {
        return read_one(gcp, name, "run.services.get").await;
    }
    let place = gcp.place(cluster);
    let service = format!("{place}/services/{name}");
    if let Some(found) = read_one(gcp, &service, "run.services.get").await? {
        return Ok(Some(found));
    }
    read_one(gcp, &format!("{place}/workerPools/{name}"), "run.workerpools.get").await
}

async fn read_one(gcp: &Gcp, name: &str, right: &'static str) -> Result<Option<Workload>> {
    let call = gcp.call(format!("read `{name}`"), right, format!("`{name}`"));
    let request = Request::get(&gcp.endpoints.run, &format!("v2/{name}"))?;
    match gcp.rest.json(request).await {
        Ok(found) => Ok(Some(found)),
        Err(trouble) if trouble.is_not_found() => Ok(None),
        Err(trouble) => Err(call.failed(&trouble)),
    }
}

/// The revision that serves most.
async fn serving(gcp: &Gcp, workload: &Workload) -> Result<Option<Revision>> {
    match workload.serving().first() {
        Some(name) => revisions::read(gcp, name).await,
        None => Ok(None),
    }
}

pub(super) async fn service(
    gcp: &Gcp,
    cluster: &str,
    name: &str,
) -> Result<Option<RunningService>> {
    let Some(found) = read(gcp, cluster, name).await? else { return Ok(None) };
    let revision = serving(gcp, &found).await?;
    let serving = found.serving();
    let desired = found.desired();
    let target_groups = if found.is_worker_pool() { Vec::new() } else { vec![found.name.clone()] };
    Ok(Some(RunningService {
        name: short(&found.name).to_owned(),
        status: if found.delete_time.is_some() { "INACTIVE" } else { "ACTIVE" }.to_owned(),
        desired,
        running: if revision.is_some_and(|it| it.is_ready()) { desired } else { 0 },
        task_definition: serving.first().cloned().unwrap_or_default(),
        rollout: found.rollout().to_owned(),
        rollout_reason: found.reason(),
        deployments: found.deployments(serving.len()),
        target_groups,
        events: found.events(),
    }))
}

/// As many as are wanted, all of the revision that serves. With none that serves there is none.
pub(super) async fn running(gcp: &Gcp, cluster: &str, service: &str) -> Result<Vec<RunningTask>> {
    let Some(found) = read(gcp, cluster, service).await? else { return Ok(Vec::new()) };
    let Some(revision) = serving(gcp, &found).await? else { return Ok(Vec::new()) };
    let ready = revision.is_ready();
    let task = RunningTask {
        arn: revision.name.clone(),
        task_definition: revision.name.clone(),
        digest: containers::digest(&revision),
        status: if ready { "RUNNING" } else { "PENDING" }.to_owned(),
        health: if ready { "HEALTHY" } else { "UNHEALTHY" }.to_owned(),
    };
    Ok(vec![task; found.desired() as usize])
}

/// A serverless backend has no targets to ask: the readiness of the revision that serves stands
/// for them. `target_group` is the full name of the service.
pub(super) async fn health(gcp: &Gcp, target_group: &str) -> Result<Vec<TargetHealth>> {
    let Some(found) = read(gcp, "", target_group).await? else { return Ok(Vec::new()) };
    let Some(revision) = serving(gcp, &found).await? else { return Ok(Vec::new()) };
    let target = TargetHealth {
        id: short(&revision.name).to_owned(),
        state: if revision.is_ready() { "healthy" } else { "unhealthy" }.to_owned(),
        reason: revision.reason(),
    };
    Ok(vec![target; found.desired() as usize])
}

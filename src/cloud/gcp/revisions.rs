//! Revisions of Cloud Run: their conditions, and those that failed.

use jiff::Timestamp;
use serde::Deserialize;

use super::Gcp;
use super::containers::Container;
use super::names::short;
use super::rest::Request;
use super::workloads;
use crate::cloud::StoppedTask;
use crate::failure::Result;

/// Revisions that are looked at: Cloud Run lists the newest first, and the old ones are history.
const PAGE: &str = "50";

/// `run.v2#GoogleCloudRunV2Condition`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Condition {
    /// `Ready`, `Completed`, `ContainerHealthy`, ...
    #[serde(rename = "type")]
    pub(super) kind: String,
    /// `CONDITION_SUCCEEDED`, `CONDITION_FAILED`, `CONDITION_RECONCILING`, `CONDITION_PENDING`.
    state: String,
    message: String,
    /// At most one of the four is written.
    reason: Option<String>,
    revision_reason: Option<String>,
    execution_reason: Option<String>,
    last_transition_time: Option<Timestamp>,
}

impl Condition {
    /// Whether it came out well.
    pub(super) fn has_succeeded(&self) -> bool {
        self.state == "CONDITION_SUCCEEDED"
    }

    /// Whether it came out badly.
    pub(super) fn has_failed(&self) -> bool {
        self.state == "CONDITION_FAILED"
    }

    /// Whether it came out.
    pub(super) fn is_final(&self) -> bool {
        self.has_succeeded() || self.has_failed()
    }

    /// Why: the message, or the reason's name if there is none.
    pub(super) fn words(&self) -> Option<String> {
        if !self.message.is_empty() {
            return Some(self.message.clone());
        }
        self.reason_name().map(str::to_owned)
    }

    /// `SECRETS_ACCESS_CHECK_FAILED`, `NON_ZERO_EXIT_CODE`.
    pub(super) fn reason_name(&self) -> Option<&str> {
        let names = [&self.reason, &self.revision_reason, &self.execution_reason];
        names.into_iter().find_map(Option::as_deref)
    }

    /// Since when, in milliseconds since 1970.
    pub(super) fn at(&self) -> i64 {
        self.last_transition_time.map(Timestamp::as_millisecond).unwrap_or_default()
    }
}

/// `run.v2#GoogleCloudRunV2Revision`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Revision {
    pub(super) name: String,
    conditions: Vec<Condition>,
    pub(super) containers: Vec<Container>,
    pub(super) container_statuses: Vec<ContainerStatus>,
}

/// `run.v2#GoogleCloudRunV2ContainerStatus`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct ContainerStatus {
    pub(super) name: String,
    pub(super) image_digest: String,
}

/// `run.v2#GoogleCloudRunV2ListRevisionsResponse`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Revisions {
    revisions: Vec<Revision>,
}

impl Revision {
    fn condition(&self, kind: &str) -> Option<&Condition> {
        self.conditions.iter().find(|it| it.kind == kind)
    }

    /// Whether it can serve.
    pub(super) fn is_ready(&self) -> bool {
        self.condition("Ready").is_some_and(Condition::has_succeeded)
    }

    /// Why it cannot.
    pub(super) fn reason(&self) -> String {
        let ready = self.condition("Ready").filter(|it| !it.has_succeeded());
        let others = self.conditions.iter().filter(|it| it.kind != "Ready" && it.has_failed());
        let mut reasons: Vec<String> = Vec::new();
        for reason in ready.into_iter().chain(others).filter_map(Condition::words) {
            let reason = self.comparable(&reason);
            if !reasons.iter().any(|known| known.contains(&reason)) {
                reasons.push(reason);
            }
        }
        reasons.join("; ")
    }

    /// The revision's own name and the address of its log are left out, so that equal reasons are
    /// equal texts.
    fn comparable(&self, reason: &str) -> String {
        let reason = reason.split("Logs URL:").next().unwrap_or_default();
        reason.replace(short(&self.name), "<revision>").trim().to_owned()
    }
}

/// The revisions of a service or worker pool that failed, newest first: Cloud Run does not keep
/// single instances.
pub(super) async fn failed(gcp: &Gcp, cluster: &str, service: &str) -> Result<Vec<StoppedTask>> {
    let Some(found) = workloads::read(gcp, cluster, service).await? else { return Ok(Vec::new()) };
    let name = &found.name;
    let call = gcp.call(
        format!("list the revisions of `{name}`"),
        "run.revisions.list",
        format!("`{name}`"),
    );
    let path = format!("v2/{name}/revisions");
    let request = Request::get(&gcp.endpoints.run, &path)?.query("pageSize", PAGE);
    let page: Revisions = gcp.rest.json(request).await.map_err(|trouble| call.failed(&trouble))?;
    let mut stopped: Vec<StoppedTask> = page.revisions.iter().filter_map(stopped).collect();
    stopped.sort_by_key(|task| std::cmp::Reverse(task.stopped_at));
    Ok(stopped)
}

/// One that was retired is not ready either, and nothing is wrong with it.
fn stopped(revision: &Revision) -> Option<StoppedTask> {
    let ready = revision.condition("Ready").filter(|it| it.has_failed())?;
    if matches!(ready.reason_name(), Some("RETIRED" | "RETIRING")) {
        return None;
    }
    Some(StoppedTask {
        arn: revision.name.clone(),
        task_definition: revision.name.clone(),
        reason: revision.reason(),
        stopped_at: ready.at(),
    })
}

/// A revision by its full name; `None` if there is none.
pub(super) async fn read(gcp: &Gcp, name: &str) -> Result<Option<Revision>> {
    let call =
        gcp.call(format!("read revision `{name}`"), "run.revisions.get", format!("`{name}`"));
    let request = Request::get(&gcp.endpoints.run, &format!("v2/{name}"))?;
    match gcp.rest.json(request).await {
        Ok(found) => Ok(Some(found)),
        Err(trouble) if trouble.is_not_found() => Ok(None),
        Err(trouble) => Err(call.failed(&trouble)),
    }
}

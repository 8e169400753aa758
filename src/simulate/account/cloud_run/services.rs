//! Services and worker pools of Cloud Run as they are read back. Everything follows from applied
//! resources: a template that somebody changed in the console makes a revision as well.

use serde_json::Value as Json;

use super::super::content::Content;
use super::super::workloads::{digest, last, main, text};
use super::revisions::Revisions;
use super::templates::containers;
use super::{JOB, SERVICE, WORKER_POOL};
use crate::cloud::{
    RunningService, RunningTask, ServiceEvent, StoppedTask, TargetHealth, TaskDefinition,
};

/// Wanted instances: what a worker pool says, and at least one of a service.
fn desired(kind: &str, state: &Json) -> u32 {
    let number = |json: &Json| json.as_u64().and_then(|number| u32::try_from(number).ok());
    let own = &state["scaling"][0];
    if kind == WORKER_POOL {
        return number(&own["manual_instance_count"]).unwrap_or(1);
    }
    let of_template = number(&state["template"][0]["scaling"][0]["min_instance_count"]);
    if text(own, "scaling_mode") == "MANUAL" {
        return number(&own["manual_instance_count"]).unwrap_or(1);
    }
    let of_service = number(&own["min_instance_count"]);
    of_service.into_iter().chain(of_template).max().unwrap_or_default().max(1)
}

impl Content {
    /// A service or worker pool by the last part of its name.
    fn run_state(&self, name: &str) -> Option<(&'static str, &Json)> {
        let kinds = [SERVICE, WORKER_POOL].into_iter();
        let mut all = kinds.flat_map(|kind| self.states(kind).map(move |state| (kind, state)));
        all.find(|(_, state)| text(state, "name") == last(name))
    }

    /// What the platform says of a service or worker pool by now, for whoever reads it.
    pub(in super::super) fn run_refreshed(&mut self, kind: &str, state: &mut Json) {
        if [SERVICE, WORKER_POOL].contains(&kind) {
            self.revise(kind, state, None);
        }
    }

    /// A service as the platform sees it. Its task definition is the revision that serves.
    pub(in super::super) fn run_service(&mut self, name: &str) -> Option<RunningService> {
        let (kind, state) = self.run_state(name)?;
        let mut state = state.clone();
        self.revise(kind, &mut state, None);
        let revisions = self.cloud_run.get(text(&state, "id"))?;
        let serving = revisions.serving(&state);
        let failed = revisions.newest().and_then(|newest| newest.failed.clone());
        let steady = failed.is_none() && serving.is_some();
        let desired = desired(kind, &state);
        let reached = kind == SERVICE && self.is_reached(text(&state, "name"));
        let target_groups = reached.then(|| text(&state, "id").to_owned()).into_iter().collect();
        let event = |(at, message): (i64, String)| ServiceEvent { at, message };
        let events = revisions.newest_first().map(|revision| {
            let ready = || format!("Revision '{}' is ready.", last(&revision.name));
            (revision.at, revision.failed.clone().unwrap_or_else(ready))
        });
        Some(RunningService {
            name: text(&state, "name").to_owned(),
            status: "ACTIVE".to_owned(),
            desired,
            running: if serving.is_some() { desired } else { 0 },
            task_definition: serving.map(|it| it.name.clone()).unwrap_or_default(),
            rollout: if steady { "COMPLETED" } else { "FAILED" }.to_owned(),
            rollout_reason: failed.unwrap_or_default(),
            deployments: 1,
            target_groups,
            events: events.map(event).collect(),
        })
    }

    /// An entry for each wanted instance of what serves.
    pub(in super::super) fn run_instances(&self, name: &str) -> Vec<RunningTask> {
        let Some((kind, state)) = self.run_state(name) else { return Vec::new() };
        let revisions = self.cloud_run.get(text(state, "id"));
        let Some(serving) = revisions.and_then(|it| it.serving(state)) else {
            return Vec::new();
        };
        let image = main(containers(&serving.template)).map(|main| main.image).unwrap_or_default();
        let task = |_| RunningTask {
            arn: serving.name.clone(),
            task_definition: serving.name.clone(),
            digest: digest(&image),
            status: "RUNNING".to_owned(),
            health: "HEALTHY".to_owned(),
        };
        (0..desired(kind, state)).map(task).collect()
    }

    /// Revisions that did not become ready, newest first.
    pub(in super::super) fn failed_revisions(&self, name: &str) -> Vec<StoppedTask> {
        let state = self.run_state(name).map(|(_, state)| text(state, "id"));
        let revisions = state.and_then(|id| self.cloud_run.get(id));
        let all = revisions.into_iter().flat_map(Revisions::newest_first);
        let failed = all.filter_map(|revision| {
            Some(StoppedTask {
                arn: revision.name.clone(),
                task_definition: revision.name.clone(),
                reason: revision.failed.clone()?,
                stopped_at: revision.at,
            })
        });
        failed.collect()
    }

    /// What a revision or a job says.
    pub(in super::super) fn run_definition(&self, reference: &str) -> Option<TaskDefinition> {
        let revision = self.cloud_run.values().find_map(|revisions| revisions.find(reference));
        if let Some(revision) = revision {
            let containers = containers(&revision.template);
            return Some(TaskDefinition { arn: revision.name.clone(), containers });
        }
        let named =
            |state: &&Json| text(state, "id") == reference || text(state, "name") == reference;
        let job = self.states(JOB).find(named)?;
        let containers = containers(&job["template"]);
        Some(TaskDefinition { arn: text(job, "id").to_owned(), containers })
    }

    /// Whether a load balancer's backend sends requests to a service, through an endpoint group.
    fn is_reached(&self, service: &str) -> bool {
        let groups = self.states("google_compute_region_network_endpoint_group");
        let groups: Vec<&str> = groups
            .filter(|group| text(&group["cloud_run"][0], "service") == service)
            .map(|group| text(group, "id"))
            .collect();
        self.states("google_compute_backend_service").any(|backend| {
            let blocks = backend["backend"].as_array().into_iter().flatten();
            let mut to = blocks.map(|block| text(block, "group"));
            to.any(|to| groups.iter().any(|group| to.ends_with(group)))
        })
    }

    /// A serverless backend has no targets: whether a revision of the service serves, once for each
    /// wanted instance. As on the real side the service itself stands for its target group.
    pub(in super::super) fn backend_health(&self, service: &str) -> Vec<TargetHealth> {
        let Some(state) = self.states(SERVICE).find(|state| text(state, "id") == service) else {
            return Vec::new();
        };
        let revisions = self.cloud_run.get(service);
        let serving = revisions.and_then(|it| it.serving(state));
        let failed = revisions.and_then(|it| it.newest()?.failed.clone());
        let target = |_| TargetHealth {
            id: serving.map_or(last(service), |serving| last(&serving.name)).to_owned(),
            state: if serving.is_some() { "healthy" } else { "unhealthy" }.to_owned(),
            reason: failed.clone().filter(|_| serving.is_none()).unwrap_or_default(),
        };
        (0..desired(SERVICE, state)).map(target).collect()
    }
}

//! While terraform waits for services to become steady, the platform is asked how they do: a
//! failed rollout, or three tasks that stopped with the same reason, ends the wait.

use std::collections::BTreeMap;

use super::context::Run;
use super::jobs::read_log;
use crate::cancel::Cancel;
use crate::cloud::{RunningService, StoppedTask};
use crate::environment::model::{Workload, WorkloadKind};
use crate::failure::{Failure, Result};
use crate::workspace::Layer;

/// How many tasks must stop with the same reason.
const ENOUGH: usize = 3;

/// A service that the platform gave up, or that we did.
pub(super) struct Rejected {
    service: String,
    log_group: String,
    reasons: Vec<String>,
}

impl Rejected {
    /// What is told: the reasons, where the log is, what to type.
    pub(super) fn into_failure(self, run: &Run) -> Failure {
        let mut failure =
            Failure::failed(format!("service {} does not become healthy", self.service));
        for reason in self.reasons {
            failure = failure.because(reason);
        }
        failure
            .because("what was serving before still serves; nothing after this step was changed")
            .next(read_log(run.environment.target.cloud, &self.log_group))
            .next(format!("mend the cause, then run `landfall {}` again", run.command))
    }
}

/// Returns when a service was rejected, after asking terraform to stop; never else.
pub(super) async fn watch(run: &Run, layer: Layer, scope: &Cancel) -> Rejected {
    if layer != Layer::Services {
        return std::future::pending().await;
    }
    let started = jiff::Timestamp::now().as_millisecond();
    let mut earlier = failed_before(run).await;
    loop {
        tokio::time::sleep(run.engine.pace()).await;
        for workload in services(run) {
            // An answer that does not come is no reason to stop: terraform waits as well.
            if let Ok(Some(reasons)) = rejected(run, workload, started, &mut earlier).await {
                scope.request();
                return Rejected {
                    service: workload.name.clone(),
                    log_group: workload.log_group.clone(),
                    reasons,
                };
            }
        }
    }
}

fn services(run: &Run) -> impl Iterator<Item = &Workload> {
    let all = run.environment.workloads.iter();
    all.filter(|workload| matches!(workload.kind, WorkloadKind::Service(_)))
}

/// Services whose rollout failed in an earlier run, with what failed: they
/// stay like that until terraform comes to them, which says nothing about this run.
async fn failed_before(run: &Run) -> BTreeMap<String, String> {
    let mut failed = BTreeMap::new();
    for workload in services(run) {
        let found = run.cloud.service(&run.environment.name, &workload.resource_name).await;
        if let Ok(Some(service)) = found
            && service.rollout == "FAILED"
        {
            failed.insert(workload.name.clone(), mark(&service));
        }
    }
    failed
}

/// What tells one failed rollout from another. Cloud Run goes on naming the revision that serves;
/// the one that failed is in its reason.
fn mark(service: &RunningService) -> String {
    format!("{} {}", service.task_definition, service.rollout_reason)
}

async fn rejected(
    run: &Run,
    workload: &Workload,
    started: i64,
    earlier: &mut BTreeMap<String, String>,
) -> Result<Option<Vec<String>>> {
    let cluster = &run.environment.name;
    let Some(service) = run.cloud.service(cluster, &workload.resource_name).await? else {
        earlier.remove(&workload.name);
        return Ok(None);
    };
    let failed = service.rollout == "FAILED";
    let as_before = earlier.get(&workload.name) == Some(&mark(&service));
    if failed && as_before {
        return Ok(None);
    }
    earlier.remove(&workload.name);
    let stopped = run.cloud.stopped_tasks(cluster, &workload.resource_name).await?;
    let recent: Vec<&StoppedTask> =
        stopped.iter().filter(|task| task.stopped_at >= started).collect();
    if failed {
        let mut reasons = vec![service.rollout_reason];
        reasons.extend(recent.first().map(|task| task.reason.clone()));
        return Ok(Some(reasons));
    }
    let mut counts: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    for task in recent {
        *counts.entry((&task.task_definition, &task.reason)).or_default() += 1;
    }
    Ok(counts.into_iter().find(|(_, count)| *count >= ENOUGH).map(|((_, reason), count)| {
        vec![format!("{count} tasks stopped with the same reason"), reason.to_owned()]
    }))
}

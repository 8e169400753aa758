//! What runs, as the simulated cloud reads it back: each platform answers for itself.

use serde_json::Value as Json;

use super::Account;
use crate::cloud::{MAIN, TaskDefinition};
use crate::cloud::{RunningService, RunningTask, StoppedTask, TargetHealth, TaskContainer};
use crate::failure::{Failure, Result};
use crate::simulate::faults::Faults;
use crate::simulate::platform::Platform;

/// An attribute that is text; empty if it is not there.
pub(super) fn text<'a>(state: &'a Json, name: &str) -> &'a str {
    state[name].as_str().unwrap_or_default()
}

/// The last part of a name, path or ARN.
pub(super) fn last(name: &str) -> &str {
    name.rsplit('/').next().unwrap_or(name)
}

/// The container that the product runs in: `main`, or the first.
pub(super) fn main(mut all: Vec<TaskContainer>) -> Option<TaskContainer> {
    let at = all.iter().position(|container| container.name == MAIN).unwrap_or_default();
    (at < all.len()).then(|| all.swap_remove(at))
}

/// The digest that an image reference names; empty if it names none: then nothing is proved.
pub(super) fn digest(image: &str) -> String {
    image.split_once('@').map_or(String::new(), |(_, digest)| digest.to_owned())
}

impl Account {
    /// A service as the platform sees it.
    pub(crate) fn service(
        &self,
        cluster: &str,
        name: &str,
        faults: &Faults,
    ) -> Option<RunningService> {
        let mut content = self.content();
        match content.platform() {
            Platform::Aws => content.ecs_service(cluster, name, faults),
            Platform::Google => content.run_service(name),
        }
    }

    /// The tasks that serve.
    pub(crate) fn running_tasks(&self, cluster: &str, name: &str) -> Vec<RunningTask> {
        let content = self.content();
        match content.platform() {
            Platform::Aws => content.ecs_running(cluster, name),
            Platform::Google => content.run_instances(name),
        }
    }

    /// The tasks that stopped lately, newest first.
    pub(crate) fn stopped_tasks(&self, cluster: &str, name: &str) -> Vec<StoppedTask> {
        let content = self.content();
        match content.platform() {
            Platform::Aws => content.ecs_stopped(cluster, name),
            Platform::Google => content.failed_revisions(name),
        }
    }

    /// The health of what a load balancer sends requests to.
    pub(crate) fn target_health(&self, group: &str) -> Vec<TargetHealth> {
        let content = self.content();
        match content.platform() {
            Platform::Aws => content.target_group_health(group),
            Platform::Google => content.backend_health(group),
        }
    }

    /// What a task definition, a revision or a job says, as it was applied.
    pub(crate) fn task_definition(&self, reference: &str) -> Result<TaskDefinition> {
        let content = self.content();
        let (found, what, why) = match content.platform() {
            Platform::Aws => (
                content.task_definition(reference),
                "task definition",
                "ClientException: Unable to describe task definition",
            ),
            Platform::Google => (
                content.run_definition(reference),
                "revision or job",
                "NOT_FOUND: Resource not found",
            ),
        };
        found.ok_or_else(|| Failure::failed(format!("there is no {what} {reference}")).because(why))
    }
}

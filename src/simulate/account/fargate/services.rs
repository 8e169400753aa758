//! Services of ECS. Everything here is computed from applied resources; the account only remembers
//! which task definition a service's tasks came up with, and how others failed.

use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use super::super::content::Content;
use super::super::workloads::{digest, last, text};
use super::super::{Account, now};
use super::SERVICE;
use super::definitions::main_container;
use crate::cloud::{RunningService, RunningTask, ServiceEvent, StoppedTask, TargetHealth};
use crate::failure::Result;
use crate::simulate::faults::{Faults, Operation};
use crate::simulate::synthesise::{digits, hash, hex};

/// Stopped tasks and events that are remembered, as the platform forgets them too.
const REMEMBERED: usize = 20;

/// A service's deployments.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(in super::super) struct Rollout {
    /// The task definition whose tasks came up and serve.
    serving: Option<String>,
    /// Why tasks of the wanted one do not stay up (an injected fault).
    failing: Option<Failing>,
    /// The circuit breaker's words, after it gave up.
    given_up: Option<String>,
    stopped: Vec<Stopped>,
    events: Vec<(i64, String)>,
    /// Counts tasks, for their ids.
    tasks: u32,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
struct Failing {
    task_definition: String,
    reason: String,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
struct Stopped {
    arn: String,
    task_definition: String,
    reason: String,
    at: i64,
}

/// Why a service is not steady.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Blocked {
    /// How many tasks of the wanted definition stopped.
    pub(crate) stopped: usize,
}

impl Content {
    fn service(&self, cluster: &str, name: &str) -> Option<&Json> {
        self.states(SERVICE).find(|state| {
            text(state, "name") == last(name) && last(text(state, "cluster")) == last(cluster)
        })
    }

    /// The ARN of the task definition that a service should run.
    fn wanted(&self, service: &Json) -> Option<String> {
        let definition = self.definition(text(service, "task_definition"))?;
        Some(text(definition, "arn").to_owned())
    }

    /// Wanted tasks: what was applied, within the bounds of an applied scaling target.
    fn desired(&self, service: &Json) -> u32 {
        let id = format!("service/{}/{}", last(text(service, "cluster")), text(service, "name"));
        let target =
            self.states("aws_appautoscaling_target").find(|state| text(state, "resource_id") == id);
        let number = |json: &Json| json.as_u64().and_then(|n| u32::try_from(n).ok());
        let desired = number(&service["desired_count"]).unwrap_or_default();
        let Some(target) = target else { return desired };
        let most = number(&target["max_capacity"]).unwrap_or(u32::MAX);
        desired.min(most).max(number(&target["min_capacity"]).unwrap_or_default())
    }

    /// Lets time pass for a service: if nothing keeps its wanted tasks from starting, they serve.
    /// Returns what keeps them.
    fn settle(&mut self, service: &Json, faults: &Faults) -> Option<String> {
        let id = text(service, "id").to_owned();
        let wanted = self.wanted(service);
        let rollout = self.rollouts.entry(id.clone()).or_default();
        if wanted.is_some() && rollout.serving == wanted {
            return None;
        }
        let failing = rollout.failing.clone();
        let Some(wanted) = wanted else {
            return Some("ClientException: TaskDefinition not found".to_owned());
        };
        if let Some(failing) = failing.filter(|failing| failing.task_definition == wanted) {
            return Some(failing.reason);
        }
        let definition = self.definition(&wanted)?;
        if let Some(reason) = self.cannot_start(definition, faults) {
            return Some(reason);
        }
        let name = text(service, "name");
        let rollout = self.rollouts.entry(id).or_default();
        rollout.serving = Some(wanted);
        rollout.failing = None;
        rollout.given_up = None;
        rollout.say(format!("(service {name}) has reached a steady state."));
        None
    }

    fn task_arn(&self, service: &Json, seed: u64) -> String {
        let identity = &self.identity;
        let cluster = last(text(service, "cluster"));
        format!(
            "arn:{}:ecs:{}:{}:task/{cluster}/{}",
            identity.partition,
            identity.region,
            identity.account,
            hex(seed, 32)
        )
    }

    fn running(&self, service: &Json) -> Vec<RunningTask> {
        let rollout = self.rollouts.get(text(service, "id"));
        let Some(serving) = rollout.and_then(|rollout| rollout.serving.as_deref()) else {
            return Vec::new();
        };
        let image = self.definition(serving).and_then(main_container);
        let image = image.map(|container| container.image).unwrap_or_default();
        let checked = self.definition(serving).is_some_and(|definition| {
            text(definition, "container_definitions").contains("\"healthCheck\"")
        });
        let task = |number: u32| RunningTask {
            arn: self.task_arn(service, hash(&[serving.as_bytes(), &number.to_le_bytes()])),
            task_definition: serving.to_owned(),
            digest: digest(&image),
            status: "RUNNING".to_owned(),
            health: if checked { "HEALTHY" } else { "UNKNOWN" }.to_owned(),
        };
        (0..self.desired(service)).map(task).collect()
    }
}

impl Rollout {
    fn say(&mut self, message: String) {
        self.events.insert(0, (now(), message));
        self.events.truncate(REMEMBERED);
    }
}

fn target_groups(service: &Json) -> Vec<String> {
    let blocks = service["load_balancer"].as_array().into_iter().flatten();
    let groups = blocks.map(|block| text(block, "target_group_arn"));
    groups.filter(|group| !group.is_empty()).map(str::to_owned).collect()
}

/// For terraform's provider: deployments of a service.
impl Account {
    /// A new deployment begins: this is where a fault strikes it.
    pub(crate) fn begin_deployment(&self, service: &Json, faults: &Faults) -> Result<()> {
        let name = text(service, "name");
        let unhealthy = faults.strike(Operation::Unhealthy, name).map(|effect| {
            let group = target_groups(service).pop();
            let why = group.map_or("Task failed container health checks".to_owned(), |group| {
                format!("Task failed ELB health checks in (target-group {group})")
            });
            format!("{why} ({})", effect.label)
        });
        let crash = faults.strike(Operation::Crash, name).map(|effect| {
            let code = effect.exit.unwrap_or(1);
            format!("Essential container in task exited, exit code {code} ({})", effect.label)
        });
        self.change(|content| {
            let wanted = content.wanted(service).unwrap_or_default();
            let rollout = content.rollouts.entry(text(service, "id").to_owned()).or_default();
            rollout.given_up = None;
            rollout.stopped.clear();
            rollout.failing =
                unhealthy.or(crash).map(|reason| Failing { task_definition: wanted, reason });
            rollout.say(format!("(service {name}) has begun a deployment."));
        })
    }

    /// Lets a moment pass: the wanted tasks are up (`None`), or one more of them stopped.
    pub(crate) fn pass_time(&self, service: &Json, faults: &Faults) -> Result<Option<Blocked>> {
        self.change(|content| {
            let reason = content.settle(service, faults)?;
            let wanted = content.wanted(service).unwrap_or_default();
            let id = text(service, "id").to_owned();
            let number = content.rollouts.get(&id).map_or(0, |rollout| rollout.tasks);
            let arn = content.task_arn(service, hash(&[id.as_bytes(), &number.to_le_bytes()]));
            let name = text(service, "name");
            let rollout = content.rollouts.entry(id).or_default();
            rollout.tasks += 1;
            let message = format!("(service {name}) was unable to keep a task running: {reason}");
            rollout.say(message);
            let stopped = Stopped { arn, task_definition: wanted.clone(), reason, at: now() };
            rollout.stopped.insert(0, stopped);
            rollout.stopped.truncate(REMEMBERED);
            let of_wanted = |task: &&Stopped| task.task_definition == wanted;
            Some(Blocked { stopped: rollout.stopped.iter().filter(of_wanted).count() })
        })
    }

    /// The circuit breaker gives up; with `roll_back`, the task definition that it goes back to,
    /// if one serves.
    pub(crate) fn give_up(&self, service: &Json, roll_back: bool) -> Result<Option<String>> {
        self.change(|content| {
            let id = text(service, "id").to_owned();
            let rollout = content.rollouts.entry(id).or_default();
            let deployment = digits(hash(&[text(service, "id").as_bytes()]), 16);
            let name = text(service, "name");
            rollout.given_up =
                Some("ECS deployment circuit breaker: tasks failed to start.".to_owned());
            rollout.say(format!(
                "(service {name}) (deployment ecs-svc/{deployment}) deployment failed: tasks \
                 failed to start."
            ));
            let back = rollout.serving.clone().filter(|_| roll_back);
            if let Some(back) = &back {
                rollout.failing = None;
                rollout.say(format!("(service {name}) rolling back to {back}."));
            }
            back
        })
    }
}

/// For the simulated cloud: reading back.
impl Content {
    /// A service as the platform sees it.
    pub(in super::super) fn ecs_service(
        &mut self,
        cluster: &str,
        name: &str,
        faults: &Faults,
    ) -> Option<RunningService> {
        let service = self.service(cluster, name)?.clone();
        self.settle(&service, faults);
        let wanted = self.wanted(&service);
        let rollout = self.rollouts.get(text(&service, "id")).cloned().unwrap_or_default();
        let steady = rollout.serving.is_some() && rollout.serving == wanted;
        let (state, reason) = match (steady, &rollout.given_up) {
            (true, _) => ("COMPLETED", "ECS deployment completed.".to_owned()),
            (false, Some(reason)) => ("FAILED", reason.clone()),
            (false, None) => ("IN_PROGRESS", "ECS deployment in progress.".to_owned()),
        };
        let event = |(at, message): (i64, String)| ServiceEvent { at, message };
        Some(RunningService {
            name: text(&service, "name").to_owned(),
            status: "ACTIVE".to_owned(),
            desired: self.desired(&service),
            running: u32::try_from(self.running(&service).len()).unwrap_or(u32::MAX),
            task_definition: wanted.unwrap_or_else(|| text(&service, "task_definition").to_owned()),
            rollout: state.to_owned(),
            rollout_reason: reason,
            deployments: if steady || rollout.serving.is_none() { 1 } else { 2 },
            target_groups: target_groups(&service),
            events: rollout.events.into_iter().map(event).collect(),
        })
    }

    /// The tasks that serve.
    pub(in super::super) fn ecs_running(&self, cluster: &str, name: &str) -> Vec<RunningTask> {
        let service = self.service(cluster, name);
        service.map(|service| self.running(service)).unwrap_or_default()
    }

    /// The tasks that stopped lately, newest first.
    pub(in super::super) fn ecs_stopped(&self, cluster: &str, name: &str) -> Vec<StoppedTask> {
        let service = self.service(cluster, name);
        let rollout = service.and_then(|service| self.rollouts.get(text(service, "id")));
        let stopped = rollout.into_iter().flat_map(|rollout| &rollout.stopped);
        let task = |task: &Stopped| StoppedTask {
            arn: task.arn.clone(),
            task_definition: task.task_definition.clone(),
            reason: task.reason.clone(),
            stopped_at: task.at,
        };
        stopped.map(task).collect()
    }

    /// A target for each serving task, and one for a task that never gets healthy.
    pub(in super::super) fn target_group_health(&self, group: &str) -> Vec<TargetHealth> {
        let services = self
            .states(SERVICE)
            .filter(|service| target_groups(service).iter().any(|of| of == group));
        let mut targets = Vec::new();
        for service in services {
            let address = |seed: u64| format!("10.0.{}.{}", seed / 251 % 251, seed % 251 + 4);
            let healthy = self.running(service).into_iter().map(|task| TargetHealth {
                id: address(hash(&[task.arn.as_bytes()])),
                state: "healthy".to_owned(),
                reason: String::new(),
            });
            targets.extend(healthy);
            let rollout = self.rollouts.get(text(service, "id"));
            if rollout.is_some_and(|rollout| rollout.failing.is_some()) {
                targets.push(TargetHealth {
                    id: address(hash(&[group.as_bytes()])),
                    state: "unhealthy".to_owned(),
                    reason: "Target.FailedHealthChecks".to_owned(),
                });
            }
        }
        targets
    }
}

/// For terraform, which reads services back.
impl Account {
    /// What terraform reads back of a service: scaling may have moved its number of tasks.
    pub(crate) fn scaled(&self, service: &Json) -> u32 {
        self.content().desired(service)
    }
}

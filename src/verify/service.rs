//! The proof of one service.

use std::collections::BTreeSet;

use super::{Doubt, ServiceProof};
use crate::cloud::{Cloud, MAIN, RunningService, RunningTask, TaskDefinition};
use crate::environment::model::{Target, Workload, WorkloadKind};
use crate::failure::Result;
use crate::kit::model::CloudName;

/// What a cloud calls what it runs.
struct Terms {
    /// What says which containers run.
    definition: &'static str,
    /// One of those that run, with its name after it.
    task: &'static str,
    /// Many of them.
    tasks: &'static str,
}

impl Terms {
    fn of(cloud: CloudName) -> Self {
        match cloud {
            CloudName::Aws => Self { definition: "task definition", task: "task", tasks: "tasks" },
            // Instances have no names: they are known by their revision.
            CloudName::Gcp => {
                Self { definition: "revision", task: "an instance of", tasks: "instances" }
            }
        }
    }
}

/// Proves a service, or says everything that speaks against it.
pub(super) async fn prove(
    cloud: &dyn Cloud,
    cluster: &str,
    (target, workload): (&Target, &Workload),
    wanted: Option<&str>,
) -> Result<Result<ServiceProof, Vec<Doubt>>> {
    let name = &workload.resource_name;
    let Some(service) = cloud.service(cluster, name).await? else {
        return Ok(Err(vec![Doubt::wrong(format!("there is no service {name} in {cluster}"))]));
    };
    let definition = cloud.task_definition(&service.task_definition).await?;
    let tasks = cloud.running_tasks(cluster, name).await?;
    let mut doubts = Vec::new();
    let terms = Terms::of(target.cloud);
    steady(&terms, &service, wanted, &mut doubts);
    let image = right_image(&terms, (target, workload), &definition, &mut doubts);
    let digest = right_digest(&terms, workload, &service, &tasks, &mut doubts);
    let variables = variables_present(&terms, workload, &definition, &mut doubts);
    let health = healthy(cloud, workload, &service, &mut doubts).await?;
    // Instances of one revision have nothing else to say.
    doubts.dedup_by(|one, other| one.what == other.what);
    if !doubts.is_empty() {
        return Ok(Err(doubts));
    }
    Ok(Ok(ServiceProof {
        service: workload.name.clone(),
        image,
        digest,
        tasks: tasks.len(),
        health,
        task_definition: service.task_definition,
        variables,
    }))
}

/// G10: it runs the revision that terraform made, all of it, and nothing is under way.
fn steady(terms: &Terms, service: &RunningService, wanted: Option<&str>, doubts: &mut Vec<Doubt>) {
    if let Some(wanted) = wanted
        && wanted != service.task_definition
    {
        doubts.push(Doubt::wrong(format!(
            "it should run {wanted} and runs {}: the platform went back, or somebody changed it",
            service.task_definition
        )));
    }
    if service.status != "ACTIVE" {
        doubts.push(Doubt::wrong(format!("its status is {}", service.status)));
    }
    if service.desired == 0 {
        doubts.push(Doubt::wrong("nothing is wanted to run"));
    }
    if service.running != service.desired {
        let (running, desired) = (service.running, service.desired);
        doubts.push(Doubt::not_yet(format!("{running} of {desired} {} run", terms.tasks)));
    }
    if service.deployments > 1 || service.rollout == "IN_PROGRESS" {
        doubts.push(Doubt::not_yet("a deployment is under way"));
    }
    if service.rollout == "FAILED" {
        doubts.push(Doubt::wrong(format!("its rollout failed: {}", service.rollout_reason)));
    }
}

fn right_image(
    terms: &Terms,
    (target, workload): (&Target, &Workload),
    definition: &TaskDefinition,
    doubts: &mut Vec<Doubt>,
) -> String {
    let locked = workload.image.reference();
    let found = definition.containers.iter().find(|container| container.name == MAIN);
    let image = found.map(|container| container.image.clone()).unwrap_or_default();
    let image = workload.as_locked(target, &image);
    if image != locked {
        let definition = terms.definition;
        doubts.push(Doubt::wrong(format!("its {definition} has {image}, the lock has {locked}")));
    }
    image
}

/// G3: every running task runs a digest of the lock; an empty one is not proved.
fn right_digest(
    terms: &Terms,
    workload: &Workload,
    service: &RunningService,
    tasks: &[RunningTask],
    doubts: &mut Vec<Doubt>,
) -> String {
    let mut digest = String::new();
    if tasks.is_empty() {
        doubts.push(Doubt::not_yet(format!("none of its {} runs", terms.tasks)));
    }
    for task in tasks {
        let id = task.arn.rsplit('/').next().unwrap_or(&task.arn);
        let id = format!("{} {id}", terms.task);
        if task.task_definition != service.task_definition {
            doubts.push(Doubt::not_yet(format!("{id} still runs {}", task.task_definition)));
        } else if task.digest.is_empty() {
            doubts.push(Doubt::not_known(format!("{id} does not say which digest it runs")));
        } else if !workload.image.is(&task.digest) {
            doubts.push(Doubt::wrong(format!(
                "{id} runs {}, the lock has {}",
                task.digest, workload.image.digest
            )));
        }
        if task.health == "UNHEALTHY" {
            doubts.push(Doubt::not_yet(format!("{id} is unhealthy")));
        }
        digest.clone_from(&task.digest);
    }
    digest
}

/// G9: every required variable name is in the task that runs.
fn variables_present(
    terms: &Terms,
    workload: &Workload,
    definition: &TaskDefinition,
    doubts: &mut Vec<Doubt>,
) -> usize {
    let present: BTreeSet<&String> = definition
        .containers
        .iter()
        .filter(|container| container.name == MAIN)
        .flat_map(|container| container.environment.keys().chain(container.secrets.keys()))
        .collect();
    let required: Vec<&String> = workload
        .variables
        .iter()
        .filter(|(_, variable)| variable.required)
        .map(|(name, _)| name)
        .collect();
    for name in &required {
        if !present.contains(*name) {
            let what =
                format!("the variable {name} is missing in the running {}", terms.definition);
            doubts.push(Doubt::wrong(what));
        }
    }
    required.len()
}

async fn healthy(
    cloud: &dyn Cloud,
    workload: &Workload,
    service: &RunningService,
    doubts: &mut Vec<Doubt>,
) -> Result<String> {
    let routed = matches!(&workload.kind, WorkloadKind::Service(service)
        if service.http.as_ref().is_some_and(|http| !http.routes.is_empty()));
    if !routed {
        return Ok("steady".to_owned());
    }
    if service.target_groups.is_empty() {
        doubts.push(Doubt::wrong("it is not registered with a load balancer"));
    }
    let mut words = Vec::new();
    for group in &service.target_groups {
        // Targets of a task that is on its way out say nothing about the one that serves.
        let targets = cloud.target_health(group).await?;
        let serving: Vec<_> = targets.iter().filter(|it| it.state != "draining").collect();
        let healthy = serving.iter().filter(|target| target.state == "healthy").count();
        if healthy < service.desired as usize {
            let reason = serving.iter().find(|it| it.state != "healthy");
            let why = reason.map(|it| format!(": {} {}", it.state, it.reason)).unwrap_or_default();
            doubts.push(Doubt::not_yet(format!(
                "{healthy} of {} targets are healthy{why}",
                service.desired
            )));
        }
        words.push(format!("{healthy} of {} targets healthy", serving.len()));
    }
    Ok(words.join(", "))
}

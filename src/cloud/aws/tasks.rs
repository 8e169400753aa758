//! The tasks of ECS: which ones a service has, what they run, and why they stopped.

use aws_sdk_ecs::types::{Container, DesiredStatus, Task};

use super::Aws;
use crate::cloud::{MAIN, RunningTask, StoppedTask};
use crate::failure::Result;

/// How many tasks `DescribeTasks` takes at once.
const BATCH: usize = 100;

/// The tasks that a service wants to run, those that are still starting included.
pub(super) async fn running(aws: &Aws, cluster: &str, service: &str) -> Result<Vec<RunningTask>> {
    let tasks = of_service(aws, cluster, service, DesiredStatus::Running).await?;
    Ok(tasks
        .into_iter()
        .map(|task| RunningTask {
            digest: main_container(&task)
                .and_then(|container| container.image_digest.clone())
                .unwrap_or_default(),
            status: task.last_status.unwrap_or_default(),
            health: task.health_status.map(|health| health.as_str().to_owned()).unwrap_or_default(),
            arn: task.task_arn.unwrap_or_default(),
            task_definition: task.task_definition_arn.unwrap_or_default(),
        })
        .collect())
}

/// The tasks that stopped; ECS remembers them for about an hour.
pub(super) async fn stopped(aws: &Aws, cluster: &str, service: &str) -> Result<Vec<StoppedTask>> {
    let tasks = of_service(aws, cluster, service, DesiredStatus::Stopped).await?;
    let mut stopped: Vec<StoppedTask> = tasks
        .into_iter()
        .map(|task| StoppedTask {
            reason: stop_reason(&task),
            stopped_at: task.stopped_at.and_then(|at| at.to_millis().ok()).unwrap_or_default(),
            arn: task.task_arn.unwrap_or_default(),
            task_definition: task.task_definition_arn.unwrap_or_default(),
        })
        .collect();
    stopped.sort_by_key(|task| std::cmp::Reverse(task.stopped_at));
    Ok(stopped)
}

/// What ECS knows of these tasks; those that it has forgotten are left out.
pub(super) async fn describe(aws: &Aws, cluster: &str, tasks: Vec<String>) -> Result<Vec<Task>> {
    let call = aws.call(
        format!("read the tasks of cluster `{cluster}`"),
        "ecs:DescribeTasks",
        format!("the tasks of cluster `{cluster}`"),
    );
    let answer = aws
        .ecs
        .describe_tasks()
        .cluster(cluster)
        .set_tasks(Some(tasks))
        .send()
        .await
        .map_err(|error| call.failed(&error))?;
    Ok(answer.tasks.unwrap_or_default())
}

async fn of_service(
    aws: &Aws,
    cluster: &str,
    service: &str,
    wanted: DesiredStatus,
) -> Result<Vec<Task>> {
    let call = aws.call(
        format!("list the tasks of service `{service}`"),
        "ecs:ListTasks",
        format!("cluster `{cluster}`"),
    );
    let mut pages = aws
        .ecs
        .list_tasks()
        .cluster(cluster)
        .service_name(service)
        .desired_status(wanted)
        .into_paginator()
        .items()
        .send();
    let mut arns = Vec::new();
    while let Some(arn) = pages.next().await {
        match arn {
            Ok(arn) => arns.push(arn),
            Err(error)
                if error.as_service_error().is_some_and(|refusal| {
                    refusal.is_service_not_found_exception()
                        || refusal.is_cluster_not_found_exception()
                }) =>
            {
                return Ok(Vec::new());
            }
            Err(error) => return Err(call.failed(&error)),
        }
    }
    let mut tasks = Vec::with_capacity(arns.len());
    for batch in arns.chunks(BATCH) {
        tasks.extend(describe(aws, cluster, batch.to_vec()).await?);
    }
    Ok(tasks)
}

/// The product's container of a task.
pub(super) fn main_container(task: &Task) -> Option<&Container> {
    task.containers().iter().find(|container| container.name() == Some(MAIN))
}

/// The id of a task: the last part of its ARN, of the long and the short form.
pub(super) fn id(arn: &str) -> &str {
    arn.rsplit('/').next().unwrap_or(arn)
}

/// Why a task stopped: the task's reason, then each container's exit code and reason. The task's
/// own id and the ids of requests are left out, so that equal reasons are equal texts.
pub(super) fn stop_reason(task: &Task) -> String {
    let mut parts: Vec<String> = task.stopped_reason().map(str::to_owned).into_iter().collect();
    for container in task.containers() {
        let exit = container.exit_code().map(|code| format!("exit code {code}"));
        let words: Vec<String> =
            exit.into_iter().chain(container.reason().map(str::to_owned)).collect();
        if !words.is_empty() {
            parts.push(format!(
                "container `{}`: {}",
                container.name().unwrap_or("?"),
                words.join(", ")
            ));
        }
    }
    if parts.is_empty() {
        parts.extend(task.stop_code().map(|code| code.as_str().to_owned()));
    }
    let reason = parts.join("; ");
    match task.task_arn().map(id).filter(|id| !id.is_empty()) {
        Some(id) => without_request_ids(&reason.replace(id, "<task>")),
        None => without_request_ids(&reason),
    }
}

/// `request id: 1b9c...` differs every time and says nothing.
fn without_request_ids(text: &str) -> String {
    let mut rest = text;
    let mut kept = String::with_capacity(text.len());
    while let Some((before, after)) = rest.split_once("request id: ") {
        kept.push_str(before);
        kept.push_str("request id: ...");
        rest = after.trim_start_matches(|c: char| c.is_ascii_alphanumeric() || c == '-');
    }
    kept.push_str(rest);
    kept
}

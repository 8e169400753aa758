//! Executions of jobs: how one is doing, why it failed, and stopping it.

use http::Method;
use serde::Deserialize;
use serde_json::{Value, json};

use super::Gcp;
use super::containers::Container;
use super::rest::Request;
use super::revisions::Condition;
use crate::cloud::{JobHandle, JobState};
use crate::failure::{Failure, Result};

/// `run.v2#GoogleCloudRunV2Execution`.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Execution {
    pub(super) name: String,
    completion_time: Option<String>,
    running_count: u32,
    conditions: Vec<Condition>,
    pub(super) template: TaskTemplate,
}

/// `run.v2#GoogleCloudRunV2TaskTemplate`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct TaskTemplate {
    pub(super) containers: Vec<Container>,
}

/// `run.v2#GoogleCloudRunV2ListTasksResponse`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Tasks {
    tasks: Vec<Task>,
}

/// `run.v2#GoogleCloudRunV2Task`.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Task {
    conditions: Vec<Condition>,
    last_attempt_result: Option<Attempt>,
}

/// `run.v2#GoogleCloudRunV2TaskAttemptResult`.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Attempt {
    /// `run.v2#GoogleRpcStatus`.
    status: Value,
    /// Not written if it is 0, nor if there was none.
    exit_code: Option<i32>,
    term_signal: Option<i32>,
}

/// How an execution is doing: its condition `Completed`, and the exit code of the task that failed.
pub(super) async fn state(gcp: &Gcp, handle: &JobHandle) -> Result<JobState> {
    let execution = read(gcp, handle).await?;
    let completed = execution.conditions.iter().find(|it| it.kind == "Completed");
    let Some(completed) = completed.filter(|it| it.is_final()) else {
        let word = if execution.running_count > 0 { "RUNNING" } else { "PENDING" };
        return Ok(JobState::Running(word.to_owned()));
    };
    if completed.has_succeeded() {
        let reason = completed.words().unwrap_or_else(|| "it succeeded".to_owned());
        return Ok(JobState::Stopped { exit_code: Some(0), reason });
    }
    let task = failed_task(gcp, handle).await?;
    let attempt = task.as_ref().and_then(|task| task.last_attempt_result.as_ref());
    Ok(JobState::Stopped {
        exit_code: attempt.and_then(|attempt| attempt.exit_code),
        reason: reason(completed, task.as_ref(), attempt),
    })
}

/// Why it failed: the execution's words, the task's, and a signal if that ended it.
fn reason(completed: &Condition, task: Option<&Task>, attempt: Option<&Attempt>) -> String {
    let mut words: Vec<String> = completed.words().into_iter().collect();
    let of_task = task.and_then(|task| task.conditions.iter().find(|it| it.kind == "Completed"));
    words.extend(of_task.and_then(Condition::words));
    if let Some(attempt) = attempt {
        words.extend(attempt.status["message"].as_str().map(str::to_owned));
        words.extend(attempt.exit_code.map(|code| format!("exit code {code}")));
        words.extend(attempt.term_signal.filter(|it| *it != 0).map(|it| format!("signal {it}")));
    }
    words.dedup();
    if words.is_empty() { "Cloud Run does not say why".to_owned() } else { words.join("; ") }
}

async fn read(gcp: &Gcp, handle: &JobHandle) -> Result<Execution> {
    let name = &handle.task;
    let call = gcp.call(
        format!("read execution `{name}`"),
        "run.executions.get",
        format!("execution `{name}`"),
    );
    let request = Request::get(&gcp.endpoints.run, &format!("v2/{name}"))?;
    gcp.rest.json(request).await.map_err(|trouble| {
        if !trouble.is_not_found() {
            return call.failed(&trouble);
        }
        Failure::failed(format!("Cloud Run no longer knows execution `{name}`"))
            .because("executions go with their job, and the oldest of a thousand go by themselves")
            .next(format!("its log may still be there: {}", super::job_log::command(gcp, handle)))
    })
}

/// The task that failed; a job of Landfall has one.
async fn failed_task(gcp: &Gcp, handle: &JobHandle) -> Result<Option<Task>> {
    let name = &handle.task;
    let call = gcp.call(
        format!("read the tasks of execution `{name}`"),
        "run.tasks.list",
        format!("execution `{name}`"),
    );
    let request = Request::get(&gcp.endpoints.run, &format!("v2/{name}/tasks"))?;
    let found: Tasks = gcp.rest.json(request).await.map_err(|trouble| call.failed(&trouble))?;
    let failed = |task: &Task| {
        task.conditions.iter().any(|it| it.kind == "Completed" && it.has_failed())
            || task.last_attempt_result.as_ref().is_some_and(|it| it.exit_code.is_some())
    };
    Ok(found.tasks.into_iter().find(failed))
}

/// Asks the execution to stop: SIGTERM, and SIGKILL ten seconds later. Cloud Run keeps no reason.
pub(super) async fn stop(gcp: &Gcp, handle: &JobHandle, reason: &str) -> Result<()> {
    let name = &handle.task;
    let call = gcp.call(
        format!("stop execution `{name}` ({reason})"),
        "run.executions.cancel",
        format!("execution `{name}`"),
    );
    let path = format!("v2/{name}:cancel");
    let request = Request::json(Method::POST, &gcp.endpoints.run, &path, &json!({}))?.repeatable();
    match gcp.rest.send(request).await {
        Ok(_) => Ok(()),
        Err(trouble) if trouble.is_not_found() => Ok(()),
        // One that has ended cannot be cancelled; that is what was asked for.
        Err(trouble) if trouble.status() == Some(400) || trouble.status() == Some(409) => {
            match read(gcp, handle).await?.completion_time {
                Some(_) => Ok(()),
                None => Err(call.failed(&trouble)),
            }
        }
        Err(trouble) => Err(call.failed(&trouble)),
    }
}

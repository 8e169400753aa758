//! One-off jobs: started once, attached to, waited for, stopped (`run.v2`
//! `#GoogleCloudRunV2RunJobRequest`, `#GoogleCloudRunV2Execution`, `#GoogleCloudRunV2Task`,
//! `#GoogleLongrunningOperation`).

use serde_json::{Value, json};
use wiremock::ResponseTemplate;
use wiremock::matchers::{query_param, query_param_is_missing};

use super::{PLACE, Stand, asked, denied, not_found, ok, status};
use crate::cloud::{Cloud, JobHandle, JobRequest, JobState};

const TOKEN: &str = "0123456789abcdef";

fn job() -> String {
    format!("{PLACE}/jobs/demo-migrate")
}

fn execution() -> String {
    format!("{}/executions/demo-migrate-x7k2p", job())
}

fn at(name: &str) -> String {
    format!("/v2/{name}")
}

fn request() -> JobRequest {
    JobRequest {
        name: "migrate".to_owned(),
        cluster: PLACE.to_owned(),
        task_definition: job(),
        subnets: Vec::new(),
        security_groups: Vec::new(),
        log_group: "demo-jobs".to_owned(),
        log_stream_prefix: "task".to_owned(),
        token: TOKEN.to_owned(),
        started_by: "landfall/demo".to_owned(),
        environment: [("MODE".to_owned(), "careful".to_owned())].into(),
    }
}

fn handle() -> JobHandle {
    JobHandle {
        cluster: PLACE.to_owned(),
        task: execution(),
        log_group: "demo-jobs".to_owned(),
        log_stream: "demo-migrate-x7k2p".to_owned(),
    }
}

fn started_with(token: &str, name: &str) -> Value {
    json!({ "name": name, "template": { "containers": [
        { "name": "main", "image": "web@sha256:bbbb",
          "env": [{ "name": "LANDFALL_TOKEN", "value": token }] }] } })
}

fn condition(kind: &str, state: &str, message: &str) -> Value {
    json!({ "type": kind, "state": state, "message": message,
        "lastTransitionTime": "2026-11-21T10:00:00.123456Z" })
}

impl Stand {
    async fn executions(&self, executions: Value) {
        self.get(&at(&format!("{}/executions", job())), json!({ "executions": executions })).await;
    }

    async fn execution(&self, execution: Value) {
        self.get(&at(&self::execution()), execution).await;
    }

    async fn tasks(&self, tasks: Value) {
        self.get(&at(&format!("{}/tasks", execution())), json!({ "tasks": tasks })).await;
    }
}

#[tokio::test]
async fn a_job_runs_with_its_token_and_the_variables_of_this_start() {
    let stand = Stand::new().await;
    stand.executions(json!([started_with("another", "other")])).await;
    let overrides = json!({ "overrides": { "containerOverrides": [{ "name": "main", "env": [
        { "name": "LANDFALL_TOKEN", "value": TOKEN }, { "name": "MODE", "value": "careful" }] }] } });
    let operation = json!({ "name": format!("{PLACE}/operations/1"),
        "metadata": { "@type": "type.googleapis.com/google.cloud.run.v2.Execution",
            "name": execution() } });
    stand.sent("POST", &at(&format!("{}:run", job())), overrides, operation).await;
    assert_eq!(stand.gcp.start_job(&request()).await.unwrap(), handle());
}

#[tokio::test]
async fn an_operation_that_does_not_name_its_execution_yet_is_asked_again() {
    let stand = Stand::new().await;
    stand.executions(json!([])).await;
    let operation = format!("{PLACE}/operations/1");
    let run = at(&format!("{}:run", job()));
    stand.sent("POST", &run, json!({}), json!({ "name": operation })).await;
    let later = json!({ "name": operation, "metadata": { "name": execution() } });
    stand.get(&at(&operation), later).await;
    assert_eq!(stand.gcp.start_job(&request()).await.unwrap().task, execution());
}

#[tokio::test]
async fn a_token_that_is_in_use_attaches_to_its_execution_on_whatever_page() {
    let stand = Stand::new().await;
    let list = at(&format!("{}/executions", job()));
    let first = asked("GET", &list).and(query_param_is_missing("pageToken"));
    let page = json!({ "executions": [started_with("other", "x")], "nextPageToken": "more" });
    stand.once(first, ok(&page)).await;
    let second = asked("GET", &list).and(query_param("pageToken", "more"));
    let page = json!({ "executions": [started_with(TOKEN, &execution())] });
    stand.once(second, ok(&page)).await;
    assert_eq!(stand.gcp.start_job(&request()).await.unwrap(), handle());
}

#[tokio::test]
async fn a_start_is_never_repeated() {
    let stand = Stand::new().await;
    stand.executions(json!([])).await;
    let run = at(&format!("{}:run", job()));
    stand.once(asked("POST", &run), ResponseTemplate::new(503)).await;
    let text = stand.gcp.start_job(&request()).await.unwrap_err().to_string();
    assert!(text.contains("https://status.cloud.google.com"), "{text}");
}

#[tokio::test]
async fn a_job_that_cannot_start_says_why() {
    let stand = Stand::new().await;
    let run = at(&format!("{}:run", job()));
    stand.executions(json!([])).await;
    let (code, body) = denied("run.jobs.run");
    stand.once(asked("POST", &run), ResponseTemplate::new(code).set_body_json(body)).await;
    let text = stand.gcp.start_job(&request()).await.unwrap_err().to_string();
    assert!(text.contains("cannot start job `migrate`"), "{text}");
    assert!(text.contains("ask the admin of project acme-ledger for `run.jobs.run` on"), "{text}");
    stand.get_refused(&at(&format!("{}/executions", job())), not_found()).await;
    let (code, body) = not_found();
    stand.once(asked("POST", &run), ResponseTemplate::new(code).set_body_json(body)).await;
    let text = stand.gcp.start_job(&request()).await.unwrap_err().to_string();
    assert!(text.contains("made by layer `jobs`"), "{text}");
    let request = JobRequest { task_definition: "demo-migrate:3".to_owned(), ..request() };
    let text = stand.gcp.start_job(&request).await.unwrap_err().to_string();
    assert!(text.contains("is not `projects/P/locations/R/jobs/NAME`"), "{text}");
}

#[tokio::test]
async fn a_job_is_pending_then_running_then_done() {
    let stand = Stand::new().await;
    let state = || async { stand.gcp.job(&handle()).await.unwrap() };
    let waiting = condition("Completed", "CONDITION_RECONCILING", "Waiting for execution");
    stand.execution(json!({ "name": execution() })).await;
    assert_eq!(state().await, JobState::Running("PENDING".to_owned()));
    stand.execution(json!({ "conditions": [waiting], "runningCount": 1 })).await;
    assert_eq!(state().await, JobState::Running("RUNNING".to_owned()));
    let done = condition("Completed", "CONDITION_SUCCEEDED", "Execution completed successfully");
    stand.execution(json!({ "conditions": [done], "succeededCount": 1 })).await;
    let reason = "Execution completed successfully".to_owned();
    assert_eq!(state().await, JobState::Stopped { exit_code: Some(0), reason });
}

#[tokio::test]
async fn a_failed_job_has_the_exit_code_of_its_task() {
    let stand = Stand::new().await;
    let failed = json!({ "type": "Completed", "state": "CONDITION_FAILED",
        "message": "Task demo-migrate-x7k2p-task0 failed", "executionReason": "NON_ZERO_EXIT_CODE" });
    stand.execution(json!({ "conditions": [failed], "failedCount": 1 })).await;
    let task = json!({ "name": "t", "conditions": [condition("Completed", "CONDITION_FAILED", "")],
        "lastAttemptResult": { "exitCode": 3, "status": { "code": 13,
            "message": "The container exited with an error." } } });
    stand.tasks(json!([task])).await;
    let reason = "Task demo-migrate-x7k2p-task0 failed; The container exited with an error.; \
                  exit code 3";
    let stopped = JobState::Stopped { exit_code: Some(3), reason: reason.to_owned() };
    assert_eq!(stand.gcp.job(&handle()).await.unwrap(), stopped);
}

#[tokio::test]
async fn a_job_that_never_ran_or_was_killed_has_no_exit_code() {
    let stand = Stand::new().await;
    let failed = json!({ "type": "Completed", "state": "CONDITION_FAILED",
        "reason": "SECRETS_ACCESS_CHECK_FAILED" });
    stand.execution(json!({ "conditions": [failed] })).await;
    stand.tasks(json!([])).await;
    let reason = "SECRETS_ACCESS_CHECK_FAILED".to_owned();
    let stopped = JobState::Stopped { exit_code: None, reason };
    assert_eq!(stand.gcp.job(&handle()).await.unwrap(), stopped);
    let failed = condition("Completed", "CONDITION_FAILED", "Execution was cancelled");
    stand.execution(json!({ "conditions": [failed.clone()] })).await;
    let task = json!({ "conditions": [failed], "lastAttemptResult": { "termSignal": 9 } });
    stand.tasks(json!([task])).await;
    let reason = "Execution was cancelled; signal 9".to_owned();
    let stopped = JobState::Stopped { exit_code: None, reason };
    assert_eq!(stand.gcp.job(&handle()).await.unwrap(), stopped);
}

#[tokio::test]
async fn a_forgotten_execution_leaves_its_log() {
    let stand = Stand::new().await;
    stand.get_refused(&at(&execution()), not_found()).await;
    let text = stand.gcp.job(&handle()).await.unwrap_err().to_string();
    assert!(text.contains("no longer knows execution"), "{text}");
    assert!(text.contains("gcloud logging read"), "{text}");
}

#[tokio::test]
async fn stopping_what_has_stopped_is_no_error() {
    let stand = Stand::new().await;
    let cancel = at(&format!("{}:cancel", execution()));
    stand.sent("POST", &cancel, json!({}), json!({ "name": "operations/1" })).await;
    stand.gcp.stop_job(&handle(), "too long").await.unwrap();
    let over = || {
        let (code, body) = status(400, "FAILED_PRECONDITION", "it is not running", json!([]));
        ResponseTemplate::new(code).set_body_json(body)
    };
    stand.once(asked("POST", &cancel), over()).await;
    stand.execution(json!({ "completionTime": "2026-11-21T10:00:00Z" })).await;
    stand.gcp.stop_job(&handle(), "too long").await.unwrap();
    stand.once(asked("POST", &cancel), over()).await;
    stand.execution(json!({ "runningCount": 1 })).await;
    let text = stand.gcp.stop_job(&handle(), "too long").await.unwrap_err().to_string();
    assert!(text.contains("it is not running"), "{text}");
}

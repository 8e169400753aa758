//! One-off jobs: started once, attached to, waited for, and their logs.

use serde_json::{Value, json};

use super::Stand;
use crate::cloud::{Cloud, JobHandle, JobRequest, JobState, LogCursor};
use crate::failure::{Failure, Result};

const RUN: &str = "AmazonEC2ContainerServiceV20141113.RunTask";
const DESCRIBE: &str = "AmazonEC2ContainerServiceV20141113.DescribeTasks";
const STOP: &str = "AmazonEC2ContainerServiceV20141113.StopTask";
const READ_LOG: &str = "Logs_20140328.GetLogEvents";
const TASK: &str = "arn:aws:ecs:eu-central-1:111122223333:task/demo/5d2f0e8c";
const DEFINITION: &str = "arn:aws:ecs:eu-central-1:111122223333:task-definition/demo-migrate:3";

fn request() -> JobRequest {
    JobRequest {
        name: "migrate".to_owned(),
        cluster: "demo".to_owned(),
        task_definition: DEFINITION.to_owned(),
        subnets: vec!["subnet-a".to_owned(), "subnet-b".to_owned()],
        security_groups: vec!["sg-1".to_owned()],
        log_group: "/demo/jobs".to_owned(),
        log_stream_prefix: "migrate".to_owned(),
        token: "0123456789abcdef".to_owned(),
        started_by: "landfall/demo".to_owned(),
        environment: std::collections::BTreeMap::new(),
    }
}

fn handle() -> JobHandle {
    JobHandle {
        cluster: "demo".to_owned(),
        task: TASK.to_owned(),
        log_group: "/demo/jobs".to_owned(),
        log_stream: "migrate/main/5d2f0e8c".to_owned(),
    }
}

async fn started(status: u16, answer: Value) -> Result<JobHandle, Failure> {
    let stand = Stand::new().await;
    let body = json!({
        "cluster": "demo", "taskDefinition": DEFINITION, "count": 1, "launchType": "FARGATE",
        "clientToken": "0123456789abcdef", "startedBy": "landfall/demo",
        "networkConfiguration": { "awsvpcConfiguration": { "assignPublicIp": "DISABLED",
            "subnets": ["subnet-a", "subnet-b"], "securityGroups": ["sg-1"] } } });
    stand.json(RUN, body, status, answer).await;
    stand.aws.start_job(&request()).await
}

#[tokio::test]
async fn a_job_runs_in_private_and_knows_its_log() {
    let answer = json!({ "tasks": [{ "taskArn": TASK }], "failures": [] });
    assert_eq!(started(200, answer).await.unwrap(), handle());
}

#[tokio::test]
async fn a_start_may_have_variables_of_its_own() {
    let stand = Stand::new().await;
    let variables = json!([{ "name": "MODE", "value": "careful" }]);
    let body = json!({ "overrides": { "containerOverrides": [
        { "name": "main", "environment": variables }] } });
    stand.json(RUN, body, 200, json!({ "tasks": [{ "taskArn": TASK }], "failures": [] })).await;
    let environment = [("MODE".to_owned(), "careful".to_owned())].into();
    let request = JobRequest { environment, ..request() };
    assert_eq!(stand.aws.start_job(&request).await.unwrap(), handle());
}

#[tokio::test]
async fn a_token_that_is_in_use_attaches_to_its_task() {
    let answer = json!({ "__type": "ConflictException", "message": "in use",
        "resourceIds": [TASK] });
    assert_eq!(started(400, answer).await.unwrap(), handle());
}

#[tokio::test]
async fn a_job_that_was_not_placed_says_why() {
    let answer = json!({ "tasks": [], "failures": [{ "arn": "demo", "reason": "RESOURCE:CPU",
        "detail": "limit of vCPUs" }] });
    let text = started(200, answer).await.unwrap_err().to_string();
    assert!(text.contains("cannot start job `migrate`"), "{text}");
    assert!(text.contains("ECS says RESOURCE:CPU, limit of vCPUs, demo"), "{text}");
}

#[tokio::test]
async fn a_job_that_is_denied_names_the_right_that_iam_names() {
    let answer = json!({ "__type": "AccessDeniedException", "message":
        "User: arn:aws:iam::111122223333:user/ada is not authorized to perform: iam:PassRole on \
         resource: arn:aws:iam::111122223333:role/demo-migrate" });
    let text = started(400, answer).await.unwrap_err().to_string();
    assert!(text.contains("for `iam:PassRole` on"), "{text}");
    let answer = json!({ "__type": "AccessDeniedException", "message": "denied" });
    let text = started(400, answer).await.unwrap_err().to_string();
    assert!(text.contains(&format!("for `ecs:RunTask` on `{DEFINITION}`")), "{text}");
}

#[tokio::test]
async fn an_absent_cluster_is_named() {
    let answer = json!({ "__type": "ClusterNotFoundException", "message": "Cluster not found." });
    let text = started(400, answer).await.unwrap_err().to_string();
    assert!(text.contains("there is no cluster `demo` in eu-central-1"), "{text}");
}

async fn state(tasks: Value) -> Result<JobState, Failure> {
    let stand = Stand::new().await;
    let body = json!({ "cluster": "demo", "tasks": [TASK] });
    stand.json(DESCRIBE, body, 200, json!({ "tasks": tasks, "failures": [] })).await;
    stand.aws.job(&handle()).await
}

#[tokio::test]
async fn a_job_runs_until_the_platform_says_stopped() {
    let stopping = json!([{ "taskArn": TASK, "lastStatus": "DEPROVISIONING",
        "containers": [{ "name": "main", "exitCode": 0 }] }]);
    let found = state(stopping).await.unwrap();
    assert_eq!(found, JobState::Running("DEPROVISIONING".to_owned()));
}

#[tokio::test]
async fn the_exit_code_is_that_of_the_main_container() {
    let stopped = json!([{ "taskArn": TASK, "lastStatus": "STOPPED",
        "stoppedReason": "Essential container in task exited",
        "containers": [{ "name": "sidecar", "exitCode": 0 }, { "name": "main", "exitCode": 3 }] }]);
    let reason = "Essential container in task exited; container `sidecar`: exit code 0; \
                  container `main`: exit code 3";
    let expected = JobState::Stopped { exit_code: Some(3), reason: reason.to_owned() };
    assert_eq!(state(stopped).await.unwrap(), expected);
}

#[tokio::test]
async fn a_job_that_never_started_has_no_exit_code() {
    let stopped = json!([{ "taskArn": TASK, "lastStatus": "STOPPED", "containers": [{ "name": "main",
        "reason": "CannotPullContainerError: not found" }], "stopCode": "TaskFailedToStart" }]);
    let reason = "container `main`: CannotPullContainerError: not found".to_owned();
    assert_eq!(state(stopped).await.unwrap(), JobState::Stopped { exit_code: None, reason });
}

#[tokio::test]
async fn a_forgotten_job_points_at_its_log() {
    let text = state(json!([])).await.unwrap_err().to_string();
    assert!(text.contains("forgets a stopped task after about an hour"), "{text}");
    assert!(text.contains("stream `migrate/main/5d2f0e8c` of log group `/demo/jobs`"), "{text}");
}

#[tokio::test]
async fn a_job_is_stopped_with_a_reason_that_fits() {
    let stand = Stand::new().await;
    let body = json!({ "cluster": "demo", "task": TASK, "reason": "ä".repeat(255) });
    stand.json(STOP, body, 200, json!({ "task": { "taskArn": TASK } })).await;
    stand.aws.stop_job(&handle(), &"ä".repeat(300)).await.unwrap();
}

#[tokio::test]
async fn stopping_what_ecs_has_forgotten_is_no_error_but_a_denial_is() {
    let stand = Stand::new().await;
    let forgotten = json!({ "__type": "InvalidParameterException",
        "message": "The referenced task was not found." });
    stand.json(STOP, json!({}), 400, forgotten).await;
    stand.aws.stop_job(&handle(), "interrupted").await.unwrap();
    let denied = json!({ "__type": "AccessDeniedException", "message": "denied" });
    stand.json(STOP, json!({}), 400, denied).await;
    let text = stand.aws.stop_job(&handle(), "interrupted").await.unwrap_err().to_string();
    assert!(text.contains(&format!("for `ecs:StopTask` on `{TASK}`")), "{text}");
}

#[tokio::test]
async fn a_log_is_read_to_its_end_and_goes_on_from_there() {
    let stand = Stand::new().await;
    let event = |at: i64, text: &str| json!({ "timestamp": at, "message": text });
    let first = json!({ "logGroupName": "/demo/jobs", "logStreamName": "migrate/main/5d2f0e8c",
        "startFromHead": true });
    // Mocks are tried in order, so those that name a token come before the one that does not.
    let page = json!({ "events": [event(2, "two\n")], "nextForwardToken": "f/2" });
    stand.json(READ_LOG, json!({ "nextToken": "f/1" }), 200, page).await;
    let end = json!({ "events": [], "nextForwardToken": "f/2" });
    stand.json(READ_LOG, json!({ "nextToken": "f/2" }), 200, end.clone()).await;
    let page = json!({ "events": [event(1, "one")], "nextForwardToken": "f/1" });
    stand.json(READ_LOG, first, 200, page).await;
    let (lines, cursor) = stand.aws.job_log(&handle(), &LogCursor::default()).await.unwrap();
    let texts: Vec<_> = lines.iter().map(|line| (line.at, &*line.text)).collect();
    assert_eq!(texts, [(1, "one"), (2, "two")]);
    stand.json(READ_LOG, json!({ "nextToken": "f/2" }), 200, end).await;
    let (lines, same) = stand.aws.job_log(&handle(), &cursor).await.unwrap();
    assert!(lines.is_empty());
    assert_eq!(same, LogCursor(Some("f/2".to_owned())));
}

#[tokio::test]
async fn a_stream_that_is_not_there_yet_is_empty_but_an_absent_group_is_a_failure() {
    let stand = Stand::new().await;
    let missing = |what: &str| {
        json!({ "__type": "ResourceNotFoundException",
        "message": format!("The specified {what} does not exist.") })
    };
    stand.json(READ_LOG, json!({}), 400, missing("log stream")).await;
    let (lines, cursor) = stand.aws.job_log(&handle(), &LogCursor::default()).await.unwrap();
    assert_eq!((lines.len(), cursor), (0, LogCursor::default()));
    stand.json(READ_LOG, json!({}), 400, missing("log group")).await;
    let failure = stand.aws.job_log(&handle(), &LogCursor::default()).await.unwrap_err();
    assert_eq!(failure.what(), "cannot read the log `migrate/main/5d2f0e8c`");
}

//! One-off jobs: Fargate tasks in private subnets, one container `main`, its log in `CloudWatch`.

use aws_sdk_ecs::config::http::HttpResponse;
use aws_sdk_ecs::error::SdkError;
use aws_sdk_ecs::operation::run_task::RunTaskError;
use aws_sdk_ecs::types::{
    AssignPublicIp, AwsVpcConfiguration, ContainerOverride, Failure as EcsFailure, KeyValuePair,
    LaunchType, NetworkConfiguration, TaskOverride,
};

use super::Aws;
use super::call::Call;
use super::tasks;
use crate::cloud::{JobHandle, JobRequest, JobState, LogCursor, LogLine, MAIN};
use crate::failure::{Failure, Result};

/// The characters of a reason that `StopTask` keeps.
const STOP_REASON_LIMIT: usize = 255;

type RunTaskFailure = SdkError<RunTaskError, HttpResponse>;

/// Starts a job, or attaches to the task that its token already started.
///
/// ECS remembers a token for a day and hands out the task of the first call, stopped ones too: a
/// new attempt of a failed job needs a new token.
pub(super) async fn start(aws: &Aws, request: &JobRequest) -> Result<JobHandle> {
    let call = aws.call(
        format!("start job `{}`", request.name),
        "ecs:RunTask",
        format!("`{}`", request.task_definition),
    );
    let sent = aws
        .ecs
        .run_task()
        .cluster(&request.cluster)
        .task_definition(&request.task_definition)
        .count(1)
        .launch_type(LaunchType::Fargate)
        .network_configuration(private_network(&call, request)?)
        .client_token(&request.token)
        .started_by(&request.started_by)
        .set_overrides(overrides(request))
        .send()
        .await;
    let task = match sent {
        Ok(answer) => match answer.tasks.unwrap_or_default().into_iter().next() {
            Some(task) => task.task_arn.unwrap_or_default(),
            None => return Err(not_placed(&call, &answer.failures.unwrap_or_default())),
        },
        Err(error) => match task_of_conflict(&error) {
            Some(task) => task,
            None => return Err(not_started(aws, &call, request, &error)),
        },
    };
    let log_stream = format!("{}/{MAIN}/{}", request.log_stream_prefix, tasks::id(&task));
    Ok(JobHandle {
        cluster: request.cluster.clone(),
        task,
        log_group: request.log_group.clone(),
        log_stream,
    })
}

/// Variables of this one start.
fn overrides(request: &JobRequest) -> Option<TaskOverride> {
    if request.environment.is_empty() {
        return None;
    }
    let pair = |(name, value)| KeyValuePair::builder().name(name).value(value).build();
    let pairs = request.environment.iter().map(pair).collect();
    let container = ContainerOverride::builder().name(MAIN).set_environment(Some(pairs)).build();
    Some(TaskOverride::builder().container_overrides(container).build())
}

fn private_network(call: &Call, request: &JobRequest) -> Result<NetworkConfiguration> {
    let network = AwsVpcConfiguration::builder()
        .set_subnets(Some(request.subnets.clone()))
        .set_security_groups(Some(request.security_groups.clone()))
        .assign_public_ip(AssignPublicIp::Disabled)
        .build()
        .map_err(|error| call.refused("it has no subnets").caused_by(error))?;
    Ok(NetworkConfiguration::builder().awsvpc_configuration(network).build())
}

/// The task that the token already started, with other subnets or groups than now.
fn task_of_conflict(error: &RunTaskFailure) -> Option<String> {
    match error.as_service_error() {
        Some(RunTaskError::ConflictException(conflict)) => conflict.resource_ids().first().cloned(),
        _ => None,
    }
}

fn not_started(aws: &Aws, call: &Call, request: &JobRequest, error: &RunTaskFailure) -> Failure {
    let failure = call.failed(error);
    match error.as_service_error() {
        Some(RunTaskError::ClusterNotFoundException(_)) => {
            failure.because(format!("there is no cluster `{}` in {}", request.cluster, aws.region))
        }
        _ => failure,
    }
}

/// `RunTask` succeeded and started nothing: the reasons are in a list of their own.
fn not_placed(call: &Call, failures: &[EcsFailure]) -> Failure {
    let mut failure = call.refused("ECS started no task");
    for reported in failures {
        let words = [reported.reason(), reported.detail(), reported.arn()];
        let words: Vec<&str> = words.into_iter().flatten().collect();
        failure = failure.because(format!("ECS says {}", words.join(", ")));
    }
    failure
        .next("quotas (`Fargate On-Demand vCPU`) and capacity of the zones are the usual reasons")
}

pub(super) async fn state(aws: &Aws, handle: &JobHandle) -> Result<JobState> {
    let described = tasks::describe(aws, &handle.cluster, vec![handle.task.clone()]).await?;
    let Some(task) = described.into_iter().next() else {
        return Err(Failure::failed(format!("ECS no longer knows task `{}`", handle.task))
            .because("ECS forgets a stopped task after about an hour")
            .next(format!(
                "its log is stream `{}` of log group `{}`",
                handle.log_stream, handle.log_group
            )));
    };
    let status = task.last_status.clone().unwrap_or_default();
    if status != "STOPPED" {
        return Ok(JobState::Running(status));
    }
    let exit_code = tasks::main_container(&task).and_then(|container| container.exit_code);
    Ok(JobState::Stopped { exit_code, reason: tasks::stop_reason(&task) })
}

/// Asks the task to stop: SIGTERM, and SIGKILL when its `stopTimeout` is over.
pub(super) async fn stop(aws: &Aws, handle: &JobHandle, reason: &str) -> Result<()> {
    let call = aws.call(
        format!("stop task `{}`", handle.task),
        "ecs:StopTask",
        format!("`{}`", handle.task),
    );
    let reason: String = reason.chars().take(STOP_REASON_LIMIT).collect();
    let sent =
        aws.ecs.stop_task().cluster(&handle.cluster).task(&handle.task).reason(reason).send().await;
    match sent {
        Ok(_) => Ok(()),
        // ECS forgets stopped tasks: "The referenced task was not found."
        Err(error)
            if error.as_service_error().is_some_and(|refusal| {
                refusal.is_invalid_parameter_exception()
                    && refusal.to_string().contains("not found")
            }) =>
        {
            Ok(())
        }
        Err(error) => Err(call.failed(&error)),
    }
}

/// All lines after the cursor: pages are read until `CloudWatch` hands back the token it was given.
pub(super) async fn log(
    aws: &Aws,
    handle: &JobHandle,
    cursor: &LogCursor,
) -> Result<(Vec<LogLine>, LogCursor)> {
    let call = aws.call(
        format!("read the log `{}`", handle.log_stream),
        "logs:GetLogEvents",
        format!("log group `{}`", handle.log_group),
    );
    let mut lines = Vec::new();
    let mut token = cursor.0.clone();
    loop {
        let sent = aws
            .logs
            .get_log_events()
            .log_group_name(&handle.log_group)
            .log_stream_name(&handle.log_stream)
            .start_from_head(true)
            .set_next_token(token.clone())
            .send()
            .await;
        let page = match sent {
            Ok(page) => page,
            // The stream appears with the first line.
            Err(error)
                if error.as_service_error().is_some_and(|refusal| {
                    refusal.is_resource_not_found_exception()
                        && !refusal.to_string().contains("log group")
                }) =>
            {
                return Ok((lines, LogCursor(token)));
            }
            Err(error) => return Err(call.failed(&error)),
        };
        lines.extend(page.events.unwrap_or_default().into_iter().map(|event| LogLine {
            at: event.timestamp.unwrap_or_default(),
            text: event.message.unwrap_or_default().trim_end_matches(['\r', '\n']).to_owned(),
        }));
        if page.next_forward_token.is_none() || page.next_forward_token == token {
            return Ok((lines, LogCursor(token)));
        }
        token = page.next_forward_token;
    }
}

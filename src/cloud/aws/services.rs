//! Services as ECS sees them, what their task definitions say, and whether the load balancer
//! finds their targets healthy.

use aws_sdk_ecs::operation::describe_services::DescribeServicesError;
use aws_sdk_ecs::types::{ContainerDefinition, Service};
use aws_sdk_elasticloadbalancingv2::types::TargetHealthReasonEnum;

use super::Aws;
use crate::cloud::{RunningService, ServiceEvent, TargetHealth, TaskContainer, TaskDefinition};
use crate::failure::Result;

pub(super) async fn service(
    aws: &Aws,
    cluster: &str,
    name: &str,
) -> Result<Option<RunningService>> {
    let call = aws.call(
        format!("read service `{name}`"),
        "ecs:DescribeServices",
        format!("service `{name}` of cluster `{cluster}`"),
    );
    let sent = aws.ecs.describe_services().cluster(cluster).services(name).send().await;
    let answer = match sent {
        Ok(answer) => answer,
        Err(error)
            if error
                .as_service_error()
                .is_some_and(DescribeServicesError::is_cluster_not_found_exception) =>
        {
            return Ok(None);
        }
        Err(error) => return Err(call.failed(&error)),
    };
    if let Some(service) = answer.services.unwrap_or_default().into_iter().next() {
        return Ok(Some(read_service(service)));
    }
    match answer.failures.unwrap_or_default().into_iter().find(|f| f.reason() != Some("MISSING")) {
        Some(failure) => {
            Err(call.refused(format!("ECS says {}", failure.reason().unwrap_or("no"))))
        }
        None => Ok(None),
    }
}

fn read_service(service: Service) -> RunningService {
    let deployments = service.deployments.unwrap_or_default();
    let primary = deployments.iter().find(|deployment| deployment.status() == Some("PRIMARY"));
    let rollout = primary.and_then(|primary| primary.rollout_state());
    let rollout_reason = primary.and_then(|primary| primary.rollout_state_reason());
    let mut events: Vec<ServiceEvent> = service
        .events
        .unwrap_or_default()
        .into_iter()
        .map(|event| ServiceEvent {
            at: event.created_at.and_then(|at| at.to_millis().ok()).unwrap_or_default(),
            message: event.message.unwrap_or_default(),
        })
        .collect();
    events.sort_by_key(|event| std::cmp::Reverse(event.at));
    RunningService {
        rollout: rollout.map(|state| state.as_str().to_owned()).unwrap_or_default(),
        rollout_reason: rollout_reason.unwrap_or_default().to_owned(),
        name: service.service_name.unwrap_or_default(),
        status: service.status.unwrap_or_default(),
        desired: count(service.desired_count),
        running: count(service.running_count),
        task_definition: service.task_definition.unwrap_or_default(),
        deployments: u32::try_from(deployments.len()).unwrap_or(u32::MAX),
        target_groups: service
            .load_balancers
            .unwrap_or_default()
            .into_iter()
            .filter_map(|balancer| balancer.target_group_arn)
            .collect(),
        events,
    }
}

/// ECS counts with signed numbers that are never negative.
fn count(number: i32) -> u32 {
    u32::try_from(number).unwrap_or_default()
}

pub(super) async fn task_definition(aws: &Aws, arn: &str) -> Result<TaskDefinition> {
    // The action knows no resource: IAM wants `*`.
    let call =
        aws.call(format!("read task definition `{arn}`"), "ecs:DescribeTaskDefinition", "`*`");
    let answer = aws
        .ecs
        .describe_task_definition()
        .task_definition(arn)
        .send()
        .await
        .map_err(|error| call.failed(&error))?;
    let Some(found) = answer.task_definition else {
        return Err(call.refused("the answer holds no task definition"));
    };
    Ok(TaskDefinition {
        arn: found.task_definition_arn.unwrap_or_default(),
        containers: found
            .container_definitions
            .unwrap_or_default()
            .into_iter()
            .map(read_container)
            .collect(),
    })
}

fn read_container(container: ContainerDefinition) -> TaskContainer {
    TaskContainer {
        name: container.name.unwrap_or_default(),
        image: container.image.unwrap_or_default(),
        environment: container
            .environment
            .unwrap_or_default()
            .into_iter()
            .filter_map(|variable| Some((variable.name?, variable.value.unwrap_or_default())))
            .collect(),
        secrets: container
            .secrets
            .unwrap_or_default()
            .into_iter()
            .map(|secret| (secret.name, secret.value_from))
            .collect(),
    }
}

pub(super) async fn target_health(aws: &Aws, target_group: &str) -> Result<Vec<TargetHealth>> {
    let call = aws.call(
        format!("read the health of target group `{target_group}`"),
        "elasticloadbalancing:DescribeTargetHealth",
        "`*`",
    );
    let answer = aws
        .load_balancing
        .describe_target_health()
        .target_group_arn(target_group)
        .send()
        .await
        .map_err(|error| call.failed(&error))?;
    let targets = answer.target_health_descriptions.unwrap_or_default().into_iter();
    Ok(targets
        .map(|described| {
            let health = described.target_health;
            let state = health.as_ref().and_then(|health| health.state());
            let code = health.as_ref().and_then(|health| health.reason());
            let words = health.as_ref().and_then(|health| health.description());
            let reason = [code.map(TargetHealthReasonEnum::as_str), words];
            TargetHealth {
                id: described.target.and_then(|target| target.id).unwrap_or_default(),
                state: state.map(|state| state.as_str().to_owned()).unwrap_or_default(),
                reason: reason.into_iter().flatten().collect::<Vec<_>>().join(": "),
            }
        })
        .collect())
}

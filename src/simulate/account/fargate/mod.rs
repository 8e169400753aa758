//! What runs on AWS: services and one-off tasks of ECS on Fargate.
//!
//! - `definitions`: task definitions as applied, and what their tasks need to start
//! - `services`: deployments of services, and what is read back of them

mod definitions;
mod services;

pub(super) use services::Rollout;

/// The resource type of services.
pub(super) const SERVICE: &str = "aws_ecs_service";

/// The resource type of task definitions.
pub(super) const DEFINITION: &str = "aws_ecs_task_definition";

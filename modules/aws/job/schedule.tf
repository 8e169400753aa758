resource "aws_scheduler_schedule" "this" {
  count = var.schedule == null ? 0 : 1

  name                         = var.schedule.name
  description                  = "Starts ${var.name}."
  group_name                   = "default"
  schedule_expression          = var.schedule.expression
  schedule_expression_timezone = var.schedule.timezone
  kms_key_arn                  = var.key_arn

  flexible_time_window {
    mode = "OFF"
  }

  target {
    arn      = var.cluster.arn
    role_arn = var.identity.scheduler_role_arn

    # The revision, not the family: what runs at night is what was approved by day.
    ecs_parameters {
      task_definition_arn     = aws_ecs_task_definition.this.arn
      launch_type             = "FARGATE"
      task_count              = 1
      propagate_tags          = "TASK_DEFINITION"
      enable_ecs_managed_tags = true
      enable_execute_command  = false

      network_configuration {
        subnets          = var.network.subnet_ids
        security_groups  = [var.identity.security_group_id]
        assign_public_ip = false
      }
    }

    retry_policy {
      maximum_retry_attempts       = var.schedule.retries
      maximum_event_age_in_seconds = 3600
    }
  }

  lifecycle {
    precondition {
      condition     = var.identity.scheduler_role_arn != null
      error_message = "${var.name} has a schedule, but identity.scheduler_role_arn is null."
    }
  }
}

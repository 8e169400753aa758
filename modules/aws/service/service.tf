resource "aws_ecs_service" "this" {
  name             = var.name
  cluster          = var.cluster.arn
  task_definition  = aws_ecs_task_definition.this.arn
  launch_type      = "FARGATE"
  platform_version = "LATEST"
  desired_count    = var.replicas.desired

  enable_execute_command  = false
  enable_ecs_managed_tags = true
  propagate_tags          = "SERVICE"

  # Rolling: all old tasks serve until the new ones are healthy. Recreate: none runs while another does.
  deployment_minimum_healthy_percent = var.deployment.strategy == "rolling" ? 100 : 0
  deployment_maximum_percent         = var.deployment.strategy == "rolling" ? 200 : 100

  # ECS accepts rebalancing only where it may start a task before it stops one. Unset, the provider sees a
  # difference in every plan.
  availability_zone_rebalancing = var.deployment.strategy == "rolling" ? "ENABLED" : "DISABLED"

  health_check_grace_period_seconds = var.http == null ? null : var.http.startup_seconds

  # Terraform waits until the tasks run. Whether they are healthy it does not ask: Landfall does, while it waits and after.
  wait_for_steady_state = true

  deployment_circuit_breaker {
    enable   = true
    rollback = true
  }

  dynamic "alarms" {
    for_each = length(local.rollback_alarms) > 0 ? [local.rollback_alarms] : []

    content {
      alarm_names = alarms.value
      enable      = true
      rollback    = true
    }
  }

  network_configuration {
    subnets          = var.network.subnet_ids
    security_groups  = [var.identity.security_group_id]
    assign_public_ip = false
  }

  dynamic "load_balancer" {
    for_each = aws_lb_target_group.this

    content {
      target_group_arn = load_balancer.value.arn
      container_name   = local.container_name
      container_port   = var.http.port
    }
  }

  timeouts {
    create = var.deployment.timeout
    update = var.deployment.timeout
    delete = var.deployment.timeout
  }

  # ECS refuses a target group that no listener of a load balancer names.
  depends_on = [aws_lb_listener_rule.this]

  lifecycle {
    # The number of tasks belongs to the scalable target, also where it is fixed.
    ignore_changes = [desired_count]

    # Steady is also what a service is after ECS took the deployment back: Terraform would call it a success.
    postcondition {
      condition     = self.task_definition == aws_ecs_task_definition.this.arn
      error_message = "ECS took the deployment of ${var.name} back: the service runs ${self.task_definition}. Its events and the stopped tasks say why."
    }
  }
}

# Also a fixed number of tasks is kept here, with min = max: Terraform ignores desired_count (it would undo what
# autoscaling did), so a changed number takes effect by the scalable target, which moves the service into its range.
resource "aws_appautoscaling_target" "this" {
  service_namespace  = "ecs"
  scalable_dimension = "ecs:service:DesiredCount"
  resource_id        = "service/${var.cluster.name}/${aws_ecs_service.this.name}"
  min_capacity       = local.min_replicas
  max_capacity       = local.max_replicas
}

resource "aws_appautoscaling_policy" "this" {
  count = var.replicas.metric == null ? 0 : 1

  name               = "${var.name}-${var.replicas.metric}"
  policy_type        = "TargetTrackingScaling"
  service_namespace  = aws_appautoscaling_target.this.service_namespace
  scalable_dimension = aws_appautoscaling_target.this.scalable_dimension
  resource_id        = aws_appautoscaling_target.this.resource_id

  target_tracking_scaling_policy_configuration {
    target_value = coalesce(var.replicas.target, { cpu = 60, memory = 70 }[var.replicas.metric])

    # Quick to help, slow to leave: a task that is missed costs more than one that idles.
    scale_out_cooldown = 60
    scale_in_cooldown  = 300

    predefined_metric_specification {
      predefined_metric_type = {
        cpu    = "ECSServiceAverageCPUUtilization"
        memory = "ECSServiceAverageMemoryUtilization"
      }[var.replicas.metric]
    }
  }
}

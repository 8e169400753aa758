# The alarms stand before the service does: each deployment watches them, and one that fires takes it back.
locals {
  of_service = { ClusterName = var.cluster.name, ServiceName = var.name }
  of_target = var.http == null ? {} : {
    LoadBalancer = var.http.load_balancer_arn_suffix
    TargetGroup  = aws_lb_target_group.this[0].arn_suffix
  }

  # A task that is starting counts as unhealthy, or is missing. That is not yet a failure.
  startup_minutes = ceil((var.http == null ? 120 : var.http.startup_seconds) / 60)

  # Each fires when every one of its minutes is beyond the threshold.
  alarm_definitions = {
    cpu = {
      applies     = true
      rollback    = true
      description = "CPU above 90 % for 5 minutes."
      namespace   = "AWS/ECS"
      metric      = "CPUUtilization"
      statistic   = "Average"
      percentile  = null
      operator    = "GreaterThanThreshold"
      threshold   = 90
      minutes     = 5
      dimensions  = local.of_service
    }

    memory = {
      applies     = true
      rollback    = true
      description = "Memory above 85 % for 5 minutes."
      namespace   = "AWS/ECS"
      metric      = "MemoryUtilization"
      statistic   = "Average"
      percentile  = null
      operator    = "GreaterThanThreshold"
      threshold   = 85
      minutes     = 5
      dimensions  = local.of_service
    }

    # Tells people only: tasks are missing in every deployment for a while, and the circuit breaker judges that.
    # Of a service that cannot start at all this is the one sign; it has no unhealthy target and uses no CPU.
    tasks = {
      applies     = local.min_replicas > 0
      rollback    = false
      description = "Fewer than ${local.min_replicas} tasks run."
      namespace   = "ECS/ContainerInsights"
      metric      = "RunningTaskCount"
      statistic   = "Average"
      percentile  = null
      operator    = "LessThanThreshold"
      threshold   = local.min_replicas
      minutes     = local.startup_minutes + 5
      dimensions  = local.of_service
    }

    latency = {
      applies     = var.http != null
      rollback    = true
      description = "One request in twenty takes longer than 3000 ms, for 3 minutes."
      namespace   = "AWS/ApplicationELB"
      metric      = "TargetResponseTime"
      statistic   = null
      percentile  = "p95"
      operator    = "GreaterThanThreshold"
      threshold   = 3
      minutes     = 3
      dimensions  = local.of_target
    }

    unhealthy = {
      applies     = var.http != null
      rollback    = true
      description = "A task does not pass its health check, longer than a start takes."
      namespace   = "AWS/ApplicationELB"
      metric      = "UnHealthyHostCount"
      statistic   = "Maximum"
      percentile  = null
      operator    = "GreaterThanThreshold"
      threshold   = 0
      minutes     = local.startup_minutes + 3
      dimensions  = local.of_target
    }
  }

  alarms         = { for key, alarm in local.alarm_definitions : key => alarm if var.alarms.enabled && alarm.applies }
  watches_errors = var.alarms.enabled && var.http != null

  rollback_alarms = concat(
    [for key, alarm in local.alarms : aws_cloudwatch_metric_alarm.this[key].alarm_name if alarm.rollback],
    aws_cloudwatch_metric_alarm.errors[*].alarm_name,
  )
}

resource "aws_cloudwatch_metric_alarm" "this" {
  for_each = local.alarms

  alarm_name          = "${var.name}-${each.key}"
  alarm_description   = each.value.description
  namespace           = each.value.namespace
  metric_name         = each.value.metric
  dimensions          = each.value.dimensions
  statistic           = each.value.statistic
  extended_statistic  = each.value.percentile
  comparison_operator = each.value.operator
  threshold           = each.value.threshold
  period              = 60
  evaluation_periods  = each.value.minutes
  datapoints_to_alarm = each.value.minutes
  treat_missing_data  = "notBreaching"
  alarm_actions       = [var.alarms.topic_arn]
  ok_actions          = [var.alarms.topic_arn]

  # A percentile of a handful of requests says nothing.
  evaluate_low_sample_count_percentiles = each.value.percentile == null ? null : "ignore"

  # An alarm that goes must be dropped by the service first: ECS refuses a deployment that names an absent one.
  lifecycle {
    create_before_destroy = true
  }
}

# Errors of this service's own targets, and connections that they refused. The load balancer's own 5xx cannot be
# told apart by service: an alarm on them would take back one service's deployment for another's fault.
resource "aws_cloudwatch_metric_alarm" "errors" {
  count = local.watches_errors ? 1 : 0

  alarm_name          = "${var.name}-errors"
  alarm_description   = "More than 5 % of the requests fail, for 2 minutes."
  comparison_operator = "GreaterThanThreshold"
  threshold           = 5
  evaluation_periods  = 2
  datapoints_to_alarm = 2
  treat_missing_data  = "notBreaching"
  alarm_actions       = [var.alarms.topic_arn]
  ok_actions          = [var.alarms.topic_arn]

  metric_query {
    id          = "rate"
    label       = "failed requests in percent"
    expression  = "IF(requests > 0, 100 * (FILL(errors, 0) + FILL(refused, 0)) / requests, 0)"
    return_data = true
  }

  dynamic "metric_query" {
    for_each = {
      requests = "RequestCount"
      errors   = "HTTPCode_Target_5XX_Count"
      refused  = "TargetConnectionErrorCount"
    }

    content {
      id = metric_query.key

      metric {
        namespace   = "AWS/ApplicationELB"
        metric_name = metric_query.value
        dimensions  = local.of_target
        stat        = "Sum"
        period      = 60
      }
    }
  }

  lifecycle {
    create_before_destroy = true
  }
}

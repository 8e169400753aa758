# Numbers that people are woken by. Cloud Run takes no deployment back by them: see the README.
locals {
  resource = local.is_called ? join(" AND ", [
    "resource.type = \"cloud_run_revision\"",
    "resource.labels.service_name = \"${var.name}\"",
    "resource.labels.location = \"${var.target.region}\"",
    ]) : join(" AND ", [
    "resource.type = \"cloud_run_worker_pool\"",
    "resource.labels.worker_pool_name = \"${var.name}\"",
    "resource.labels.location = \"${var.target.region}\"",
  ])

  startup_minutes = ceil(try(var.http.startup_seconds, var.container.health.startup_seconds, 120) / 60)

  # Each fires when the value is beyond the threshold all the time of its minutes. With a part, the value is how much of
  # the whole that part is.
  alarm_definitions = {
    errors = {
      applies     = local.is_called
      description = "More than 5 % of the requests fail, for 2 minutes."
      metric      = "request_count"
      part        = "metric.labels.response_code_class = \"5xx\""
      aligner     = "ALIGN_DELTA"
      reducer     = "REDUCE_SUM"
      comparison  = "COMPARISON_GT"
      threshold   = 0.05
      minutes     = 2
      missing     = "EVALUATION_MISSING_DATA_INACTIVE"
    }

    latency = {
      applies     = local.is_called
      description = "One request in twenty takes longer than 3000 ms, for 3 minutes."
      metric      = "request_latencies"
      part        = null
      aligner     = "ALIGN_DELTA"
      reducer     = "REDUCE_PERCENTILE_95"
      comparison  = "COMPARISON_GT"
      threshold   = 3000
      minutes     = 3
      missing     = "EVALUATION_MISSING_DATA_INACTIVE"
    }

    cpu = {
      applies     = true
      description = "CPU above 90 % for 5 minutes."
      metric      = "container/cpu/utilizations"
      part        = null
      aligner     = "ALIGN_DELTA"
      reducer     = "REDUCE_MEAN"
      comparison  = "COMPARISON_GT"
      threshold   = 0.9
      minutes     = 5
      missing     = "EVALUATION_MISSING_DATA_INACTIVE"
    }

    memory = {
      applies     = true
      description = "Memory above 85 % for 5 minutes."
      metric      = "container/memory/utilizations"
      part        = null
      aligner     = "ALIGN_DELTA"
      reducer     = "REDUCE_MEAN"
      comparison  = "COMPARISON_GT"
      threshold   = 0.85
      minutes     = 5
      missing     = "EVALUATION_MISSING_DATA_INACTIVE"
    }

    # Of a service that cannot start at all this is the one sign: it answers nothing and uses no CPU. Then there is no
    # value either, which therefore counts as too few.
    instances = {
      applies     = local.min_replicas > 0
      description = "Fewer than ${local.min_replicas} instances run."
      metric      = "container/instance_count"
      part        = null
      aligner     = "ALIGN_MEAN"
      reducer     = "REDUCE_SUM"
      comparison  = "COMPARISON_LT"
      threshold   = local.min_replicas
      minutes     = local.startup_minutes + 5
      missing     = "EVALUATION_MISSING_DATA_ACTIVE"
    }
  }

  alarms = { for key, alarm in local.alarm_definitions : key => alarm if var.alarms.enabled && alarm.applies }
}

resource "google_monitoring_alert_policy" "this" {
  for_each = local.alarms

  project               = var.target.project
  display_name          = "${var.name}-${each.key}"
  combiner              = "OR"
  notification_channels = var.alarms.topic_id == null ? [] : [var.alarms.topic_id]

  documentation {
    content   = "${each.value.description} Service ${var.name}, project ${var.target.project}, region ${var.target.region}."
    mime_type = "text/markdown"
  }

  conditions {
    display_name = each.value.description

    condition_threshold {
      filter                  = join(" AND ", compact(["metric.type = \"run.googleapis.com/${each.value.metric}\"", local.resource, each.value.part]))
      denominator_filter      = each.value.part == null ? null : "metric.type = \"run.googleapis.com/${each.value.metric}\" AND ${local.resource}"
      comparison              = each.value.comparison
      threshold_value         = each.value.threshold
      duration                = "${each.value.minutes * 60}s"
      evaluation_missing_data = each.value.missing

      # All revisions and instances together are the service.
      aggregations {
        alignment_period     = "60s"
        per_series_aligner   = each.value.aligner
        cross_series_reducer = each.value.reducer
      }

      dynamic "denominator_aggregations" {
        for_each = each.value.part == null ? [] : [each.value]

        content {
          alignment_period     = "60s"
          per_series_aligner   = denominator_aggregations.value.aligner
          cross_series_reducer = denominator_aggregations.value.reducer
        }
      }
    }
  }

  # An incident of which nothing more is heard ends by itself; the default is a week.
  alert_strategy {
    auto_close = "3600s"
  }
}

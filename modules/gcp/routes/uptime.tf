locals {
  is_asked = var.uptime != null && local.serves_https
}

# What only a look from outside finds: a name that leads elsewhere, a certificate that was not renewed, a load balancer
# that lets nobody in. The alarms of the services know nothing of these.
resource "google_monitoring_uptime_check_config" "this" {
  count = local.is_asked ? 1 : 0

  project      = var.target.project
  display_name = var.name
  period       = "60s"
  timeout      = "10s"

  monitored_resource {
    type = "uptime_url"
    labels = {
      project_id = var.target.project
      host       = var.uptime.host
    }
  }

  http_check {
    path           = var.uptime.path
    port           = 443
    request_method = "GET"
    use_ssl        = true
    validate_ssl   = true

    accepted_response_status_codes {
      status_class = "STATUS_CLASS_2XX"
    }
  }

  # Asked sooner, it would begin with an alarm.
  depends_on = [google_compute_global_forwarding_rule.https]
}

resource "google_monitoring_alert_policy" "uptime" {
  count = local.is_asked ? 1 : 0

  project               = var.target.project
  display_name          = "${var.name}-uptime"
  combiner              = "OR"
  notification_channels = var.uptime.topic_id == null ? [] : [var.uptime.topic_id]

  documentation {
    content   = "https://${var.uptime.host}${var.uptime.path} does not answer from outside. Look at the name, the certificate and the services behind ${var.name}, project ${var.target.project}."
    mime_type = "text/markdown"
  }

  conditions {
    display_name = "More than one place finds no answer, for 2 minutes."

    condition_threshold {
      filter = join(" AND ", [
        "metric.type = \"monitoring.googleapis.com/uptime_check/check_passed\"",
        "metric.labels.check_id = \"${google_monitoring_uptime_check_config.this[0].uptime_check_id}\"",
        "resource.type = \"uptime_url\"",
      ])
      comparison      = "COMPARISON_GT"
      threshold_value = 1
      duration        = "120s"

      # Each place that asks is a series of its own; how many of them were refused last is the value.
      aggregations {
        alignment_period     = "300s"
        per_series_aligner   = "ALIGN_NEXT_OLDER"
        cross_series_reducer = "REDUCE_COUNT_FALSE"
        group_by_fields      = ["resource.label.*"]
      }
    }
  }

  # An incident of which nothing more is heard ends by itself; the default is a week.
  alert_strategy {
    auto_close = "3600s"
  }
}

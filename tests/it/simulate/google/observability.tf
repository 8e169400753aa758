# What is looked at, and who is told.

resource "google_logging_metric" "errors" {
  name   = "${local.prefix}-errors"
  filter = "severity>=ERROR AND resource.type=\"cloud_run_revision\""
  metric_descriptor {
    metric_kind = "DELTA"
    value_type  = "INT64"
  }
}

resource "google_logging_project_bucket_config" "app" {
  project        = var.project
  location       = var.region
  bucket_id      = "${local.prefix}-logs"
  retention_days = 365
}

resource "google_monitoring_notification_channel" "ops" {
  display_name = "ops"
  type         = "email"
  labels       = { email_address = "ops@acme.example" }
}

resource "google_monitoring_alert_policy" "errors" {
  display_name          = "${local.prefix} errors"
  combiner              = "OR"
  notification_channels = [google_monitoring_notification_channel.ops.id]
  conditions {
    display_name = "errors"
    condition_threshold {
      filter          = "metric.type=\"logging.googleapis.com/user/${google_logging_metric.errors.name}\" AND resource.type=\"cloud_run_revision\""
      comparison      = "COMPARISON_GT"
      threshold_value = 5
      duration        = "300s"
      aggregations {
        alignment_period   = "60s"
        per_series_aligner = "ALIGN_DELTA"
      }
    }
  }
}

resource "google_monitoring_uptime_check_config" "web" {
  display_name = "${local.prefix} web"
  timeout      = "10s"
  period       = "60s"
  http_check {
    path         = "/healthz"
    port         = 443
    use_ssl      = true
    validate_ssl = true
  }
  monitored_resource {
    type   = "uptime_url"
    labels = { project_id = var.project, host = "app.acme.example" }
  }
}

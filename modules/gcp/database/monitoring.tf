locals {
  # "db-custom-2-8192" has 2 processors and 8192 MiB; the two shared ones have a name instead.
  shared_memory_gib = { "db-f1-micro" = 0.6, "db-g1-small" = 1.7 }
  memory_gib = try(
    local.shared_memory_gib[var.instance_class],
    tonumber(regex("^db-custom-[0-9]+-([0-9]+)$", var.instance_class)[0]) / 1024,
  )
  gib = pow(1024, 3)

  # Cloud SQL derives the number of connections from the memory, in steps that no attribute tells.
  connection_steps = [[120, 1000], [60, 800], [30, 600], [15, 500], [7.5, 400], [6, 200], [3.75, 100], [1.7, 50], [0, 25]]
  default_limit    = [for step in local.connection_steps : step[1] if local.memory_gib >= step[0]][0]
  connection_limit = try(tonumber(var.parameters["max_connections"]), local.default_limit)

  alarms = {
    cpu = {
      description = "More than 90 % CPU for 5 minutes."
      metric      = "cloudsql.googleapis.com/database/cpu/utilization"
      threshold   = 0.9
      seconds     = 300
    }
    # The disk grows by itself until it may not.
    storage = {
      description = "More than nine tenths of the ${var.storage.max_gib} GiB that the storage may grow to have been used for 15 minutes."
      metric      = "cloudsql.googleapis.com/database/disk/bytes_used"
      threshold   = var.storage.max_gib * local.gib * 0.9
      seconds     = 900
    }
    memory = {
      description = "Less than a twentieth of the memory has been free for 15 minutes."
      metric      = "cloudsql.googleapis.com/database/memory/utilization"
      threshold   = 0.95
      seconds     = 900
    }
    connections = {
      description = "More than 80 % of ${local.connection_limit} connections for 5 minutes."
      metric      = "cloudsql.googleapis.com/database/postgresql/num_backends"
      threshold   = floor(local.connection_limit * 0.8)
      seconds     = 300
    }
  }
}

resource "google_monitoring_alert_policy" "this" {
  for_each = local.alarms

  project      = var.target.project
  display_name = "${var.name}-${each.key}"
  combiner     = "OR"
  user_labels  = var.labels

  conditions {
    display_name = each.value.description

    condition_threshold {
      filter = join(" AND ", [
        "metric.type = \"${each.value.metric}\"",
        "resource.type = \"cloudsql_database\"",
        "resource.labels.database_id = \"${var.target.project}:${google_sql_database_instance.this.name}\"",
      ])
      comparison      = "COMPARISON_GT"
      threshold_value = each.value.threshold
      duration        = "${each.value.seconds}s"

      # Metrics stop while the instance is made, restarted or restored: no reason to wake anybody.
      evaluation_missing_data = "EVALUATION_MISSING_DATA_INACTIVE"

      # Connections are counted for each database, and limited for all of them together.
      aggregations {
        alignment_period     = "60s"
        per_series_aligner   = "ALIGN_MEAN"
        cross_series_reducer = "REDUCE_SUM"
        group_by_fields      = ["resource.label.database_id"]
      }
    }
  }

  documentation {
    content   = "Database ${var.name}: ${each.value.description}"
    mime_type = "text/markdown"
  }

  # Without a channel it opens an incident in the console, and tells nobody.
  notification_channels = var.topic_id == null ? [] : [var.topic_id]
}

# What a person looks at first. The alarms do not depend on it.
locals {
  # What the charts are of: a metric is asked for by the kind of resource and by names.
  services_shown = join(" ", [
    "resource.type=\"cloud_run_revision\"",
    "resource.labels.location=\"${var.target.region}\"",
    "resource.labels.service_name=monitoring.regex.full_match(\"${join("|", sort(values(var.log_groups)))}\")",
  ])
  instances_shown = join(" ", [
    "resource.type=\"cloudsql_database\"",
    "resource.labels.database_id=monitoring.regex.full_match(\"${join("|", formatlist("${var.target.project}:%s", sort(tolist(var.databases))))}\")",
  ])

  service_charts = {
    "Requests"     = { metric = "request_count", align = "ALIGN_RATE", reduce = "REDUCE_SUM", by = ["response_code_class"] }
    "Latency, p95" = { metric = "request_latencies", align = "ALIGN_DELTA", reduce = "REDUCE_PERCENTILE_95", by = [] }
    "CPU, p95"     = { metric = "container/cpu/utilizations", align = "ALIGN_DELTA", reduce = "REDUCE_PERCENTILE_95", by = [] }
    "Memory, p95"  = { metric = "container/memory/utilizations", align = "ALIGN_DELTA", reduce = "REDUCE_PERCENTILE_95", by = [] }
  }
  instance_charts = {
    "Database CPU"         = { metric = "cpu/utilization", reduce = "REDUCE_MEAN" }
    "Database connections" = { metric = "postgresql/num_backends", reduce = "REDUCE_SUM" }
  }

  charts = concat(
    [
      for title, chart in local.service_charts : {
        title  = title
        filter = "metric.type=\"run.googleapis.com/${chart.metric}\" ${local.services_shown}"
        align  = chart.align
        reduce = chart.reduce
        by     = concat(["resource.label.service_name"], formatlist("metric.label.%s", chart.by))
      }
    ],
    [
      for title, chart in local.instance_charts : {
        title  = title
        filter = "metric.type=\"cloudsql.googleapis.com/database/${chart.metric}\" ${local.instances_shown}"
        align  = "ALIGN_MEAN"
        reduce = chart.reduce
        by     = ["resource.label.database_id"]
      } if length(var.databases) > 0
    ],
  )

  # Two charts in a row, and the errors below them over the whole width.
  tiles = concat(
    [
      for index, chart in local.charts : {
        place = { xPos = (index % 2) * 24, yPos = floor(index / 2) * 16, width = 24, height = 16 }
        widget = {
          title = chart.title
          xyChart = {
            dataSets = [{
              plotType = "LINE"
              timeSeriesQuery = {
                timeSeriesFilter = {
                  filter = chart.filter
                  aggregation = {
                    alignmentPeriod    = "60s"
                    perSeriesAligner   = chart.align
                    crossSeriesReducer = chart.reduce
                    groupByFields      = chart.by
                  }
                }
              }
            }]
          }
        }
      }
    ],
    [{
      place = { xPos = 0, yPos = ceil(length(local.charts) / 2) * 16, width = 48, height = 20 }
      widget = {
        title     = "Errors"
        logsPanel = { filter = "severity>=ERROR AND (${join(" OR ", local.workload_sources)})" }
      }
    }],
  )
}

resource "google_monitoring_dashboard" "this" {
  project = var.target.project

  dashboard_json = jsonencode({
    displayName = var.name
    mosaicLayout = {
      columns = 48
      # Google does not give back a zero: written out, it would show as a change in every plan.
      tiles = [
        for tile in local.tiles :
        merge({ for key, value in tile.place : key => value if value != 0 }, { widget = tile.widget })
      ]
    }
  })
}

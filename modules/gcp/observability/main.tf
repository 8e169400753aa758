# Logs go to the project's bucket _Default in any case, wherever that lies, and are gone after a month. This one lies
# in the region and keeps them for as long as the environment says.
resource "google_logging_project_bucket_config" "this" {
  project        = var.target.project
  location       = var.target.region
  bucket_id      = var.name
  description    = "Logs of ${var.name}."
  retention_days = var.retention_days

  # A locked bucket could not be deleted, nor the project, until its last entry has expired. That is for the customer.
  locked = false

  # Kept, its entries outlive the environment until they expire, and a later install finds it and goes on with it.
  # Deleted, its name is taken for a week.
  deletion_policy = var.protection ? "ABANDON" : "DELETE"

  dynamic "cmek_settings" {
    for_each = var.key_id[*]

    content {
      kms_key_name = cmek_settings.value
    }
  }
}

resource "google_logging_project_sink" "this" {
  project     = var.target.project
  name        = var.name
  description = "Copies the logs of ${var.name} into its own bucket."
  destination = "logging.googleapis.com/${google_logging_project_bucket_config.this.id}"
  filter      = local.filter
  disabled    = false

  # A bucket of the same project needs no account that writes to it. An account of its own is the provider's default.
  unique_writer_identity = true
}

locals {
  # By name and one by one: a pattern would take in the logs of another environment whose name begins alike. Sorted, so
  # that the order in which a caller names them is not a change of the filter.
  workloads = join(" OR ", [for name in sort(values(var.log_groups)) : "\"${name}\""])
  databases = join(" OR ", [for name in sort(tolist(var.databases)) : "\"${var.target.project}:${name}\""])
  subnets   = join(" OR ", [for name in sort(tolist(var.subnet_names)) : "\"${name}\""])

  # With the region, because another one may have a service of the same name.
  workload_sources = [
    for type, label in {
      cloud_run_job         = "job_name"
      cloud_run_revision    = "service_name"
      cloud_run_worker_pool = "worker_pool_name"
    } :
    join(" AND ", [
      "(resource.type=\"${type}\"",
      "resource.labels.location=\"${var.target.region}\"",
      "resource.labels.${label}=(${local.workloads}))",
    ])
  ]

  database_source = "(resource.type=\"cloudsql_database\" AND resource.labels.database_id=(${local.databases}))"
  network_source  = "(resource.type=\"gce_subnetwork\" AND resource.labels.subnetwork_name=(${local.subnets}))"

  filter = join(" OR ", concat(
    local.workload_sources,
    length(var.databases) == 0 ? [] : [local.database_source],
    length(var.subnet_names) == 0 ? [] : [local.network_source],
  ))
}

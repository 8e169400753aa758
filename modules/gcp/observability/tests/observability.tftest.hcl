mock_provider "google" {
  mock_resource "google_logging_project_bucket_config" {
    defaults        = { id = "projects/acme-ledger/locations/europe-west3/buckets/acme-production" }
    override_during = plan
  }

  mock_resource "google_monitoring_notification_channel" {
    defaults        = { id = "projects/acme-ledger/notificationChannels/1234567890" }
    override_during = plan
  }
}

variables {
  name   = "acme-production"
  target = { project = "acme-ledger", project_number = "123456789012", region = "europe-west3" }
  log_groups = {
    service_web = "acme-production-web"
    job_migrate = "acme-production-migrate"
  }
}

run "keeps_logs_for_a_year_in_the_region" {
  command = plan

  assert {
    condition = (
      google_logging_project_bucket_config.this.location == "europe-west3" &&
      google_logging_project_bucket_config.this.retention_days == 365
    )
    error_message = "logs are kept in the environment's region, for a year"
  }

  assert {
    condition = (
      google_logging_project_bucket_config.this.deletion_policy == "ABANDON" &&
      !google_logging_project_bucket_config.this.locked
    )
    error_message = "logs outlive the environment, and expire all the same"
  }

  assert {
    condition     = google_logging_project_sink.this.destination == "logging.googleapis.com/projects/acme-ledger/locations/europe-west3/buckets/acme-production"
    error_message = "the sink writes into the environment's bucket"
  }
}

run "copies_this_environments_logs_and_no_others" {
  command = plan

  assert {
    condition = google_logging_project_sink.this.filter == join(" OR ", [
      "(resource.type=\"cloud_run_job\" AND resource.labels.location=\"europe-west3\" AND resource.labels.job_name=(\"acme-production-migrate\" OR \"acme-production-web\"))",
      "(resource.type=\"cloud_run_revision\" AND resource.labels.location=\"europe-west3\" AND resource.labels.service_name=(\"acme-production-migrate\" OR \"acme-production-web\"))",
      "(resource.type=\"cloud_run_worker_pool\" AND resource.labels.location=\"europe-west3\" AND resource.labels.worker_pool_name=(\"acme-production-migrate\" OR \"acme-production-web\"))",
    ])
    error_message = "workloads are named in full, in their region"
  }

  assert {
    condition     = !google_logging_project_sink.this.disabled
    error_message = "the sink is on"
  }
}

run "databases_and_network_on_demand" {
  command = plan

  variables {
    databases    = ["acme-production-main"]
    subnet_names = ["acme-production-private", "acme-production-database"]
  }

  assert {
    condition = endswith(google_logging_project_sink.this.filter, join(" OR ", [
      "",
      "(resource.type=\"cloudsql_database\" AND resource.labels.database_id=(\"acme-ledger:acme-production-main\"))",
      "(resource.type=\"gce_subnetwork\" AND resource.labels.subnetwork_name=(\"acme-production-database\" OR \"acme-production-private\"))",
    ]))
    error_message = "databases are named with their project, subnets by name"
  }

  assert {
    condition     = length(jsondecode(google_monitoring_dashboard.this.dashboard_json).mosaicLayout.tiles) == 7
    error_message = "the dashboard shows databases as well"
  }
}

run "nobody_is_told_by_default" {
  command = plan

  assert {
    condition     = length(google_monitoring_notification_channel.contact) == 0 && output.topic_id == null
    error_message = "without a contact there is no channel"
  }

  assert {
    condition     = output.log_groups == { service_web = { name = "acme-production-web" }, job_migrate = { name = "acme-production-migrate" } }
    error_message = "logs are found by the name in Cloud Run"
  }
}

run "a_contact_is_told" {
  command = plan

  variables {
    contact = "platform@acme.example"
    labels  = { landfall-environment = "acme-production" }
  }

  assert {
    condition = (
      google_monitoring_notification_channel.contact[0].type == "email" &&
      google_monitoring_notification_channel.contact[0].labels.email_address == "platform@acme.example"
    )
    error_message = "the contact is told by e-mail"
  }

  assert {
    condition = (
      google_monitoring_notification_channel.contact[0].user_labels["landfall-environment"] == "acme-production" &&
      !google_monitoring_notification_channel.contact[0].force_delete
    )
    error_message = "the channel says whose it is, and is not taken away from alarms"
  }

  assert {
    condition     = output.topic_id == "projects/acme-ledger/notificationChannels/1234567890"
    error_message = "the channel is handed on"
  }
}

run "tiles_of_the_dashboard_do_not_overlap" {
  command = plan

  assert {
    condition = [
      for tile in jsondecode(google_monitoring_dashboard.this.dashboard_json).mosaicLayout.tiles :
      [try(tile.xPos, 0), try(tile.yPos, 0)]
    ] == [[0, 0], [24, 0], [0, 16], [24, 16], [0, 32]]
    error_message = "two charts in a row, errors below"
  }

  assert {
    condition = alltrue([
      for tile in jsondecode(google_monitoring_dashboard.this.dashboard_json).mosaicLayout.tiles :
      try(tile.xPos, 0) + tile.width <= 48
    ])
    error_message = "no tile is wider than the dashboard"
  }

  assert {
    condition = alltrue([
      for tile in jsondecode(google_monitoring_dashboard.this.dashboard_json).mosaicLayout.tiles :
      try(tile.xPos, 1) != 0 &&
      try(tile.yPos, 1) != 0
    ])
    error_message = "a zero is left out: Google does not give it back, and every plan would show a change"
  }
}

run "logs_under_the_customers_key" {
  command = plan

  variables {
    key_id = "projects/acme-ledger/locations/europe-west3/keyRings/acme-production/cryptoKeys/main"
  }

  assert {
    condition     = google_logging_project_bucket_config.this.cmek_settings[0].kms_key_name == var.key_id
    error_message = "the bucket is encrypted with the key that is given"
  }
}

run "a_preview_forgets" {
  command = plan

  variables {
    protection     = false
    retention_days = 7
  }

  assert {
    condition = (
      google_logging_project_bucket_config.this.deletion_policy == "DELETE" &&
      google_logging_project_bucket_config.this.retention_days == 7
    )
    error_message = "without protection the logs go with the environment"
  }
}

run "refuses_to_copy_the_whole_project" {
  command = plan

  variables {
    log_groups = {}
  }

  expect_failures = [var.log_groups]
}

run "refuses_to_keep_logs_for_ever" {
  command = plan

  variables {
    retention_days = 0
  }

  expect_failures = [var.retention_days]
}

run "refuses_a_contact_that_is_no_address" {
  command = plan

  variables {
    contact = "platform team"
  }

  expect_failures = [var.contact]
}

run "refuses_one_name_for_two_workloads" {
  command = plan

  variables {
    log_groups = {
      service_web    = "acme-production-web"
      service_worker = "acme-production-web"
    }
  }

  expect_failures = [var.log_groups]
}

run "refuses_a_key_of_another_region" {
  command = plan

  variables {
    key_id = "projects/acme-ledger/locations/europe-west1/keyRings/acme-production/cryptoKeys/main"
  }

  expect_failures = [var.key_id]
}

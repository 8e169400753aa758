mock_provider "google" {
  mock_resource "google_sql_database_instance" {
    defaults = {
      dns_name                    = "1a23b4cd5e67.1a2b345c6d27.europe-west3.sql.goog."
      connection_name             = "acme-ledger:europe-west3:acme-production-main"
      psc_service_attachment_link = "projects/tenant/regions/europe-west3/serviceAttachments/a-1a23b4cd5e67"
      self_link                   = "https://sqladmin.googleapis.com/sql/v1beta4/projects/acme-ledger/instances/acme-production-main"
    }
    override_during = plan
  }

  mock_resource "google_compute_address" {
    defaults = {
      address   = "10.40.128.2"
      self_link = "https://www.googleapis.com/compute/v1/projects/acme-ledger/regions/europe-west3/addresses/acme-production-main"
    }
    override_during = plan
  }
}

variables {
  name           = "acme-production-main"
  target         = { project = "acme-ledger", project_number = "123456789012", region = "europe-west3" }
  key_id         = "projects/acme-ledger/locations/europe-west3/keyRings/acme-production/cryptoKeys/main"
  engine_version = "17"
  instance_class = "db-custom-2-8192"
  storage        = { allocated_gib = 50, max_gib = 200 }
  vpc_id         = "projects/acme-ledger/global/networks/acme-production"
  subnet_id      = "projects/acme-ledger/regions/europe-west3/subnetworks/acme-production-database"
  database_names = ["ledger"]
  topic_id       = "projects/acme-ledger/notificationChannels/1234567890"
}

run "defaults_protect_the_data" {
  command = plan

  assert {
    condition = (
      google_sql_database_instance.this.deletion_protection &&
      google_sql_database_instance.this.settings[0].deletion_protection_enabled
    )
    error_message = "neither Terraform nor the console may delete the instance"
  }

  assert {
    condition = (
      google_sql_database_instance.this.settings[0].availability_type == "REGIONAL" &&
      google_sql_database_instance.this.settings[0].backup_configuration[0].enabled &&
      google_sql_database_instance.this.settings[0].backup_configuration[0].point_in_time_recovery_enabled
    )
    error_message = "a standby is the default, with what Cloud SQL demands for it"
  }

  assert {
    condition = (
      google_sql_database_instance.this.settings[0].backup_configuration[0].backup_retention_settings[0].retained_backups == 14 &&
      google_sql_database_instance.this.settings[0].backup_configuration[0].transaction_log_retention_days == 7 &&
      google_sql_database_instance.this.settings[0].retain_backups_on_delete &&
      google_sql_database_instance.this.settings[0].final_backup_config[0].enabled &&
      google_sql_database_instance.this.settings[0].final_backup_config[0].retention_days == 30
    )
    error_message = "backups are kept for two weeks and outlive the instance, which leaves a last one"
  }

  assert {
    condition     = alltrue([for database in google_sql_database.this : database.deletion_policy == "ABANDON"])
    error_message = "a name that leaves the list must not take its data along"
  }
}

run "an_empty_protection_is_the_default_one" {
  command = plan

  variables {
    protection = {}
  }

  assert {
    condition     = var.protection == { multi_az = true, deletion_protection = true, backup_days = 14, skip_final_snapshot = false }
    error_message = "the two places that state the defaults must agree"
  }
}

run "is_reached_through_one_private_address_only" {
  command = plan

  assert {
    condition = (
      !google_sql_database_instance.this.settings[0].ip_configuration[0].ipv4_enabled &&
      length(google_sql_database_instance.this.settings[0].ip_configuration[0].authorized_networks) == 0
    )
    error_message = "the instance has no public address, and lets no network in"
  }

  assert {
    condition     = google_sql_database_instance.this.settings[0].ip_configuration[0].private_network == null
    error_message = "no peering: it would outlive the instance and keep the network from being deleted"
  }

  assert {
    condition = [
      for psc in google_sql_database_instance.this.settings[0].ip_configuration[0].psc_config :
      { enabled = psc.psc_enabled, projects = psc.allowed_consumer_projects }
    ] == [{ enabled = true, projects = toset(["acme-ledger"]) }]
    error_message = "Private Service Connect, for this project only"
  }

  assert {
    condition = (
      google_compute_address.this.address_type == "INTERNAL" &&
      google_compute_address.this.subnetwork == var.subnet_id &&
      google_compute_forwarding_rule.this.load_balancing_scheme == "" &&
      google_compute_forwarding_rule.this.network == var.vpc_id &&
      google_compute_forwarding_rule.this.target == google_sql_database_instance.this.psc_service_attachment_link
    )
    error_message = "the address is the network's own, and leads to this instance; another scheme would be a load balancer"
  }

  assert {
    condition     = google_sql_database_instance.this.settings[0].data_api_access == "DISALLOW_DATA_API"
    error_message = "no SQL over a public API"
  }
}

run "the_name_is_the_certificates_and_private" {
  command = plan

  assert {
    condition     = output.address == "1a23b4cd5e67.1a2b345c6d27.europe-west3.sql.goog" && output.port == 5432
    error_message = "clients compare the name with the certificate, which has no dot at its end"
  }

  assert {
    condition = (
      google_dns_managed_zone.this.visibility == "private" &&
      [for network in google_dns_managed_zone.this.private_visibility_config[0].networks : network.network_url] == [var.vpc_id]
    )
    error_message = "only the environment's network resolves it"
  }

  assert {
    condition = (
      google_dns_managed_zone.this.dns_name == "${output.address}." &&
      google_dns_record_set.this.name == google_dns_managed_zone.this.dns_name &&
      google_dns_record_set.this.rrdatas == tolist(["10.40.128.2"])
    )
    error_message = "the zone holds this one name, and it leads to the address"
  }
}

run "outputs_tell_instances_apart" {
  command = plan

  assert {
    condition = (
      output.instance_id == "acme-production-main" &&
      output.connection_name == "acme-ledger:europe-west3:acme-production-main"
    )
    error_message = "name and connection name are handed on"
  }

  assert {
    condition = (
      endswith(output.resource_id, "/projects/acme-ledger/instances/acme-production-main") &&
      output.database_names == tolist(["ledger"])
    )
    error_message = "the resource id names project and instance"
  }
}

run "everything_is_encrypted_and_stays_in_the_region" {
  command = plan

  assert {
    condition     = google_sql_database_instance.this.encryption_key_name == var.key_id
    error_message = "disk and backups use the customer's key"
  }

  assert {
    condition = (
      google_sql_database_instance.this.region == "europe-west3" &&
      google_sql_database_instance.this.settings[0].backup_configuration[0].location == "europe-west3"
    )
    error_message = "backups must not go to a multi-region"
  }
}

run "tls_or_nothing" {
  command = plan

  assert {
    condition = (
      google_sql_database_instance.this.settings[0].ip_configuration[0].ssl_mode == "ENCRYPTED_ONLY" &&
      google_sql_database_instance.this.settings[0].ip_configuration[0].server_ca_mode == "GOOGLE_MANAGED_CAS_CA" &&
      google_sql_database_instance.this.settings[0].ip_configuration[0].server_certificate_rotation_mode == "AUTOMATIC_ROTATION_DURING_MAINTENANCE"
    )
    error_message = "connections are encrypted, the certificate names the host and renews itself"
  }
}

run "no_password_passes_through" {
  command = plan

  assert {
    condition = (
      google_sql_database_instance.this.root_password == null &&
      google_sql_database_instance.this.root_password_wo_version == null
    )
    error_message = "the built-in user has no password, hence no login"
  }

  assert {
    condition     = one([for flag in google_sql_database_instance.this.settings[0].database_flags : flag.value if flag.name == "cloudsql.iam_authentication"]) == "on"
    error_message = "logins are by IAM"
  }

  assert {
    condition     = google_sql_database_instance.this.settings[0].password_validation_policy[0].enable_password_policy
    error_message = "a password that somebody sets by hand is not a short one"
  }
}

run "no_values_in_the_log" {
  command = plan

  assert {
    condition = {
      for flag in google_sql_database_instance.this.settings[0].database_flags : flag.name => flag.value
      if contains(["log_min_duration_statement", "log_statement", "log_connections", "log_disconnections"], flag.name)
    } == { log_min_duration_statement = "-1", log_statement = "ddl", log_connections = "on", log_disconnections = "on" }
    error_message = "who and what is logged, statements with values are not"
  }

  assert {
    condition     = !google_sql_database_instance.this.settings[0].insights_config[0].record_client_address
    error_message = "Query Insights does not keep addresses"
  }
}

run "what_the_module_sets_nobody_else_does" {
  command = plan

  assert {
    condition     = toset([for flag in google_sql_database_instance.this.settings[0].database_flags : flag.name]) == toset(local.own_flags)
    error_message = "the list of flags that a product may not set must be the list of those that the module sets"
  }
}

run "the_edition_is_said_out_loud" {
  command = plan

  assert {
    condition = (
      google_sql_database_instance.this.settings[0].edition == "ENTERPRISE" &&
      google_sql_database_instance.this.database_version == "POSTGRES_17"
    )
    error_message = "from PostgreSQL 16 on the default edition has no custom tiers"
  }

  assert {
    condition = (
      google_sql_database_instance.this.settings[0].disk_autoresize &&
      google_sql_database_instance.this.settings[0].disk_autoresize_limit == 200 &&
      google_sql_database_instance.this.settings[0].disk_size == 50
    )
    error_message = "storage grows by itself, up to a limit"
  }
}

run "maintenance_happens_when_it_is_told" {
  command = plan

  variables {
    maintenance_window = "sun:02:00-sun:03:00"
  }

  assert {
    condition = [
      for window in google_sql_database_instance.this.settings[0].maintenance_window : [window.day, window.hour, window.update_track]
    ] == [[7, 2, "stable"]]
    error_message = "Sunday is day 7, and the window begins at 2"
  }
}

run "maintenance_is_cloud_sqls_choice" {
  command = plan

  assert {
    condition     = length(google_sql_database_instance.this.settings[0].maintenance_window) == 0
    error_message = "without a window Cloud SQL chooses"
  }
}

run "parameters_of_the_product" {
  command = plan

  variables {
    parameters = { work_mem = "65536", max_connections = "400" }
  }

  assert {
    condition = {
      for flag in google_sql_database_instance.this.settings[0].database_flags : flag.name => flag.value
      if contains(["work_mem", "max_connections"], flag.name)
    } == { work_mem = "65536", max_connections = "400" }
    error_message = "flags of the product stand beside the module's"
  }

  assert {
    condition     = google_monitoring_alert_policy.this["connections"].conditions[0].condition_threshold[0].threshold_value == 320
    error_message = "the alarm follows max_connections"
  }
}

run "alarms_fit_the_tier" {
  command = plan

  assert {
    condition = {
      for key, alarm in google_monitoring_alert_policy.this : key => alarm.conditions[0].condition_threshold[0].threshold_value
    } == { cpu = 0.9, storage = 200 * pow(1024, 3) * 0.9, memory = 0.95, connections = 320 }
    error_message = "8 GiB have 400 connections"
  }

  assert {
    condition = alltrue([
      for alarm in google_monitoring_alert_policy.this :
      alarm.notification_channels == tolist([var.topic_id]) &&
      alarm.conditions[0].condition_threshold[0].evaluation_missing_data == "EVALUATION_MISSING_DATA_INACTIVE" &&
      strcontains(alarm.conditions[0].condition_threshold[0].filter, "\"acme-ledger:acme-production-main\"")
    ])
    error_message = "every alarm watches this instance and is told to the channel, and silence is no alarm"
  }
}

run "connections_of_other_tiers" {
  command = plan

  variables {
    instance_class = "db-custom-16-61440"
  }

  assert {
    condition     = google_monitoring_alert_policy.this["connections"].conditions[0].condition_threshold[0].threshold_value == 640
    error_message = "60 GiB have 800 connections"
  }
}

run "labels_reach_what_default_labels_do_not" {
  command = plan

  variables {
    labels = { landfall-environment = "acme-production" }
  }

  assert {
    condition     = google_sql_database_instance.this.settings[0].user_labels["landfall-environment"] == "acme-production"
    error_message = "the instance says whose it is"
  }

  assert {
    condition     = alltrue([for alarm in google_monitoring_alert_policy.this : alarm.user_labels["landfall-environment"] == "acme-production"])
    error_message = "alarms say whose they are"
  }
}

run "a_preview_leaves_nothing_behind" {
  command = plan

  variables {
    instance_class = "db-f1-micro"
    topic_id       = null
    protection = {
      multi_az            = false
      deletion_protection = false
      backup_days         = 1
      skip_final_snapshot = true
    }
  }

  assert {
    condition = (
      !google_sql_database_instance.this.deletion_protection &&
      !google_sql_database_instance.this.settings[0].deletion_protection_enabled &&
      !google_sql_database_instance.this.settings[0].retain_backups_on_delete &&
      !google_sql_database_instance.this.settings[0].final_backup_config[0].enabled &&
      google_sql_database_instance.this.settings[0].availability_type == "ZONAL"
    )
    error_message = "without a last backup the others go, too, and both protections follow the one input"
  }

  # Cloud SQL refuses to keep logs longer than backups.
  assert {
    condition     = google_sql_database_instance.this.settings[0].backup_configuration[0].transaction_log_retention_days == 1
    error_message = "logs are not kept longer than backups"
  }

  assert {
    condition = (
      alltrue([for alarm in google_monitoring_alert_policy.this : length(coalesce(alarm.notification_channels, [])) == 0]) &&
      google_monitoring_alert_policy.this["connections"].conditions[0].condition_threshold[0].threshold_value == 20
    )
    error_message = "without a channel alarms tell nobody; the smallest tier has 25 connections"
  }
}

run "refuses_a_minor_version" {
  command = plan

  variables {
    engine_version = "17.4"
  }

  expect_failures = [var.engine_version]
}

run "refuses_a_waiver_on_protected_data" {
  command = plan

  variables {
    protection = { skip_final_snapshot = true }
  }

  expect_failures = [var.protection]
}

run "refuses_to_go_without_backups" {
  command = plan

  variables {
    protection = { backup_days = 0 }
  }

  expect_failures = [var.protection]
}

run "refuses_storage_that_cannot_grow" {
  command = plan

  variables {
    storage = { allocated_gib = 100, max_gib = 100 }
  }

  expect_failures = [var.storage]
}

run "refuses_a_tier_of_another_edition" {
  command = plan

  variables {
    instance_class = "db-perf-optimized-N-2"
  }

  expect_failures = [var.instance_class]
}

run "refuses_an_odd_number_of_processors" {
  command = plan

  variables {
    instance_class = "db-custom-3-12288"
  }

  expect_failures = [var.instance_class]
}

run "refuses_too_much_memory_for_one_processor" {
  command = plan

  variables {
    instance_class = "db-custom-1-8192"
  }

  expect_failures = [var.instance_class]
}

run "refuses_to_switch_tokens_off" {
  command = plan

  variables {
    parameters = { "cloudsql.iam_authentication" = "off" }
  }

  expect_failures = [var.parameters]
}

run "refuses_a_window_that_is_not_on_the_hour" {
  command = plan

  variables {
    maintenance_window = "sun:02:30-sun:03:30"
  }

  expect_failures = [var.maintenance_window]
}

run "refuses_a_database_of_cloud_sqls_own" {
  command = plan

  variables {
    database_names = ["cloudsqladmin"]
  }

  expect_failures = [var.database_names]
}

run "refuses_a_key_of_another_region" {
  command = plan

  variables {
    key_id = "projects/acme-ledger/locations/europe-west1/keyRings/acme-production/cryptoKeys/main"
  }

  expect_failures = [var.key_id]
}

run "refuses_a_double_hyphen" {
  command = plan

  variables {
    name = "acme--main"
  }

  expect_failures = [var.name]
}

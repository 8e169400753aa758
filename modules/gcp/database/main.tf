locals {
  days = { mon = 1, tue = 2, wed = 3, thu = 4, fri = 5, sat = 6, sun = 7 }

  # "sun:02:00-sun:03:00" is day 7, hour 2. Cloud SQL counts in whole hours and takes one from there.
  window_start = var.maintenance_window == null ? [] : [split(":", var.maintenance_window)]

  # Flags that a product may not set.
  own_flags = [
    "cloudsql.enable_pgaudit",
    "cloudsql.iam_authentication",
    "log_checkpoints",
    "log_connections",
    "log_disconnections",
    "log_lock_waits",
    "log_min_duration_statement",
    "log_min_error_statement",
    "log_min_messages",
    "log_statement",
    "log_temp_files",
  ]
}

resource "google_sql_database_instance" "this" {
  #checkov:skip=CKV_GCP_6:its only accepted value asks for client certificates, which logins by IAM do not have; ENCRYPTED_ONLY refuses whatever is not TLS
  #checkov:skip=CKV_GCP_79:the kit says which major version its product runs on
  #checkov:skip=CKV2_GCP_13:log_duration writes a line for every statement; Query Insights keeps the times
  #checkov:skip=CKV_GCP_108:log_hostname looks up every client by address, and all of them come through one endpoint that has no name

  project             = var.target.project
  name                = var.name
  region              = var.target.region
  database_version    = "POSTGRES_${var.engine_version}"
  encryption_key_name = var.key_id

  # Twice from one input: the first stops Terraform, the second the console, gcloud and the API.
  deletion_protection = var.protection.deletion_protection

  settings {
    deletion_protection_enabled = var.protection.deletion_protection

    # Backups outlive the instance unless its data was declared worthless.
    retain_backups_on_delete = !var.protection.skip_final_snapshot

    # Said out loud: from PostgreSQL 16 on the default is ENTERPRISE_PLUS, which has none of these tiers.
    edition           = "ENTERPRISE"
    tier              = var.instance_class
    availability_type = var.protection.multi_az ? "REGIONAL" : "ZONAL"
    user_labels       = var.labels

    # Growing by itself is no drift: the provider ignores a disk that is larger than asked for.
    disk_type             = "PD_SSD"
    disk_size             = var.storage.allocated_gib
    disk_autoresize       = true
    disk_autoresize_limit = var.storage.max_gib

    # Products log in directly, with a token; the Auth Proxy is a choice of the kit.
    connector_enforcement = "NOT_REQUIRED"

    # SQL over a public API would reach an instance that no public network reaches.
    data_api_access = "DISALLOW_DATA_API"

    ip_configuration {
      # Unless it is said, an instance gets a public address.
      ipv4_enabled = false
      ssl_mode     = "ENCRYPTED_ONLY"

      # An authority of Google's whose certificates name the host, so that clients can check both. Left alone, the
      # certificate would end after a year, and every client with it.
      server_ca_mode                   = "GOOGLE_MANAGED_CAS_CA"
      server_certificate_rotation_mode = "AUTOMATIC_ROTATION_DURING_MAINTENANCE"

      psc_config {
        psc_enabled               = true
        allowed_consumer_projects = [var.target.project]
      }
    }

    backup_configuration {
      enabled                        = true
      point_in_time_recovery_enabled = true
      # Where the data is: the default is a multi-region.
      location                       = var.target.region
      transaction_log_retention_days = min(7, var.protection.backup_days)

      backup_retention_settings {
        retained_backups = var.protection.backup_days
        retention_unit   = "COUNT"
      }
    }

    final_backup_config {
      enabled        = !var.protection.skip_final_snapshot
      retention_days = var.protection.skip_final_snapshot ? null : 30
    }

    dynamic "maintenance_window" {
      for_each = local.window_start

      content {
        day          = local.days[maintenance_window.value[0]]
        hour         = tonumber(maintenance_window.value[1])
        update_track = "stable"
      }
    }

    # Slow statements, normalised: their values stay in the database.
    insights_config {
      query_insights_enabled  = true
      query_string_length     = 1024
      record_application_tags = true
      record_client_address   = false
    }

    # No user here has a password. Should somebody give one to the built-in user, it will not be a short one.
    password_validation_policy {
      enable_password_policy      = true
      complexity                  = "COMPLEXITY_DEFAULT"
      min_length                  = 16
      disallow_username_substring = true
    }

    # ---- flags of the module, one by one because scanners do not read a map; local.own_flags names them again

    # Users log in with tokens of their service accounts.
    database_flags {
      name  = "cloudsql.iam_authentication"
      value = "on"
    }

    # Who changed the schema, who was connected, and what waited or spilled to disk.
    database_flags {
      name  = "log_checkpoints"
      value = "on"
    }

    database_flags {
      name  = "log_connections"
      value = "on"
    }

    database_flags {
      name  = "log_disconnections"
      value = "on"
    }

    database_flags {
      name  = "log_lock_waits"
      value = "on"
    }

    database_flags {
      name  = "log_statement"
      value = "ddl"
    }

    database_flags {
      name  = "log_temp_files"
      value = "0"
    }

    # PostgreSQL would write the values of a slow statement into its log in full. Query Insights shows them without.
    database_flags {
      name  = "log_min_duration_statement"
      value = "-1"
    }

    database_flags {
      name  = "log_min_error_statement"
      value = "error"
    }

    database_flags {
      name  = "log_min_messages"
      value = "warning"
    }

    # Only loaded, since that takes a restart. What it records is for the customer's auditors to say.
    database_flags {
      name  = "cloudsql.enable_pgaudit"
      value = "on"
    }

    # ---- flags of the product

    dynamic "database_flags" {
      for_each = var.parameters

      content {
        name  = database_flags.key
        value = database_flags.value
      }
    }
  }

  timeouts {
    # A standby doubles what is built, and a change of tier fails over first.
    create = "60m"
    update = "60m"
    delete = "60m"
  }
}

# ABANDON: a name that leaves the list must not take its data along. With the instance they go anyway, under the
# protection that the instance has.
resource "google_sql_database" "this" {
  for_each = var.database_names

  project         = var.target.project
  name            = each.key
  instance        = google_sql_database_instance.this.name
  deletion_policy = "ABANDON"
}

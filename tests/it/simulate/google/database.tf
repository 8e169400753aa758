# Cloud SQL, reached by Private Service Connect only, under a key of ours.

resource "google_sql_database_instance" "this" {
  name                = local.prefix
  region              = var.region
  database_version    = "POSTGRES_17"
  encryption_key_name = google_kms_crypto_key.this.id
  deletion_protection = var.protected
  depends_on          = [google_kms_crypto_key_iam_member.sql]
  settings {
    tier                        = var.tier
    edition                     = "ENTERPRISE"
    availability_type           = "REGIONAL"
    deletion_protection_enabled = var.protected
    retain_backups_on_delete    = true
    disk_type                   = "PD_SSD"
    disk_autoresize             = true
    disk_autoresize_limit       = 200
    connector_enforcement       = "NOT_REQUIRED"
    data_api_access             = "DISALLOW_DATA_API"
    user_labels                 = local.labels
    ip_configuration {
      ipv4_enabled   = false
      ssl_mode       = "ENCRYPTED_ONLY"
      server_ca_mode = "GOOGLE_MANAGED_CAS_CA"
      psc_config {
        psc_enabled               = true
        allowed_consumer_projects = [var.project]
      }
    }
    backup_configuration {
      enabled                        = true
      point_in_time_recovery_enabled = true
      start_time                     = "02:00"
      transaction_log_retention_days = 7
      backup_retention_settings {
        retained_backups = 14
        retention_unit   = "COUNT"
      }
    }
    final_backup_config {
      enabled        = true
      retention_days = 30
    }
    maintenance_window {
      day          = 7
      hour         = 3
      update_track = "stable"
    }
    insights_config {
      query_insights_enabled  = true
      record_application_tags = true
      record_client_address   = false
      query_string_length     = 1024
    }
    password_validation_policy {
      enable_password_policy = true
      min_length             = 16
      complexity             = "COMPLEXITY_DEFAULT"
    }
    dynamic "database_flags" {
      for_each = {
        "cloudsql.iam_authentication" = "on"
        "cloudsql.enable_pgaudit"     = "on"
        log_checkpoints               = "on"
        log_connections               = "on"
        log_temp_files                = "0"
      }
      content {
        name  = database_flags.key
        value = database_flags.value
      }
    }
  }
}

resource "google_sql_database" "this" {
  name            = "app"
  instance        = google_sql_database_instance.this.name
  deletion_policy = "ABANDON"
}

resource "google_sql_user" "app" {
  name            = trimsuffix(google_service_account.app.email, ".gserviceaccount.com")
  instance        = google_sql_database_instance.this.name
  type            = "CLOUD_IAM_SERVICE_ACCOUNT"
  database_roles  = ["pg_read_all_data"]
  deletion_policy = "ABANDON"
}

resource "google_kms_key_ring" "this" {
  name     = local.prefix
  location = var.region
}

resource "google_kms_crypto_key" "this" {
  name                       = "app"
  key_ring                   = google_kms_key_ring.this.id
  purpose                    = "ENCRYPT_DECRYPT"
  rotation_period            = "7776000s"
  destroy_scheduled_duration = "2592000s"
  labels                     = local.labels
  version_template {
    algorithm        = "GOOGLE_SYMMETRIC_ENCRYPTION"
    protection_level = "SOFTWARE"
  }
}

resource "google_kms_crypto_key_iam_member" "sql" {
  crypto_key_id = google_kms_crypto_key.this.id
  role          = "roles/cloudkms.cryptoKeyEncrypterDecrypter"
  member        = "serviceAccount:service-123456789012@gcp-sa-cloud-sql.iam.gserviceaccount.com"
}

# Secrets without values, and a bucket.

resource "google_secret_manager_secret" "api" {
  secret_id           = "${local.prefix}-api-key"
  labels              = local.labels
  deletion_protection = var.protected
  version_destroy_ttl = "2592000s"
  replication {
    user_managed {
      replicas {
        location = var.region
        customer_managed_encryption { kms_key_name = google_kms_crypto_key.this.id }
      }
    }
  }
  # The labels of versions, which are moved by whoever writes them.
  lifecycle { ignore_changes = [version_aliases] }
}

resource "google_secret_manager_secret_iam_member" "api" {
  secret_id = google_secret_manager_secret.api.id
  role      = "roles/secretmanager.secretAccessor"
  member    = google_service_account.app.member
}

resource "google_secret_manager_secret" "session" {
  secret_id           = "${local.prefix}-session"
  deletion_protection = false
  replication {
    auto {}
  }
}

resource "google_secret_manager_secret_version" "session" {
  secret                 = google_secret_manager_secret.session.id
  secret_data_wo         = "not-a-secret"
  secret_data_wo_version = 1
}

resource "google_storage_bucket" "data" {
  name                        = "${local.prefix}-data"
  location                    = "EUROPE-WEST1"
  storage_class               = "STANDARD"
  uniform_bucket_level_access = true
  public_access_prevention    = "enforced"
  force_destroy               = false
  labels                      = local.labels
  versioning { enabled = true }
  encryption { default_kms_key_name = google_kms_crypto_key.this.id }
  soft_delete_policy { retention_duration_seconds = 604800 }
  lifecycle_rule {
    condition {
      num_newer_versions = 5
      with_state         = "ARCHIVED"
    }
    action { type = "Delete" }
  }
  lifecycle_rule {
    condition { age = 7 }
    action { type = "AbortIncompleteMultipartUpload" }
  }
  logging {
    log_bucket        = "${local.prefix}-logs"
    log_object_prefix = "data"
  }
  cors {
    origin          = ["https://app.acme.example"]
    method          = ["GET", "PUT"]
    response_header = ["Content-Type"]
    max_age_seconds = 3600
  }
}

resource "google_storage_bucket_iam_member" "app" {
  bucket = google_storage_bucket.data.name
  role   = "roles/storage.objectUser"
  member = google_service_account.app.member
  condition {
    title      = "prefix"
    expression = "resource.name.startsWith(\"projects/_/buckets/x/objects/app/\")"
  }
}

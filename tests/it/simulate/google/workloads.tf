# A service, a worker pool and two jobs of Cloud Run, and what they need.

resource "google_service_account" "app" {
  account_id   = "${local.prefix}-app"
  display_name = "app"
}

resource "google_project_iam_member" "sql_client" {
  project = var.project
  role    = "roles/cloudsql.client"
  member  = google_service_account.app.member
}

resource "google_project_iam_member" "sql_login" {
  project = var.project
  role    = "roles/cloudsql.instanceUser"
  member  = google_service_account.app.member
  condition {
    title      = "one-instance"
    expression = "resource.name == 'projects/${var.project}/instances/${google_sql_database_instance.this.name}' && resource.service == 'sqladmin.googleapis.com'"
  }
}

resource "google_cloud_run_v2_service" "web" {
  name                 = "${local.prefix}-web"
  location             = var.region
  deletion_protection  = false
  ingress              = "INGRESS_TRAFFIC_INTERNAL_LOAD_BALANCER"
  default_uri_disabled = true
  labels               = local.labels
  template {
    service_account                  = google_service_account.app.email
    encryption_key                   = google_kms_crypto_key.this.id
    execution_environment            = "EXECUTION_ENVIRONMENT_GEN2"
    timeout                          = "60s"
    max_instance_request_concurrency = 80
    labels                           = local.labels
    scaling {
      min_instance_count = 1
      max_instance_count = 10
    }
    vpc_access {
      egress = "ALL_TRAFFIC"
      network_interfaces {
        network    = google_compute_network.this.id
        subnetwork = google_compute_subnetwork.app.id
        tags       = ["web"]
      }
    }
    containers {
      image = local.image
      ports {
        name           = "http1"
        container_port = 8080
      }
      resources {
        limits            = { cpu = "1", memory = "512Mi" }
        cpu_idle          = true
        startup_cpu_boost = true
      }
      env {
        name  = "LOG_LEVEL"
        value = "info"
      }
      dynamic "env" {
        for_each = var.api_key_version == null ? [] : [var.api_key_version]
        content {
          name = "API_KEY"
          value_source {
            secret_key_ref {
              secret  = google_secret_manager_secret.api.secret_id
              version = env.value
            }
          }
        }
      }
      startup_probe {
        initial_delay_seconds = 0
        timeout_seconds       = 3
        period_seconds        = 10
        failure_threshold     = 12
        http_get {
          path = "/healthz"
          port = 8080
        }
      }
      liveness_probe {
        period_seconds = 30
        http_get { path = "/healthz" }
      }
      volume_mounts {
        name       = "tmp"
        mount_path = "/tmp"
      }
    }
    volumes {
      name = "tmp"
      empty_dir {
        medium     = "MEMORY"
        size_limit = "64Mi"
      }
    }
  }
  traffic {
    type    = "TRAFFIC_TARGET_ALLOCATION_TYPE_LATEST"
    percent = 100
  }
  depends_on = [google_secret_manager_secret_iam_member.api]
}

resource "google_cloud_run_v2_service_iam_member" "web" {
  name     = google_cloud_run_v2_service.web.name
  location = google_cloud_run_v2_service.web.location
  role     = "roles/run.invoker"
  member   = "allUsers"
}

resource "google_cloud_run_v2_job" "migrate" {
  name                = "${local.prefix}-migrate"
  location            = var.region
  deletion_protection = false
  run_execution_token = "r1"
  template {
    task_count  = 1
    parallelism = 1
    template {
      service_account       = google_service_account.app.email
      max_retries           = 0
      timeout               = "900s"
      execution_environment = "EXECUTION_ENVIRONMENT_GEN2"
      encryption_key        = google_kms_crypto_key.this.id
      vpc_access {
        egress = "PRIVATE_RANGES_ONLY"
        network_interfaces {
          network    = google_compute_network.this.id
          subnetwork = google_compute_subnetwork.app.id
        }
      }
      containers {
        image   = local.image
        command = ["/app/migrate"]
        args    = ["up"]
        resources { limits = { cpu = "1", memory = "512Mi" } }
        env {
          name  = "DB_HOST"
          value = "db.sql.acme.internal"
        }
      }
    }
  }
}

resource "google_cloud_run_v2_worker_pool" "queue" {
  name                = "${local.prefix}-worker"
  location            = var.region
  deletion_protection = false
  launch_stage        = "GA"
  scaling { manual_instance_count = 2 }
  template {
    service_account = google_service_account.app.email
    encryption_key  = google_kms_crypto_key.this.id
    vpc_access {
      egress = "ALL_TRAFFIC"
      network_interfaces {
        network    = google_compute_network.this.id
        subnetwork = google_compute_subnetwork.app.id
      }
    }
    containers {
      image = local.image
      args  = ["worker"]
      resources { limits = { cpu = "1", memory = "512Mi" } }
      dynamic "env" {
        for_each = var.api_key_version == null ? [] : [var.api_key_version]
        content {
          name = "API_KEY"
          value_source {
            secret_key_ref {
              secret  = google_secret_manager_secret.api.secret_id
              version = env.value
            }
          }
        }
      }
    }
  }
}

resource "google_cloud_run_v2_job" "nightly" {
  name                = "${local.prefix}-nightly"
  location            = var.region
  deletion_protection = false
  template {
    template {
      service_account = google_service_account.app.email
      max_retries     = 1
      containers { image = local.image }
    }
  }
}

resource "google_cloud_run_v2_job_iam_member" "nightly" {
  name     = google_cloud_run_v2_job.nightly.name
  location = google_cloud_run_v2_job.nightly.location
  role     = "roles/run.invoker"
  member   = google_service_account.app.member
}

resource "google_cloud_scheduler_job" "nightly" {
  name             = "${local.prefix}-nightly"
  region           = var.region
  schedule         = "0 3 * * *"
  time_zone        = "Etc/UTC"
  attempt_deadline = "320s"
  retry_config { retry_count = 1 }
  http_target {
    http_method = "POST"
    uri         = "https://run.googleapis.com/v2/projects/${var.project}/locations/${var.region}/jobs/${google_cloud_run_v2_job.nightly.name}:run"
    oauth_token { service_account_email = google_service_account.app.email }
  }
}

resource "google_pubsub_topic" "events" {
  name                       = "${local.prefix}-events"
  kms_key_name               = google_kms_crypto_key.this.id
  message_retention_duration = "86400s"
  labels                     = local.labels
}

resource "google_pubsub_subscription" "events" {
  name                 = "${local.prefix}-events"
  topic                = google_pubsub_topic.events.id
  ack_deadline_seconds = 60
  retry_policy {
    minimum_backoff = "10s"
    maximum_backoff = "600s"
  }
  expiration_policy { ttl = "" }
}

resource "google_artifact_registry_repository" "app" {
  repository_id = "app"
  location      = var.region
  format        = "DOCKER"
  kms_key_name  = google_kms_crypto_key.this.id
  docker_config { immutable_tags = true }
}

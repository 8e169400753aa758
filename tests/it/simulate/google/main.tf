# Every resource type that modules of Google Cloud need, in one root: configurations that the released
# provider 7.45.0 validates and plans as they are here.
terraform {
  required_providers {
    google = { source = "hashicorp/google", version = ">= 7.42, < 8" }
  }
}

provider "google" {
  project = var.project
  region  = var.region

  default_labels = { landfall-environment = "acme-prod" }
}

variable "project" {
  type    = string
  default = "acme-ledger"
}

variable "region" {
  type    = string
  default = "europe-west3"
}

variable "digest" {
  type    = string
  default = "1111111111111111111111111111111111111111111111111111111111111111"
}

variable "tier" {
  type    = string
  default = "db-custom-2-8192"
}

# Whether the database and the secret resist a destroy.
variable "protected" {
  type    = bool
  default = false
}

# The version of the secret that workloads are pinned to; null: they do without, as in a first install.
variable "api_key_version" {
  type    = string
  default = null
}

locals {
  prefix = "acme-prod"
  labels = { team = "operations" }
  image  = "registry.example/acme/web@sha256:${var.digest}"
}

# Not the name of the revision: terraform keeps what the plan said of an output, and the provider plans
# the revision that was.
output "web" {
  value = {
    backend = google_compute_backend_service.web.id
    address = google_compute_global_address.lb.address
  }
}

output "database" {
  value = {
    name       = google_sql_database_instance.this.name
    connection = google_sql_database_instance.this.connection_name
    dns_name   = google_sql_database_instance.this.dns_name
    attachment = google_sql_database_instance.this.psc_service_attachment_link
  }
}

output "secret" {
  value = google_secret_manager_secret.api.id
}

output "job" {
  value = google_cloud_run_v2_job.migrate.id
}

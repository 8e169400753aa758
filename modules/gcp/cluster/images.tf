locals {
  registry = "${var.target.region}-docker.pkg.dev/${var.target.project}"

  # Artifact Registry reads upstream passwords with its own account.
  registry_agent = "serviceAccount:service-${var.target.project_number}@gcp-sa-artifactregistry.iam.gserviceaccount.com"
}

# For images that are brought here by somebody, and whose registry the project cannot or must not reach.
resource "google_artifact_registry_repository" "this" {
  project       = var.target.project
  location      = var.target.region
  repository_id = var.name
  description   = "Images of ${var.name}."
  format        = "DOCKER"
  mode          = "STANDARD_REPOSITORY"
  kms_key_name  = var.key_id

  # Nothing is cleaned up: going back to an earlier release needs its images.
  docker_config {
    immutable_tags = true
  }

  depends_on = [google_project_service.this]
}

# Cloud Run takes images from Artifact Registry and Docker Hub only. A remote repository stands for any other registry,
# and keeps a copy of what was pulled through it.
resource "google_artifact_registry_repository" "remote" {
  for_each = var.registries

  project       = var.target.project
  location      = var.target.region
  repository_id = "${var.name}-${each.key}"
  description   = "Images that ${var.name} pulls from ${each.value.uri}."
  format        = "DOCKER"
  mode          = "REMOTE_REPOSITORY"
  kms_key_name  = var.key_id

  remote_repository_config {
    description = each.value.uri

    # The password is written after this layer was applied. A pull says whether it is right.
    disable_upstream_validation = true

    docker_repository {
      custom_repository {
        uri = each.value.uri
      }
    }

    dynamic "upstream_credentials" {
      for_each = each.value.login[*]

      content {
        username_password_credentials {
          username                = upstream_credentials.value.username
          password_secret_version = "${upstream_credentials.value.secret_id}/versions/${upstream_credentials.value.version}"
        }
      }
    }
  }

  depends_on = [
    google_project_service.this,
    google_secret_manager_secret_iam_member.login,
  ]
}

resource "google_secret_manager_secret_iam_member" "login" {
  for_each = { for key, registry in var.registries : key => registry.login if registry.login != null }

  project   = var.target.project
  secret_id = each.value.secret_id
  role      = "roles/secretmanager.secretAccessor"
  member    = local.registry_agent
}

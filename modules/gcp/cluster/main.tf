# Cloud Run has no cluster to make: services and jobs share a project and a region. What they share besides is here.
locals {
  apis = toset([
    "artifactregistry.googleapis.com",
    "cloudkms.googleapis.com",
    "cloudresourcemanager.googleapis.com",
    "cloudscheduler.googleapis.com",
    "compute.googleapis.com",
    "dns.googleapis.com",
    "iam.googleapis.com",
    "logging.googleapis.com",
    "monitoring.googleapis.com",
    "run.googleapis.com",
    "secretmanager.googleapis.com",
    "sqladmin.googleapis.com",
  ])
}

# A record of what the environment needs. Landfall switches these on before the first plan, and waits until they
# answer: Google takes minutes, and half of what is planned could not even be read until then.
resource "google_project_service" "this" {
  for_each = local.apis

  project = var.target.project
  service = each.key

  # The project is the customer's, and others may use the same APIs: a destroy leaves them on.
  disable_on_destroy         = false
  disable_dependent_services = false
}

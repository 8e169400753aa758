resource "google_compute_region_network_endpoint_group" "this" {
  count = local.is_called ? 1 : 0

  project               = var.target.project
  region                = var.target.region
  name                  = var.name
  network_endpoint_type = "SERVERLESS"

  # By its name and not by a reference: what must be made before the old one goes passes that on to all it refers to, and
  # a service that has to be replaced could not be, because there is one of its name already.
  cloud_run {
    service = var.name
  }

  lifecycle {
    create_before_destroy = true
  }
}

# What the URL map of the module routes leads to.
resource "google_compute_backend_service" "this" {
  count = local.is_called ? 1 : 0

  project               = var.target.project
  name                  = var.name
  description           = "Leads to ${var.name} on Cloud Run."
  load_balancing_scheme = "EXTERNAL_MANAGED"
  protocol              = var.http.protocol == "HTTP" ? "HTTPS" : "HTTP2"
  security_policy       = var.http.security_policy_id

  backend {
    group = google_compute_region_network_endpoint_group.this[0].id
  }

  # Who asked for what, from where.
  log_config {
    enable      = true
    sample_rate = 1
  }

  # Google does not delete what a URL map names: the map must be changed first.
  lifecycle {
    create_before_destroy = true
  }
}

locals {
  # A certificate keeps its host for life, so another host is another certificate, made before the old one goes.
  managed_name = "${var.name}-${substr(sha256(var.host), 0, 8)}"
  is_managed   = var.certificate == "managed"
}

# Google issues and renews it once the host points to the address and a target proxy uses the map.
resource "google_certificate_manager_certificate" "this" {
  count = local.is_managed ? 1 : 0

  project     = var.target.project
  name        = local.managed_name
  description = "TLS for ${var.host}."

  managed {
    domains = [var.host]
  }

  lifecycle {
    create_before_destroy = true
  }
}

# Always there, also empty: while a target proxy still uses it, it could not go.
resource "google_certificate_manager_certificate_map" "this" {
  project     = var.target.project
  name        = var.name
  description = "Certificates of ${var.name}."
}

# There is no entry for other names: who asks for one ends in the handshake, not at the product.
resource "google_certificate_manager_certificate_map_entry" "this" {
  count = local.is_managed ? 1 : 0

  project      = var.target.project
  name         = local.managed_name
  map          = google_certificate_manager_certificate_map.this.name
  certificates = [google_certificate_manager_certificate.this[0].id]
  hostname     = var.host

  lifecycle {
    create_before_destroy = true
  }
}

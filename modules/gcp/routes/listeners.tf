resource "google_compute_target_https_proxy" "this" {
  count = local.serves_https ? 1 : 0

  project         = var.target.project
  name            = var.name
  url_map         = google_compute_url_map.this.id
  certificate_map = "//certificatemanager.googleapis.com/${var.ingress.certificate_map_id}"
  ssl_policy      = var.ingress.ssl_policy_id

  # Early data can be sent again by whoever recorded it, and the product does not know.
  tls_early_data = "DISABLED"
}

resource "google_compute_global_forwarding_rule" "https" {
  count = local.serves_https ? 1 : 0

  project               = var.target.project
  name                  = "${var.name}-https"
  load_balancing_scheme = "EXTERNAL_MANAGED"
  ip_address            = var.ingress.address_id
  ip_protocol           = "TCP"
  port_range            = "443"
  target                = google_compute_target_https_proxy.this[0].id
}

# Also there without a certificate: Google would not let it go while the proxy below is still being changed.
resource "google_compute_url_map" "redirect" {
  project     = var.target.project
  name        = "${var.name}-redirect"
  description = "Sends everything on port 80 to HTTPS."

  default_url_redirect {
    https_redirect         = true
    redirect_response_code = "MOVED_PERMANENTLY_DEFAULT"
    strip_query            = false
  }
}

# One proxy and one rule for both modes, which change what they lead to in place: two rules would both claim port 80.
resource "google_compute_target_http_proxy" "this" {
  project = var.target.project
  name    = "${var.name}-http"
  url_map = local.serves_https ? google_compute_url_map.redirect.id : google_compute_url_map.this.id
}

resource "google_compute_global_forwarding_rule" "http" {
  project               = var.target.project
  name                  = "${var.name}-http"
  load_balancing_scheme = "EXTERNAL_MANAGED"
  ip_address            = var.ingress.address_id
  ip_protocol           = "TCP"
  port_range            = "80"
  target                = google_compute_target_http_proxy.this.id
}

# The way in: a load balancer before the service.

resource "google_compute_global_address" "lb" { name = "${local.prefix}-lb" }
resource "google_compute_region_network_endpoint_group" "web" {
  name                  = "${local.prefix}-web"
  region                = var.region
  network_endpoint_type = "SERVERLESS"
  cloud_run { service = google_cloud_run_v2_service.web.name }
}

resource "google_compute_security_policy" "web" {
  name = "${local.prefix}-web"
  rule {
    action   = "allow"
    priority = 2147483647
    match {
      versioned_expr = "SRC_IPS_V1"
      config { src_ip_ranges = ["*"] }
    }
    description = "default"
  }
}

resource "google_compute_backend_service" "web" {
  name                  = "${local.prefix}-web"
  load_balancing_scheme = "EXTERNAL_MANAGED"
  protocol              = "HTTPS"
  security_policy       = google_compute_security_policy.web.id
  backend { group = google_compute_region_network_endpoint_group.web.id }
  log_config {
    enable      = true
    sample_rate = 1
  }
}

resource "google_compute_url_map" "web" {
  name            = "${local.prefix}-web"
  default_service = google_compute_backend_service.web.id
}

resource "google_compute_url_map" "redirect" {
  name = "${local.prefix}-redirect"
  default_url_redirect {
    https_redirect         = true
    redirect_response_code = "MOVED_PERMANENTLY_DEFAULT"
    strip_query            = false
  }
}

resource "google_compute_ssl_policy" "web" {
  name            = "${local.prefix}-tls"
  profile         = "RESTRICTED"
  min_tls_version = "TLS_1_2"
}

resource "google_compute_managed_ssl_certificate" "web" {
  name = "${local.prefix}-web"
  managed { domains = ["app.acme.example."] }
}

resource "google_certificate_manager_dns_authorization" "web" {
  name   = "${local.prefix}-web"
  domain = "app.acme.example"
}

resource "google_certificate_manager_certificate" "web" {
  name = "${local.prefix}-web"
  managed {
    domains            = ["app.acme.example"]
    dns_authorizations = [google_certificate_manager_dns_authorization.web.id]
  }
}

resource "google_certificate_manager_certificate_map" "web" { name = "${local.prefix}-web" }
resource "google_certificate_manager_certificate_map_entry" "web" {
  name         = "${local.prefix}-web"
  map          = google_certificate_manager_certificate_map.web.name
  certificates = [google_certificate_manager_certificate.web.id]
  hostname     = "app.acme.example"
}

resource "google_compute_target_https_proxy" "web" {
  name            = "${local.prefix}-web"
  url_map         = google_compute_url_map.web.id
  certificate_map = "//certificatemanager.googleapis.com/${google_certificate_manager_certificate_map.web.id}"
  ssl_policy      = google_compute_ssl_policy.web.id
}

resource "google_compute_target_http_proxy" "redirect" {
  name    = "${local.prefix}-redirect"
  url_map = google_compute_url_map.redirect.id
}

resource "google_compute_global_forwarding_rule" "https" {
  name                  = "${local.prefix}-https"
  load_balancing_scheme = "EXTERNAL_MANAGED"
  ip_address            = google_compute_global_address.lb.id
  target                = google_compute_target_https_proxy.web.id
  port_range            = "443"
}

resource "google_compute_global_forwarding_rule" "http" {
  name                  = "${local.prefix}-http"
  load_balancing_scheme = "EXTERNAL_MANAGED"
  ip_address            = google_compute_global_address.lb.id
  target                = google_compute_target_http_proxy.redirect.id
  port_range            = "80"
}

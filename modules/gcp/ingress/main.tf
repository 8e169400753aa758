# The address that the host points to. A lost one never comes back, and the customer's DNS would lead to a stranger.
resource "google_compute_global_address" "this" {
  project         = var.target.project
  name            = var.name
  description     = "Where ${var.host} points."
  address_type    = "EXTERNAL"
  ip_version      = "IPV4"
  deletion_policy = var.protection ? "PREVENT" : "DELETE"
}

# TLS 1.2 and 1.3 with forward secrecy and authenticated encryption, nothing older.
resource "google_compute_ssl_policy" "this" {
  project         = var.target.project
  name            = var.name
  profile         = "RESTRICTED"
  min_tls_version = "TLS_1_2"
}

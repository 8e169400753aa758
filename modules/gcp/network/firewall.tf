# What is not written here is closed, in both directions. Google's own defaults let everything out; the two rules of
# lowest rank replace them, and unlike them they leave a trace of what they refused. Name lookups need no rule: the
# metadata server is not subject to firewalls.

locals {
  postgres = "5432"
  # The Auth Proxy and Google's connectors talk to it instead.
  proxied_postgres = "3307"
}

# Requests reach Cloud Run through Google's load balancer and never through this network.
resource "google_compute_firewall" "deny_ingress" {
  project       = var.target.project
  name          = "${var.name}-deny-ingress"
  description   = "Nothing reaches into the network."
  network       = google_compute_network.this.id
  direction     = "INGRESS"
  priority      = 65000
  source_ranges = ["0.0.0.0/0"]

  deny {
    protocol = "all"
  }

  log_config {
    metadata = "INCLUDE_ALL_METADATA"
  }
}

resource "google_compute_firewall" "deny_egress" {
  project            = var.target.project
  name               = "${var.name}-deny-egress"
  description        = "Nothing leaves but what another rule allows."
  network            = google_compute_network.this.id
  direction          = "EGRESS"
  priority           = 65000
  destination_ranges = ["0.0.0.0/0"]

  deny {
    protocol = "all"
  }

  log_config {
    metadata = "INCLUDE_ALL_METADATA"
  }
}

# Google's APIs and what the product calls: neither has stable addresses.
resource "google_compute_firewall" "allow_https" {
  project            = var.target.project
  name               = "${var.name}-allow-https"
  description        = "HTTPS: Google's APIs and what the product calls."
  network            = google_compute_network.this.id
  direction          = "EGRESS"
  priority           = 1000
  destination_ranges = ["0.0.0.0/0"]

  allow {
    protocol = "tcp"
    ports    = ["443"]
  }
}

resource "google_compute_firewall" "allow_databases" {
  project            = var.target.project
  name               = "${var.name}-allow-databases"
  description        = "PostgreSQL to the databases of the environment."
  network            = google_compute_network.this.id
  direction          = "EGRESS"
  priority           = 1000
  destination_ranges = [google_compute_subnetwork.database.ip_cidr_range]

  allow {
    protocol = "tcp"
    ports    = [local.postgres, local.proxied_postgres]
  }
}

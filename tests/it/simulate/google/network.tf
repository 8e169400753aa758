# A network with fixed addresses on its way out, and the private way to the database.

resource "google_compute_network" "this" {
  name                            = "${local.prefix}-vpc"
  auto_create_subnetworks         = false
  routing_mode                    = "REGIONAL"
  delete_default_routes_on_create = false
}

resource "google_compute_subnetwork" "app" {
  name                     = "${local.prefix}-app"
  region                   = var.region
  network                  = google_compute_network.this.id
  ip_cidr_range            = "10.10.0.0/24"
  private_ip_google_access = true
  log_config {
    aggregation_interval = "INTERVAL_10_MIN"
    flow_sampling        = 0.5
    metadata             = "INCLUDE_ALL_METADATA"
  }
}

resource "google_compute_address" "nat" {
  count        = 2
  name         = "${local.prefix}-nat-${count.index}"
  region       = var.region
  address_type = "EXTERNAL"
}

resource "google_compute_router" "this" {
  name    = "${local.prefix}-router"
  region  = var.region
  network = google_compute_network.this.id
}

resource "google_compute_router_nat" "this" {
  name                                = "${local.prefix}-nat"
  router                              = google_compute_router.this.name
  region                              = google_compute_router.this.region
  nat_ip_allocate_option              = "MANUAL_ONLY"
  nat_ips                             = google_compute_address.nat[*].self_link
  source_subnetwork_ip_ranges_to_nat  = "ALL_SUBNETWORKS_ALL_IP_RANGES"
  enable_dynamic_port_allocation      = true
  enable_endpoint_independent_mapping = false
  min_ports_per_vm                    = 64
  max_ports_per_vm                    = 4096
  log_config {
    enable = true
    filter = "ERRORS_ONLY"
  }
}

resource "google_compute_firewall" "deny_ingress" {
  name      = "${local.prefix}-deny-ingress"
  network   = google_compute_network.this.id
  direction = "INGRESS"
  priority  = 65000
  deny { protocol = "all" }
  source_ranges = ["0.0.0.0/0"]
  log_config { metadata = "INCLUDE_ALL_METADATA" }
}

resource "google_network_connectivity_service_connection_policy" "sql" {
  name          = "${local.prefix}-sql"
  location      = var.region
  service_class = "google-cloud-sql"
  network       = google_compute_network.this.id
  psc_config {
    subnetworks = [google_compute_subnetwork.app.id]
    limit       = "4"
  }
}
# manual PSC endpoint
resource "google_compute_address" "sql" {
  name         = "${local.prefix}-sql"
  region       = var.region
  address_type = "INTERNAL"
  subnetwork   = google_compute_subnetwork.app.id
}

resource "google_compute_forwarding_rule" "sql" {
  name                    = "${local.prefix}-sql"
  region                  = var.region
  network                 = google_compute_network.this.id
  ip_address              = google_compute_address.sql.self_link
  load_balancing_scheme   = ""
  target                  = google_sql_database_instance.this.psc_service_attachment_link
  allow_psc_global_access = true
}

resource "google_dns_managed_zone" "sql" {
  name       = "${local.prefix}-sql"
  dns_name   = "sql.acme.internal."
  visibility = "private"
  private_visibility_config {
    networks { network_url = google_compute_network.this.id }
  }
}

resource "google_dns_record_set" "sql" {
  managed_zone = google_dns_managed_zone.sql.name
  name         = "db.${google_dns_managed_zone.sql.dns_name}"
  type         = "A"
  ttl          = 300
  rrdatas      = [google_compute_address.sql.address]
}

# Fixed addresses, so that others can allow them. Keyed by number: one more or one less leaves the others alone.
resource "google_compute_address" "nat" {
  for_each = toset([for index in range(var.nat_addresses) : tostring(index)])

  project      = var.target.project
  name         = "${var.name}-nat-${each.key}"
  description  = "What others see as the sender of ${var.name}."
  region       = var.target.region
  address_type = "EXTERNAL"
}

resource "google_compute_router" "this" {
  project = var.target.project
  name    = "${var.name}-router"
  region  = var.target.region
  network = google_compute_network.this.id
}

resource "google_compute_router_nat" "this" {
  project = var.target.project
  name    = "${var.name}-nat"
  router  = google_compute_router.this.name
  region  = var.target.region

  nat_ip_allocate_option = "MANUAL_ONLY"
  nat_ips                = [for address in google_compute_address.nat : address.self_link]

  # The workloads' subnet and no other: the databases' addresses have no way out.
  source_subnetwork_ip_ranges_to_nat = "LIST_OF_SUBNETWORKS"

  subnetwork {
    name                    = google_compute_subnetwork.private.id
    source_ip_ranges_to_nat = ["ALL_IP_RANGES"]
  }

  # An instance with many connections gets more ports. Google allows this only without endpoint-independent mapping.
  enable_dynamic_port_allocation      = true
  enable_endpoint_independent_mapping = false
  min_ports_per_vm                    = 64
  max_ports_per_vm                    = 4096

  # Every connection is in the flow log already. What could not be translated is not.
  log_config {
    enable = true
    filter = "ERRORS_ONLY"
  }
}

# The plan of addresses, in sixteenths of the range (in brackets: the subnet of a /16 and of a /22):
#
#   0 ..  7   workloads  1/2    (/17, /23)   every instance of a service and every job has an address here
#   8         database   1/16   (/20, /26)   an address for each database
#   9 .. 15   kept free for tiers to come
#
# A subnet spans all zones of the region, so there is one of each.
locals {
  blocks = {
    private  = cidrsubnet(var.cidr, 1, 0)
    database = cidrsubnet(var.cidr, 4, 8)
  }
}

# Cloud Run holds the addresses of a workload for up to two hours after it has gone. Until then Google refuses to
# delete this subnet.
resource "google_compute_subnetwork" "private" {
  project       = var.target.project
  name          = "${var.name}-private"
  description   = "Services and jobs of ${var.name}."
  region        = var.target.region
  network       = google_compute_network.this.id
  ip_cidr_range = local.blocks.private

  # Google's APIs are reached without the NAT gateway, and without an external address.
  private_ip_google_access = true

  log_config {
    aggregation_interval = "INTERVAL_1_MIN"
    flow_sampling        = var.flow_log_sampling
    metadata             = "INCLUDE_ALL_METADATA"
  }
}

# Nothing runs here: it holds the addresses under which databases are reached. On its own, so that a rule can name them.
resource "google_compute_subnetwork" "database" {
  project       = var.target.project
  name          = "${var.name}-database"
  description   = "Addresses of the databases of ${var.name}."
  region        = var.target.region
  network       = google_compute_network.this.id
  ip_cidr_range = local.blocks.database

  private_ip_google_access = true

  log_config {
    aggregation_interval = "INTERVAL_1_MIN"
    flow_sampling        = var.flow_log_sampling
    metadata             = "INCLUDE_ALL_METADATA"
  }
}

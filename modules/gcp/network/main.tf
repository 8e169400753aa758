resource "google_compute_network" "this" {
  project     = var.target.project
  name        = var.name
  description = "Network of ${var.name}."

  # Subnets in every region of the world, each open to the others, is not what one environment needs.
  auto_create_subnetworks = false
  routing_mode            = "REGIONAL"

  # The way to the internet gateway stays: NAT needs it, and Google's own APIs are reached through it. Without an
  # external address, which nothing here has, it leads nowhere else.
  delete_default_routes_on_create = false
}

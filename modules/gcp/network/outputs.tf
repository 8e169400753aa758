output "vpc_id" {
  description = "Id of the network."
  value       = google_compute_network.this.id
}

output "private_subnet_ids" {
  description = "Ids of the workloads' subnets: a list, as in every cloud, of the one that spans all zones of the region."
  value       = [google_compute_subnetwork.private.id]

  # A workload that starts earlier has no way out, or one that nothing guards.
  depends_on = [
    google_compute_firewall.allow_databases,
    google_compute_firewall.allow_https,
    google_compute_firewall.deny_egress,
    google_compute_firewall.deny_ingress,
    google_compute_router_nat.this,
  ]
}

output "database_subnet_ids" {
  description = "Ids of the subnets for the addresses of databases: a list of one. Nothing in it has a way out."
  value       = [google_compute_subnetwork.database.id]
}

output "subnet_names" {
  description = "Names of all subnets, by which flow and firewall logs know them."
  value       = [google_compute_subnetwork.private.name, google_compute_subnetwork.database.name]
}

output "nat_public_ips" {
  description = "Addresses that the workloads' traffic comes from: for the allow lists of others."
  value       = [for address in google_compute_address.nat : address.address]
}

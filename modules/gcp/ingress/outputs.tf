output "dns_name" {
  description = "IPv4 address of the load balancer. The host of the ingress points here, by a record of type A."
  value       = google_compute_global_address.this.address
}

output "address_id" {
  description = "Id of the address, for the module routes."
  value       = google_compute_global_address.this.id
}

output "certificate_map_id" {
  description = "Id of the certificate map, for the module routes: the managed one or the customer's. null serves plain HTTP."

  # Written out rather than read from the map: whether there is one decides what the module routes makes.
  value = local.is_managed ? "projects/${var.target.project}/locations/global/certificateMaps/${google_certificate_manager_certificate_map.this.name}" : var.certificate

  # A map without its entry would answer no name.
  depends_on = [google_certificate_manager_certificate_map_entry.this]
}

output "certificate_ids" {
  description = "Ids of the certificates that this module made, to ask whether they are issued. Empty when they are the customer's."
  value       = google_certificate_manager_certificate.this[*].id
}

output "ssl_policy_id" {
  description = "Id of the TLS policy, for the module routes."
  value       = google_compute_ssl_policy.this.id
}

output "security_policy_id" {
  description = "Id of the Cloud Armor policy. Every backend service behind this ingress carries it: modules service and routes."
  value       = google_compute_security_policy.this.id
}

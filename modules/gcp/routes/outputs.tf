output "url_map_id" {
  description = "Id of the URL map, to read back what is sent where."
  value       = google_compute_url_map.this.id
}

output "forwarding_rule_ids" {
  description = "Ids of the forwarding rules by port: 80, and 443 with a certificate."
  value = merge(
    { "80" = google_compute_global_forwarding_rule.http.id },
    local.serves_https ? { "443" = google_compute_global_forwarding_rule.https[0].id } : {},
  )
}

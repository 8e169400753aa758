output "instance_id" {
  description = "Name of the instance: what IAM conditions and users of the database refer to."
  value       = google_sql_database_instance.this.name
}

output "resource_id" {
  description = "Address of the instance in the Cloud SQL API (its self link). It names project and instance, so two installations never share one."
  value       = google_sql_database_instance.this.self_link
}

output "connection_name" {
  description = "Name for the Auth Proxy and Google's connectors: \"<project>:<region>:<instance>\"."
  value       = google_sql_database_instance.this.connection_name
}

output "address" {
  description = "Host name, without a dot at its end. It is the one in the instance's certificate; another name for it would break TLS."
  value       = local.host

  # The name resolves and the address answers only with these.
  depends_on = [google_compute_forwarding_rule.this, google_dns_record_set.this]
}

output "server_ca" {
  description = "Certificates of the authorities that the instance's own comes from, as PEM. Public, and what sslmode=verify-full trusts."

  # The provider calls them sensitive. A server shows them to everybody who connects.
  value = join("\n", [for ca in nonsensitive(google_sql_database_instance.this.server_ca_cert) : trimspace(ca.cert)])
}

output "port" {
  description = "Port."
  value       = 5432
}

output "database_names" {
  description = "Names of the databases in the instance, in alphabetical order."
  value       = sort([for database in google_sql_database.this : database.name])
}

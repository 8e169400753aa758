output "service_name" {
  description = "Name of the service or worker pool."
  value       = local.is_called ? google_cloud_run_v2_service.this[0].name : google_cloud_run_v2_worker_pool.this[0].name
}

output "service_id" {
  description = "Id of the service or worker pool: projects/PROJECT/locations/REGION/services/NAME, or workerPools/NAME."
  value       = local.is_called ? google_cloud_run_v2_service.this[0].id : google_cloud_run_v2_worker_pool.this[0].id
}

output "backend_service_id" {
  description = "Id of the backend service, for the module routes. null for a service that nobody calls."
  value       = one(google_compute_backend_service.this[*].id)

  # Nothing is sent to a service that has never been ready.
  depends_on = [google_cloud_run_v2_service.this]
}

output "alarm_names" {
  description = "Names of all alarms on the service."
  value       = values(google_monitoring_alert_policy.this)[*].display_name
}

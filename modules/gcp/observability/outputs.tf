output "topic_id" {
  description = "Id of the notification channel that alarms tell. null without a contact."
  value       = one(google_monitoring_notification_channel.contact[*].id)
}

output "log_groups" {
  description = "What the logs of each workload are found by, by the workload's key: the name of its service, job or worker pool."
  value       = { for key, name in var.log_groups : key => { name = name } }

  # What is logged before the sink is there is in _Default only.
  depends_on = [google_logging_project_sink.this]
}

output "log_bucket_id" {
  description = "Id of the log bucket, \"projects/<project>/locations/<region>/buckets/<name>\"."
  value       = google_logging_project_bucket_config.this.id
}

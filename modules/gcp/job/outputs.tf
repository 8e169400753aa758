output "job_id" {
  description = "Id of the job: projects/PROJECT/locations/REGION/jobs/NAME. It is what is run."
  value       = google_cloud_run_v2_job.this.id
}

output "job_name" {
  description = "Name of the job, by which its executions and log lines are found."
  value       = google_cloud_run_v2_job.this.name
}

output "schedule_name" {
  description = "Name of the schedule. null without one."
  value       = one(google_cloud_scheduler_job.this[*].name)
}

# The scheduler may start this job and no other. It may not say with what: that would be run.jobs.runWithOverrides.
resource "google_cloud_run_v2_job_iam_member" "scheduler" {
  count = var.schedule == null ? 0 : 1

  project  = var.target.project
  location = var.target.region
  name     = google_cloud_run_v2_job.this.name
  role     = "roles/run.invoker"
  member   = "serviceAccount:${var.schedule.scheduler_email}"
}

resource "google_cloud_scheduler_job" "this" {
  count = var.schedule == null ? 0 : 1

  project     = var.target.project
  region      = var.target.region
  name        = var.schedule.name
  description = "Starts ${var.name}."
  schedule    = var.schedule.expression
  time_zone   = var.schedule.timezone

  # For the call that starts the job; how long the job may run is its own matter.
  attempt_deadline = "60s"

  retry_config {
    retry_count = var.schedule.retries
  }

  http_target {
    http_method = "POST"
    uri         = "https://run.googleapis.com/v2/projects/${var.target.project}/locations/${var.target.region}/jobs/${google_cloud_run_v2_job.this.name}:run"

    # An access token, because this is an API of Google's; an identity token is for services of one's own.
    oauth_token {
      service_account_email = var.schedule.scheduler_email
      scope                 = "https://www.googleapis.com/auth/cloud-platform"
    }
  }

  # The first start may come within a minute.
  depends_on = [google_cloud_run_v2_job_iam_member.scheduler]
}

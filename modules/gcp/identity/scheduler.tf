# What Cloud Scheduler is when it starts the workload. It may do nothing by itself: the module job lets it run that one
# job, and the workload's own account never may start anything.
resource "google_service_account" "scheduler" {
  count = var.schedule == null ? 0 : 1

  project      = var.target.project
  account_id   = var.schedule.account_id
  display_name = var.schedule.account_id
  description  = "Starts ${var.name} on its schedule."
}

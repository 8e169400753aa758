output "service_account_email" {
  description = "E-mail of the account that the product's code runs as."
  value       = google_service_account.this.email

  # An account that is handed on may do its work by then: a revision whose account cannot read a secret never starts.
  depends_on = [
    google_project_iam_member.database,
    google_secret_manager_secret_iam_member.this,
    google_sql_user.this,
  ]
}

output "scheduler_email" {
  description = "E-mail of the account that a schedule starts the workload with. null without a schedule."
  value       = one(google_service_account.scheduler[*].email)
}

output "database_users" {
  description = "User name in PostgreSQL by database."
  value       = { for name, user in google_sql_user.this : name => user.name }

  depends_on = [google_project_iam_member.database]
}

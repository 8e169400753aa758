locals {
  flags = {
    # Users log in with tokens of their service accounts.
    "cloudsql.iam_authentication" = "on"

    # Who changed the schema, who was connected, and what waited or spilled to disk.
    "log_checkpoints"    = "on"
    "log_connections"    = "on"
    "log_disconnections" = "on"
    "log_lock_waits"     = "on"
    "log_statement"      = "ddl"
    "log_temp_files"     = "0"

    # PostgreSQL would write the values of a slow statement into its log in full. Query Insights shows them without.
    "log_min_duration_statement" = "-1"
    "log_min_error_statement"    = "error"
    "log_min_messages"           = "warning"

    # Only loaded, since that takes a restart. What it records is for the customer's auditors to say.
    "cloudsql.enable_pgaudit" = "on"
  }
}

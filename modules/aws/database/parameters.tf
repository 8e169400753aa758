locals {
  parameters = {
    # TLS or nothing, and no MD5 hashes.
    "rds.force_ssl"                     = "1"
    "rds.accepted_password_auth_method" = "scram"
    "password_encryption"               = "scram-sha-256"

    # Who changed the schema, who was connected, and what was slow or waited.
    "log_statement"              = "ddl"
    "log_disconnections"         = "1"
    "log_lock_waits"             = "1"
    "log_min_duration_statement" = "1000"

    # PostgreSQL would write the values of a slow or failed statement into its log in full.
    "log_parameter_max_length"          = "0"
    "log_parameter_max_length_on_error" = "0"
  }

  # Parameters that PostgreSQL reads only when it starts; RDS refuses to apply them at once.
  static = [
    "autovacuum_freeze_max_age",
    "autovacuum_max_workers",
    "huge_pages",
    "max_connections",
    "max_locks_per_transaction",
    "max_logical_replication_workers",
    "max_prepared_transactions",
    "max_replication_slots",
    "max_wal_senders",
    "max_worker_processes",
    "rds.logical_replication",
    "shared_buffers",
    "shared_preload_libraries",
    "track_activity_query_size",
    "track_commit_timestamp",
    "wal_buffers",
  ]
}

# A prefix instead of a name, because another major version needs another group while the old one is still in use.
resource "aws_db_parameter_group" "this" {
  name_prefix = "${var.name}-"
  description = "PostgreSQL ${var.engine_version} for ${var.name}."
  family      = "postgres${var.engine_version}"

  # Ours are set before the instance starts, hence in force from its first minute. For a parameter that equals its
  # default AWS answers "pending-reboot" whatever was asked; asking for the same keeps the next plan empty.
  dynamic "parameter" {
    for_each = merge(var.parameters, local.parameters)

    content {
      name         = parameter.key
      value        = parameter.value
      apply_method = contains(concat(local.static, keys(local.parameters)), parameter.key) ? "pending-reboot" : "immediate"
    }
  }

  lifecycle {
    create_before_destroy = true
  }
}

locals {
  # The parameter group's name holds the time it was made, so the hash differs from one installation to the next; the
  # other two force a new instance. The last snapshot of an earlier instance thus never stands in the way.
  generation = substr(sha256(join("/", [aws_db_parameter_group.this.name, var.database_name, var.key_arn])), 0, 8)
}

resource "aws_db_instance" "this" {
  identifier = var.name

  engine                      = "postgres"
  engine_version              = var.engine_version
  auto_minor_version_upgrade  = true
  allow_major_version_upgrade = false
  # A version past its end is refused instead of being billed as Extended Support without a word.
  engine_lifecycle_support = "open-source-rds-extended-support-disabled"

  instance_class        = var.instance_class
  storage_type          = "gp3"
  allocated_storage     = var.storage.allocated_gib
  max_allocated_storage = var.storage.max_gib
  storage_encrypted     = true
  kms_key_id            = var.key_arn

  db_name = var.database_name
  port    = 5432

  # For the bootstrap job only, which makes the roles that the product logs in with. RDS makes its password, keeps it
  # in a secret under our key and rotates it: no password passes through here.
  username                            = "landfall_master"
  manage_master_user_password         = true
  master_user_secret_kms_key_id       = var.key_arn
  iam_database_authentication_enabled = true

  db_subnet_group_name   = aws_db_subnet_group.this.name
  vpc_security_group_ids = [var.security_group_id]
  publicly_accessible    = false
  ca_cert_identifier     = "rds-ca-rsa2048-g1"

  parameter_group_name = aws_db_parameter_group.this.name
  maintenance_window   = var.maintenance_window
  apply_immediately    = var.protection.apply_immediately

  multi_az                = var.protection.multi_az
  deletion_protection     = var.protection.deletion_protection
  backup_retention_period = var.protection.backup_days
  copy_tags_to_snapshot   = true
  # Backups outlive the instance unless its data was declared worthless.
  delete_automated_backups  = var.protection.skip_final_snapshot
  skip_final_snapshot       = var.protection.skip_final_snapshot
  final_snapshot_identifier = "${var.name}-final-${local.generation}"

  enabled_cloudwatch_logs_exports = keys(aws_cloudwatch_log_group.this)
  monitoring_interval             = 60
  monitoring_role_arn             = aws_iam_role.monitoring.arn
  database_insights_mode          = "standard"
  performance_insights_enabled    = true
  performance_insights_kms_key_id = var.key_arn

  # RDS would make the log groups itself, without key or end, and again while it is being deleted: they come first
  # and go last.
  depends_on = [
    aws_cloudwatch_log_group.this,
    aws_iam_role_policy_attachment.monitoring,
  ]
}

resource "aws_db_subnet_group" "this" {
  name        = var.name
  description = "Database subnets for ${var.name}."
  subnet_ids  = var.subnet_ids
}

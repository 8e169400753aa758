output "instance_id" {
  description = "Identifier of the instance."
  value       = aws_db_instance.this.identifier
}

output "resource_id" {
  description = "Id that IAM knows the instance by (\"db-...\"): rds-db:connect is granted on it, and a restored instance has another one."
  value       = aws_db_instance.this.resource_id
}

output "address" {
  description = "Host name. It is the one in the instance's certificate; another name for it would break TLS and IAM tokens."
  value       = aws_db_instance.this.address
}

output "port" {
  description = "Port."
  value       = aws_db_instance.this.port
}

output "database_name" {
  description = "Name of the database."
  value       = aws_db_instance.this.db_name
}

output "master_username" {
  description = "Name of the master user, for the bootstrap job only."
  value       = aws_db_instance.this.username
}

output "master_secret_arn" {
  description = "ARN of the secret in which RDS keeps the master user's name and password, as JSON."
  # one() and not [0]: an instance that failed half-way has no secret, and must still be destroyable.
  value = one(aws_db_instance.this.master_user_secret[*].secret_arn)
}

output "final_snapshot_identifier" {
  description = "Name of the snapshot that a destroy leaves behind; null when protection waives it."
  value       = var.protection.skip_final_snapshot ? null : aws_db_instance.this.final_snapshot_identifier
}

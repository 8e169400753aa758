output "arns" {
  description = "ARN of each container by key. It ends in six characters that Secrets Manager chose: policies name it in full."
  value       = { for key, secret in aws_secretsmanager_secret.this : key => secret.arn }
}

output "key_arn" {
  description = "ARN of the key. Pass this one on: some services compare it as text and see a change between an id and an ARN."
  value       = aws_kms_key.this.arn
}

output "key_id" {
  description = "Id of the key."
  value       = aws_kms_key.this.key_id
}

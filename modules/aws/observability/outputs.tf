output "topic_arn" {
  description = "ARN of the topic that alarms publish to."
  value       = aws_sns_topic.this.arn

  # An alarm that fires before the policy is there would be dropped.
  depends_on = [aws_sns_topic_policy.this]
}

output "log_groups" {
  description = "Name and ARN of each workload's log group, by the workload's key."
  value       = { for key, group in aws_cloudwatch_log_group.this : key => { name = group.name, arn = group.arn } }
}

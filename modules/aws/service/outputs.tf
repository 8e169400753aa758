output "service_name" {
  description = "Name of the service."
  value       = aws_ecs_service.this.name
}

output "service_arn" {
  description = "ARN of the service."
  value       = aws_ecs_service.this.id
}

output "task_definition_arn" {
  description = "ARN of the revision that was asked for and runs."
  value       = aws_ecs_task_definition.this.arn
}

output "family" {
  description = "Task family, by which earlier revisions are found."
  value       = aws_ecs_task_definition.this.family
}

output "target_group_arn" {
  description = "ARN of the target group. null for a service that nobody calls."
  value       = one(aws_lb_target_group.this[*].arn)
}

output "alarm_names" {
  description = "Names of all alarms on the service."
  value       = concat(values(aws_cloudwatch_metric_alarm.this)[*].alarm_name, aws_cloudwatch_metric_alarm.errors[*].alarm_name)
}

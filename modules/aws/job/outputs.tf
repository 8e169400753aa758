output "task_definition_arn" {
  description = "ARN of the revision to run."
  value       = aws_ecs_task_definition.this.arn
}

output "family" {
  description = "Task family, by which earlier revisions are found."
  value       = aws_ecs_task_definition.this.family
}

output "schedule_name" {
  description = "Name of the schedule. null without one."
  value       = one(aws_scheduler_schedule.this[*].name)
}

output "task_role_arn" {
  description = "ARN of the role that the product's code holds."
  value       = aws_iam_role.task.arn

  # A role that is handed on may do its work by then.
  depends_on = [aws_iam_role_policy.databases]
}

output "execution_role_arn" {
  description = "ARN of the role that ECS starts the workload with."
  value       = aws_iam_role.execution.arn

  depends_on = [aws_iam_role_policy.execution]
}

output "scheduler_role_arn" {
  description = "ARN of the role that a schedule starts the workload with. null without a schedule."
  value       = one(aws_iam_role.scheduler[*].arn)

  depends_on = [aws_iam_role_policy.scheduler]
}

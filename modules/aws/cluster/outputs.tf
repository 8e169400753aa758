output "cluster_arn" {
  description = "ARN of the cluster, for services, tasks and the conditions of policies."
  value       = aws_ecs_cluster.this.arn
}

output "cluster_name" {
  description = "Name of the cluster, for metrics and for the id of an autoscaling target."
  value       = aws_ecs_cluster.this.name
}

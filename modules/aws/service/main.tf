locals {
  # What task_definition.tf asks of the module around it.
  task = {
    port         = var.http == null ? null : var.http.port
    health       = var.container.health
    stop_timeout = var.deployment.drain_seconds

    # A service must not stand still because CloudWatch does: at worst it loses lines beyond the buffer.
    log_options = { mode = "non-blocking", max-buffer-size = "10m" }
  }

  # Without a metric the number of tasks is fixed.
  min_replicas = var.replicas.metric == null ? var.replicas.desired : coalesce(var.replicas.min, var.replicas.desired)
  max_replicas = var.replicas.metric == null ? var.replicas.desired : coalesce(var.replicas.max, var.replicas.desired)
}

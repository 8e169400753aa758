locals {
  is_called = var.http != null

  # Cloud Run sets PORT itself, to the port of http, and refuses to be told.
  environment = { for name, value in var.environment : name => value if name != "PORT" || !local.is_called }

  # Without a metric the number of instances is fixed.
  min_replicas = var.replicas.metric == null ? var.replicas.desired : coalesce(var.replicas.min, var.replicas.desired)
  max_replicas = var.replicas.metric == null ? var.replicas.desired : coalesce(var.replicas.max, var.replicas.desired)

  # An instance that is kept is paid for, and products work between requests: they hold connections, run timers, send what
  # they measured. Only a service that may go to nothing has its CPU during requests alone, because it costs nothing then.
  is_idle_without_requests = local.is_called && local.min_replicas == 0
}

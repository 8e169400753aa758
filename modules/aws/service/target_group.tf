locals {
  routes = { for route in var.http == null ? [] : var.http.routes : route.priority => route }
}

resource "aws_lb_target_group" "this" {
  #checkov:skip=CKV_AWS_378:TLS ends at the load balancer; behind it only the load balancer's security group reaches the port
  count = var.http == null ? 0 : 1

  name                 = var.http.target_group_name
  vpc_id               = var.http.vpc_id
  target_type          = "ip"
  protocol             = "HTTP"
  protocol_version     = var.http.protocol == "HTTP" ? null : var.http.protocol
  deregistration_delay = var.deployment.drain_seconds

  # ECS registers every task with the port of its container; this one is never used. The container's own
  # port here would replace the group, which is in use and keeps its name, whenever a product changes it.
  port = 80

  health_check {
    protocol            = "HTTP"
    port                = "traffic-port"
    path                = var.http.health.path
    matcher             = coalesce(var.http.health.matcher, var.http.protocol == "GRPC" ? "0" : "200-299")
    interval            = var.http.health.interval_seconds
    timeout             = var.http.health.timeout_seconds
    healthy_threshold   = 2
    unhealthy_threshold = 3
  }

  lifecycle {
    create_before_destroy = true

    # A group keeps its protocol version for life. Left unset it would silently stay what it was.
    postcondition {
      condition     = var.http.protocol != "HTTP" || !contains(["HTTP2", "GRPC"], coalesce(self.protocol_version, "HTTP1"))
      error_message = "the target group ${var.http.target_group_name} speaks ${coalesce(self.protocol_version, "HTTP1")}: another protocol needs another target_group_name."
    }
  }
}

resource "aws_lb_listener_rule" "this" {
  for_each = local.routes

  listener_arn = each.value.listener_arn
  priority     = each.value.priority

  action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.this[0].arn
  }

  dynamic "condition" {
    for_each = length(each.value.paths) > 0 ? [each.value.paths] : []

    content {
      path_pattern {
        values = condition.value
      }
    }
  }

  dynamic "condition" {
    for_each = length(each.value.hosts) > 0 ? [each.value.hosts] : []

    content {
      host_header {
        values = condition.value
      }
    }
  }
}

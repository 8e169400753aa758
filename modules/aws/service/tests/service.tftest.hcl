mock_provider "aws" {
  override_during = plan

  mock_resource "aws_ecs_task_definition" {
    defaults = {
      arn = "arn:aws:ecs:eu-central-1:111122223333:task-definition/acme-production-web:7"
    }
  }

  mock_resource "aws_lb_target_group" {
    defaults = {
      arn        = "arn:aws:elasticloadbalancing:eu-central-1:111122223333:targetgroup/acme-production-web/0123456789abcdef"
      arn_suffix = "targetgroup/acme-production-web/0123456789abcdef"
    }
  }
}

variables {
  name    = "acme-production-web"
  target  = { region = "eu-central-1", account_id = "111122223333", partition = "aws" }
  cluster = { arn = "arn:aws:ecs:eu-central-1:111122223333:cluster/acme-production", name = "acme-production" }

  image = {
    repository = "registry.ledger.example/ledger"
    tag        = "v1.0.0"
    digest     = "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
  }

  container = { cpu = 512, memory = 1024, command = ["web"] }

  identity = {
    task_role_arn      = "arn:aws:iam::111122223333:role/acme-production-web-task"
    execution_role_arn = "arn:aws:iam::111122223333:role/acme-production-web-execution"
    security_group_id  = "sg-0123456789abcdef0"
    log_group_name     = "/landfall/acme-production/service_web"
  }

  network = { subnet_ids = ["subnet-0aaaaaaaaaaaaaaaa", "subnet-0bbbbbbbbbbbbbbbb"] }

  http = {
    port                     = 8080
    target_group_name        = "acme-production-web"
    vpc_id                   = "vpc-0123456789abcdef0"
    health                   = { path = "/ready" }
    load_balancer_arn_suffix = "app/acme-production-public/0123456789abcdef"
    routes = [
      {
        listener_arn = "arn:aws:elasticloadbalancing:eu-central-1:111122223333:listener/app/acme-production-public/0123456789abcdef/fedcba9876543210"
        priority     = 10
        paths        = ["/*"]
        hosts        = ["ledger.acme.example"]
      },
    ]
  }

  replicas = { desired = 2 }
  alarms   = { topic_arn = "arn:aws:sns:eu-central-1:111122223333:acme-production-alarms" }
}

run "takes_a_failed_deployment_back" {
  command = plan

  assert {
    condition     = aws_ecs_service.this.deployment_circuit_breaker[0].enable && aws_ecs_service.this.deployment_circuit_breaker[0].rollback
    error_message = "tasks that do not start take the deployment back"
  }

  assert {
    condition     = aws_ecs_service.this.alarms[0].enable && aws_ecs_service.this.alarms[0].rollback
    error_message = "alarms take the deployment back"
  }

  assert {
    condition = aws_ecs_service.this.alarms[0].alarm_names == toset([
      for name in ["cpu", "errors", "latency", "memory", "unhealthy"] : "acme-production-web-${name}"
    ])
    error_message = "every rule for going back is watched by the deployment, and nothing else is"
  }

  assert {
    condition     = aws_ecs_service.this.wait_for_steady_state && aws_ecs_service.this.task_definition == output.task_definition_arn
    error_message = "Terraform waits until the requested revision runs"
  }
}

run "watches_what_the_doctrine_names" {
  command = plan

  assert {
    condition = {
      for key, alarm in aws_cloudwatch_metric_alarm.this :
      key => "${alarm.metric_name} ${coalesce(alarm.statistic, alarm.extended_statistic)} ${alarm.comparison_operator} ${alarm.threshold} for ${alarm.evaluation_periods * alarm.period} s"
      } == {
      cpu       = "CPUUtilization Average GreaterThanThreshold 90 for 300 s"
      memory    = "MemoryUtilization Average GreaterThanThreshold 85 for 300 s"
      latency   = "TargetResponseTime p95 GreaterThanThreshold 3 for 180 s"
      unhealthy = "UnHealthyHostCount Maximum GreaterThanThreshold 0 for 300 s"
      tasks     = "RunningTaskCount Average LessThanThreshold 2 for 420 s"
    }
    error_message = "thresholds and times are those of the doctrine"
  }

  assert {
    condition = (
      aws_cloudwatch_metric_alarm.errors[0].threshold == 5 && aws_cloudwatch_metric_alarm.errors[0].evaluation_periods == 2 &&
      one([for query in aws_cloudwatch_metric_alarm.errors[0].metric_query : query.id if query.return_data == true]) == "rate"
    )
    error_message = "more than 5 % errors for 2 minutes"
  }

  assert {
    condition = alltrue([
      for alarm in concat(values(aws_cloudwatch_metric_alarm.this), aws_cloudwatch_metric_alarm.errors) :
      alarm.treat_missing_data == "notBreaching" && alarm.alarm_actions == toset([var.alarms.topic_arn])
    ])
    error_message = "a service without traffic is no failure, and every alarm reaches people"
  }

  assert {
    condition     = length(output.alarm_names) == 6
    error_message = "all alarms are named"
  }
}

run "runs_in_private_without_a_shell" {
  command = plan

  assert {
    condition     = !aws_ecs_service.this.network_configuration[0].assign_public_ip && !aws_ecs_service.this.enable_execute_command
    error_message = "no public address and no shell"
  }

  assert {
    condition     = endswith(jsondecode(aws_ecs_task_definition.this.container_definitions)[0].image, "@${var.image.digest}") && jsondecode(aws_ecs_task_definition.this.container_definitions)[0].readonlyRootFilesystem
    error_message = "the image is pinned, its root read-only"
  }

  assert {
    condition     = aws_ecs_task_definition.this.task_role_arn != aws_ecs_task_definition.this.execution_role_arn
    error_message = "the code must not hold the role that reads its secrets"
  }
}

run "serves_while_it_is_replaced" {
  command = plan

  assert {
    condition     = aws_ecs_service.this.deployment_minimum_healthy_percent == 100 && aws_ecs_service.this.deployment_maximum_percent == 200
    error_message = "the new tasks are healthy before the old ones go"
  }

  assert {
    condition     = aws_lb_target_group.this[0].deregistration_delay == "30" && jsondecode(aws_ecs_task_definition.this.container_definitions)[0].stopTimeout == 30
    error_message = "a task may finish its work: at the load balancer and after SIGTERM"
  }

  assert {
    condition     = aws_lb_target_group.this[0].health_check[0].path == "/ready" && one(aws_ecs_service.this.load_balancer).container_port == 8080
    error_message = "the load balancer asks the port that serves"
  }

  assert {
    condition     = aws_ecs_service.this.health_check_grace_period_seconds == 120
    error_message = "a start takes its time"
  }
}

run "keeps_a_fixed_number" {
  command = plan

  assert {
    condition     = aws_appautoscaling_target.this.min_capacity == 2 && aws_appautoscaling_target.this.max_capacity == 2 && length(aws_appautoscaling_policy.this) == 0
    error_message = "without a metric the number is fixed, by the scalable target"
  }
}

run "scales_by_the_metric" {
  command = plan

  variables {
    replicas = { desired = 2, min = 2, max = 6, metric = "memory" }
  }

  assert {
    condition     = aws_appautoscaling_target.this.min_capacity == 2 && aws_appautoscaling_target.this.max_capacity == 6
    error_message = "the bounds are the target's"
  }

  assert {
    condition = (
      aws_appautoscaling_policy.this[0].target_tracking_scaling_policy_configuration[0].target_value == 70 &&
      aws_appautoscaling_policy.this[0].target_tracking_scaling_policy_configuration[0].predefined_metric_specification[0].predefined_metric_type == "ECSServiceAverageMemoryUtilization"
    )
    error_message = "memory is kept near 70 %"
  }
}

run "works_without_a_port" {
  command = plan

  variables {
    name       = "acme-production-worker"
    http       = null
    container  = { cpu = 256, memory = 512, health = { command = ["ledger", "alive"] } }
    deployment = { strategy = "recreate", drain_seconds = 110 }
  }

  assert {
    condition     = length(aws_lb_target_group.this) == 0 && length(aws_lb_listener_rule.this) == 0 && length(aws_ecs_service.this.load_balancer) == 0 && output.target_group_arn == null
    error_message = "nobody calls a worker"
  }

  assert {
    condition     = aws_ecs_service.this.alarms[0].alarm_names == toset(["acme-production-worker-cpu", "acme-production-worker-memory"])
    error_message = "a worker's deployment is watched as well"
  }

  assert {
    condition     = aws_ecs_service.this.deployment_minimum_healthy_percent == 0 && aws_ecs_service.this.deployment_maximum_percent == 100 && aws_ecs_service.this.availability_zone_rebalancing == "DISABLED"
    error_message = "recreate never runs two revisions at once"
  }

  assert {
    condition     = jsondecode(aws_ecs_task_definition.this.container_definitions)[0].healthCheck.command == ["CMD", "ledger", "alive"]
    error_message = "the health command runs without a shell"
  }
}

run "is_silent_on_request" {
  command = plan

  variables {
    alarms = { topic_arn = "arn:aws:sns:eu-central-1:111122223333:acme-preview-alarms", enabled = false }
  }

  assert {
    condition     = length(output.alarm_names) == 0 && length(aws_ecs_service.this.alarms) == 0
    error_message = "without alarms the deployment watches none"
  }

  assert {
    condition     = aws_ecs_service.this.deployment_circuit_breaker[0].rollback
    error_message = "the circuit breaker is not optional"
  }
}

run "makes_a_rule_for_each_route" {
  command = plan

  variables {
    http = {
      port                     = 50051
      protocol                 = "GRPC"
      target_group_name        = "acme-production-web"
      vpc_id                   = "vpc-0123456789abcdef0"
      health                   = { path = "/grpc.health.v1.Health/Check" }
      load_balancer_arn_suffix = "app/acme-production-public/0123456789abcdef"
      routes = [
        { listener_arn = "arn:aws:elasticloadbalancing:eu-central-1:111122223333:listener/app/p/0/1", priority = 20, paths = ["/b", "/b/*"] },
        { listener_arn = "arn:aws:elasticloadbalancing:eu-central-1:111122223333:listener/app/p/0/1", priority = 10, hosts = ["a.acme.example"] },
      ]
    }
  }

  assert {
    condition     = keys(aws_lb_listener_rule.this) == ["10", "20"] && length(aws_lb_listener_rule.this["10"].condition) == 1
    error_message = "a rule per route, by its priority: their order in the list means nothing"
  }

  assert {
    condition     = aws_lb_target_group.this[0].protocol_version == "GRPC" && aws_lb_target_group.this[0].health_check[0].matcher == "0"
    error_message = "gRPC is healthy when it says OK, which is 0"
  }
}

run "refuses_a_moving_tag" {
  command = plan

  variables {
    image = { repository = "registry.ledger.example/ledger", tag = "latest", digest = "latest" }
  }

  expect_failures = [var.image]
}

run "refuses_a_secret_without_a_version" {
  command = plan

  variables {
    secrets = { SESSION_KEY = { arn = "arn:aws:secretsmanager:eu-central-1:111122223333:secret:session_key-a1b2c3" } }
  }

  expect_failures = [var.secrets]
}

run "refuses_more_conditions_than_a_rule_takes" {
  command = plan

  variables {
    http = {
      port                     = 8080
      target_group_name        = "acme-production-web"
      vpc_id                   = "vpc-0123456789abcdef0"
      health                   = { path = "/ready" }
      load_balancer_arn_suffix = "app/acme-production-public/0123456789abcdef"
      routes = [{
        listener_arn = "arn:aws:elasticloadbalancing:eu-central-1:111122223333:listener/app/p/0/1"
        priority     = 10
        paths        = ["/a", "/b", "/c", "/d", "/e"]
        hosts        = ["ledger.acme.example"]
      }]
    }
  }

  expect_failures = [var.http]
}

run "refuses_a_range_without_a_metric" {
  command = plan

  variables {
    replicas = { desired = 2, min = 1, max = 4 }
  }

  expect_failures = [var.replicas]
}

run "refuses_to_drain_longer_than_fargate_waits" {
  command = plan

  variables {
    deployment = { drain_seconds = 300 }
  }

  expect_failures = [var.deployment]
}

run "refuses_a_shell_word_as_health_command" {
  command = plan

  variables {
    container = { cpu = 512, memory = 1024, health = { command = ["CMD-SHELL", "curl localhost"] } }
  }

  expect_failures = [var.container]
}

mock_provider "aws" {
  override_during = plan

  mock_resource "aws_ecs_task_definition" {
    defaults = {
      arn = "arn:aws:ecs:eu-central-1:111122223333:task-definition/acme-production-migrate:7"
    }
  }
}

variables {
  name    = "acme-production-migrate"
  target  = { region = "eu-central-1", account_id = "111122223333", partition = "aws" }
  cluster = { arn = "arn:aws:ecs:eu-central-1:111122223333:cluster/acme-production", name = "acme-production" }

  image = {
    repository = "registry.ledger.example/ledger"
    tag        = "v1.0.0"
    digest     = "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
  }

  container = { cpu = 256, memory = 512, command = ["migrate"] }

  identity = {
    task_role_arn      = "arn:aws:iam::111122223333:role/acme-production-migrate-task"
    execution_role_arn = "arn:aws:iam::111122223333:role/acme-production-migrate-execution"
    security_group_id  = "sg-0123456789abcdef0"
    log_group_name     = "/landfall/acme-production/job_migrate"
  }

  network = { subnet_ids = ["subnet-0aaaaaaaaaaaaaaaa", "subnet-0bbbbbbbbbbbbbbbb"] }
}

run "runs_a_pinned_image_without_privileges" {
  command = plan

  assert {
    condition     = jsondecode(aws_ecs_task_definition.this.container_definitions)[0].image == "registry.ledger.example/ledger@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
    error_message = "the image is named by its digest, without the tag"
  }

  assert {
    condition     = jsondecode(aws_ecs_task_definition.this.container_definitions)[0].readonlyRootFilesystem && !can(jsondecode(aws_ecs_task_definition.this.container_definitions)[0].privileged)
    error_message = "the root of the container is read-only by default"
  }

  assert {
    condition     = aws_ecs_task_definition.this.task_role_arn != aws_ecs_task_definition.this.execution_role_arn
    error_message = "the code must not hold the role that reads its secrets"
  }

  assert {
    condition     = length(jsondecode(aws_ecs_task_definition.this.container_definitions)) == 1 && jsondecode(aws_ecs_task_definition.this.container_definitions)[0].name == "main"
    error_message = "Landfall finds exit code, digest and log by the name main"
  }
}

run "writes_to_tmp_as_any_user" {
  command = plan

  variables {
    container = { cpu = 256, memory = 512, user = "1000:1000", writable_paths = ["/var/cache/app"] }
  }

  assert {
    condition = [
      for mount in jsondecode(aws_ecs_task_definition.this.container_definitions)[0].linuxParameters.tmpfs :
      "${mount.containerPath} ${mount.size} ${mount.mountOptions[0]}"
    ] == ["/tmp 128 mode=1777", "/var/cache/app 128 mode=1777"]
    error_message = "/tmp and the writable paths must be writable for a user who is not root"
  }
}

run "leaves_out_what_is_not_said" {
  command = plan

  assert {
    condition = length(setintersection(
      keys(jsondecode(aws_ecs_task_definition.this.container_definitions)[0]),
      ["entryPoint", "user", "portMappings", "healthCheck", "stopTimeout", "repositoryCredentials"],
    )) == 0
    error_message = "ECS drops null: a key that is kept would replace the revision in every plan"
  }
}

run "keeps_every_line_of_the_log" {
  command = plan

  assert {
    condition     = jsondecode(aws_ecs_task_definition.this.container_definitions)[0].logConfiguration.options.mode == "blocking"
    error_message = "the log of a job is evidence"
  }
}

run "pins_secrets_to_versions" {
  command = plan

  variables {
    secrets = {
      SESSION_KEY = { arn = "arn:aws:secretsmanager:eu-central-1:111122223333:secret:session_key-a1b2c3", version = "11111111-2222-3333-4444-555555555555" }
      PGPASSWORD  = { arn = "arn:aws:secretsmanager:eu-central-1:111122223333:secret:rds!db-d4e5f6", json_key = "password" }
      LICENCE     = { arn = "arn:aws:secretsmanager:eu-central-1:111122223333:secret:licence-a7b8c9", required = false }
    }
    environment = { ZONE = "a", LOG_LEVEL = "info" }
  }

  assert {
    condition = jsondecode(aws_ecs_task_definition.this.container_definitions)[0].secrets == [
      { name = "PGPASSWORD", valueFrom = "arn:aws:secretsmanager:eu-central-1:111122223333:secret:rds!db-d4e5f6:password::" },
      { name = "SESSION_KEY", valueFrom = "arn:aws:secretsmanager:eu-central-1:111122223333:secret:session_key-a1b2c3:::11111111-2222-3333-4444-555555555555" },
    ]
    error_message = "secrets are pinned, sorted, and left out when they are optional and have no value"
  }

  assert {
    condition     = jsondecode(aws_ecs_task_definition.this.container_definitions)[0].environment[*].name == ["LOG_LEVEL", "ZONE"]
    error_message = "variables are sorted: another order would be another revision"
  }
}

run "is_a_task_definition_only" {
  command = plan

  assert {
    condition     = length(aws_scheduler_schedule.this) == 0 && output.schedule_name == null
    error_message = "without a schedule nothing starts the job by itself"
  }

  assert {
    condition     = aws_ecs_task_definition.this.skip_destroy
    error_message = "earlier revisions stay registered"
  }
}

run "starts_the_approved_revision_in_private" {
  command = plan

  variables {
    key_arn  = "arn:aws:kms:eu-central-1:111122223333:key/11111111-2222-3333-4444-555555555555"
    schedule = { name = "acme-production-nightly", expression = "cron(17 3 * * ? *)" }
    identity = {
      task_role_arn      = "arn:aws:iam::111122223333:role/acme-production-nightly-task"
      execution_role_arn = "arn:aws:iam::111122223333:role/acme-production-nightly-execution"
      scheduler_role_arn = "arn:aws:iam::111122223333:role/acme-production-nightly-scheduler"
      security_group_id  = "sg-0123456789abcdef0"
      log_group_name     = "/landfall/acme-production/job_nightly"
    }
  }

  assert {
    condition     = aws_scheduler_schedule.this[0].target[0].ecs_parameters[0].task_definition_arn == output.task_definition_arn
    error_message = "the schedule names the revision, not the family"
  }

  assert {
    condition     = !aws_scheduler_schedule.this[0].target[0].ecs_parameters[0].network_configuration[0].assign_public_ip && aws_scheduler_schedule.this[0].kms_key_arn == var.key_arn
    error_message = "no public address, and the schedule is encrypted with the customer's key"
  }

  assert {
    condition     = aws_scheduler_schedule.this[0].schedule_expression_timezone == "UTC" && aws_scheduler_schedule.this[0].target[0].retry_policy[0].maximum_retry_attempts == 0
    error_message = "UTC and no retries are the defaults"
  }
}

run "refuses_a_schedule_without_its_role" {
  command = plan

  variables {
    key_arn  = "arn:aws:kms:eu-central-1:111122223333:key/11111111-2222-3333-4444-555555555555"
    schedule = { name = "acme-production-nightly", expression = "rate(1 day)" }
  }

  expect_failures = [aws_scheduler_schedule.this]
}

run "refuses_a_schedule_without_a_key" {
  command = plan

  variables {
    schedule = { name = "acme-production-nightly", expression = "rate(1 day)" }
    identity = {
      task_role_arn      = "arn:aws:iam::111122223333:role/acme-production-nightly-task"
      execution_role_arn = "arn:aws:iam::111122223333:role/acme-production-nightly-execution"
      scheduler_role_arn = "arn:aws:iam::111122223333:role/acme-production-nightly-scheduler"
      security_group_id  = "sg-0123456789abcdef0"
      log_group_name     = "/landfall/acme-production/job_nightly"
    }
  }

  expect_failures = [var.key_arn]
}

run "refuses_an_expression_of_unix_cron" {
  command = plan

  variables {
    key_arn  = "arn:aws:kms:eu-central-1:111122223333:key/11111111-2222-3333-4444-555555555555"
    schedule = { name = "acme-production-nightly", expression = "17 3 * * *" }
  }

  expect_failures = [var.schedule]
}

run "refuses_a_tag_for_a_digest" {
  command = plan

  variables {
    image = { repository = "registry.ledger.example/ledger", tag = "v1.0.0", digest = "v1.0.0" }
  }

  expect_failures = [var.image]
}

run "refuses_a_tag_in_the_repository" {
  command = plan

  variables {
    image = {
      repository = "registry.ledger.example:5000/ledger:v1.0.0"
      tag        = "v1.0.0"
      digest     = "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
    }
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

run "refuses_a_variable_that_is_set_twice" {
  command = plan

  variables {
    environment = { SESSION_KEY = "in the clear" }
    secrets = {
      SESSION_KEY = { arn = "arn:aws:secretsmanager:eu-central-1:111122223333:secret:session_key-a1b2c3", version = "11111111-2222-3333-4444-555555555555" }
    }
  }

  expect_failures = [var.secrets]
}

run "refuses_a_size_that_fargate_does_not_have" {
  command = plan

  variables {
    container = { cpu = 256, memory = 4096 }
  }

  expect_failures = [var.container]
}

run "refuses_root" {
  command = plan

  variables {
    container = { cpu = 256, memory = 512, user = "0" }
  }

  expect_failures = [var.container]
}

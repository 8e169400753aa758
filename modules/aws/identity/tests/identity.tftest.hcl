# Policy documents are asserted by the statements that go in: a mocked one has no JSON worth reading.
mock_provider "aws" {
  override_during = plan

  mock_data "aws_iam_policy_document" {
    defaults = {
      json = "{\"Version\":\"2012-10-17\",\"Statement\":[]}"
    }
  }

  override_resource {
    target = aws_iam_role.task
    values = { arn = "arn:aws:iam::111122223333:role/acme-production-web-task" }
  }

  override_resource {
    target = aws_iam_role.execution
    values = { arn = "arn:aws:iam::111122223333:role/acme-production-web-execution" }
  }

  override_resource {
    target = aws_iam_role.scheduler
    values = { arn = "arn:aws:iam::111122223333:role/acme-production-web-scheduler" }
  }
}

variables {
  name          = "acme-production-web"
  target        = { region = "eu-central-1", account_id = "111122223333", partition = "aws" }
  log_group_arn = "arn:aws:logs:eu-central-1:111122223333:log-group:/landfall/acme-production/web"
  key_arn       = "arn:aws:kms:eu-central-1:111122223333:key/11111111-2222-3333-4444-555555555555"
}

run "grants_the_code_nothing_by_default" {
  command = plan

  assert {
    condition     = length(aws_iam_role_policy.databases) == 0
    error_message = "a workload without a database has a role without a policy"
  }

  assert {
    condition     = length(aws_iam_role.scheduler) == 0 && output.scheduler_role_arn == null
    error_message = "a workload without a schedule has no role for one"
  }

  assert {
    condition     = toset([for statement in data.aws_iam_policy_document.execution.statement : statement.sid]) == toset(["WriteItsLog", "LogInAtECR", "PullImages"])
    error_message = "without secrets nobody reads secrets or decrypts anything"
  }
}

run "is_assumed_for_this_account_only" {
  command = plan

  assert {
    condition = {
      for condition in data.aws_iam_policy_document.tasks.statement[0].condition : condition.variable => one(condition.values)
      } == {
      "aws:SourceAccount" = "111122223333"
      "aws:SourceArn"     = "arn:aws:ecs:eu-central-1:111122223333:*"
    }
    error_message = "ECS may assume the roles for tasks of this account and region only"
  }

  assert {
    condition     = output.task_role_arn != output.execution_role_arn
    error_message = "the code must not hold the rights with which ECS reads its secrets"
  }
}

run "logs_in_as_exactly_these_users" {
  command = plan

  variables {
    databases = [
      { resource_id = "db-ABCDEFGHIJKLMNOPQRSTUVWXYZ", user = "main_web" },
      { resource_id = "db-ZYXWVUTSRQPONMLKJIHGFEDCBA", user = "audit_web" },
    ]
  }

  assert {
    condition = toset(data.aws_iam_policy_document.databases.statement[0].resources) == toset([
      "arn:aws:rds-db:eu-central-1:111122223333:dbuser:db-ABCDEFGHIJKLMNOPQRSTUVWXYZ/main_web",
      "arn:aws:rds-db:eu-central-1:111122223333:dbuser:db-ZYXWVUTSRQPONMLKJIHGFEDCBA/audit_web",
    ])
    error_message = "each login is one user at one instance"
  }

  assert {
    condition     = data.aws_iam_policy_document.databases.statement[0].actions == toset(["rds-db:connect"]) && length(aws_iam_role_policy.databases) == 1
    error_message = "the code may log in, and nothing else"
  }
}

run "reads_exactly_its_secrets" {
  command = plan

  variables {
    secret_arns           = ["arn:aws:secretsmanager:eu-central-1:111122223333:secret:acme-production/session_key-a1b2c3"]
    pull_secret_arn       = "arn:aws:secretsmanager:eu-central-1:111122223333:secret:acme-production/registry-d4e5f6"
    image_repository_arns = []
  }

  assert {
    condition = toset(one([for statement in data.aws_iam_policy_document.execution.statement : statement.resources if statement.sid == "ReadItsSecrets"])) == toset([
      "arn:aws:secretsmanager:eu-central-1:111122223333:secret:acme-production/session_key-a1b2c3",
      "arn:aws:secretsmanager:eu-central-1:111122223333:secret:acme-production/registry-d4e5f6",
    ])
    error_message = "the secrets are named in full"
  }

  assert {
    condition = {
      for condition in one([for statement in data.aws_iam_policy_document.execution.statement : statement.condition if statement.sid == "DecryptItsSecrets"]) :
      condition.variable => toset(condition.values)
      } == {
      "kms:ViaService" = toset(["secretsmanager.eu-central-1.amazonaws.com"])
      "kms:EncryptionContext:SecretARN" = toset([
        "arn:aws:secretsmanager:eu-central-1:111122223333:secret:acme-production/session_key-a1b2c3",
        "arn:aws:secretsmanager:eu-central-1:111122223333:secret:acme-production/registry-d4e5f6",
      ])
    }
    error_message = "the key opens these secrets only, through Secrets Manager only"
  }

  assert {
    condition     = alltrue([for statement in data.aws_iam_policy_document.execution.statement : !contains(statement.resources, "*")])
    error_message = "without ECR no statement has the resource *"
  }
}

run "starts_one_family_on_one_cluster" {
  command = plan

  variables {
    schedule = {
      cluster_arn = "arn:aws:ecs:eu-central-1:111122223333:cluster/acme-production"
      family      = "acme-production-nightly"
    }
  }

  assert {
    condition = (
      one(data.aws_iam_policy_document.scheduler[0].statement[0].resources) == "arn:aws:ecs:eu-central-1:111122223333:task-definition/acme-production-nightly:*" &&
      one(one(data.aws_iam_policy_document.scheduler[0].statement[0].condition).values) == "arn:aws:ecs:eu-central-1:111122223333:cluster/acme-production"
    )
    error_message = "the schedule starts its own family, on its own cluster"
  }

  assert {
    condition = (
      toset(data.aws_iam_policy_document.scheduler[0].statement[2].resources) == toset([aws_iam_role.task.arn, aws_iam_role.execution.arn]) &&
      one(one(data.aws_iam_policy_document.scheduler[0].statement[2].condition).values) == "ecs-tasks.amazonaws.com"
    )
    error_message = "it passes the two roles of the task, to ECS only"
  }

  assert {
    condition = one([
      for condition in data.aws_iam_policy_document.schedules[0].statement[0].condition : one(condition.values) if condition.variable == "aws:SourceArn"
    ]) == "arn:aws:scheduler:eu-central-1:111122223333:schedule-group/default"
    error_message = "the trust must name a schedule group: one that names a schedule never holds"
  }

  assert {
    condition     = output.scheduler_role_arn == "arn:aws:iam::111122223333:role/acme-production-web-scheduler"
    error_message = "the role is handed on"
  }
}

run "bounds_every_role" {
  command = plan

  variables {
    permissions_boundary = "arn:aws:iam::111122223333:policy/boundary"
    schedule = {
      cluster_arn = "arn:aws:ecs:eu-central-1:111122223333:cluster/acme-production"
      family      = "acme-production-nightly"
    }
  }

  assert {
    condition = alltrue([
      for role in [aws_iam_role.task, aws_iam_role.execution, aws_iam_role.scheduler[0]] :
      role.permissions_boundary == "arn:aws:iam::111122223333:policy/boundary"
    ])
    error_message = "a customer's boundary holds for every role"
  }
}

run "refuses_patterns_of_secrets" {
  command = plan

  variables {
    secret_arns = ["arn:aws:secretsmanager:eu-central-1:111122223333:secret:acme-production/*"]
  }

  expect_failures = [var.secret_arns]
}

run "refuses_patterns_of_users" {
  command = plan

  variables {
    databases = [{ resource_id = "db-ABCDEFGHIJKLMNOPQRSTUVWXYZ", user = "*" }]
  }

  expect_failures = [var.databases]
}

run "refuses_a_name_without_room_for_the_suffix" {
  command = plan

  variables {
    name = "acme-production-a-service-with-a-name-that-is-too-long"
  }

  expect_failures = [var.name]
}

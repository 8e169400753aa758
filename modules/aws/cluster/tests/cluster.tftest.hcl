mock_provider "aws" {}

variables {
  name    = "acme-production"
  target  = { region = "eu-central-1", account_id = "111122223333", partition = "aws" }
  key_arn = "arn:aws:kms:eu-central-1:111122223333:key/11111111-2222-3333-4444-555555555555"
}

run "records_shell_sessions_encrypted" {
  command = plan

  assert {
    condition     = aws_ecs_cluster.this.configuration[0].execute_command_configuration[0].logging == "OVERRIDE"
    error_message = "shell sessions must go to the log group that this module owns"
  }

  assert {
    condition = alltrue([
      aws_ecs_cluster.this.configuration[0].execute_command_configuration[0].kms_key_id == var.key_arn,
      aws_ecs_cluster.this.configuration[0].execute_command_configuration[0].log_configuration[0].cloud_watch_encryption_enabled,
      aws_ecs_cluster.this.configuration[0].execute_command_configuration[0].log_configuration[0].cloud_watch_log_group_name == "/aws/ecs/acme-production/exec",
    ])
    error_message = "session and record must be encrypted with the customer's key"
  }

  assert {
    condition     = aws_cloudwatch_log_group.exec.kms_key_id == var.key_arn && aws_cloudwatch_log_group.exec.retention_in_days == 365
    error_message = "the record is encrypted with the customer's key and kept for a year"
  }
}

run "has_the_metrics_that_the_alarms_need" {
  command = plan

  assert {
    condition     = one([for setting in aws_ecs_cluster.this.setting : setting.value if setting.name == "containerInsights"]) == "enhanced"
    error_message = "without Container Insights the alarm on missing tasks never fires"
  }

  assert {
    condition     = output.cluster_name == "acme-production"
    error_message = "the cluster has the environment's name"
  }
}

run "refuses_a_key_of_another_region" {
  command = plan

  variables {
    key_arn = "arn:aws:kms:us-east-1:111122223333:key/11111111-2222-3333-4444-555555555555"
  }

  expect_failures = [aws_cloudwatch_log_group.exec]
}

run "refuses_an_alias" {
  command = plan

  variables {
    key_arn = "arn:aws:kms:eu-central-1:111122223333:alias/acme-production"
  }

  expect_failures = [var.key_arn]
}

run "refuses_a_retention_that_cloudwatch_does_not_know" {
  command = plan

  variables {
    log_retention_days = 100
  }

  expect_failures = [var.log_retention_days]
}

run "refuses_a_long_name" {
  command = plan

  variables {
    name = "acme-production-in-frankfurt"
  }

  expect_failures = [var.name]
}

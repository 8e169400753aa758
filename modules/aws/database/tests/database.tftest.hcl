mock_provider "aws" {
  # A mocked document is a random word, which the schema of a policy refuses.
  mock_data "aws_iam_policy_document" {
    defaults = { json = "{\"Version\":\"2012-10-17\",\"Statement\":[]}" }
  }
  mock_resource "aws_iam_role" {
    defaults = { arn = "arn:aws:iam::111122223333:role/acme-production-main-monitoring" }
  }
  mock_resource "aws_db_instance" {
    defaults = {
      master_user_secret = [{ secret_arn = "arn:aws:secretsmanager:eu-central-1:111122223333:secret:rds!db-1-AbCdEf" }]
    }
  }
}

variables {
  name = "acme-production-main"
  target = {
    region     = "eu-central-1"
    account_id = "111122223333"
    partition  = "aws"
  }
  key_arn           = "arn:aws:kms:eu-central-1:111122223333:key/11111111-2222-3333-4444-555555555555"
  engine_version    = "17"
  instance_class    = "db.m7g.large"
  storage           = { allocated_gib = 50, max_gib = 200 }
  subnet_ids        = ["subnet-0a", "subnet-0b"]
  security_group_id = "sg-0a"
  database_name     = "ledger"
  topic_arn         = "arn:aws:sns:eu-central-1:111122223333:acme-production-alarms"
}

run "defaults_protect_the_data" {
  command = plan

  assert {
    condition     = aws_db_instance.this.multi_az && aws_db_instance.this.deletion_protection
    error_message = "a standby and deletion protection are the default"
  }

  assert {
    condition     = aws_db_instance.this.backup_retention_period == 14 && !aws_db_instance.this.skip_final_snapshot && !aws_db_instance.this.delete_automated_backups
    error_message = "backups are kept for two weeks and outlive the instance, which leaves a last snapshot"
  }

  assert {
    condition     = !aws_db_instance.this.apply_immediately && !aws_db_instance.this.allow_major_version_upgrade
    error_message = "nothing restarts the instance outside the window, and no major upgrade happens by the way"
  }
}

run "an_empty_protection_is_the_default_one" {
  command = plan

  variables {
    protection = {}
  }

  assert {
    condition     = var.protection == { multi_az = true, deletion_protection = true, backup_days = 14, skip_final_snapshot = false, apply_immediately = false }
    error_message = "the two places that state the defaults must agree"
  }
}

run "everything_is_encrypted_with_the_customers_key" {
  command = plan

  assert {
    condition = aws_db_instance.this.storage_encrypted && alltrue([
      for key in concat(
        [
          aws_db_instance.this.kms_key_id,
          aws_db_instance.this.master_user_secret_kms_key_id,
          aws_db_instance.this.performance_insights_kms_key_id,
        ],
        [for group in aws_cloudwatch_log_group.this : group.kms_key_id],
      ) : key == var.key_arn
    ])
    error_message = "storage, master secret, Performance Insights and logs use the customer's key"
  }
}

run "no_password_passes_through" {
  command = plan

  assert {
    condition     = aws_db_instance.this.manage_master_user_password && aws_db_instance.this.password == null && aws_db_instance.this.password_wo_version == null
    error_message = "RDS makes and keeps the master password"
  }

  assert {
    condition     = aws_db_instance.this.iam_database_authentication_enabled && !aws_db_instance.this.publicly_accessible
    error_message = "logins are by IAM, from within the VPC"
  }
}

run "tls_or_nothing_and_no_values_in_the_log" {
  command = plan

  assert {
    condition = {
      for p in aws_db_parameter_group.this.parameter : p.name => p.value
      if contains(["rds.force_ssl", "rds.accepted_password_auth_method", "log_parameter_max_length", "log_parameter_max_length_on_error"], p.name)
      } == {
      "rds.force_ssl"                     = "1"
      "rds.accepted_password_auth_method" = "scram"
      "log_parameter_max_length"          = "0"
      "log_parameter_max_length_on_error" = "0"
    }
    error_message = "connections without TLS and MD5 hashes are refused; statements are logged without their values"
  }

  assert {
    condition     = aws_db_parameter_group.this.family == "postgres17"
    error_message = "the parameter group follows the major version"
  }
}

run "log_groups_are_ours" {
  command = plan

  assert {
    condition     = toset([for g in aws_cloudwatch_log_group.this : g.name]) == toset([for type in aws_db_instance.this.enabled_cloudwatch_logs_exports : "/aws/rds/instance/acme-production-main/${type}"])
    error_message = "every exported log has a group that was made before the instance, or RDS makes one without key and end"
  }
}

run "parameters_of_the_product_are_applied_as_postgresql_allows" {
  command = plan

  variables {
    parameters = { work_mem = "65536", max_connections = "400" }
  }

  assert {
    condition = {
      for p in aws_db_parameter_group.this.parameter : p.name => p.apply_method
      if contains(["work_mem", "max_connections"], p.name)
    } == { work_mem = "immediate", max_connections = "pending-reboot" }
    error_message = "what PostgreSQL reads at start waits for a reboot, the rest does not"
  }

  assert {
    condition     = aws_cloudwatch_metric_alarm.this["connections"].threshold == 320
    error_message = "the alarm follows max_connections"
  }
}

run "alarms_fit_the_class" {
  command = plan

  assert {
    condition     = { for key, alarm in aws_cloudwatch_metric_alarm.this : key => alarm.threshold } == { cpu = 90, storage = 5368709120, memory = 429496729, connections = 720 }
    error_message = "an m7g.large has 8 GiB, hence 901 connections"
  }

  assert {
    condition     = alltrue([for alarm in aws_cloudwatch_metric_alarm.this : alarm.alarm_actions == toset([var.topic_arn]) && alarm.treat_missing_data == "notBreaching"])
    error_message = "every alarm is told to the topic, and silence is no alarm"
  }
}

run "memory_of_other_classes" {
  command = plan

  variables {
    instance_class = "db.r7g.2xlarge"
  }

  assert {
    condition     = aws_cloudwatch_metric_alarm.this["memory"].threshold == floor(64 * pow(1024, 3) / 20) && aws_cloudwatch_metric_alarm.this["connections"].threshold == 4000
    error_message = "an r7g.2xlarge has 64 GiB and the most connections that RDS allows"
  }
}

run "a_preview_leaves_nothing_behind" {
  command = plan

  variables {
    instance_class = "db.t4g.micro"
    protection = {
      multi_az            = false
      deletion_protection = false
      backup_days         = 1
      skip_final_snapshot = true
    }
  }

  assert {
    condition     = aws_db_instance.this.skip_final_snapshot && aws_db_instance.this.delete_automated_backups && !aws_db_instance.this.multi_az
    error_message = "without a last snapshot the automated backups go, too"
  }
}

run "refuses_a_minor_version" {
  command = plan

  variables {
    engine_version = "17.4"
  }

  expect_failures = [var.engine_version]
}

run "refuses_a_snapshot_waiver_on_protected_data" {
  command = plan

  variables {
    protection = { skip_final_snapshot = true }
  }

  expect_failures = [var.protection]
}

run "refuses_to_go_without_backups" {
  command = plan

  variables {
    protection = { backup_days = 0 }
  }

  expect_failures = [var.protection]
}

run "refuses_storage_that_cannot_grow" {
  command = plan

  variables {
    storage = { allocated_gib = 100, max_gib = 100 }
  }

  expect_failures = [var.storage]
}

run "refuses_to_switch_tls_off" {
  command = plan

  variables {
    parameters = { "rds.force_ssl" = "0" }
  }

  expect_failures = [var.parameters]
}

run "refuses_a_double_hyphen" {
  command = plan

  variables {
    name = "acme--main"
  }

  expect_failures = [var.name]
}

run "a_half_made_instance_is_no_obstacle" {
  state_key = "half_made"

  override_resource {
    target = aws_db_instance.this
    values = { master_user_secret = [] }
  }

  assert {
    condition     = output.master_secret_arn == null
    error_message = "without its secret the output is null, so that a destroy can evaluate it"
  }
}

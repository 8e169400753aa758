# Applied with mocks, in several lives of one database: a name that came twice would make the second destroy fail.
mock_provider "aws" {
  mock_data "aws_iam_policy_document" {
    defaults = { json = "{\"Version\":\"2012-10-17\",\"Statement\":[]}" }
  }
  mock_resource "aws_iam_role" {
    defaults = { arn = "arn:aws:iam::111122223333:role/acme-production-main-monitoring" }
  }
  mock_resource "aws_db_parameter_group" {
    defaults = { name = "acme-production-main-20260101000000000000000001" }
  }
  mock_resource "aws_db_instance" {
    defaults = {
      resource_id        = "db-FIRST"
      master_user_secret = [{ secret_arn = "arn:aws:secretsmanager:eu-central-1:111122223333:secret:rds!db-1-AbCdEf" }]
    }
  }
}

mock_provider "aws" {
  alias = "reinstalled"

  mock_data "aws_iam_policy_document" {
    defaults = { json = "{\"Version\":\"2012-10-17\",\"Statement\":[]}" }
  }
  mock_resource "aws_iam_role" {
    defaults = { arn = "arn:aws:iam::111122223333:role/acme-production-main-monitoring" }
  }
  mock_resource "aws_db_parameter_group" {
    defaults = { name = "acme-production-main-20260202000000000000000001" }
  }
  mock_resource "aws_db_instance" {
    defaults = {
      master_user_secret = [{ secret_arn = "arn:aws:secretsmanager:eu-central-1:111122223333:secret:rds!db-2-AbCdEf" }]
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

run "first" {
  assert {
    condition     = can(regex("^acme-production-main-final-[0-9a-f]{8}$", output.final_snapshot_identifier))
    error_message = "the last snapshot is named after the instance and its generation"
  }

  assert {
    condition     = output.master_secret_arn == "arn:aws:secretsmanager:eu-central-1:111122223333:secret:rds!db-1-AbCdEf" && output.resource_id == "db-FIRST" && output.master_username == "landfall_master"
    error_message = "the outputs are what RDS answered"
  }
}

run "the_same_while_the_instance_lives" {
  command = plan

  variables {
    instance_class = "db.m7g.xlarge"
  }

  assert {
    condition     = output.final_snapshot_identifier == run.first.final_snapshot_identifier
    error_message = "a change in place must not rename the snapshot"
  }
}

run "another_for_another_instance" {
  command = plan

  variables {
    database_name = "other"
  }

  assert {
    condition     = output.final_snapshot_identifier != run.first.final_snapshot_identifier
    error_message = "what replaces the instance must rename the snapshot"
  }
}

run "another_after_a_reinstall" {
  state_key = "reinstalled"

  providers = {
    aws = aws.reinstalled
  }

  assert {
    condition     = output.final_snapshot_identifier != run.first.final_snapshot_identifier
    error_message = "an instance of the same name in a later life must leave a snapshot of its own"
  }
}

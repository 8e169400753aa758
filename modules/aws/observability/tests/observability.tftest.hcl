# The real provider, planning only and offline: the policy that is asserted is the one that AWS would get.
provider "aws" {
  region                      = "eu-central-1"
  access_key                  = "none"
  secret_key                  = "none"
  skip_credentials_validation = true
  skip_metadata_api_check     = true
  skip_requesting_account_id  = true
}

variables {
  name = "acme-production"
  target = {
    region     = "eu-central-1"
    account_id = "111122223333"
    partition  = "aws"
  }
  key_arn = "arn:aws:kms:eu-central-1:111122223333:key/11111111-2222-3333-4444-555555555555"
  log_groups = {
    service_web = "/landfall/acme-production/service/web"
    job_migrate = "/landfall/acme-production/job/migrate"
  }
}

run "defaults" {
  command = plan

  assert {
    condition     = alltrue([for g in aws_cloudwatch_log_group.this : g.kms_key_id == var.key_arn && g.retention_in_days == 365])
    error_message = "logs are encrypted with the customer's key and kept for a year"
  }

  assert {
    condition     = aws_sns_topic.this.kms_master_key_id == var.key_arn && aws_sns_topic.this.name == "acme-production-alarms"
    error_message = "the topic is encrypted with the customer's key"
  }

  assert {
    condition     = length(aws_sns_topic_subscription.contact) == 0
    error_message = "without a contact nobody is subscribed"
  }
}

run "only_alarms_of_this_account_may_publish" {
  command = plan

  assert {
    condition = [
      for s in jsondecode(data.aws_iam_policy_document.topic.json).Statement : {
        principal = s.Principal
        account   = s.Condition.StringEquals["aws:SourceAccount"]
        resource  = s.Resource
      } if s.Effect == "Allow"
      ] == [{
        principal = { Service = "cloudwatch.amazonaws.com" }
        account   = "111122223333"
        resource  = "arn:aws:sns:eu-central-1:111122223333:acme-production-alarms"
    }]
    error_message = "the one Allow is for CloudWatch alarms of this account, on this topic"
  }

  assert {
    condition = anytrue([
      for s in jsondecode(data.aws_iam_policy_document.topic.json).Statement :
      s.Effect == "Deny" && s.Condition.Bool["aws:SecureTransport"] == "false"
      if s.Effect == "Deny"
    ])
    error_message = "publishing without TLS is denied"
  }
}

run "a_contact_is_subscribed" {
  command = plan

  variables {
    contact = "platform@acme.example"
  }

  assert {
    condition     = aws_sns_topic_subscription.contact["platform@acme.example"].protocol == "email"
    error_message = "the contact is told by e-mail"
  }
}

run "refuses_a_retention_that_cloudwatch_does_not_know" {
  command = plan

  variables {
    retention_days = 100
  }

  expect_failures = [var.retention_days]
}

run "refuses_a_contact_that_is_no_address" {
  command = plan

  variables {
    contact = "platform team"
  }

  expect_failures = [var.contact]
}

run "refuses_a_log_group_for_two_workloads" {
  command = plan

  variables {
    log_groups = {
      service_web    = "/landfall/acme-production/web"
      service_worker = "/landfall/acme-production/web"
    }
  }

  expect_failures = [var.log_groups]
}

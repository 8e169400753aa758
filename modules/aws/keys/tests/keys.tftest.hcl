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
}

run "defaults" {
  command = plan

  assert {
    condition     = aws_kms_key.this.enable_key_rotation
    error_message = "the key must rotate"
  }

  assert {
    condition     = aws_kms_key.this.deletion_window_in_days == 30
    error_message = "a deletion must be reversible as long as AWS allows"
  }

  assert {
    condition     = aws_kms_alias.this.name == "alias/acme-production"
    error_message = "the alias is the environment's name"
  }
}

run "only_the_account_may_do_everything" {
  command = plan

  assert {
    condition = [
      for s in jsondecode(data.aws_iam_policy_document.key.json).Statement : s.Principal
      if contains(flatten([s.Action]), "kms:*")
    ] == [{ AWS = "arn:aws:iam::111122223333:root" }]
    error_message = "kms:* belongs to the account root and to nobody else"
  }

  assert {
    condition     = !strcontains(data.aws_iam_policy_document.key.json, "\"AWS\":\"*\"") && !strcontains(data.aws_iam_policy_document.key.json, "\"Principal\":\"*\"")
    error_message = "the key must not be open to everyone"
  }
}

run "services_act_for_this_account_only" {
  command = plan

  assert {
    condition = alltrue([
      for s in jsondecode(data.aws_iam_policy_document.key.json).Statement :
      can(s.Condition) && strcontains(jsonencode(s.Condition), ":111122223333:")
      if can(s.Principal.Service)
    ])
    error_message = "every service principal needs a condition that names this account"
  }

  assert {
    condition = toset([
      for s in jsondecode(data.aws_iam_policy_document.key.json).Statement : s.Principal.Service
      if can(s.Principal.Service)
    ]) == toset(["logs.eu-central-1.amazonaws.com", "cloudwatch.amazonaws.com"])
    error_message = "logs of this region and alarms are the only services with a statement of their own"
  }
}

run "china_has_its_own_principal" {
  command = plan

  variables {
    target = {
      region     = "cn-north-1"
      account_id = "111122223333"
      partition  = "aws-cn"
    }
  }

  assert {
    condition     = strcontains(data.aws_iam_policy_document.key.json, "logs.cn-north-1.amazonaws.com.cn")
    error_message = "in aws-cn the logs principal ends in .com.cn"
  }
}

run "refuses_a_short_deletion_window" {
  command = plan

  variables {
    deletion_window_in_days = 3
  }

  expect_failures = [var.deletion_window_in_days]
}

run "refuses_a_name_that_leaves_no_room" {
  command = plan

  variables {
    name = "a-name-that-is-far-too-long"
  }

  expect_failures = [var.name]
}

run "refuses_an_unknown_partition" {
  command = plan

  variables {
    target = {
      region     = "eu-central-1"
      account_id = "111122223333"
      partition  = "amazon"
    }
  }

  expect_failures = [var.target]
}

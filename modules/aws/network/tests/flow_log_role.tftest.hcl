# The real provider, planning only and offline: the policies that are asserted are those that AWS would get.
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
  cidr                 = "10.40.0.0/16"
  zones                = ["eu-central-1a", "eu-central-1b"]
  key_arn              = "arn:aws:kms:eu-central-1:111122223333:key/11111111-2222-3333-4444-555555555555"
  permissions_boundary = "arn:aws:iam::111122223333:policy/boundary"
}

run "the_role_writes_this_flow_log_and_nothing_else" {
  command = plan

  assert {
    condition     = jsondecode(data.aws_iam_policy_document.flow_log.json).Statement[0].Resource == "arn:aws:logs:eu-central-1:111122223333:log-group:/landfall/acme-production/flow-log:*"
    error_message = "the role may write to the flow log's group only"
  }

  assert {
    condition     = jsondecode(data.aws_iam_policy_document.flow_log_trust.json).Statement[0].Condition.StringEquals["aws:SourceAccount"] == "111122223333"
    error_message = "the service may take the role only for this account"
  }

  assert {
    condition     = aws_iam_role.flow_log.permissions_boundary == "arn:aws:iam::111122223333:policy/boundary"
    error_message = "the role is within the customer's boundary"
  }
}

run "refuses_a_boundary_that_is_no_policy" {
  command = plan

  variables {
    permissions_boundary = "arn:aws:iam::111122223333:role/boundary"
  }

  expect_failures = [var.permissions_boundary]
}

run "refuses_a_retention_that_cloudwatch_does_not_know" {
  command = plan

  variables {
    flow_log_retention_days = 45
  }

  expect_failures = [var.flow_log_retention_days]
}

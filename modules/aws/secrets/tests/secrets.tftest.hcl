mock_provider "aws" {
  mock_resource "aws_secretsmanager_secret" {
    defaults = {
      arn = "arn:aws:secretsmanager:eu-central-1:111122223333:secret:acme-production/licence-AbCdEf"
    }
    override_during = plan
  }
}

variables {
  key_arn = "arn:aws:kms:eu-central-1:111122223333:key/11111111-2222-3333-4444-555555555555"
  secrets = {
    licence     = { name = "acme-production/licence", description = "Licence key of the product." }
    session_key = { name = "acme-production/session_key", description = "Signs the sessions." }
  }
}

run "defaults" {
  command = plan

  assert {
    condition     = alltrue([for s in aws_secretsmanager_secret.this : s.kms_key_id == var.key_arn])
    error_message = "every secret is encrypted with the customer's key"
  }

  assert {
    condition     = alltrue([for s in aws_secretsmanager_secret.this : s.recovery_window_in_days == 30])
    error_message = "a deleted secret can be restored for 30 days"
  }
}

run "one_arn_for_each_key" {
  command = plan

  assert {
    condition     = toset(keys(output.arns)) == toset(["licence", "session_key"])
    error_message = "the output has the input's keys"
  }

  assert {
    condition     = output.arns.licence == aws_secretsmanager_secret.this["licence"].arn
    error_message = "the output holds ARNs"
  }
}

run "no_secrets_at_all" {
  command = plan

  variables {
    secrets = {}
  }

  assert {
    condition     = length(output.arns) == 0
    error_message = "a product without secrets gets none"
  }
}

run "a_preview_forgets_at_once" {
  command = plan

  variables {
    recovery_window_in_days = 0
  }

  assert {
    condition     = aws_secretsmanager_secret.this["licence"].recovery_window_in_days == 0
    error_message = "0 frees the name at once"
  }
}

run "refuses_a_window_that_aws_does_not_have" {
  command = plan

  variables {
    recovery_window_in_days = 3
  }

  expect_failures = [var.recovery_window_in_days]
}

run "refuses_a_key_alias" {
  command = plan

  variables {
    key_arn = "alias/acme-production"
  }

  expect_failures = [var.key_arn]
}

run "refuses_two_secrets_of_one_name" {
  command = plan

  variables {
    secrets = {
      one = { name = "acme-production/licence", description = "First." }
      two = { name = "acme-production/licence", description = "Second." }
    }
  }

  expect_failures = [var.secrets]
}

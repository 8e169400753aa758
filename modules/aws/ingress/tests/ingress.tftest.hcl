mock_provider "aws" {
  override_during = plan

  # Keeps the ARNs apart that the schema checks for their shape.
  mock_resource "aws_lb" {
    defaults = {
      arn = "arn:aws:elasticloadbalancing:eu-central-1:111122223333:loadbalancer/app/acme-public/0123456789abcdef"
    }
  }

  override_resource {
    target = aws_lb_listener.http
    values = {
      arn = "arn:aws:elasticloadbalancing:eu-central-1:111122223333:listener/app/acme-public/0123456789abcdef/80"
    }
  }

  override_resource {
    target = aws_lb_listener.https
    values = {
      arn = "arn:aws:elasticloadbalancing:eu-central-1:111122223333:listener/app/acme-public/0123456789abcdef/443"
    }
  }

  mock_data "aws_iam_policy_document" {
    defaults = {
      json = "{\"Version\":\"2012-10-17\",\"Statement\":[]}"
    }
  }
}

variables {
  name              = "acme-production-public"
  target            = { region = "eu-central-1", account_id = "111122223333", partition = "aws" }
  bucket_name       = "acme-production-public-logs-111122223333"
  vpc_id            = "vpc-0123456789abcdef0"
  subnet_ids        = ["subnet-0aaaaaaaaaaaaaaaa", "subnet-0bbbbbbbbbbbbbbbb"]
  security_group_id = "sg-0123456789abcdef0"
  internal          = false
  certificate_arn   = "arn:aws:acm:eu-central-1:111122223333:certificate/11111111-2222-3333-4444-555555555555"
}

run "serves_https_only" {
  command = plan

  assert {
    condition     = aws_lb_listener.https[0].port == 443 && startswith(aws_lb_listener.https[0].ssl_policy, "ELBSecurityPolicy-TLS13-1-2-")
    error_message = "TLS 1.2 is the oldest that is spoken"
  }

  assert {
    condition = alltrue([
      aws_lb_listener.http.default_action[0].type == "redirect",
      aws_lb_listener.http.default_action[0].redirect[0].protocol == "HTTPS",
      aws_lb_listener.http.default_action[0].redirect[0].port == "443",
    ])
    error_message = "port 80 only redirects"
  }

  assert {
    condition     = output.listener_arn == aws_lb_listener.https[0].arn
    error_message = "services must hang their rules on the HTTPS listener"
  }
}

run "answers_404_to_what_no_service_claims" {
  command = plan

  assert {
    condition = alltrue([
      aws_lb_listener.https[0].default_action[0].type == "fixed-response",
      aws_lb_listener.https[0].default_action[0].fixed_response[0].status_code == "404",
    ])
    error_message = "there is no default service"
  }
}

run "is_protected_by_default" {
  command = plan

  assert {
    condition     = aws_lb.this.enable_deletion_protection && !aws_s3_bucket.logs.force_destroy
    error_message = "load balancer and logs must not go by accident"
  }

  assert {
    condition     = aws_lb.this.drop_invalid_header_fields && aws_lb.this.desync_mitigation_mode == "defensive"
    error_message = "ambiguous requests must not reach the product"
  }
}

run "keeps_access_logs_private_and_for_a_year" {
  command = plan

  assert {
    condition     = aws_lb.this.access_logs[0].enabled && aws_lb.this.access_logs[0].bucket == var.bucket_name
    error_message = "every request is logged to this module's bucket"
  }

  assert {
    condition = alltrue([
      aws_s3_bucket_public_access_block.logs.block_public_acls,
      aws_s3_bucket_public_access_block.logs.block_public_policy,
      aws_s3_bucket_public_access_block.logs.ignore_public_acls,
      aws_s3_bucket_public_access_block.logs.restrict_public_buckets,
    ])
    error_message = "the bucket is closed in all four ways"
  }

  assert {
    condition     = aws_s3_bucket_lifecycle_configuration.logs.rule[0].expiration[0].days == 365
    error_message = "logs are kept for a year"
  }

  assert {
    condition = alltrue([
      one(data.aws_iam_policy_document.logs.statement[0].condition).variable == "aws:SourceArn",
      one(one(data.aws_iam_policy_document.logs.statement[0].condition).values) == "arn:aws:elasticloadbalancing:eu-central-1:111122223333:loadbalancer/*",
      one(data.aws_iam_policy_document.logs.statement[0].resources) == "arn:aws:s3:::acme-production-public-logs-111122223333/AWSLogs/111122223333/*",
    ])
    error_message = "only load balancers of this account and region write, and only under this account"
  }

  assert {
    condition     = data.aws_iam_policy_document.logs.statement[1].effect == "Deny" && one(data.aws_iam_policy_document.logs.statement[1].condition).variable == "aws:SecureTransport"
    error_message = "nothing reaches the bucket in the clear"
  }
}

run "serves_http_without_a_certificate" {
  command = plan

  variables {
    certificate_arn = null
    protection      = false
  }

  assert {
    condition     = length(aws_lb_listener.https) == 0 && aws_lb_listener.http.default_action[0].type == "fixed-response"
    error_message = "without a certificate port 80 serves, and nothing listens on 443"
  }

  assert {
    condition     = output.listener_arn == aws_lb_listener.http.arn
    error_message = "services must hang their rules on the HTTP listener"
  }

  assert {
    condition     = !aws_lb.this.enable_deletion_protection && aws_s3_bucket.logs.force_destroy
    error_message = "a preview must be removable with its logs"
  }
}

run "refuses_one_zone" {
  command = plan

  variables {
    subnet_ids = ["subnet-0aaaaaaaaaaaaaaaa"]
  }

  expect_failures = [var.subnet_ids]
}

run "refuses_what_is_no_certificate" {
  command = plan

  variables {
    certificate_arn = "ledger.acme.example"
  }

  expect_failures = [var.certificate_arn]
}

run "refuses_a_certificate_of_another_region" {
  command = plan

  variables {
    certificate_arn = "arn:aws:acm:us-east-1:111122223333:certificate/11111111-2222-3333-4444-555555555555"
  }

  expect_failures = [var.certificate_arn]
}

run "refuses_a_name_that_elb_reserves" {
  command = plan

  variables {
    name = "internal-acme"
  }

  expect_failures = [var.name]
}

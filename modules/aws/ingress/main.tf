resource "aws_lb" "this" {
  #checkov:skip=CKV2_AWS_28:a web application firewall is the customer's own, associated with the output load_balancer_arn
  #checkov:skip=CKV2_AWS_20:the listener on port 80 redirects; the check does not see it in a dynamic block
  #checkov:skip=CKV_AWS_150:deletion protection follows the class of the environment; a preview must be removable
  name               = var.name
  load_balancer_type = "application"
  internal           = var.internal
  ip_address_type    = "ipv4"
  subnets            = var.subnet_ids
  security_groups    = [var.security_group_id]
  idle_timeout       = var.idle_timeout_seconds

  # Requests that two HTTP parsers could read differently do not reach the product.
  drop_invalid_header_fields = true
  desync_mitigation_mode     = "defensive"

  enable_deletion_protection = var.protection

  access_logs {
    bucket  = aws_s3_bucket.logs.bucket
    enabled = true
  }

  # Enabling access logs makes a test write: the bucket must accept it by then.
  depends_on = [aws_s3_bucket_policy.logs]
}

locals {
  serves_https = var.certificate_arn != null
}

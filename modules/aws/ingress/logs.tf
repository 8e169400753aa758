# Access logs: who asked for what, from where. They hold addresses of people, so they are private and end.
resource "aws_s3_bucket" "logs" {
  #checkov:skip=CKV_AWS_18:this is the bucket for logs; logging the access to it would never end
  #checkov:skip=CKV_AWS_144:access logs are not part of the recovery of an environment
  #checkov:skip=CKV_AWS_145:load balancers can write to buckets with SSE-S3 only
  #checkov:skip=CKV2_AWS_62:nothing waits for access logs
  bucket = var.bucket_name

  # A load balancer writes for minutes after its last request: without this a preview could not be removed.
  force_destroy = !var.protection
}

resource "aws_s3_bucket_public_access_block" "logs" {
  bucket = aws_s3_bucket.logs.id

  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

resource "aws_s3_bucket_ownership_controls" "logs" {
  bucket = aws_s3_bucket.logs.id

  rule {
    object_ownership = "BucketOwnerEnforced"
  }
}

resource "aws_s3_bucket_server_side_encryption_configuration" "logs" {
  bucket = aws_s3_bucket.logs.id

  rule {
    apply_server_side_encryption_by_default {
      sse_algorithm = "AES256"
    }
  }
}

resource "aws_s3_bucket_versioning" "logs" {
  bucket = aws_s3_bucket.logs.id

  versioning_configuration {
    status = "Enabled"
  }
}

resource "aws_s3_bucket_lifecycle_configuration" "logs" {
  bucket = aws_s3_bucket.logs.id

  rule {
    id     = "end"
    status = "Enabled"

    filter {}

    expiration {
      days = var.log_retention_days
    }

    # What was overwritten or deleted can be had back for a month.
    noncurrent_version_expiration {
      noncurrent_days = 30
    }

    abort_incomplete_multipart_upload {
      days_after_initiation = 7
    }
  }

  # S3 reads a lifecycle rule differently with and without versions.
  depends_on = [aws_s3_bucket_versioning.logs]
}

resource "aws_s3_bucket_policy" "logs" {
  bucket = aws_s3_bucket.logs.id
  policy = data.aws_iam_policy_document.logs.json

  # S3 refuses two changes to the access of a bucket at the same time.
  depends_on = [aws_s3_bucket_public_access_block.logs, aws_s3_bucket_ownership_controls.logs]
}

locals {
  # Written out rather than read from the bucket, so that the plan of a first install shows the whole policy.
  bucket_arn     = "arn:${var.target.partition}:s3:::${var.bucket_name}"
  load_balancers = "arn:${var.target.partition}:elasticloadbalancing:${var.target.region}:${var.target.account_id}:loadbalancer/*"
}

data "aws_iam_policy_document" "logs" {
  statement {
    sid       = "LoadBalancersOfThisAccount"
    actions   = ["s3:PutObject"]
    resources = ["${local.bucket_arn}/AWSLogs/${var.target.account_id}/*"]

    principals {
      type        = "Service"
      identifiers = ["logdelivery.elasticloadbalancing.amazonaws.com"]
    }

    condition {
      test     = "ArnLike"
      variable = "aws:SourceArn"
      values   = [local.load_balancers]
    }
  }

  statement {
    sid       = "NothingInTheClear"
    effect    = "Deny"
    actions   = ["s3:*"]
    resources = [local.bucket_arn, "${local.bucket_arn}/*"]

    principals {
      type        = "*"
      identifiers = ["*"]
    }

    condition {
      test     = "Bool"
      variable = "aws:SecureTransport"
      values   = ["false"]
    }
  }
}

locals {
  account_root = "arn:${var.target.partition}:iam::${var.target.account_id}:root"

  # CloudWatch Logs is one of the few services whose principal carries region and partition.
  dns_suffix     = var.target.partition == "aws-cn" ? "amazonaws.com.cn" : "amazonaws.com"
  logs_principal = "logs.${var.target.region}.${local.dns_suffix}"

  log_groups = "arn:${var.target.partition}:logs:${var.target.region}:${var.target.account_id}:log-group:*"
  alarms     = "arn:${var.target.partition}:cloudwatch:${var.target.region}:${var.target.account_id}:alarm:*"
}

# In a key policy the resource "*" means this key, and nothing else.
data "aws_iam_policy_document" "key" {
  #checkov:skip=CKV_AWS_109:a key policy: kms:* for the account root is what keeps the key manageable; who may use it is decided by IAM
  #checkov:skip=CKV_AWS_111:a key policy: its resource "*" is the key that the policy belongs to
  #checkov:skip=CKV_AWS_356:a key policy: its resource "*" is the key that the policy belongs to

  # Without this statement IAM policies have no say over the key, and nobody could repair its policy.
  # It also serves RDS, Secrets Manager and EventBridge Scheduler, which act with their caller's rights.
  statement {
    sid       = "AccountDecidesByIAM"
    actions   = ["kms:*"]
    resources = ["*"]

    principals {
      type        = "AWS"
      identifiers = [local.account_root]
    }
  }

  statement {
    sid       = "LogGroupsOfThisAccount"
    resources = ["*"]
    actions = [
      "kms:Decrypt",
      "kms:DescribeKey",
      "kms:Encrypt",
      "kms:GenerateDataKey*",
      "kms:ReEncrypt*",
    ]

    principals {
      type        = "Service"
      identifiers = [local.logs_principal]
    }

    # The service names the log group, and with it the account, in the encryption context of every call.
    condition {
      test     = "ArnLike"
      variable = "kms:EncryptionContext:aws:logs:arn"
      values   = [local.log_groups]
    }
  }

  # An alarm that may not use the key fails to notify without a sound: the message is dropped.
  statement {
    sid       = "AlarmsOfThisAccount"
    actions   = ["kms:Decrypt", "kms:GenerateDataKey*"]
    resources = ["*"]

    principals {
      type        = "Service"
      identifiers = ["cloudwatch.amazonaws.com"]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [var.target.account_id]
    }

    condition {
      test     = "ArnLike"
      variable = "aws:SourceArn"
      values   = [local.alarms]
    }
  }
}

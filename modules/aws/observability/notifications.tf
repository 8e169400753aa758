locals {
  topic_name = "${var.name}-alarms"

  # Written out rather than read from the topic, so that the plan of a first install shows the whole policy.
  topic_arn = "arn:${var.target.partition}:sns:${var.target.region}:${var.target.account_id}:${local.topic_name}"
  alarms    = "arn:${var.target.partition}:cloudwatch:${var.target.region}:${var.target.account_id}:alarm:*"
}

resource "aws_sns_topic" "this" {
  name              = local.topic_name
  kms_master_key_id = var.key_arn
}

resource "aws_sns_topic_policy" "this" {
  arn    = aws_sns_topic.this.arn
  policy = data.aws_iam_policy_document.topic.json
}

data "aws_iam_policy_document" "topic" {
  statement {
    sid       = "AlarmsOfThisAccount"
    actions   = ["sns:Publish"]
    resources = [local.topic_arn]

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

  statement {
    sid       = "NothingInTheClear"
    effect    = "Deny"
    actions   = ["sns:Publish"]
    resources = [local.topic_arn]

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

# Keyed by address: another contact is another subscription, and the old one ends.
resource "aws_sns_topic_subscription" "contact" {
  for_each = var.contact == null ? toset([]) : toset([var.contact])

  topic_arn = aws_sns_topic.this.arn
  protocol  = "email"
  endpoint  = each.value
}

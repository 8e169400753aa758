locals {
  # A few condition keys carry the name of a service as it is spelled in the partition.
  dns_suffix = var.target.partition == "aws-cn" ? "amazonaws.com.cn" : "amazonaws.com"
}

# Both roles of a task are assumed by ECS, and by ECS for tasks of this account and region only.
data "aws_iam_policy_document" "tasks" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["ecs-tasks.amazonaws.com"]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [var.target.account_id]
    }

    # ECS does not say which cluster: this is as narrow as it goes.
    condition {
      test     = "ArnLike"
      variable = "aws:SourceArn"
      values   = ["arn:${var.target.partition}:ecs:${var.target.region}:${var.target.account_id}:*"]
    }
  }
}

locals {
  flow_log_group_name = coalesce(var.flow_log_group_name, "/landfall/${var.name}/flow-log")
}

resource "aws_flow_log" "this" {
  vpc_id               = aws_vpc.this.id
  traffic_type         = "ALL"
  log_destination_type = "cloud-watch-logs"
  log_destination      = aws_cloudwatch_log_group.flow_log.arn
  iam_role_arn         = aws_iam_role.flow_log.arn

  # What Fargate gets anyway: its interfaces are never aggregated for longer than a minute.
  max_aggregation_interval = 60

  tags = { Name = var.name }

  depends_on = [aws_iam_role_policy.flow_log]
}

resource "aws_cloudwatch_log_group" "flow_log" {
  name              = local.flow_log_group_name
  retention_in_days = var.flow_log_retention_days
  kms_key_id        = var.key_arn
}

resource "aws_iam_role" "flow_log" {
  name                 = "${var.name}-flow-log"
  description          = "Writes the VPC flow log of ${var.name}."
  assume_role_policy   = data.aws_iam_policy_document.flow_log_trust.json
  permissions_boundary = var.permissions_boundary
}

resource "aws_iam_role_policy" "flow_log" {
  name   = "write-flow-log"
  role   = aws_iam_role.flow_log.name
  policy = data.aws_iam_policy_document.flow_log.json
}

data "aws_iam_policy_document" "flow_log_trust" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["vpc-flow-logs.amazonaws.com"]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [var.target.account_id]
    }

    condition {
      test     = "ArnLike"
      variable = "aws:SourceArn"
      values   = ["arn:${var.target.partition}:ec2:${var.target.region}:${var.target.account_id}:vpc-flow-log/*"]
    }
  }
}

# Written out rather than read from the group, so that the plan of a first install shows the whole policy.
# The group exists, so the role needs no right to make one.
data "aws_iam_policy_document" "flow_log" {
  statement {
    actions = [
      "logs:CreateLogStream",
      "logs:DescribeLogGroups",
      "logs:DescribeLogStreams",
      "logs:PutLogEvents",
    ]
    resources = [
      "arn:${var.target.partition}:logs:${var.target.region}:${var.target.account_id}:log-group:${local.flow_log_group_name}:*",
    ]
  }
}

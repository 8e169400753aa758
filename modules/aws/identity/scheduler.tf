# What EventBridge Scheduler may do: start this one task family on this one cluster.
resource "aws_iam_role" "scheduler" {
  count = var.schedule == null ? 0 : 1

  name                 = "${var.name}-scheduler"
  description          = "Starts ${var.name} on its schedule."
  assume_role_policy   = data.aws_iam_policy_document.schedules[0].json
  permissions_boundary = var.permissions_boundary
}

resource "aws_iam_role_policy" "scheduler" {
  count = var.schedule == null ? 0 : 1

  name   = "start"
  role   = aws_iam_role.scheduler[0].id
  policy = data.aws_iam_policy_document.scheduler[0].json
}

locals {
  scheduler = "arn:${var.target.partition}:scheduler:${var.target.region}:${var.target.account_id}"
}

data "aws_iam_policy_document" "schedules" {
  count = var.schedule == null ? 0 : 1

  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["scheduler.amazonaws.com"]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [var.target.account_id]
    }

    # The source is the group of the schedule. A condition on one schedule would never hold.
    condition {
      test     = "ArnEquals"
      variable = "aws:SourceArn"
      values   = ["${local.scheduler}:schedule-group/default"]
    }
  }
}

data "aws_iam_policy_document" "scheduler" {
  count = var.schedule == null ? 0 : 1

  statement {
    sid       = "StartThisFamily"
    actions   = ["ecs:RunTask"]
    resources = ["arn:${var.target.partition}:ecs:${var.target.region}:${var.target.account_id}:task-definition/${var.schedule.family}:*"]

    condition {
      test     = "ArnEquals"
      variable = "ecs:cluster"
      values   = [var.schedule.cluster_arn]
    }
  }

  # The task gets the tags of its definition. An account that demands the right to tag demands this one too.
  statement {
    sid       = "TagWhatItStarts"
    actions   = ["ecs:TagResource"]
    resources = ["${replace(var.schedule.cluster_arn, ":cluster/", ":task/")}/*"]

    condition {
      test     = "StringEquals"
      variable = "ecs:CreateAction"
      values   = ["RunTask"]
    }
  }

  statement {
    sid       = "GiveTheTaskItsRoles"
    actions   = ["iam:PassRole"]
    resources = [aws_iam_role.task.arn, aws_iam_role.execution.arn]

    condition {
      test     = "StringEquals"
      variable = "iam:PassedToService"
      values   = ["ecs-tasks.amazonaws.com"]
    }
  }

  # Scheduler reads an encrypted schedule with this role. Without the right it starts nothing, silently.
  statement {
    sid       = "ReadTheSchedule"
    actions   = ["kms:Decrypt"]
    resources = [var.key_arn]

    condition {
      test     = "ArnLike"
      variable = "kms:EncryptionContext:aws:scheduler:schedule:arn"
      values   = ["${local.scheduler}:schedule/default/*"]
    }
  }
}

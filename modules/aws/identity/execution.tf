# What ECS does before and beside the product's code: pull the image, read the secrets, write the log.
# The code never holds this role.
resource "aws_iam_role" "execution" {
  name                 = "${var.name}-execution"
  description          = "What ECS does to start ${var.name}: image, secrets, log."
  assume_role_policy   = data.aws_iam_policy_document.tasks.json
  permissions_boundary = var.permissions_boundary
}

resource "aws_iam_role_policy" "execution" {
  name   = "start"
  role   = aws_iam_role.execution.id
  policy = data.aws_iam_policy_document.execution.json
}

locals {
  # Sorted, so that the order in which a caller names them is not a change of the policy.
  readable_secrets = sort(distinct(concat(var.secret_arns, var.pull_secret_arn[*])))

  image_repositories = var.image_repository_arns == null ? [
    "arn:${var.target.partition}:ecr:${var.target.region}:${var.target.account_id}:repository/*",
  ] : var.image_repository_arns
}

data "aws_iam_policy_document" "execution" {
  #checkov:skip=CKV_AWS_356:ecr:GetAuthorizationToken knows no resource; it yields a login, the pull itself is limited to repositories

  statement {
    sid       = "WriteItsLog"
    actions   = ["logs:CreateLogStream", "logs:PutLogEvents"]
    resources = ["${var.log_group_arn}:*"]
  }

  dynamic "statement" {
    for_each = length(local.readable_secrets) > 0 ? [local.readable_secrets] : []

    content {
      sid       = "ReadItsSecrets"
      actions   = ["secretsmanager:GetSecretValue"]
      resources = statement.value
    }
  }

  # The key opens many things. This opens it for exactly these secrets, and only through Secrets Manager.
  dynamic "statement" {
    for_each = length(local.readable_secrets) > 0 ? [local.readable_secrets] : []

    content {
      sid       = "DecryptItsSecrets"
      actions   = ["kms:Decrypt"]
      resources = [var.key_arn]

      condition {
        test     = "StringEquals"
        variable = "kms:ViaService"
        values   = ["secretsmanager.${var.target.region}.${local.dns_suffix}"]
      }

      condition {
        test     = "StringEquals"
        variable = "kms:EncryptionContext:SecretARN"
        values   = statement.value
      }
    }
  }

  dynamic "statement" {
    for_each = length(local.image_repositories) > 0 ? ["*"] : []

    content {
      sid       = "LogInAtECR"
      actions   = ["ecr:GetAuthorizationToken"]
      resources = [statement.value]
    }
  }

  dynamic "statement" {
    for_each = length(local.image_repositories) > 0 ? [local.image_repositories] : []

    content {
      sid       = "PullImages"
      actions   = ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]
      resources = statement.value
    }
  }
}

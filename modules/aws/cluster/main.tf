# No service opens a shell and no task role may hold one: see the README. Should somebody with the
# rights open one all the same, what they type is recorded, and recorded encrypted.
resource "aws_cloudwatch_log_group" "exec" {
  name              = "/aws/ecs/${var.name}/exec"
  retention_in_days = var.log_retention_days
  kms_key_id        = var.key_arn

  lifecycle {
    precondition {
      condition     = slice(split(":", var.key_arn), 3, 5) == tolist([var.target.region, var.target.account_id])
      error_message = "key_arn must be a key of region ${var.target.region} and account ${var.target.account_id}."
    }
  }
}

resource "aws_ecs_cluster" "this" {
  name = var.name

  # "enhanced" brings the metrics per service and task; the service module's alarm on missing tasks needs them.
  setting {
    name  = "containerInsights"
    value = "enhanced"
  }

  configuration {
    execute_command_configuration {
      kms_key_id = var.key_arn
      logging    = "OVERRIDE"

      log_configuration {
        cloud_watch_encryption_enabled = true
        cloud_watch_log_group_name     = aws_cloudwatch_log_group.exec.name
      }
    }
  }
}

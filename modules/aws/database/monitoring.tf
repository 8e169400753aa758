resource "aws_cloudwatch_log_group" "this" {
  for_each = toset(["iam-db-auth-error", "postgresql", "upgrade"])

  name              = "/aws/rds/instance/${var.name}/${each.key}"
  retention_in_days = var.log_retention_days
  kms_key_id        = var.key_arn
}

# ---- enhanced monitoring: memory, processes and disks as the operating system sees them

resource "aws_iam_role" "monitoring" {
  name                 = "${var.name}-monitoring"
  description          = "Lets RDS publish the operating system's metrics of ${var.name}."
  assume_role_policy   = data.aws_iam_policy_document.monitoring_trust.json
  permissions_boundary = var.permissions_boundary
}

resource "aws_iam_role_policy_attachment" "monitoring" {
  role       = aws_iam_role.monitoring.name
  policy_arn = "arn:${var.target.partition}:iam::aws:policy/service-role/AmazonRDSEnhancedMonitoringRole"
}

data "aws_iam_policy_document" "monitoring_trust" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["monitoring.rds.amazonaws.com"]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [var.target.account_id]
    }

    condition {
      test     = "ArnLike"
      variable = "aws:SourceArn"
      values   = ["arn:${var.target.partition}:rds:${var.target.region}:${var.target.account_id}:db:${var.name}"]
    }
  }
}

# ---- alarms

locals {
  # RDS derives the number of connections from the class's memory, which no attribute tells: "db.r7g.2xlarge" has
  # twice (r) two times (2) what an xlarge of the general kind has.
  class            = regex("^db\\.([a-z])[a-z0-9-]*\\.([0-9]*)([a-z]+)$", var.instance_class)
  memory_of_kind   = { c = 0.5, r = 2, x = 4 }
  memory_of_size   = { micro = 1, small = 2, medium = 4, large = 8, xlarge = 16 }
  multiple         = local.class[1] == "" ? 1 : tonumber(local.class[1])
  memory_gib       = lookup(local.memory_of_kind, local.class[0], 1) * local.memory_of_size[local.class[2]] * local.multiple
  gib              = pow(1024, 3)
  default_limit    = min(5000, floor(local.memory_gib * local.gib / 9531392))
  connection_limit = try(tonumber(var.parameters["max_connections"]), local.default_limit)

  alarms = {
    cpu = {
      description = "More than 90 % CPU for 5 minutes."
      metric      = "CPUUtilization"
      operator    = "GreaterThanThreshold"
      threshold   = 90
      minutes     = 5
    }
    # At a tenth RDS lets the storage grow, unless it did so within six hours or has reached max_gib.
    storage = {
      description = "Less than a tenth of the storage has been free for 15 minutes, and it does not grow."
      metric      = "FreeStorageSpace"
      operator    = "LessThanThreshold"
      threshold   = var.storage.allocated_gib * local.gib / 10
      minutes     = 15
    }
    memory = {
      description = "Less than a twentieth of the memory has been free for 15 minutes."
      metric      = "FreeableMemory"
      operator    = "LessThanThreshold"
      threshold   = floor(local.memory_gib * local.gib / 20)
      minutes     = 15
    }
    connections = {
      description = "More than 80 % of ${local.connection_limit} connections for 5 minutes."
      metric      = "DatabaseConnections"
      operator    = "GreaterThanThreshold"
      threshold   = floor(local.connection_limit * 0.8)
      minutes     = 5
    }
  }
}

resource "aws_cloudwatch_metric_alarm" "this" {
  for_each = local.alarms

  alarm_name          = "${var.name}-${each.key}"
  alarm_description   = "Database ${var.name}: ${each.value.description}"
  namespace           = "AWS/RDS"
  metric_name         = each.value.metric
  dimensions          = { DBInstanceIdentifier = aws_db_instance.this.identifier }
  statistic           = "Average"
  period              = 60
  evaluation_periods  = each.value.minutes
  comparison_operator = each.value.operator
  threshold           = each.value.threshold
  # Metrics stop while the instance is made, restarted or restored: no reason to wake anybody.
  treat_missing_data = "notBreaching"
  alarm_actions      = [var.topic_arn]
  ok_actions         = [var.topic_arn]
}

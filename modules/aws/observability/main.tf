# Made before the first task starts: a group that the log driver makes itself would have no key and no end.
resource "aws_cloudwatch_log_group" "this" {
  for_each = var.log_groups

  name              = each.value
  retention_in_days = var.retention_days
  kms_key_id        = var.key_arn
}

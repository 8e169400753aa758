# Containers only. A value that went through Terraform would lie in its state, so there is no
# aws_secretsmanager_secret_version here and no input that could carry a value.
resource "aws_secretsmanager_secret" "this" {
  #checkov:skip=CKV2_AWS_57:only the product can follow a rotation of its own secrets; Landfall rotates them with the restart they need
  for_each = var.secrets

  name                    = each.value.name
  description             = each.value.description
  kms_key_id              = var.key_arn
  recovery_window_in_days = var.recovery_window_in_days
}

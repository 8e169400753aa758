variable "secrets" {
  description = "The containers to make, by the key under which the rest of the configuration refers to them. The name is the complete one in Secrets Manager."
  type = map(object({
    name        = string
    description = string
  }))
  nullable = false

  validation {
    condition = alltrue([
      for secret in var.secrets : can(regex("^[A-Za-z0-9/_+=.@-]{1,512}$", secret.name))
    ])
    error_message = "a secret's name has 1 to 512 letters, digits and the characters / _ + = . @ -"
  }

  validation {
    condition     = length(distinct([for secret in var.secrets : secret.name])) == length(var.secrets)
    error_message = "two secrets must not have the same name."
  }

  validation {
    condition     = alltrue([for secret in var.secrets : length(secret.description) <= 2048])
    error_message = "a secret's description has at most 2048 characters."
  }
}

variable "key_arn" {
  description = "ARN of the customer-managed KMS key that encrypts the values."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^arn:[a-z-]+:kms:[a-z0-9-]+:[0-9]{12}:key/", var.key_arn))
    error_message = "key_arn must be the ARN of a KMS key, not an alias or an id."
  }
}

variable "recovery_window_in_days" {
  description = "Days in which a deleted secret can be restored, 7 to 30; its name stays taken that long. 0 deletes at once and is meant for previews."
  type        = number
  default     = 30
  nullable    = false

  validation {
    condition     = var.recovery_window_in_days == 0 || (var.recovery_window_in_days >= 7 && var.recovery_window_in_days <= 30)
    error_message = "recovery_window_in_days must be 0, or between 7 and 30."
  }
}

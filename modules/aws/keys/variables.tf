variable "name" {
  description = "Name of the environment. The alias is \"alias/<name>\"."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z](-?[a-z0-9])+$", var.name)) && length(var.name) <= 24
    error_message = "name must be 2 to 24 lower case letters, digits and single hyphens, beginning with a letter."
  }
}

variable "target" {
  description = "Where the environment lives: region, account and partition. The key admits AWS services only on behalf of this account."
  type = object({
    region     = string
    account_id = string
    partition  = string
  })
  nullable = false

  validation {
    condition     = can(regex("^[0-9]{12}$", var.target.account_id))
    error_message = "target.account_id must have 12 digits."
  }

  validation {
    condition     = contains(["aws", "aws-us-gov", "aws-cn"], var.target.partition)
    error_message = "target.partition must be aws, aws-us-gov or aws-cn."
  }
}

variable "deletion_window_in_days" {
  description = "Days between the request to delete the key and its end. Until then the deletion can be cancelled; afterwards everything encrypted with the key is lost."
  type        = number
  default     = 30
  nullable    = false

  validation {
    condition     = var.deletion_window_in_days >= 7 && var.deletion_window_in_days <= 30
    error_message = "deletion_window_in_days must be between 7 and 30."
  }
}

variable "name" {
  description = "Name of the environment. The cluster has this name, and the log group of shell sessions is \"/aws/ecs/<name>/exec\"."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z](-?[a-z0-9])+$", var.name)) && length(var.name) <= 24
    error_message = "name must be 2 to 24 lower case letters, digits and single hyphens, beginning with a letter."
  }
}

variable "target" {
  description = "Where the environment lives: region, account and partition. A key from elsewhere is refused at plan time."
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
}

variable "key_arn" {
  description = "ARN of the customer-managed KMS key that encrypts shell sessions and their log. Its policy must admit the region's logs service; the module keys does."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^arn:[a-z-]+:kms:[a-z0-9-]+:[0-9]{12}:key/", var.key_arn))
    error_message = "key_arn must be the ARN of a KMS key, not an alias or an id."
  }
}

variable "log_retention_days" {
  description = "Days that the record of shell sessions is kept. CloudWatch knows only certain numbers."
  type        = number
  default     = 365
  nullable    = false

  validation {
    condition     = contains([1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653], var.log_retention_days)
    error_message = "log_retention_days must be one of 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653."
  }
}

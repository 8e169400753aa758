variable "name" {
  description = "Name of the environment. The topic is \"<name>-alarms\"."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z](-?[a-z0-9])+$", var.name)) && length(var.name) <= 24
    error_message = "name must be 2 to 24 lower case letters, digits and single hyphens, beginning with a letter."
  }
}

variable "target" {
  description = "Where the environment lives: region, account and partition. Only alarms of this account may publish."
  type = object({
    region     = string
    account_id = string
    partition  = string
  })
  nullable = false
}

variable "key_arn" {
  description = "ARN of the customer-managed KMS key for messages and logs. Its policy must admit cloudwatch.amazonaws.com and the region's logs service; the module keys does."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^arn:[a-z-]+:kms:[a-z0-9-]+:[0-9]{12}:key/", var.key_arn))
    error_message = "key_arn must be the ARN of a KMS key, not an alias or an id."
  }
}

variable "log_groups" {
  description = "Complete name of the log group of each workload, by the workload's key (\"service_web\", \"job_migrate\")."
  type        = map(string)
  nullable    = false

  validation {
    condition     = alltrue([for name in var.log_groups : can(regex("^[A-Za-z0-9_./#-]{1,512}$", name)) && !startswith(name, "aws/")])
    error_message = "a log group's name has 1 to 512 letters, digits and the characters _ . / # - and does not begin with \"aws/\"."
  }

  validation {
    condition     = length(distinct(values(var.log_groups))) == length(var.log_groups)
    error_message = "every workload has a log group of its own: two share a name."
  }
}

variable "retention_days" {
  description = "Days that the workloads' logs are kept. CloudWatch knows only certain numbers, and 0 for ever."
  type        = number
  default     = 365
  nullable    = false

  validation {
    condition     = contains([0, 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653], var.retention_days)
    error_message = "retention_days must be one of 0, 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653."
  }
}

variable "contact" {
  description = "E-mail address that is told of every alarm, once it has confirmed the subscription. null subscribes nobody."
  type        = string
  default     = null

  validation {
    condition     = var.contact == null || can(regex("^[^@\\s]+@[^@\\s]+\\.[^@\\s.]+$", var.contact))
    error_message = "contact must be an e-mail address."
  }
}

variable "name" {
  description = "Identifier of the instance. Its role, alarms and last snapshot are called \"<name>-<what>\"."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z](-?[a-z0-9])+$", var.name)) && length(var.name) <= 50
    error_message = "name must be 2 to 50 lower case letters, digits and single hyphens, beginning with a letter."
  }
}

variable "target" {
  description = "Where the environment lives: region, account and partition."
  type = object({
    region     = string
    account_id = string
    partition  = string
  })
  nullable = false
}

variable "engine_version" {
  description = "Major version of PostgreSQL, such as \"17\". RDS chooses the minor version and keeps it current in the maintenance window."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[1-9][0-9]$", var.engine_version)) && try(tonumber(var.engine_version) >= 15, false)
    error_message = "engine_version must be a major version from 15 on, without the minor one: \"17\"."
  }
}

variable "instance_class" {
  description = "Class of the instance, such as \"db.m7g.large\"."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^db\\.[a-z][a-z0-9-]*\\.(micro|small|medium|large|[0-9]*xlarge)$", var.instance_class))
    error_message = "instance_class must be an RDS instance class, such as \"db.t4g.medium\" or \"db.m7g.large\"."
  }
}

variable "storage" {
  description = "Storage in GiB: what the instance begins with, and how far RDS may let it grow by itself."
  type = object({
    allocated_gib = number
    max_gib       = number
  })
  nullable = false

  validation {
    condition     = var.storage.allocated_gib >= 20 && var.storage.max_gib <= 65536
    error_message = "storage must be between 20 and 65536 GiB."
  }

  validation {
    condition     = var.storage.max_gib >= var.storage.allocated_gib * 1.1
    error_message = "storage.max_gib must be at least a tenth more than allocated_gib; RDS refuses less."
  }
}

variable "subnet_ids" {
  description = "Ids of the database subnets, in two zones at least."
  type        = list(string)
  nullable    = false

  validation {
    condition     = length(var.subnet_ids) >= 2
    error_message = "subnet_ids must name subnets in at least two zones; RDS asks for them even without a standby."
  }
}

variable "security_group_id" {
  description = "Id of the security group that admits the workloads which use this database."
  type        = string
  nullable    = false
}

variable "key_arn" {
  description = "ARN of the customer-managed KMS key for storage, backups, Performance Insights, logs and the master secret. It cannot be changed later: another key is another instance."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^arn:[a-z-]+:kms:[a-z0-9-]+:[0-9]{12}:key/", var.key_arn))
    error_message = "key_arn must be the ARN of a KMS key, not an alias or an id."
  }
}

variable "database_name" {
  description = "Name of the database that the instance is made with. It cannot be changed later: another name is another instance."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z][a-z0-9_]{0,62}$", var.database_name)) && !contains(["postgres", "rdsadmin", "template0", "template1"], var.database_name)
    error_message = "database_name must be 1 to 63 lower case letters, digits and underscores, beginning with a letter, and not one of PostgreSQL's or RDS's own."
  }
}

variable "protection" {
  description = "What stands between the data and its loss: a standby in another zone, deletion protection, days of continuous backups, and whether the instance may go without a last snapshot. apply_immediately lets changes that restart the instance happen now instead of in the maintenance window."
  type = object({
    multi_az            = optional(bool, true)
    deletion_protection = optional(bool, true)
    backup_days         = optional(number, 14)
    skip_final_snapshot = optional(bool, false)
    apply_immediately   = optional(bool, false)
  })
  # The attributes' own defaults once more, because scanners do not read optional().
  default = {
    multi_az            = true
    deletion_protection = true
    backup_days         = 14
    skip_final_snapshot = false
    apply_immediately   = false
  }
  nullable = false

  validation {
    condition     = var.protection.backup_days >= 1 && var.protection.backup_days <= 35
    error_message = "protection.backup_days must be between 1 and 35; 0 would switch off restoring to a point in time."
  }

  validation {
    condition     = !(var.protection.deletion_protection && var.protection.skip_final_snapshot)
    error_message = "protection.skip_final_snapshot contradicts deletion_protection: data worth protecting leaves a last snapshot."
  }
}

variable "maintenance_window" {
  description = "When RDS may restart the instance, in UTC: \"sun:02:00-sun:03:00\". null lets RDS choose."
  type        = string
  default     = null

  validation {
    condition     = var.maintenance_window == null || can(regex("^(mon|tue|wed|thu|fri|sat|sun):([01][0-9]|2[0-3]):[0-5][0-9]-(mon|tue|wed|thu|fri|sat|sun):([01][0-9]|2[0-3]):[0-5][0-9]$", var.maintenance_window))
    error_message = "maintenance_window must look like \"sun:02:00-sun:03:00\"."
  }
}

variable "parameters" {
  description = "Parameters of PostgreSQL besides those that the module sets, such as { work_mem = \"65536\" }, in the units of the RDS API."
  type        = map(string)
  default     = {}
  nullable    = false

  validation {
    condition     = length(setintersection(keys(var.parameters), keys(local.parameters))) == 0
    error_message = "parameters must not set ${join(", ", setintersection(keys(var.parameters), keys(local.parameters)))}: TLS, password hashing and what is logged are decided by the module."
  }
}

variable "log_retention_days" {
  description = "Days that PostgreSQL's logs are kept. CloudWatch knows only certain numbers, and 0 for ever."
  type        = number
  default     = 365
  nullable    = false

  validation {
    condition     = contains([0, 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653], var.log_retention_days)
    error_message = "log_retention_days must be one of 0, 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653."
  }
}

variable "topic_arn" {
  description = "ARN of the SNS topic that is told of alarms."
  type        = string
  nullable    = false
}

variable "permissions_boundary" {
  description = "ARN of the permissions boundary for the monitoring role. null sets none."
  type        = string
  default     = null

  validation {
    condition     = var.permissions_boundary == null || can(regex("^arn:[a-z-]+:iam::([0-9]{12}|aws):policy/", var.permissions_boundary))
    error_message = "permissions_boundary must be the ARN of an IAM policy."
  }
}

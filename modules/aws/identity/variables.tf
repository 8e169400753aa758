variable "name" {
  description = "Prefix of the roles, at most 50 characters. They are \"<name>-task\", \"<name>-execution\" and, with a schedule, \"<name>-scheduler\"."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[A-Za-z0-9][A-Za-z0-9_-]{0,49}$", var.name))
    error_message = "name must be 1 to 50 letters, digits, - and _: a role has at most 64 characters, suffix included."
  }
}

variable "target" {
  description = "Where the environment lives: region, account and partition. AWS services assume the roles only on behalf of this account."
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

variable "log_group_arn" {
  description = "ARN of the workload's log group, the only one it may write to."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^arn:[^*?]+$", var.log_group_arn))
    error_message = "log_group_arn must be the ARN of one log group, without \":*\" at its end."
  }
}

variable "key_arn" {
  description = "ARN of the customer-managed KMS key that encrypts the secrets and the schedule."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^arn:[a-z-]+:kms:[a-z0-9-]+:[0-9]{12}:key/", var.key_arn))
    error_message = "key_arn must be the ARN of a KMS key, not an alias or an id."
  }
}

variable "secret_arns" {
  description = "ARNs of the secrets that are put into the container's environment. Full ARNs: no patterns."
  type        = list(string)
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for arn in var.secret_arns : can(regex("^arn:[^*?]+$", arn))])
    error_message = "secret_arns must be full ARNs of secrets in Secrets Manager, without * or ?."
  }
}

variable "databases" {
  description = "The database users that the workload logs in as, each at the instance with this resource id (\"db-...\", not its name). User names are case-sensitive."
  type = list(object({
    resource_id = string
    user        = string
  }))
  default  = []
  nullable = false

  validation {
    condition = alltrue([
      for database in var.databases : can(regex("^[A-Za-z0-9-]+$", database.resource_id)) && can(regex("^[A-Za-z0-9_-]+$", database.user))
    ])
    error_message = "instance and user of a database login must be named in full, without * or ?."
  }
}

variable "pull_secret_arn" {
  description = "ARN of the secret with the registry's user name and password. null when the registry needs none, or is ECR."
  type        = string
  default     = null
}

variable "image_repository_arns" {
  description = "ARNs of the ECR repositories that the image may come from. null is every repository of the target's account and region, [] is no ECR at all."
  type        = list(string)
  default     = null

  validation {
    condition     = alltrue([for arn in coalesce(var.image_repository_arns, []) : can(regex("^arn:[a-z-]+:ecr:[a-z0-9-]+:[0-9]{12}:repository/", arn))])
    error_message = "image_repository_arns must be ARNs of ECR repositories."
  }
}

variable "schedule" {
  description = "The cluster on which, and the task family as which, a schedule starts the workload. null makes no role for a schedule."
  type = object({
    cluster_arn = string
    family      = string
  })
  default = null
}

variable "permissions_boundary" {
  description = "ARN of the policy that bounds every role, where the customer demands one. null is none."
  type        = string
  default     = null

  validation {
    condition     = var.permissions_boundary == null || can(regex("^arn:[a-z-]+:iam::([0-9]{12}|aws):policy/", var.permissions_boundary))
    error_message = "permissions_boundary must be the ARN of an IAM policy, or null."
  }
}

variable "name" {
  description = "Complete name of the job. The task family has this name."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$", var.name))
    error_message = "name must be 1 to 64 letters, digits, - and _."
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

variable "cluster" {
  description = "The cluster that runs the tasks."
  type = object({
    arn  = string
    name = string
  })
  nullable = false
}

variable "image" {
  description = "The container image, pinned by digest. The tag is for people: it becomes the label \"landfall.image.tag\" and decides nothing."
  type = object({
    repository = string
    tag        = string
    digest     = string
  })
  nullable = false

  validation {
    condition     = can(regex("^sha256:[a-f0-9]{64}$", var.image.digest))
    error_message = "image.digest must be sha256: and 64 lower case hex digits. A tag can move, so it is not accepted."
  }

  validation {
    condition     = can(regex("^[^@\\s]+$", var.image.repository)) && !can(regex(":[^/]*$", var.image.repository))
    error_message = "image.repository must be the repository alone, without a tag or digest."
  }
}

variable "container" {
  description = <<-EOT
    What runs in the container: cpu in units (1024 are one vCPU) and memory in MiB as Fargate pairs them; entry_point and
    command, [] for the image's own; user as uid or uid:gid, null for the image's own; read_only_root, and the directories
    writable besides /tmp with the most MiB that each may take of the memory (null is a quarter).
  EOT
  type = object({
    cpu            = number
    memory         = number
    architecture   = optional(string, "X86_64")
    entry_point    = optional(list(string), [])
    command        = optional(list(string), [])
    user           = optional(string)
    read_only_root = optional(bool, true)
    writable_paths = optional(list(string), [])
    writable_mib   = optional(number)
  })
  nullable = false

  validation {
    condition = contains(lookup({
      256   = [512, 1024, 2048]
      512   = range(1024, 4097, 1024)
      1024  = range(2048, 8193, 1024)
      2048  = range(4096, 16385, 1024)
      4096  = range(8192, 30721, 1024)
      8192  = range(16384, 61441, 4096)
      16384 = range(32768, 122881, 8192)
    }, var.container.cpu, []), var.container.memory)
    error_message = "Fargate does not pair container.cpu = ${var.container.cpu} with container.memory = ${var.container.memory}."
  }

  validation {
    condition     = contains(["X86_64", "ARM64"], var.container.architecture)
    error_message = "container.architecture must be X86_64 or ARM64."
  }

  validation {
    condition     = var.container.user == null || can(regex("^[1-9][0-9]*(:[0-9]+)?$", var.container.user))
    error_message = "container.user must be a uid or uid:gid other than root's; null leaves it to the image."
  }

  validation {
    condition     = alltrue([for path in var.container.writable_paths : can(regex("^/[^:]+[^/:]$", path))])
    error_message = "container.writable_paths must be absolute paths of directories, without a slash at the end."
  }

  validation {
    condition     = var.container.writable_mib == null || try(var.container.writable_mib >= 1 && var.container.writable_mib <= var.container.memory, false)
    error_message = "container.writable_mib must be between 1 and container.memory: the directories live in memory."
  }
}

variable "environment" {
  description = "Environment variables with plain values. They can be read by everybody who may read task definitions."
  type        = map(string)
  default     = {}
  nullable    = false

  validation {
    condition     = alltrue([for name in keys(var.environment) : can(regex("^[A-Za-z_][A-Za-z0-9_.]*$", name))])
    error_message = "names of environment variables consist of letters, digits, _ and . and do not begin with a digit."
  }
}

variable "secrets" {
  description = <<-EOT
    Environment variables with values from Secrets Manager, read by ECS when a task starts. Each is pinned to the version that
    was approved, by its id. required = false with version = null leaves the variable out, for a secret without a value yet.
    Only a field of a secret that AWS rotates by itself (json_key set, version = null) is read in its current version.
  EOT
  type = map(object({
    arn      = string
    version  = optional(string)
    json_key = optional(string)
    required = optional(bool, true)
  }))
  default  = {}
  nullable = false

  validation {
    condition     = alltrue([for secret in var.secrets : !secret.required || secret.version != null || secret.json_key != null])
    error_message = "a required secret must be pinned to a version; only a json_key of a secret that AWS rotates may do without."
  }

  validation {
    condition     = alltrue([for name in keys(var.secrets) : can(regex("^[A-Za-z_][A-Za-z0-9_.]*$", name))])
    error_message = "names of environment variables consist of letters, digits, _ and . and do not begin with a digit."
  }

  validation {
    condition     = length(setintersection(keys(var.secrets), keys(var.environment))) == 0
    error_message = "both environment and secrets set ${join(", ", setintersection(keys(var.secrets), keys(var.environment)))}."
  }
}

variable "identity" {
  description = "What the job may do and reach: its roles, security group and log group. The role of the scheduler is needed with a schedule only."
  type = object({
    task_role_arn      = string
    execution_role_arn = string
    scheduler_role_arn = optional(string)
    security_group_id  = string
    log_group_name     = string
  })
  nullable = false
}

variable "network" {
  description = "The private subnets that the task of a schedule is started in. Whoever starts the job by hand names them again."
  type = object({
    subnet_ids = list(string)
  })
  nullable = false
}

variable "pull_secret_arn" {
  description = "ARN of the secret with the registry's user name and password. null when the registry needs none, or is ECR."
  type        = string
  default     = null
}

variable "schedule" {
  description = <<-EOT
    When to start the job by itself: expression as cron(...), rate(...) or at(...), in the time zone. retries is how often a start
    that AWS refused is tried again, within an hour; a task that started and failed is not started again. null makes the task
    definition only.
  EOT
  type = object({
    name       = string
    expression = string
    timezone   = optional(string, "UTC")
    retries    = optional(number, 0)
  })
  default = null

  validation {
    condition     = var.schedule == null || try(can(regex("^[0-9A-Za-z_.-]{1,64}$", var.schedule.name)), false)
    error_message = "schedule.name must be 1 to 64 letters, digits, _, . and -."
  }

  validation {
    condition     = var.schedule == null || try(can(regex("^(cron|rate|at)\\(.+\\)$", var.schedule.expression)), false)
    error_message = "schedule.expression must be cron(...), rate(...) or at(...). A cron of AWS has six fields."
  }

  validation {
    condition     = var.schedule == null || try(var.schedule.retries >= 0 && var.schedule.retries <= 185, false)
    error_message = "schedule.retries must be between 0 and 185."
  }
}

variable "key_arn" {
  description = "ARN of the customer-managed KMS key that encrypts the schedule. Needed with a schedule only."
  type        = string
  default     = null

  validation {
    condition     = var.schedule == null || var.key_arn != null
    error_message = "a schedule is encrypted with the customer's key: key_arn is missing."
  }
}

variable "labels" {
  description = "Labels of the container, such as the release. They are read back to prove what runs."
  type        = map(string)
  default     = {}
  nullable    = false
}

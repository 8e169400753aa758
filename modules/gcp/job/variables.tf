variable "name" {
  description = "Complete name of the job."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z]([a-z0-9-]{0,47}[a-z0-9])?$", var.name))
    error_message = "name must be 1 to 49 lower case letters, digits and hyphens, begin with a letter and not end with a hyphen."
  }
}

variable "target" {
  description = "Where the environment lives: project, its number, and region."
  type = object({
    project        = string
    project_number = string
    region         = string
  })
  nullable = false
}

variable "image" {
  description = "The container image, pinned by digest. The tag is for people: it becomes the label \"landfall-image-tag\" and decides nothing."
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
    What runs in the container: cpu in units (1024 are one vCPU; fewer become one) and memory in MiB as Cloud Run pairs them;
    entry_point and command, [] for the image's own; the directories that exist for writing also where the image has none, with
    the most MiB that each may take of the memory (null is a quarter).
  EOT
  type = object({
    cpu            = number
    memory         = number
    architecture   = optional(string, "X86_64")
    entry_point    = optional(list(string), [])
    command        = optional(list(string), [])
    writable_paths = optional(list(string), [])
    writable_mib   = optional(number)
  })
  nullable = false

  # Units, and the least and most MiB that go with them. Less than one vCPU is rendered as one.
  validation {
    condition = anytrue([
      for size in [
        [256, 512, 4096], [512, 512, 4096], [1024, 512, 4096], [2048, 512, 8192],
        [4096, 2048, 16384], [6144, 4096, 24576], [8192, 4096, 32768],
      ] : var.container.cpu == size[0] && var.container.memory >= size[1] && var.container.memory <= size[2]
    ])
    error_message = "Cloud Run does not pair container.cpu = ${var.container.cpu} with container.memory = ${var.container.memory}."
  }

  validation {
    condition     = var.container.architecture == "X86_64"
    error_message = "container.architecture must be X86_64: Cloud Run has no other."
  }

  validation {
    condition     = alltrue([for path in var.container.writable_paths : can(regex("^/[^:]*[^/:]$", path))])
    error_message = "container.writable_paths must be absolute paths of directories, without a slash at the end."
  }

  validation {
    condition     = var.container.writable_mib == null || try(var.container.writable_mib >= 1 && var.container.writable_mib <= var.container.memory, false)
    error_message = "container.writable_mib must be between 1 and container.memory: the directories live in memory."
  }
}

variable "environment" {
  description = "Environment variables with plain values. They can be read by everybody who may read jobs."
  type        = map(string)
  default     = {}
  nullable    = false

  validation {
    condition     = alltrue([for name in keys(var.environment) : can(regex("^[A-Za-z_][A-Za-z0-9_.]*$", name))])
    error_message = "names of environment variables consist of letters, digits, _ and . and do not begin with a digit."
  }

  validation {
    condition     = length(setintersection(keys(var.environment), ["CLOUD_RUN_JOB", "CLOUD_RUN_EXECUTION", "CLOUD_RUN_TASK_INDEX", "CLOUD_RUN_TASK_ATTEMPT", "CLOUD_RUN_TASK_COUNT"])) == 0
    error_message = "Cloud Run sets the variables that begin with CLOUD_RUN_ itself: environment must not."
  }
}

variable "secrets" {
  description = <<-EOT
    Environment variables with values from Secret Manager, read when a task starts. Each is pinned to the number of the
    version that was approved. required = false with version = null leaves the variable out, for a secret without a value yet.
  EOT
  type = map(object({
    id       = string
    version  = optional(string)
    required = optional(bool, true)
  }))
  default  = {}
  nullable = false

  validation {
    condition     = alltrue([for secret in var.secrets : !secret.required || secret.version != null])
    error_message = "a required secret must be pinned to a version."
  }

  validation {
    condition     = alltrue([for secret in var.secrets : secret.version == null || can(regex("^[1-9][0-9]*$", secret.version))])
    error_message = "the version of a secret must be its number: \"latest\" and other names move."
  }

  validation {
    condition     = alltrue([for secret in var.secrets : can(regex("^projects/[^/]+/secrets/[A-Za-z0-9_-]+$", secret.id))])
    error_message = "the id of a secret must be projects/PROJECT/secrets/NAME."
  }

  validation {
    condition     = alltrue([for name in keys(var.secrets) : can(regex("^[A-Za-z_][A-Za-z0-9_.]*$", name))])
    error_message = "names of environment variables consist of letters, digits, _ and . and do not begin with a digit."
  }

  validation {
    condition     = length(setintersection(keys(var.secrets), ["CLOUD_RUN_JOB", "CLOUD_RUN_EXECUTION", "CLOUD_RUN_TASK_INDEX", "CLOUD_RUN_TASK_ATTEMPT", "CLOUD_RUN_TASK_COUNT"])) == 0
    error_message = "Cloud Run sets the variables that begin with CLOUD_RUN_ itself: secrets must not."
  }

  validation {
    condition     = length(setintersection(keys(var.secrets), keys(var.environment))) == 0
    error_message = "both environment and secrets set ${join(", ", setintersection(keys(var.secrets), keys(var.environment)))}."
  }
}

variable "identity" {
  description = "What the job may do: its service account. It alone may read the secrets above."
  type = object({
    service_account_email = string
  })
  nullable = false

  validation {
    condition     = can(regex("^[a-z0-9-]+@[a-z0-9.:-]+\\.iam\\.gserviceaccount\\.com$", var.identity.service_account_email))
    error_message = "identity.service_account_email must be a service account of its own: the project's default one may do nearly everything."
  }
}

variable "network" {
  description = "The network and subnet that everything leaves through, and network tags for firewall rules."
  type = object({
    vpc_id    = string
    subnet_id = string
    tags      = optional(list(string), [])
  })
  nullable = false
}

variable "key_id" {
  description = "Id of the customer-managed KMS key that encrypts the stored image."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^projects/[^/]+/locations/${var.target.region}/keyRings/[^/]+/cryptoKeys/[^/]+$", var.key_id))
    error_message = "key_id must be a key of the region: projects/PROJECT/locations/${var.target.region}/keyRings/RING/cryptoKeys/KEY."
  }
}

variable "timeout_seconds" {
  description = "Seconds after which Cloud Run ends a try that has not ended by itself. It then has failed."
  type        = number
  default     = 900
  nullable    = false

  validation {
    condition     = var.timeout_seconds >= 1 && var.timeout_seconds <= 86400 && floor(var.timeout_seconds) == var.timeout_seconds
    error_message = "timeout_seconds must be a whole number between 1 and 86400: a task of Cloud Run has a day."
  }
}

variable "retries" {
  description = "How often a task that failed is tried again. 0 for what must not run twice, such as a migration."
  type        = number
  default     = 0
  nullable    = false

  validation {
    condition     = var.retries >= 0 && var.retries <= 10 && floor(var.retries) == var.retries
    error_message = "retries must be a whole number between 0 and 10."
  }
}

variable "schedule" {
  description = <<-EOT
    When to start the job by itself: expression as unix cron with five fields, in the time zone. retries is how often a start that
    Google refused is tried again; a task that started and failed follows the input retries. scheduler_email is the service account
    that may start this job, and nothing else. null makes the job only.
  EOT
  type = object({
    name            = string
    expression      = string
    timezone        = optional(string, "Etc/UTC")
    retries         = optional(number, 0)
    scheduler_email = string
  })
  default = null

  validation {
    condition     = var.schedule == null || try(can(regex("^[A-Za-z0-9_-]{1,500}$", var.schedule.name)), false)
    error_message = "schedule.name must be 1 to 500 letters, digits, _ and -."
  }

  validation {
    condition     = var.schedule == null || try(can(regex("^[0-9A-Za-z*/,-]+( [0-9A-Za-z*/,-]+){4}$", var.schedule.expression)), false)
    error_message = "schedule.expression must be unix cron, five fields with one space between them: \"17 3 * * *\"."
  }

  validation {
    condition     = var.schedule == null || try(can(regex("^(UTC|[A-Z][A-Za-z_]+/[A-Za-z0-9_+/-]+)$", var.schedule.timezone)), false)
    error_message = "schedule.timezone must be UTC or a name such as Europe/Berlin."
  }

  validation {
    condition     = var.schedule == null || try(var.schedule.retries >= 0 && var.schedule.retries <= 5 && floor(var.schedule.retries) == var.schedule.retries, false)
    error_message = "schedule.retries must be a whole number between 0 and 5."
  }

  validation {
    condition     = var.schedule == null || try(can(regex("^[a-z0-9-]+@[a-z0-9.:-]+\\.iam\\.gserviceaccount\\.com$", var.schedule.scheduler_email)), false)
    error_message = "schedule.scheduler_email must be a service account of its own."
  }

  # Who can start the job would otherwise be who the job is, and could read what the job reads.
  validation {
    condition     = var.schedule == null || try(var.schedule.scheduler_email != var.identity.service_account_email, false)
    error_message = "schedule.scheduler_email must not be the service account that the job runs as."
  }
}

variable "proxy" {
  description = <<-EOT
    Must be []. A Cloud SQL Auth Proxy beside a job has the form that it has in the module service, but it does not end by itself,
    and Google does not say that a task ends without it: see the README.
  EOT
  type = list(object({
    connection_name = string
    port            = number
    image           = string
  }))
  default  = []
  nullable = false

  validation {
    condition     = length(var.proxy) == 0
    error_message = "a job cannot have a proxy beside it: the proxy does not end, and Google does not say that a task ends without it. The job must log in itself, with a token."
  }
}

variable "labels" {
  description = "Labels of each execution, such as the release. They are read back to prove what runs. Values are made valid: what Google does not take becomes -."
  type        = map(string)
  default     = {}
  nullable    = false

  validation {
    condition     = alltrue([for key in keys(var.labels) : can(regex("^[a-z][a-z0-9_-]{0,62}$", key))])
    error_message = "keys of labels are 1 to 63 lower case letters, digits, _ and -, and begin with a letter."
  }
}

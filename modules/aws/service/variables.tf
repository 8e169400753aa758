variable "name" {
  description = "Complete name of the service. The task family has this name, and the alarms are \"<name>-<alarm>\"."
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
    writable besides /tmp with the most MiB that each may take of the memory (null is a quarter); health, a
    command that tells whether the container works, without a shell: ECS replaces the task when it fails.
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
    health = optional(object({
      command          = list(string)
      interval_seconds = optional(number, 15)
      timeout_seconds  = optional(number, 5)
      retries          = optional(number, 3)
      startup_seconds  = optional(number, 120)
    }))
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

  validation {
    condition     = var.container.health == null || try(length(var.container.health.command) > 0 && !contains(["CMD", "CMD-SHELL", "NONE"], var.container.health.command[0]), false)
    error_message = "container.health.command must be a program and its arguments; CMD is put in front."
  }

  validation {
    condition = var.container.health == null || try(
      var.container.health.interval_seconds >= 5 && var.container.health.interval_seconds <= 300 &&
      var.container.health.timeout_seconds >= 2 && var.container.health.timeout_seconds <= 60 &&
      var.container.health.retries >= 1 && var.container.health.retries <= 10 &&
      var.container.health.startup_seconds >= 0 && var.container.health.startup_seconds <= 300, false
    )
    error_message = "container.health: interval_seconds is 5 to 300, timeout_seconds 2 to 60, retries 1 to 10, startup_seconds 0 to 300."
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
  description = "What the service may do and reach: its roles, security group and log group."
  type = object({
    task_role_arn      = string
    execution_role_arn = string
    security_group_id  = string
    log_group_name     = string
  })
  nullable = false
}

variable "network" {
  description = "The private subnets that the tasks run in."
  type = object({
    subnet_ids = list(string)
  })
  nullable = false
}

variable "http" {
  description = <<-EOT
    How requests reach the service: the port it listens on, what it speaks (HTTP, HTTP2 or GRPC), the target group's complete name,
    its health check (path answers when the service is ready to serve), how long a start may take, and the routes. Each route is a
    rule of a listener with a priority of its own. null is a service that nobody calls.
  EOT
  type = object({
    port              = number
    protocol          = optional(string, "HTTP")
    target_group_name = string
    vpc_id            = string
    health = object({
      path             = string
      matcher          = optional(string)
      interval_seconds = optional(number, 15)
      timeout_seconds  = optional(number, 5)
    })
    startup_seconds = optional(number, 120)
    routes = list(object({
      listener_arn = string
      priority     = number
      paths        = optional(list(string), [])
      hosts        = optional(list(string), [])
    }))
    load_balancer_arn_suffix = string
  })
  default = null

  validation {
    condition     = var.http == null || try(var.http.port >= 1 && var.http.port <= 65535, false)
    error_message = "http.port must be between 1 and 65535."
  }

  validation {
    condition     = var.http == null || try(contains(["HTTP", "HTTP2", "GRPC"], var.http.protocol), false)
    error_message = "http.protocol must be HTTP, HTTP2 or GRPC."
  }

  validation {
    condition     = var.http == null || try(can(regex("^[A-Za-z0-9](-?[A-Za-z0-9])*$", var.http.target_group_name)) && length(var.http.target_group_name) <= 32, false)
    error_message = "http.target_group_name must be 1 to 32 letters, digits and single hyphens."
  }

  validation {
    condition = var.http == null || try(
      startswith(var.http.health.path, "/") &&
      var.http.health.interval_seconds >= 5 && var.http.health.interval_seconds <= 300 &&
      var.http.health.timeout_seconds >= 2 && var.http.health.timeout_seconds < var.http.health.interval_seconds, false
    )
    error_message = "http.health: path begins with /, interval_seconds is 5 to 300, timeout_seconds at least 2 and less than the interval."
  }

  validation {
    condition     = var.http == null || try(length(var.http.routes) > 0, false)
    error_message = "http.routes must not be empty: ECS accepts a target group only behind a load balancer."
  }

  validation {
    condition = var.http == null || try(alltrue([
      for route in var.http.routes :
      length(route.paths) + length(route.hosts) >= 1 && length(route.paths) + length(route.hosts) <= 5
    ]), false)
    error_message = "a route has 1 to 5 paths and hosts together, which is what one rule of a listener takes."
  }

  validation {
    condition = var.http == null || try(
      alltrue([for route in var.http.routes : route.priority >= 1 && route.priority <= 50000]) &&
      length(distinct(var.http.routes[*].priority)) == length(var.http.routes), false
    )
    error_message = "the priorities of a service's routes must differ, and be between 1 and 50000."
  }
}

variable "replicas" {
  description = <<-EOT
    How many tasks run. Without a metric always desired. With cpu or memory as metric between min and max, so that the average
    stays near target percent (60 for cpu, 70 for memory); desired is where the service begins.
  EOT
  type = object({
    desired = number
    min     = optional(number)
    max     = optional(number)
    metric  = optional(string)
    target  = optional(number)
  })
  nullable = false

  validation {
    condition     = var.replicas.metric == null || try(contains(["cpu", "memory"], var.replicas.metric), false)
    error_message = "replicas.metric must be cpu, memory or null."
  }

  validation {
    condition = (
      var.replicas.desired >= 0 &&
      coalesce(var.replicas.min, var.replicas.desired) <= var.replicas.desired &&
      coalesce(var.replicas.max, var.replicas.desired) >= var.replicas.desired &&
      coalesce(var.replicas.min, var.replicas.desired) >= 0
    )
    error_message = "replicas must satisfy 0 <= min <= desired <= max."
  }

  validation {
    condition     = var.replicas.metric != null || coalesce(var.replicas.min, var.replicas.desired) == coalesce(var.replicas.max, var.replicas.desired)
    error_message = "replicas.min and replicas.max differ, but there is no metric to choose between them by."
  }

  validation {
    condition     = var.replicas.target == null || try(var.replicas.target >= 10 && var.replicas.target <= 90, false)
    error_message = "replicas.target must be between 10 and 90 percent."
  }
}

variable "deployment" {
  description = <<-EOT
    How one revision follows another: rolling starts the new tasks before it stops the old ones, recreate stops first, for a product
    that must not run twice. drain_seconds is what a task gets to finish its work, timeout what the whole deployment gets.
  EOT
  type = object({
    strategy      = optional(string, "rolling")
    drain_seconds = optional(number, 30)
    timeout       = optional(string, "20m")
  })
  default  = {}
  nullable = false

  validation {
    condition     = contains(["rolling", "recreate"], var.deployment.strategy)
    error_message = "deployment.strategy must be rolling or recreate."
  }

  validation {
    condition     = var.deployment.drain_seconds >= 2 && var.deployment.drain_seconds <= 120
    error_message = "deployment.drain_seconds must be between 2 and 120: Fargate ends a task after two minutes."
  }

  validation {
    condition     = can(regex("^[0-9]+m$", var.deployment.timeout))
    error_message = "deployment.timeout must be whole minutes, such as \"20m\"."
  }
}

variable "alarms" {
  description = "Where alarms are published, and whether there are any. With alarms, one that fires during a deployment takes it back."
  type = object({
    topic_arn = string
    enabled   = optional(bool, true)
  })
  nullable = false
}

variable "pull_secret_arn" {
  description = "ARN of the secret with the registry's user name and password. null when the registry needs none, or is ECR."
  type        = string
  default     = null
}

variable "labels" {
  description = "Labels of the container, such as the release. They are read back to prove what runs."
  type        = map(string)
  default     = {}
  nullable    = false
}

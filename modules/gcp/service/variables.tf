variable "name" {
  description = "Complete name of the service, and of what stands in front of it. The alarms are \"<name>-<alarm>\"."
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
    the most MiB that each may take of the memory (null is a quarter); for a service that nobody calls health, an
    address of the container's own that answers while it works: Cloud Run replaces the instance when it does not.
  EOT
  type = object({
    cpu            = number
    memory         = number
    architecture   = optional(string, "X86_64")
    entry_point    = optional(list(string), [])
    command        = optional(list(string), [])
    writable_paths = optional(list(string), [])
    writable_mib   = optional(number)
    health = optional(object({
      port             = number
      path             = string
      interval_seconds = optional(number, 15)
      timeout_seconds  = optional(number, 5)
      startup_seconds  = optional(number, 120)
    }))
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

  validation {
    condition     = var.container.health == null || var.http == null
    error_message = "container.health is for a service that nobody calls; with http its health and live count."
  }

  validation {
    condition = var.container.health == null || try(
      var.container.health.port >= 1 && var.container.health.port <= 65535 && startswith(var.container.health.path, "/") &&
      var.container.health.interval_seconds >= 5 && var.container.health.interval_seconds <= 240 &&
      var.container.health.timeout_seconds >= 1 && var.container.health.timeout_seconds <= var.container.health.interval_seconds &&
      var.container.health.startup_seconds >= 5 && var.container.health.startup_seconds <= 240, false
    )
    error_message = "container.health: port is 1 to 65535, path begins with /, interval_seconds is 5 to 240, timeout_seconds 1 to the interval, startup_seconds 5 to 240."
  }
}

variable "environment" {
  description = "Environment variables with plain values. They can be read by everybody who may read services."
  type        = map(string)
  default     = {}
  nullable    = false

  validation {
    condition     = alltrue([for name in keys(var.environment) : can(regex("^[A-Za-z_][A-Za-z0-9_.]*$", name))])
    error_message = "names of environment variables consist of letters, digits, _ and . and do not begin with a digit."
  }

  validation {
    condition     = var.http == null || length(setintersection(keys(var.environment), ["K_SERVICE", "K_REVISION", "K_CONFIGURATION"])) == 0
    error_message = "Cloud Run sets K_SERVICE, K_REVISION and K_CONFIGURATION itself: environment must not."
  }

  validation {
    condition     = var.http == null || try(var.environment["PORT"] == tostring(var.http.port), true)
    error_message = "Cloud Run sets PORT itself, to http.port: environment must not say otherwise."
  }
}

variable "secrets" {
  description = <<-EOT
    Environment variables with values from Secret Manager, read when an instance starts. Each is pinned to the number of the
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
    condition     = length(setintersection(keys(var.secrets), var.http == null ? [] : ["PORT", "K_SERVICE", "K_REVISION", "K_CONFIGURATION"])) == 0
    error_message = "Cloud Run sets PORT, K_SERVICE, K_REVISION and K_CONFIGURATION itself: secrets must not."
  }

  validation {
    condition     = length(setintersection(keys(var.secrets), keys(var.environment))) == 0
    error_message = "both environment and secrets set ${join(", ", setintersection(keys(var.secrets), keys(var.environment)))}."
  }
}

variable "identity" {
  description = "What the service may do: its service account. It alone may read the secrets above."
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

variable "http" {
  description = <<-EOT
    How requests reach the service: the port it listens on, what it speaks (HTTP, HTTP2 or GRPC), its health (path answers when the
    service is ready to serve), live, a path that decides about a restart and must not need the database, how long a start may
    take, how long a request may, how many an instance answers at once, and the Cloud Armor policy of its ingress. gRPC is asked
    by its health protocol, without the paths. null is a service that nobody calls.
  EOT
  type = object({
    port     = number
    protocol = optional(string, "HTTP")
    health = object({
      path             = string
      interval_seconds = optional(number, 15)
      timeout_seconds  = optional(number, 5)
    })
    live               = optional(string)
    startup_seconds    = optional(number, 120)
    timeout_seconds    = optional(number, 300)
    concurrency        = optional(number, 80)
    security_policy_id = string
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
    condition = var.http == null || try(
      startswith(var.http.health.path, "/") &&
      var.http.health.interval_seconds >= 5 && var.http.health.interval_seconds <= 240 &&
      var.http.health.timeout_seconds >= 1 && var.http.health.timeout_seconds <= var.http.health.interval_seconds, false
    )
    error_message = "http.health: path begins with /, interval_seconds is 5 to 240, timeout_seconds 1 to the interval."
  }

  validation {
    condition     = var.http == null || try(startswith(coalesce(var.http.live, "/"), "/"), false)
    error_message = "http.live must begin with /."
  }

  # A probe of Cloud Run that decides about a restart speaks HTTP/1 or gRPC.
  validation {
    condition     = var.http == null || try(var.http.protocol != "HTTP2" || var.http.live == null, false)
    error_message = "http.live cannot be asked of a service that speaks HTTP2 only."
  }

  validation {
    condition     = var.http == null || try(var.http.startup_seconds >= 5 && var.http.startup_seconds <= 240, false)
    error_message = "http.startup_seconds must be between 5 and 240: Cloud Run waits no longer."
  }

  validation {
    condition     = var.http == null || try(var.http.timeout_seconds >= 1 && var.http.timeout_seconds <= 3600, false)
    error_message = "http.timeout_seconds must be between 1 and 3600: Cloud Run ends a request after an hour."
  }

  validation {
    condition     = var.http == null || try(var.http.concurrency >= 1 && var.http.concurrency <= 1000, false)
    error_message = "http.concurrency must be between 1 and 1000."
  }

  validation {
    condition     = var.http == null || try(length(var.http.security_policy_id) > 0, false)
    error_message = "http.security_policy_id is missing: without it everybody may connect, whatever the ingress allows."
  }
}

variable "replicas" {
  description = <<-EOT
    How many instances run. Without a metric always desired. With cpu between min and max; Cloud Run keeps the average near 60
    percent, and counts requests besides. A service that nobody calls has a fixed number.
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
    condition     = var.replicas.metric == null || try(var.replicas.metric == "cpu", false)
    error_message = "replicas.metric must be cpu or null: Cloud Run does not scale by ${coalesce(var.replicas.metric, "-")}."
  }

  validation {
    condition     = var.replicas.metric == null || var.http != null
    error_message = "replicas.metric must be null for a service that nobody calls: Cloud Run does not scale it."
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

  # 0 would mean the default of Cloud Run, which is a hundred.
  validation {
    condition     = var.http == null || coalesce(var.replicas.max, var.replicas.desired) >= 1
    error_message = "replicas.max must be at least 1 for a service that is called."
  }

  validation {
    condition     = var.replicas.target == null || try(var.replicas.target == 60, false)
    error_message = "replicas.target must be 60 or null: Cloud Run keeps the CPU near 60 percent, and nobody can say otherwise."
  }
}

variable "deployment" {
  description = <<-EOT
    How one revision follows another: rolling, the only way that Cloud Run has, starts the new instances before it stops the old
    ones. timeout is what the whole deployment gets.
  EOT
  type = object({
    strategy = optional(string, "rolling")
    timeout  = optional(string, "20m")
  })
  default  = {}
  nullable = false

  validation {
    condition     = var.deployment.strategy == "rolling"
    error_message = "deployment.strategy must be rolling: Cloud Run starts a new revision before it stops the old one, so a product that must not run twice cannot run there."
  }

  validation {
    condition     = can(regex("^[0-9]+m$", var.deployment.timeout))
    error_message = "deployment.timeout must be whole minutes, such as \"20m\"."
  }
}

variable "alarms" {
  description = "The notification channel that alarms go to (null: to nobody, they are seen in the console), and whether there are any."
  type = object({
    topic_id = string
    enabled  = optional(bool, true)
  })
  nullable = false

  validation {
    condition     = var.alarms.topic_id == null || can(regex("^projects/[^/]+/notificationChannels/[^/]+$", var.alarms.topic_id))
    error_message = "alarms.topic_id must be projects/PROJECT/notificationChannels/ID, or null."
  }
}

variable "proxy" {
  description = <<-EOT
    Cloud SQL Auth Proxies beside the product, for a product that cannot log in with tokens: it connects to 127.0.0.1 on port
    without a password and starts when the proxy can connect. connection_name is PROJECT:REGION:INSTANCE, image is pinned by digest.
  EOT
  type = list(object({
    connection_name = string
    port            = number
    image           = string
  }))
  default  = []
  nullable = false

  validation {
    condition     = alltrue([for proxy in var.proxy : can(regex("^[a-z0-9.:-]+:[a-z0-9-]+:[a-z][a-z0-9-]*$", proxy.connection_name))])
    error_message = "proxy.connection_name must be PROJECT:REGION:INSTANCE."
  }

  validation {
    condition     = alltrue([for proxy in var.proxy : can(regex("^[^@\\s]+@sha256:[a-f0-9]{64}$", proxy.image))])
    error_message = "proxy.image must be REPOSITORY@sha256:DIGEST. A tag can move, so it is not accepted."
  }

  # 9801 and up are the ports of their own probes.
  validation {
    condition = (
      alltrue([for proxy in var.proxy : proxy.port >= 1024 && proxy.port <= 65535 && (proxy.port < 9801 || proxy.port > 9809)]) &&
      length(distinct(var.proxy[*].port)) == length(var.proxy)
    )
    error_message = "the ports of proxies must differ, be between 1024 and 65535, and not be 9801 to 9809."
  }

  validation {
    condition     = alltrue([for proxy in var.proxy : proxy.port != try(var.http.port, var.container.health.port, 0)])
    error_message = "a proxy cannot have the port that the product itself listens on."
  }

  validation {
    condition     = length(var.proxy) <= 9
    error_message = "an instance of Cloud Run has at most ten containers, the product's included."
  }
}

variable "labels" {
  description = "Labels of each revision, such as the release. They are read back to prove what runs. Values are made valid: what Google does not take becomes -."
  type        = map(string)
  default     = {}
  nullable    = false

  validation {
    condition     = alltrue([for key in keys(var.labels) : can(regex("^[a-z][a-z0-9_-]{0,62}$", key))])
    error_message = "keys of labels are 1 to 63 lower case letters, digits, _ and -, and begin with a letter."
  }
}

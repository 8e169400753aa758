variable "name" {
  description = "Name of the environment, its log bucket and its dashboard. The notification channel is \"<name>-alarms\"."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z](-?[a-z0-9])+$", var.name)) && length(var.name) <= 24
    error_message = "name must be 2 to 24 lower case letters, digits and single hyphens, beginning with a letter."
  }
}

variable "target" {
  description = "Where the environment lives: project, its number and region. Logs are kept in this region."
  type = object({
    project        = string
    project_number = string
    region         = string
  })
  nullable = false

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{4,28}[a-z0-9]$", var.target.project))
    error_message = "target.project must be the id of a project: 6 to 30 lower case letters, digits and hyphens."
  }

  validation {
    condition     = can(regex("^[a-z]+-[a-z]+[0-9]+$", var.target.region))
    error_message = "target.region must be a region such as europe-west3."
  }
}

variable "log_groups" {
  description = "Name of the Cloud Run service, job or worker pool of each workload, by the workload's key (\"service_web\", \"job_migrate\")."
  type        = map(string)
  nullable    = false

  validation {
    condition     = length(var.log_groups) > 0
    error_message = "log_groups must name a workload: without one the sink would copy the whole project's logs."
  }

  validation {
    condition     = alltrue([for name in var.log_groups : can(regex("^[a-z][a-z0-9-]{0,61}[a-z0-9]$", name))])
    error_message = "a workload's name in Cloud Run has 2 to 63 lower case letters, digits and hyphens, beginning with a letter."
  }

  validation {
    condition     = length(distinct(values(var.log_groups))) == length(var.log_groups)
    error_message = "every workload has logs of its own: two share a name."
  }
}

variable "databases" {
  description = "Names of the Cloud SQL instances whose logs are kept as well."
  type        = set(string)
  default     = []
  nullable    = false
}

variable "subnet_names" {
  description = "Names of the subnets whose flow and firewall logs are kept as well."
  type        = set(string)
  default     = []
  nullable    = false
}

variable "retention_days" {
  description = "Days that logs are kept, 1 to 3650."
  type        = number
  default     = 365
  nullable    = false

  validation {
    condition     = var.retention_days >= 1 && var.retention_days <= 3650 && floor(var.retention_days) == var.retention_days
    error_message = "retention_days must be a whole number between 1 and 3650: Cloud Logging keeps nothing for ever."
  }
}

variable "contact" {
  description = "E-mail address that alarms tell. null tells nobody: incidents open in the console only."
  type        = string
  default     = null

  validation {
    condition     = var.contact == null || can(regex("^[^@\\s]+@[^@\\s]+\\.[^@\\s]+$", var.contact))
    error_message = "contact must be an e-mail address."
  }
}

variable "key_id" {
  description = "Id of the customer-managed key for logs, of the same region; Cloud Logging must be admitted to it. null is a key of Google's. A bucket that has had a key cannot go without."
  type        = string
  default     = null

  validation {
    condition     = var.key_id == null || can(regex("^projects/[^/]+/locations/[^/]+/keyRings/[^/]+/cryptoKeys/[^/]+$", var.key_id))
    error_message = "key_id must be the id of a key, \"projects/.../cryptoKeys/...\", without a version."
  }

  validation {
    condition     = var.key_id == null || try(split("/", var.key_id)[3], "") == var.target.region
    error_message = "key_id must be a key of region ${var.target.region}: Cloud Logging refuses one from elsewhere."
  }
}

variable "protection" {
  description = "true keeps the logs when the environment is destroyed, until they expire. false deletes them with it; the bucket's name is then taken for a week."
  type        = bool
  default     = true
  nullable    = false
}

variable "labels" {
  description = "Labels of the notification channel, which the provider's default_labels do not reach."
  type        = map(string)
  default     = {}
  nullable    = false

  validation {
    condition = alltrue([
      for key, value in var.labels :
      can(regex("^[a-z][a-z0-9_-]{0,62}$", key)) &&
      can(regex("^[a-z0-9_-]{0,63}$", value))
    ])
    error_message = "labels must have lower case letters, digits, _ and -, at most 63 of them; a key begins with a letter."
  }
}

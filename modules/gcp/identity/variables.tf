variable "name" {
  description = "Id of the workload's service account, 6 to 30 characters."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{4,28}[a-z0-9]$", var.name))
    error_message = "name must be 6 to 30 lower case letters, digits and hyphens, beginning with a letter and not ending in a hyphen."
  }
}

variable "target" {
  description = "Where the environment lives: project, its number and region."
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
}

variable "secret_ids" {
  description = "Ids of the secrets that are put into the container's environment, \"projects/.../secrets/...\", by key. No versions, no patterns."
  type        = map(string)
  default     = {}
  nullable    = false

  validation {
    condition     = alltrue([for id in var.secret_ids : can(regex("^projects/[^/*]+/secrets/[A-Za-z0-9_-]+$", id))])
    error_message = "secret_ids must be ids of secrets, \"projects/<project>/secrets/<name>\", without a version."
  }
}

variable "databases" {
  description = "The databases that the workload logs in to, by name: the instance, and whether it may create roles there. admin is for the one job that sets a database up."
  type = map(object({
    instance = string
    admin    = optional(bool, false)
  }))
  default  = {}
  nullable = false

  validation {
    condition     = alltrue([for database in var.databases : can(regex("^[a-z][a-z0-9-]{0,97}$", database.instance))])
    error_message = "a database's instance must be the name of one, without project, region or *."
  }

  validation {
    condition     = length(distinct([for database in var.databases : database.instance])) == length(var.databases)
    error_message = "two databases must not be of the same instance: a user is made once for each instance."
  }
}

variable "schedule" {
  description = "Id of the account that a schedule starts the workload with, 6 to 30 characters. null makes none."
  type        = object({ account_id = string })
  default     = null

  validation {
    condition     = var.schedule == null || can(regex("^[a-z][a-z0-9-]{4,28}[a-z0-9]$", var.schedule.account_id))
    error_message = "schedule.account_id must be 6 to 30 lower case letters, digits and hyphens, beginning with a letter and not ending in a hyphen."
  }

  validation {
    condition     = try(var.schedule.account_id, "") != var.name
    error_message = "schedule.account_id must not be name: what starts the workload must not hold its rights."
  }
}

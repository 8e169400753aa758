variable "name" {
  description = "Name of the instance, its address, its DNS zone and its alarms. Cloud SQL may keep the name of a deleted instance for a week."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z](-?[a-z0-9])+$", var.name)) && length(var.name) <= 50
    error_message = "name must be 2 to 50 lower case letters, digits and single hyphens, beginning with a letter."
  }
}

variable "target" {
  description = "Where the environment lives: project, its number and region. Data, backups and address lie in this region."
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

variable "key_id" {
  description = "Id of the customer-managed key for disk and backups. It cannot be changed later: another key is another instance."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^projects/[^/]+/locations/[^/]+/keyRings/[^/]+/cryptoKeys/[^/]+$", var.key_id))
    error_message = "key_id must be the id of a key, \"projects/.../cryptoKeys/...\", without a version."
  }

  validation {
    condition     = try(split("/", var.key_id)[3], "") == var.target.region
    error_message = "key_id must be a key of region ${var.target.region}: Cloud SQL refuses one from elsewhere."
  }
}

variable "engine_version" {
  description = "Major version of PostgreSQL, such as \"17\". Cloud SQL keeps the minor one current. Raising it upgrades the instance in place, with an interruption."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[1-9][0-9]$", var.engine_version)) && try(tonumber(var.engine_version) >= 15, false)
    error_message = "engine_version must be a major version from 15 on, without the minor one: \"17\"."
  }
}

variable "instance_class" {
  description = "Tier of the instance: \"db-custom-<processors>-<MiB>\", such as \"db-custom-2-8192\", or for previews \"db-f1-micro\" or \"db-g1-small\"."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^db-(f1-micro|g1-small|custom-[1-9][0-9]?-[1-9][0-9]{3,5})$", var.instance_class))
    error_message = "instance_class must be \"db-custom-<processors>-<MiB>\", \"db-f1-micro\" or \"db-g1-small\": the tiers of the edition ENTERPRISE."
  }

  validation {
    condition = alltrue([
      for shape in regexall("^db-custom-([0-9]+)-[0-9]+$", var.instance_class) :
      tonumber(shape[0]) == 1 || (tonumber(shape[0]) % 2 == 0 && tonumber(shape[0]) <= 96)
    ])
    error_message = "instance_class must have 1 processor, or an even number of up to 96."
  }

  validation {
    condition = alltrue([
      for shape in regexall("^db-custom-([0-9]+)-([0-9]+)$", var.instance_class) :
      tonumber(shape[1]) % 256 == 0 && tonumber(shape[1]) >= max(3840, tonumber(shape[0]) * 921.6) && tonumber(shape[1]) <= tonumber(shape[0]) * 6656
    ])
    error_message = "instance_class must have memory in steps of 256 MiB, at least 3840, and 0.9 to 6.5 GiB for each processor."
  }
}

variable "storage" {
  description = "Storage in GiB: what the instance begins with, and how far Cloud SQL may let it grow by itself. It never shrinks."
  type = object({
    allocated_gib = number
    max_gib       = number
  })
  nullable = false

  validation {
    condition     = var.storage.allocated_gib >= 10 && var.storage.max_gib <= 65536
    error_message = "storage must be between 10 and 65536 GiB."
  }

  validation {
    condition     = var.storage.max_gib > var.storage.allocated_gib
    error_message = "storage.max_gib must be more than allocated_gib: 0 or less would let it grow without end, the same not at all."
  }
}

variable "vpc_id" {
  description = "Id of the network from which the database is reached, \"projects/.../networks/...\"."
  type        = string
  nullable    = false
}

variable "subnet_id" {
  description = "Id of the subnet in which the database has its address."
  type        = string
  nullable    = false
}

variable "database_names" {
  description = "Names of the databases to make in the instance. One that leaves the list is kept."
  type        = set(string)
  nullable    = false

  validation {
    condition = alltrue([
      for name in var.database_names :
      can(regex("^[a-z][a-z0-9_-]{0,62}$", name)) && !contains(["cloudsqladmin", "postgres", "template0", "template1"], name)
    ])
    error_message = "a database's name has 1 to 63 lower case letters, digits, _ and -, begins with a letter, and is not one of PostgreSQL's or Cloud SQL's own."
  }
}

variable "protection" {
  description = "What stands between the data and its loss: a standby in another zone, deletion protection, days of backups, and whether the instance may go without a last backup."
  type = object({
    multi_az            = optional(bool, true)
    deletion_protection = optional(bool, true)
    backup_days         = optional(number, 14)
    skip_final_snapshot = optional(bool, false)
  })
  # The attributes' own defaults once more, because scanners do not read optional().
  default = {
    multi_az            = true
    deletion_protection = true
    backup_days         = 14
    skip_final_snapshot = false
  }
  nullable = false

  validation {
    condition     = var.protection.backup_days >= 1 && var.protection.backup_days <= 365
    error_message = "protection.backup_days must be between 1 and 365; 0 would switch off restoring to a point in time."
  }

  validation {
    condition     = !(var.protection.deletion_protection && var.protection.skip_final_snapshot)
    error_message = "protection.skip_final_snapshot contradicts deletion_protection: data worth protecting leaves a last backup."
  }
}

variable "maintenance_window" {
  description = "When Cloud SQL may restart the instance, in UTC: \"sun:02:00-sun:03:00\". It takes the first hour. null lets Cloud SQL choose."
  type        = string
  default     = null

  validation {
    condition     = var.maintenance_window == null || can(regex("^(mon|tue|wed|thu|fri|sat|sun):([01][0-9]|2[0-3]):00-(mon|tue|wed|thu|fri|sat|sun):([01][0-9]|2[0-3]):00$", var.maintenance_window))
    error_message = "maintenance_window must look like \"sun:02:00-sun:03:00\", on the hour: Cloud SQL counts in whole hours."
  }
}

variable "parameters" {
  description = "Flags of Cloud SQL besides those that the module sets, such as { work_mem = \"65536\" }, in the units of the Cloud SQL API."
  type        = map(string)
  default     = {}
  nullable    = false

  validation {
    condition     = length(setintersection(keys(var.parameters), local.own_flags)) == 0
    error_message = "parameters must not set ${join(", ", setintersection(keys(var.parameters), local.own_flags))}: logins and what is logged are decided by the module."
  }
}

variable "topic_id" {
  description = "Id of the notification channel that is told of alarms. null tells nobody: incidents open in the console only."
  type        = string
  default     = null
}

variable "labels" {
  description = "Labels of the instance and its alarms, which the provider's default_labels do not reach."
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

variable "name" {
  description = "Name of the key ring, normally that of the environment. Google never frees it: see the README before installing a second time."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z](-?[a-z0-9])+$", var.name)) && length(var.name) <= 63
    error_message = "name must be 2 to 63 lower case letters, digits and single hyphens, beginning with a letter."
  }
}

variable "target" {
  description = "Where the environment lives: project, its number and region. Google's service agents are named by the number."
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
    condition     = can(regex("^[1-9][0-9]{5,18}$", var.target.project_number))
    error_message = "target.project_number must be the number of the project, digits only, not its id."
  }

  validation {
    condition     = can(regex("^[a-z]+-[a-z]+[0-9]+$", var.target.region))
    error_message = "target.region must be a region such as europe-west3: a multi-region or global key cannot encrypt a database."
  }
}

variable "logs_service_account" {
  description = "Account with which Cloud Logging uses the key, as the project's cmekSettings name it. null keeps logs under a key of Google's."
  type        = string
  default     = null

  validation {
    condition     = var.logs_service_account == null || can(regex("^[a-z0-9-]+@gcp-sa-logging\\.iam\\.gserviceaccount\\.com$", var.logs_service_account))
    error_message = "logs_service_account must be an account of Cloud Logging, ending in @gcp-sa-logging.iam.gserviceaccount.com."
  }
}

variable "protection" {
  description = "true keeps the key when the environment is destroyed, so that backups stay readable. false destroys its versions, restorable for 30 days."
  type        = bool
  default     = true
  nullable    = false
}

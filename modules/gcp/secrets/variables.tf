variable "secrets" {
  description = "The containers to make, by the key under which the rest of the configuration refers to them. The name is the complete one in Secret Manager."
  type = map(object({
    name        = string
    description = string
  }))
  nullable = false

  validation {
    condition     = alltrue([for secret in var.secrets : can(regex("^[A-Za-z0-9_-]{1,255}$", secret.name))])
    error_message = "a secret's name has 1 to 255 letters, digits and the characters _ and -; Secret Manager knows no folders."
  }

  validation {
    condition     = length(distinct([for secret in var.secrets : secret.name])) == length(var.secrets)
    error_message = "two secrets must not have the same name."
  }

  validation {
    condition     = alltrue([for secret in var.secrets : length(secret.description) <= 2048])
    error_message = "a secret's description has at most 2048 characters."
  }
}

variable "target" {
  description = "Where the environment lives: project, its number and region. The values lie in this region only."
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
  description = "Id of the customer-managed key that encrypts the values. It cannot be changed later: another key is another, empty container."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^projects/[^/]+/locations/[^/]+/keyRings/[^/]+/cryptoKeys/[^/]+$", var.key_id))
    error_message = "key_id must be the id of a key, \"projects/.../cryptoKeys/...\", without a version."
  }

  validation {
    condition     = try(split("/", var.key_id)[3], "") == var.target.region
    error_message = "key_id must be a key of region ${var.target.region}: Secret Manager refuses one from elsewhere."
  }
}

variable "protection" {
  description = "true refuses to delete a container, and keeps destroyed versions restorable for 30 days. false is meant for previews."
  type        = bool
  default     = true
  nullable    = false
}

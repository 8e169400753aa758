variable "name" {
  description = "Name of the environment, and of its image repository."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z](-?[a-z0-9])+$", var.name)) && length(var.name) <= 24
    error_message = "name must be 2 to 24 lower case letters, digits and single hyphens, beginning with a letter."
  }
}

variable "target" {
  description = "Where the environment lives: project, its number and region. A key from elsewhere is refused at plan time."
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
    error_message = "target.region must be a region such as europe-west3."
  }
}

variable "key_id" {
  description = "Id of the customer-managed key for images. It cannot be changed later: another key is another, empty repository."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^projects/[^/]+/locations/[^/]+/keyRings/[^/]+/cryptoKeys/[^/]+$", var.key_id))
    error_message = "key_id must be the id of a key, \"projects/.../cryptoKeys/...\", without a version."
  }

  validation {
    condition     = try(split("/", var.key_id)[3], "") == var.target.region
    error_message = "key_id must be a key of region ${var.target.region}: Artifact Registry refuses one from elsewhere."
  }
}

variable "registries" {
  description = "Registries that images are pulled from through a remote repository, by key. login names the user and the secret with the password; its secret is \"projects/.../secrets/...\"."
  type = map(object({
    uri = string
    login = optional(object({
      username  = string
      secret_id = string
      version   = optional(string, "latest")
    }))
  }))
  default  = {}
  nullable = false

  validation {
    condition = alltrue([
      for key, registry in var.registries :
      can(regex("^[a-z](-?[a-z0-9])*$", key)) &&
      length(key) <= 24
    ])
    error_message = "a registry's key must be 1 to 24 lower case letters, digits and single hyphens, beginning with a letter."
  }

  validation {
    condition = alltrue([
      for registry in var.registries :
      can(regex("^https://[A-Za-z0-9.-]+(:[0-9]+)?(/[A-Za-z0-9._/-]*)?$", registry.uri))
    ])
    error_message = "a registry's uri must begin with https://: \"https://registry.acme.example\"."
  }

  validation {
    condition = alltrue([
      for registry in var.registries :
      can(regex("^projects/[^/*]+/secrets/[A-Za-z0-9_-]+$", registry.login.secret_id)) &&
      can(regex("^(latest|[1-9][0-9]*)$", registry.login.version)) if registry.login != null
    ])
    error_message = "a registry's login needs the id of a secret, \"projects/<project>/secrets/<name>\", and a version that is a number or \"latest\"."
  }
}

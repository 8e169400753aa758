variable "name" {
  description = "Complete name of the address, the policies and the certificate map, at most 54 characters."
  type        = string
  nullable    = false

  # The certificate's name is nine characters longer.
  validation {
    condition     = can(regex("^[a-z]([a-z0-9-]*[a-z0-9])?$", var.name)) && length(var.name) <= 54
    error_message = "name must be 1 to 54 lower case letters, digits and hyphens, begin with a letter and not end with a hyphen."
  }
}

variable "target" {
  description = "Where the environment lives: project, its number, and region. The load balancer itself is global, as Google builds it."
  type = object({
    project        = string
    project_number = string
    region         = string
  })
  nullable = false
}

variable "host" {
  description = "Name that people use, in lower case. The managed certificate is issued for it."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\\.)+[a-z]([a-z0-9-]*[a-z0-9])?$", var.host)) && length(var.host) <= 253
    error_message = "host must be a name in DNS with at least one dot, in lower case and without one at its end."
  }

  # A common name of a certificate takes 64 characters, and Google's authority writes one.
  validation {
    condition     = var.certificate != "managed" || length(var.host) <= 64
    error_message = "host has more than 64 characters, for which no managed certificate is issued."
  }
}

variable "certificate" {
  description = <<-EOT
    "managed" for a certificate that Google issues for the host, or the id of a certificate map of the customer's. null serves
    plain HTTP, which is for previews only.
  EOT
  type        = string

  validation {
    condition = (
      var.certificate == null || var.certificate == "managed" ||
      can(regex("^projects/[^/]+/locations/global/certificateMaps/[a-z][a-z0-9-]*$", var.certificate))
    )
    error_message = "certificate must be \"managed\", projects/PROJECT/locations/global/certificateMaps/NAME, or null."
  }

  # A load balancer reads maps of its own project only.
  validation {
    condition     = var.certificate == null || var.certificate == "managed" || startswith(coalesce(var.certificate, "-"), "projects/${var.target.project}/")
    error_message = "certificate must be a map of the project ${var.target.project}: a load balancer cannot use one from elsewhere."
  }
}

variable "allow" {
  description = "IPv4 ranges that may connect. [] is everyone."
  type        = list(string)
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for range in var.allow : can(cidrnetmask(range))])
    error_message = "allow must be IPv4 ranges such as 203.0.113.0/24: the address is IPv4, so no other client arrives."
  }

  validation {
    condition     = length(var.allow) == length(distinct(var.allow)) && length(var.allow) <= 100
    error_message = "allow must name at most 100 ranges, each once."
  }
}

variable "protection" {
  description = "Whether Terraform refuses to give the address back."
  type        = bool
  default     = true
  nullable    = false
}

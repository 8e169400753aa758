variable "name" {
  description = "Complete name of the URL map and prefix of what stands in front of it, at most 54 characters."
  type        = string
  nullable    = false

  # The longest suffix has nine characters.
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

variable "ingress" {
  description = <<-EOT
    The way in, from the module ingress: its address, certificate map, TLS policy and Cloud Armor policy. Without a map port 80
    serves, which is for previews only; with one it redirects.
  EOT
  type = object({
    address_id         = string
    certificate_map_id = string
    ssl_policy_id      = string
    security_policy_id = string
  })
  nullable = false

  validation {
    condition     = var.ingress.certificate_map_id == null || can(regex("^projects/[^/]+/locations/global/certificateMaps/[^/]+$", var.ingress.certificate_map_id))
    error_message = "ingress.certificate_map_id must be projects/PROJECT/locations/global/certificateMaps/NAME, or null."
  }

  validation {
    condition     = var.ingress.address_id != null && var.ingress.ssl_policy_id != null && var.ingress.security_policy_id != null
    error_message = "ingress must have address_id, ssl_policy_id and security_policy_id."
  }
}

variable "routes" {
  description = <<-EOT
    What is sent where: the lowest priority that matches decides. A path is exact ("/live"), or ends in /* and means all below it
    ("/api/*"; "/*" is everything); [] is everything. hosts are names in lower case, *.name for all below one; [] is every host.
    What no route claims is answered with 404.
  EOT
  type = list(object({
    priority           = number
    paths              = optional(list(string), [])
    hosts              = optional(list(string), [])
    backend_service_id = string
  }))
  nullable = false

  validation {
    condition     = length(var.routes) > 0
    error_message = "routes must not be empty: an ingress that leads nowhere needs no load balancer."
  }

  validation {
    condition = (
      alltrue([for route in var.routes : route.priority >= 0 && route.priority <= 2147483647 && floor(route.priority) == route.priority]) &&
      length(distinct(var.routes[*].priority)) == length(var.routes)
    )
    error_message = "the priorities of routes must differ, and be whole numbers between 0 and 2147483647."
  }

  validation {
    condition     = alltrue(flatten([for route in var.routes : [for path in route.paths : can(regex("^/([^*?#]*|([^*?#]*/)?[*])$", path))]]))
    error_message = "paths begin with /, and have a * only as the end of /*."
  }

  validation {
    condition = alltrue(flatten([for route in var.routes : [
      for host in route.hosts : can(regex("^(\\*\\.)?([a-z0-9]([a-z0-9-]*[a-z0-9])?\\.)*[a-z0-9]([a-z0-9-]*[a-z0-9])?$", host))
    ]]))
    error_message = "hosts must be names in lower case; *. may stand in front. Every host is []."
  }

  # Requests are matched against the path that arrived, and Google refuses longer values.
  validation {
    condition     = alltrue(flatten([for route in var.routes : [for path in route.paths : length(path) <= 1024]]))
    error_message = "a path has at most 1024 characters."
  }
}

variable "uptime" {
  description = <<-EOT
    What Google asks once a minute from several continents: a host, and a path that answers 2xx to whoever asks. The channel
    topic_id is told when it does not. null asks nothing; so it must be where Cloud Armor does not admit everyone, for it does
    not admit Google either. Nor is anything asked as long as the ingress has no certificate map.
  EOT
  type = object({
    host     = string
    path     = string
    topic_id = optional(string)
  })
  default = null

  validation {
    condition     = var.uptime == null || can(regex("^([a-z0-9]([a-z0-9-]*[a-z0-9])?\\.)+[a-z0-9]([a-z0-9-]*[a-z0-9])?$", var.uptime.host))
    error_message = "uptime.host must be one name in lower case."
  }

  validation {
    condition     = var.uptime == null || can(regex("^/[^?#*]*$", var.uptime.path))
    error_message = "uptime.path must begin with /, without query and *."
  }
}

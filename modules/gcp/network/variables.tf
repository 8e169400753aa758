variable "name" {
  description = "Name of the environment. Resources are called \"<name>-<what>\"."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z](-?[a-z0-9])+$", var.name)) && length(var.name) <= 24
    error_message = "name must be 2 to 24 lower case letters, digits and single hyphens, beginning with a letter."
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

  validation {
    condition     = can(regex("^[a-z]+-[a-z]+[0-9]+$", var.target.region))
    error_message = "target.region must be a region such as europe-west3."
  }
}

variable "cidr" {
  description = "Private IPv4 range of the network, /16 to /22. It cannot be changed later; choose one that no network it will be joined with uses."
  type        = string
  nullable    = false

  validation {
    condition     = try(cidrsubnet(var.cidr, 0, 0) == var.cidr && cidrnetmask(var.cidr) != "", false)
    error_message = "cidr must be an IPv4 range whose host bits are zero, such as 10.40.0.0/16."
  }

  validation {
    condition     = try(tonumber(split("/", var.cidr)[1]) >= 16 && tonumber(split("/", var.cidr)[1]) <= 22, false)
    error_message = "cidr must have a prefix between /16 and /22: a smaller one has no room for the instances of a rolling update."
  }

  validation {
    condition     = can(regex("^(10\\.|192\\.168\\.|172\\.(1[6-9]|2[0-9]|3[01])\\.|100\\.(6[4-9]|[7-9][0-9]|1[01][0-9]|12[0-7])\\.)", var.cidr))
    error_message = "cidr must be private: within 10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16 or 100.64.0.0/10."
  }

  # Cloud SQL's machines use it among themselves: what they would answer to an address in it never arrives.
  validation {
    condition     = !can(regex("^172\\.17\\.", var.cidr))
    error_message = "cidr must not be within 172.17.0.0/16: Cloud SQL uses that range itself."
  }
}

variable "nat_addresses" {
  description = "Fixed addresses that the workloads' traffic leaves from, 1 to 8. Each carries 64512 connections to one destination at a time."
  type        = number
  default     = 2
  nullable    = false

  validation {
    condition     = var.nat_addresses >= 1 && var.nat_addresses <= 8 && floor(var.nat_addresses) == var.nat_addresses
    error_message = "nat_addresses must be a whole number between 1 and 8: a project has eight static addresses in a region until Google raises its quota."
  }
}

variable "flow_log_sampling" {
  description = "Share of the flows that the flow log records, above 0 up to 1, which is all that Google samples."
  type        = number
  default     = 1
  nullable    = false

  validation {
    condition     = var.flow_log_sampling > 0 && var.flow_log_sampling <= 1
    error_message = "flow_log_sampling must be above 0 and at most 1: the flow log cannot be switched off."
  }
}

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
  description = "Where the environment lives: region, account and partition."
  type = object({
    region     = string
    account_id = string
    partition  = string
  })
  nullable = false
}

variable "cidr" {
  description = "Private IPv4 range of the VPC, /16 to /22. It cannot be changed later; choose one that no network it will be joined with uses."
  type        = string
  nullable    = false

  validation {
    condition     = try(cidrsubnet(var.cidr, 0, 0) == var.cidr && cidrnetmask(var.cidr) != "", false)
    error_message = "cidr must be an IPv4 range whose host bits are zero, such as 10.40.0.0/16."
  }

  validation {
    condition     = try(tonumber(split("/", var.cidr)[1]) >= 16 && tonumber(split("/", var.cidr)[1]) <= 22, false)
    error_message = "cidr must have a prefix between /16 and /22: AWS allows no larger VPC, and a smaller one has no room for the tiers."
  }

  validation {
    condition     = can(regex("^(10\\.|192\\.168\\.|172\\.(1[6-9]|2[0-9]|3[01])\\.|100\\.(6[4-9]|[7-9][0-9]|1[01][0-9]|12[0-7])\\.)", var.cidr))
    error_message = "cidr must be private: within 10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16 or 100.64.0.0/10."
  }
}

variable "zones" {
  description = "Availability zones, two or three. Subnets keep their place in this list: add at the end, do not reorder."
  type        = list(string)
  nullable    = false

  validation {
    condition     = length(var.zones) >= 2 && length(var.zones) <= 3 && length(distinct(var.zones)) == length(var.zones)
    error_message = "zones must be two or three different availability zones."
  }

  validation {
    condition     = alltrue([for zone in var.zones : can(regex("^[a-z]$", trimprefix(zone, var.target.region)))])
    error_message = "every zone must be an availability zone of target.region, such as eu-central-1a; local zones have no NAT gateway and no database."
  }
}

variable "nat" {
  description = "\"zone\": a NAT gateway in every zone, so that losing a zone costs only that zone its way out. \"one\": a single one for all, cheaper."
  type        = string
  default     = "zone"
  nullable    = false

  validation {
    condition     = contains(["one", "zone"], var.nat)
    error_message = "nat must be \"one\" or \"zone\"."
  }
}

variable "load_balancers" {
  description = "Load balancers that get a security group, by name. allow are IPv4 ranges; empty is everyone: the internet, or for an internal one every private address. tls opens 443 and, for the redirect, 80; else only 80 is open."
  type = map(object({
    internal = bool
    allow    = optional(list(string), [])
    tls      = bool
  }))
  default  = {}
  nullable = false

  validation {
    condition     = alltrue(flatten([for lb in var.load_balancers : [for cidr in lb.allow : try(cidrsubnet(cidr, 0, 0) == cidr && cidrnetmask(cidr) != "", false)]]))
    error_message = "allow must hold IPv4 ranges whose host bits are zero, such as 203.0.113.0/24 or 203.0.113.7/32."
  }
}

variable "databases" {
  description = "Names of the databases that get a security group."
  type        = set(string)
  default     = []
  nullable    = false
}

variable "workloads" {
  description = "Services and jobs that get a security group, by key (\"service_web\"). ingresses are the load balancers that reach its port; former_ports are reached as well, for the tasks of a release that is being replaced; databases are those it may connect to."
  type = map(object({
    port         = optional(number)
    former_ports = optional(set(number), [])
    ingresses    = optional(set(string), [])
    databases    = optional(set(string), [])
  }))
  default  = {}
  nullable = false

  validation {
    condition     = alltrue([for w in var.workloads : w.port != null if length(w.ingresses) > 0])
    error_message = "a workload behind a load balancer needs a port."
  }

  validation {
    condition     = alltrue([for w in var.workloads : w.port >= 1 && w.port <= 65535 if w.port != null])
    error_message = "a port is between 1 and 65535."
  }

  validation {
    condition     = alltrue([for w in var.workloads : length(setsubtract(w.ingresses, keys(var.load_balancers))) == 0])
    error_message = "a workload's ingresses must be keys of load_balancers."
  }

  validation {
    condition     = alltrue([for w in var.workloads : length(setsubtract(w.databases, var.databases)) == 0])
    error_message = "a workload's databases must be in databases."
  }
}

variable "key_arn" {
  description = "ARN of the customer-managed KMS key for the flow log. Its policy must admit the region's logs service; the module keys does."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^arn:[a-z-]+:kms:[a-z0-9-]+:[0-9]{12}:key/", var.key_arn))
    error_message = "key_arn must be the ARN of a KMS key, not an alias or an id."
  }
}

variable "flow_log_group_name" {
  description = "Complete name of the flow log's group. null is \"/landfall/<name>/flow-log\"."
  type        = string
  default     = null
}

variable "flow_log_retention_days" {
  description = "Days that the flow log is kept. CloudWatch knows only certain numbers, and 0 for ever."
  type        = number
  default     = 365
  nullable    = false

  validation {
    condition     = contains([0, 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653], var.flow_log_retention_days)
    error_message = "flow_log_retention_days must be one of 0, 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653."
  }
}

variable "permissions_boundary" {
  description = "ARN of the permissions boundary for the flow log's role. null sets none."
  type        = string
  default     = null

  validation {
    condition     = var.permissions_boundary == null || can(regex("^arn:[a-z-]+:iam::([0-9]{12}|aws):policy/", var.permissions_boundary))
    error_message = "permissions_boundary must be the ARN of an IAM policy."
  }
}

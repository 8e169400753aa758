variable "name" {
  description = "Complete name of the load balancer, at most 32 characters."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[A-Za-z0-9](-?[A-Za-z0-9])*$", var.name)) && length(var.name) <= 32 && !startswith(var.name, "internal-")
    error_message = "name must be 1 to 32 letters, digits and single hyphens and must not begin with \"internal-\"."
  }
}

variable "target" {
  description = "Where the environment lives: region, account and partition. Only load balancers of this account and region may write to the log bucket."
  type = object({
    region     = string
    account_id = string
    partition  = string
  })
  nullable = false

  validation {
    condition     = can(regex("^[0-9]{12}$", var.target.account_id))
    error_message = "target.account_id must have 12 digits."
  }
}

variable "bucket_name" {
  description = "Complete name of the bucket for access logs. Bucket names are unique in the world, so it should contain the account."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z0-9]([a-z0-9-]{1,61})[a-z0-9]$", var.bucket_name))
    error_message = "bucket_name must be 3 to 63 lower case letters, digits and hyphens."
  }
}

variable "vpc_id" {
  description = "Id of the network that the load balancer stands in. It is handed on as an output: target groups must be made in the same network."
  type        = string
  nullable    = false
}

variable "subnet_ids" {
  description = "Ids of the subnets that the load balancer stands in, one per zone: public ones for the internet, private ones when internal."
  type        = list(string)
  nullable    = false

  validation {
    condition     = length(var.subnet_ids) >= 2
    error_message = "subnet_ids must name at least two subnets, in different zones."
  }
}

variable "security_group_id" {
  description = "Id of the load balancer's security group. Who may connect is decided there."
  type        = string
  nullable    = false
}

variable "internal" {
  description = "Whether the load balancer has private addresses only."
  type        = bool
  nullable    = false
}

variable "certificate_arn" {
  description = "ARN of the issued certificate for the host. null serves plain HTTP, which is for previews only."
  type        = string

  validation {
    condition     = var.certificate_arn == null || can(regex("^arn:[a-z-]+:(acm|iam):", var.certificate_arn))
    error_message = "certificate_arn must be the ARN of a certificate in ACM or IAM, or null."
  }

  # "" is the region of a certificate in IAM, which knows none.
  validation {
    condition     = var.certificate_arn == null || contains(["", var.target.region], try(split(":", var.certificate_arn)[3], ""))
    error_message = "certificate_arn must be a certificate of the region ${var.target.region}: a load balancer cannot use one from elsewhere."
  }
}

variable "protection" {
  description = "Whether the load balancer refuses to be deleted, and the log bucket to be deleted with its content."
  type        = bool
  default     = true
  nullable    = false
}

variable "log_retention_days" {
  description = "Days that access logs are kept."
  type        = number
  default     = 365
  nullable    = false

  validation {
    condition     = var.log_retention_days >= 1 && floor(var.log_retention_days) == var.log_retention_days
    error_message = "log_retention_days must be a whole number of at least 1."
  }
}

variable "idle_timeout_seconds" {
  description = "Seconds after which a silent connection is closed. A product that streams or answers slowly needs more than the default."
  type        = number
  default     = 60
  nullable    = false

  validation {
    condition     = var.idle_timeout_seconds >= 1 && var.idle_timeout_seconds <= 4000
    error_message = "idle_timeout_seconds must be between 1 and 4000."
  }
}

locals {
  # One rule of Cloud Armor takes ten ranges.
  allowed = { for index, ranges in chunklist(var.allow, 10) : 1000 + index => ranges }

  # 2147483647 is the priority of the rule that every policy ends with.
  rules = merge(
    { for priority, ranges in local.allowed : priority => {
      action      = "allow"
      ranges      = ranges
      description = "Ranges that may connect."
    } },
    { 2147483647 = {
      action      = length(var.allow) == 0 ? "allow" : "deny(403)"
      ranges      = ["*"]
      description = length(var.allow) == 0 ? "Everyone may connect." : "Nobody else may connect."
    } },
  )
}

resource "google_compute_security_policy" "this" {
  #checkov:skip=CKV_GCP_73:rules about the content of requests are the customer's; a false alarm would break a product that nobody here knows
  project     = var.target.project
  name        = var.name
  description = "Who may connect to ${var.host}."
  type        = "CLOUD_ARMOR"

  dynamic "rule" {
    for_each = local.rules

    content {
      priority    = rule.key
      action      = rule.value.action
      description = rule.value.description

      match {
        versioned_expr = "SRC_IPS_V1"

        config {
          src_ip_ranges = rule.value.ranges
        }
      }
    }
  }
}

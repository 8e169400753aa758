locals {
  serves_https = var.ingress.certificate_map_id != null

  # Google lets one matcher decide, the one of the host: a route without hosts is therefore part of every matcher.
  hosts   = distinct(flatten(var.routes[*].hosts))
  is_open = anytrue([for route in var.routes : length(route.hosts) == 0])

  # Rules in the order of their priorities, as Google returns them; another order would be a difference in every plan.
  matchers = {
    for host in concat(local.hosts, local.is_open ? ["*"] : []) : host => {
      # A matcher's name takes no dots, and fewer characters than a host may have.
      name = host == "*" ? "any-host" : "host-${substr(sha256(host), 0, 12)}"

      rules = {
        for route in var.routes : format("%010d", route.priority) => route
        if length(route.hosts) == 0 || contains(route.hosts, host)
      }
    }
  }
}

# A URL map cannot answer by itself. This backend service has no backend, so that what no route claims can reach no
# product, whatever becomes of the rule that answers 404 for it.
resource "google_compute_backend_service" "nowhere" {
  project               = var.target.project
  name                  = "${var.name}-nowhere"
  description           = "Where requests end that no route claims."
  load_balancing_scheme = "EXTERNAL_MANAGED"
  protocol              = "HTTPS"
  security_policy       = var.ingress.security_policy_id

  log_config {
    enable      = true
    sample_rate = 1
  }
}

resource "google_compute_url_map" "this" {
  project         = var.target.project
  name            = var.name
  description     = "What is sent where."
  default_service = google_compute_backend_service.nowhere.id

  default_route_action {
    fault_injection_policy {
      abort {
        http_status = 404
        percentage  = 100
      }
    }
  }

  dynamic "host_rule" {
    for_each = local.matchers

    content {
      hosts        = [host_rule.key]
      path_matcher = host_rule.value.name
    }
  }

  dynamic "path_matcher" {
    for_each = local.matchers

    content {
      name            = path_matcher.value.name
      description     = "Routes of ${path_matcher.key}."
      default_service = google_compute_backend_service.nowhere.id

      default_route_action {
        fault_injection_policy {
          abort {
            http_status = 404
            percentage  = 100
          }
        }
      }

      dynamic "route_rules" {
        for_each = path_matcher.value.rules

        content {
          priority = route_rules.value.priority
          service  = route_rules.value.backend_service_id

          dynamic "match_rules" {
            for_each = length(route_rules.value.paths) > 0 ? route_rules.value.paths : ["/*"]

            content {
              prefix_match    = endswith(match_rules.value, "*") ? trimsuffix(match_rules.value, "*") : null
              full_path_match = endswith(match_rules.value, "*") ? null : match_rules.value
            }
          }
        }
      }
    }
  }
}

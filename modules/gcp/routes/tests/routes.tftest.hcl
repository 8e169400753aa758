mock_provider "google" {
  override_during = plan

  override_resource {
    target = google_compute_url_map.this
    values = { id = "projects/acme-ledger/global/urlMaps/acme-production-public" }
  }

  override_resource {
    target = google_compute_url_map.redirect
    values = { id = "projects/acme-ledger/global/urlMaps/acme-production-public-redirect" }
  }

  mock_resource "google_monitoring_uptime_check_config" {
    defaults = { uptime_check_id = "acme-production-public-x1" }
  }

  mock_resource "google_compute_backend_service" {
    defaults = { id = "projects/acme-ledger/global/backendServices/acme-production-public-nowhere" }
  }

  mock_resource "google_compute_target_http_proxy" {
    defaults = { id = "projects/acme-ledger/global/targetHttpProxies/acme-production-public-http" }
  }

  mock_resource "google_compute_target_https_proxy" {
    defaults = { id = "projects/acme-ledger/global/targetHttpsProxies/acme-production-public" }
  }
}

variables {
  name   = "acme-production-public"
  target = { project = "acme-ledger", project_number = "123456789012", region = "europe-west3" }

  ingress = {
    address_id         = "projects/acme-ledger/global/addresses/acme-production-public"
    certificate_map_id = "projects/acme-ledger/locations/global/certificateMaps/acme-production-public"
    ssl_policy_id      = "projects/acme-ledger/global/sslPolicies/acme-production-public"
    security_policy_id = "projects/acme-ledger/global/securityPolicies/acme-production-public"
  }

  routes = [
    {
      priority           = 20
      paths              = ["/*"]
      hosts              = ["ledger.acme.example"]
      backend_service_id = "projects/acme-ledger/global/backendServices/acme-production-web"
    },
    {
      priority           = 9
      paths              = ["/api", "/api/*"]
      hosts              = ["ledger.acme.example"]
      backend_service_id = "projects/acme-ledger/global/backendServices/acme-production-api"
    },
  ]
}

run "answers_404_to_what_no_route_claims" {
  command = plan

  assert {
    condition = (
      google_compute_url_map.this.default_route_action[0].fault_injection_policy[0].abort[0].http_status == 404 &&
      google_compute_url_map.this.default_route_action[0].fault_injection_policy[0].abort[0].percentage == 100
    )
    error_message = "another host gets 404"
  }

  assert {
    condition = alltrue([
      for matcher in google_compute_url_map.this.path_matcher :
      matcher.default_route_action[0].fault_injection_policy[0].abort[0].http_status == 404 &&
      matcher.default_route_action[0].fault_injection_policy[0].abort[0].percentage == 100
    ])
    error_message = "another path gets 404"
  }

  assert {
    condition = (
      length(google_compute_backend_service.nowhere.backend) == 0 &&
      google_compute_url_map.this.default_service == google_compute_backend_service.nowhere.id &&
      alltrue([for matcher in google_compute_url_map.this.path_matcher : matcher.default_service == google_compute_backend_service.nowhere.id])
    )
    error_message = "what is not claimed can reach no product, even without the rule for 404"
  }

  assert {
    condition     = google_compute_backend_service.nowhere.security_policy == var.ingress.security_policy_id && google_compute_backend_service.nowhere.log_config[0].enable
    error_message = "who may not connect does not even get a 404, and every try is logged"
  }
}

run "follows_the_priorities" {
  command = plan

  assert {
    condition = [
      for rule in google_compute_url_map.this.path_matcher[0].route_rules : "${rule.priority} ${basename(rule.service)}"
    ] == ["9 acme-production-api", "20 acme-production-web"]
    error_message = "rules stand in the order of their priorities: neither their order in the list nor that of their digits means anything"
  }

  assert {
    condition = [
      for rule in google_compute_url_map.this.path_matcher[0].route_rules[0].match_rules : "${coalesce(rule.full_path_match, "-")} ${coalesce(rule.prefix_match, "-")}"
    ] == ["/api -", "- /api/"]
    error_message = "/api and all below it, but not /apis"
  }

  assert {
    condition     = google_compute_url_map.this.path_matcher[0].route_rules[1].match_rules[0].prefix_match == "/"
    error_message = "/* is everything"
  }

  assert {
    condition     = flatten([for rule in google_compute_url_map.this.host_rule : tolist(rule.hosts)]) == ["ledger.acme.example"]
    error_message = "no other host reaches the product"
  }
}

run "serves_a_route_without_hosts_on_every_host" {
  command = plan

  variables {
    routes = [
      { priority = 10, paths = ["/hook"], hosts = ["hooks.acme.example"], backend_service_id = "projects/acme-ledger/global/backendServices/hooks" },
      { priority = 20, backend_service_id = "projects/acme-ledger/global/backendServices/web" },
    ]
  }

  assert {
    condition = {
      for matcher in google_compute_url_map.this.path_matcher :
      matcher.description => [for rule in matcher.route_rules : basename(rule.service)]
      } == {
      "Routes of *."                  = ["web"]
      "Routes of hooks.acme.example." = ["hooks", "web"]
    }
    error_message = "one matcher decides for a host, so it must hold the routes of every host too"
  }

  assert {
    condition = alltrue([
      for rule in google_compute_url_map.this.host_rule :
      contains(google_compute_url_map.this.path_matcher[*].name, rule.path_matcher)
    ])
    error_message = "a host leads to a matcher that exists"
  }
}

run "serves_https_only" {
  command = plan

  assert {
    condition = (
      google_compute_target_https_proxy.this[0].certificate_map == "//certificatemanager.googleapis.com/${var.ingress.certificate_map_id}" &&
      google_compute_target_https_proxy.this[0].ssl_policy == var.ingress.ssl_policy_id &&
      google_compute_target_https_proxy.this[0].tls_early_data == "DISABLED"
    )
    error_message = "TLS follows the ingress, without early data"
  }

  assert {
    condition = (
      google_compute_target_http_proxy.this.url_map == google_compute_url_map.redirect.id &&
      google_compute_url_map.redirect.default_url_redirect[0].https_redirect
    )
    error_message = "port 80 only redirects"
  }

  assert {
    condition = {
      for rule in concat([google_compute_global_forwarding_rule.http], google_compute_global_forwarding_rule.https) :
      rule.port_range => "${rule.load_balancing_scheme} ${rule.ip_address}"
      } == {
      "80"  = "EXTERNAL_MANAGED ${var.ingress.address_id}"
      "443" = "EXTERNAL_MANAGED ${var.ingress.address_id}"
    }
    error_message = "both ports are on the address of the ingress, in the scheme that the backends have"
  }

  assert {
    condition     = keys(output.forwarding_rule_ids) == ["443", "80"]
    error_message = "both ports are named"
  }
}

run "serves_http_without_a_certificate" {
  command = plan

  variables {
    ingress = {
      address_id         = "projects/acme-ledger/global/addresses/acme-preview-public"
      certificate_map_id = null
      ssl_policy_id      = "projects/acme-ledger/global/sslPolicies/acme-preview-public"
      security_policy_id = "projects/acme-ledger/global/securityPolicies/acme-preview-public"
    }
  }

  assert {
    condition = (
      length(google_compute_target_https_proxy.this) == 0 && length(google_compute_global_forwarding_rule.https) == 0 &&
      google_compute_target_http_proxy.this.url_map == google_compute_url_map.this.id && keys(output.forwarding_rule_ids) == ["80"]
    )
    error_message = "without a certificate port 80 serves, and nothing listens on 443"
  }
}

run "refuses_a_priority_twice" {
  command = plan

  variables {
    routes = [
      { priority = 10, paths = ["/a"], backend_service_id = "projects/acme-ledger/global/backendServices/a" },
      { priority = 10, paths = ["/b"], backend_service_id = "projects/acme-ledger/global/backendServices/b" },
    ]
  }

  expect_failures = [var.routes]
}

run "refuses_a_star_in_the_middle" {
  command = plan

  variables {
    routes = [{ priority = 10, paths = ["/api*"], backend_service_id = "projects/acme-ledger/global/backendServices/a" }]
  }

  expect_failures = [var.routes]
}

run "refuses_a_host_with_a_port" {
  command = plan

  variables {
    routes = [{ priority = 10, hosts = ["ledger.acme.example:8443"], backend_service_id = "projects/acme-ledger/global/backendServices/a" }]
  }

  expect_failures = [var.routes]
}

run "refuses_no_routes" {
  command = plan

  variables {
    routes = []
  }

  expect_failures = [var.routes]
}

run "refuses_what_is_no_certificate_map" {
  command = plan

  variables {
    ingress = {
      address_id         = "projects/acme-ledger/global/addresses/acme-production-public"
      certificate_map_id = "//certificatemanager.googleapis.com/projects/acme-ledger/locations/global/certificateMaps/acme-production-public"
      ssl_policy_id      = "projects/acme-ledger/global/sslPolicies/acme-production-public"
      security_policy_id = "projects/acme-ledger/global/securityPolicies/acme-production-public"
    }
  }

  expect_failures = [var.ingress]
}

run "asks_nothing_from_outside_unless_it_is_told" {
  command = plan

  assert {
    condition     = length(google_monitoring_uptime_check_config.this) == 0 && length(google_monitoring_alert_policy.uptime) == 0
    error_message = "without a host and a path there is nothing to ask for"
  }
}

run "asks_from_outside" {
  command = plan

  variables {
    uptime = {
      host     = "ledger.acme.example"
      path     = "/ready"
      topic_id = "projects/acme-ledger/notificationChannels/17"
    }
  }

  assert {
    condition = (
      google_monitoring_uptime_check_config.this[0].monitored_resource[0].labels == tomap({ host = "ledger.acme.example", project_id = "acme-ledger" }) &&
      google_monitoring_uptime_check_config.this[0].http_check[0].path == "/ready" &&
      google_monitoring_uptime_check_config.this[0].http_check[0].port == 443 &&
      google_monitoring_uptime_check_config.this[0].http_check[0].use_ssl &&
      google_monitoring_uptime_check_config.this[0].http_check[0].validate_ssl
    )
    error_message = "the host that people use is asked over TLS, and its certificate must hold"
  }

  assert {
    condition     = strcontains(google_monitoring_alert_policy.uptime[0].conditions[0].condition_threshold[0].filter, google_monitoring_uptime_check_config.this[0].uptime_check_id)
    error_message = "the alarm is about this check"
  }

  assert {
    condition     = google_monitoring_alert_policy.uptime[0].notification_channels == tolist(["projects/acme-ledger/notificationChannels/17"])
    error_message = "the contact is told"
  }
}

run "asks_nothing_without_tls" {
  command = plan

  variables {
    ingress = {
      address_id         = "projects/acme-ledger/global/addresses/acme-preview-public"
      certificate_map_id = null
      ssl_policy_id      = "projects/acme-ledger/global/sslPolicies/acme-preview-public"
      security_policy_id = "projects/acme-ledger/global/securityPolicies/acme-preview-public"
    }
    uptime = { host = "ledger.acme.example", path = "/ready" }
  }

  assert {
    condition     = length(google_monitoring_uptime_check_config.this) == 0 && length(google_monitoring_alert_policy.uptime) == 0
    error_message = "the certificate comes with the foundation, which this layer may still be waiting for"
  }
}

run "refuses_to_ask_for_a_pattern" {
  command = plan

  variables {
    uptime = { host = "*.acme.example", path = "/*" }
  }

  expect_failures = [var.uptime]
}

mock_provider "google" {
  override_during = plan

  mock_resource "google_compute_global_address" {
    defaults = {
      id      = "projects/acme-ledger/global/addresses/acme-production-public"
      address = "192.0.2.10"
    }
  }

  mock_resource "google_certificate_manager_certificate" {
    defaults = {
      id = "projects/acme-ledger/locations/global/certificates/acme-production-public-01234567"
    }
  }
}

variables {
  name        = "acme-production-public"
  target      = { project = "acme-ledger", project_number = "123456789012", region = "europe-west3" }
  host        = "ledger.acme.example"
  certificate = "managed"
}

run "speaks_modern_tls_only" {
  command = plan

  assert {
    condition     = google_compute_ssl_policy.this.min_tls_version == "TLS_1_2" && google_compute_ssl_policy.this.profile == "RESTRICTED"
    error_message = "TLS 1.2 with forward secrecy is the oldest that is spoken"
  }

  assert {
    condition = (
      google_certificate_manager_certificate.this[0].managed[0].domains == tolist(["ledger.acme.example"]) &&
      google_certificate_manager_certificate_map_entry.this[0].hostname == "ledger.acme.example" &&
      google_certificate_manager_certificate_map_entry.this[0].matcher == null
    )
    error_message = "the certificate is for the host, and no other name is answered"
  }

  assert {
    condition = (
      output.certificate_map_id == "projects/acme-ledger/locations/global/certificateMaps/acme-production-public" &&
      output.certificate_ids == ["projects/acme-ledger/locations/global/certificates/acme-production-public-01234567"]
    )
    error_message = "the managed certificate and its map are handed on"
  }
}

run "keeps_its_address" {
  command = plan

  assert {
    condition     = google_compute_global_address.this.deletion_policy == "PREVENT"
    error_message = "the address must not go by accident"
  }

  assert {
    condition     = output.dns_name == "192.0.2.10" && output.address_id == "projects/acme-ledger/global/addresses/acme-production-public"
    error_message = "the host points to the address"
  }
}

run "lets_everyone_in_by_default" {
  command = plan

  assert {
    condition = {
      for rule in google_compute_security_policy.this.rule : rule.priority => rule.action
    } == { 2147483647 = "allow" }
    error_message = "without an allow list there is one rule, and it is written out"
  }
}

run "lets_nobody_else_in" {
  command = plan

  variables {
    allow = [
      "203.0.113.0/24", "198.51.100.0/28", "192.0.2.1/32", "192.0.2.2/32", "192.0.2.3/32", "192.0.2.4/32",
      "192.0.2.5/32", "192.0.2.6/32", "192.0.2.7/32", "192.0.2.8/32", "192.0.2.9/32",
    ]
  }

  assert {
    condition = {
      for rule in google_compute_security_policy.this.rule :
      rule.priority => "${rule.action} ${length(rule.match[0].config[0].src_ip_ranges)}"
      } == {
      1000       = "allow 10"
      1001       = "allow 1"
      2147483647 = "deny(403) 1"
    }
    error_message = "the ranges are spread over rules of ten, and the last rule denies"
  }

  assert {
    condition = toset(flatten([
      for rule in google_compute_security_policy.this.rule : tolist(rule.match[0].config[0].src_ip_ranges) if rule.action == "allow"
    ])) == toset(var.allow)
    error_message = "no range is lost between the rules"
  }
}

run "takes_the_customers_certificates" {
  command = plan

  variables {
    certificate = "projects/acme-ledger/locations/global/certificateMaps/acme-own"
  }

  assert {
    condition     = output.certificate_map_id == var.certificate && length(output.certificate_ids) == 0 && length(google_certificate_manager_certificate_map_entry.this) == 0
    error_message = "the customer's map is used, and nothing is put into it"
  }
}

run "serves_http_without_a_certificate" {
  command = plan

  variables {
    certificate = null
    protection  = false
  }

  assert {
    condition     = output.certificate_map_id == null && length(google_certificate_manager_certificate.this) == 0
    error_message = "without a certificate no map is handed on"
  }

  assert {
    condition     = google_compute_global_address.this.deletion_policy == "DELETE"
    error_message = "a preview must be removable"
  }
}

run "stays_in_its_project" {
  command = plan

  assert {
    condition = alltrue([
      for project in [
        google_compute_global_address.this.project, google_compute_ssl_policy.this.project,
        google_compute_security_policy.this.project, google_certificate_manager_certificate.this[0].project,
      ] : project == "acme-ledger"
    ])
    error_message = "nothing depends on the project that a provider happens to be configured with"
  }
}

run "refuses_what_is_no_certificate" {
  command = plan

  variables {
    certificate = "ledger.acme.example"
  }

  expect_failures = [var.certificate]
}

run "refuses_a_map_of_another_project" {
  command = plan

  variables {
    certificate = "projects/other/locations/global/certificateMaps/acme-own"
  }

  expect_failures = [var.certificate]
}

run "refuses_a_host_with_a_scheme" {
  command = plan

  variables {
    host = "https://ledger.acme.example"
  }

  expect_failures = [var.host]
}

run "refuses_a_range_that_never_arrives" {
  command = plan

  variables {
    allow = ["2001:db8::/32"]
  }

  expect_failures = [var.allow]
}

run "refuses_a_name_that_is_too_long" {
  command = plan

  variables {
    name = "acme-production-public-with-a-name-that-goes-on-and-on-x"
  }

  expect_failures = [var.name]
}

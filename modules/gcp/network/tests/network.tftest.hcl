mock_provider "google" {}

variables {
  name   = "acme-production"
  target = { project = "acme-ledger", project_number = "123456789012", region = "europe-west3" }
  cidr   = "10.40.0.0/16"
}

run "is_closed_in_both_directions" {
  command = plan

  assert {
    condition = (
      google_compute_firewall.deny_ingress.direction == "INGRESS" &&
      google_compute_firewall.deny_ingress.source_ranges == toset(["0.0.0.0/0"]) &&
      [for deny in google_compute_firewall.deny_ingress.deny : deny.protocol] == ["all"]
    )
    error_message = "nothing reaches into the network"
  }

  assert {
    condition = (
      google_compute_firewall.deny_egress.direction == "EGRESS" &&
      google_compute_firewall.deny_egress.destination_ranges == toset(["0.0.0.0/0"]) &&
      [for deny in google_compute_firewall.deny_egress.deny : deny.protocol] == ["all"]
    )
    error_message = "what no rule allows does not leave"
  }

  assert {
    condition = alltrue([
      for rule in [google_compute_firewall.allow_https, google_compute_firewall.allow_databases] :
      rule.direction == "EGRESS" && rule.priority < google_compute_firewall.deny_egress.priority
    ])
    error_message = "what is allowed leads out, and comes before what is denied"
  }

  assert {
    condition = alltrue([
      for rule in [google_compute_firewall.deny_ingress, google_compute_firewall.deny_egress] :
      rule.log_config[0].metadata == "INCLUDE_ALL_METADATA"
    ])
    error_message = "what is refused is logged"
  }
}

run "lets_out_what_is_needed_and_no_more" {
  command = plan

  assert {
    condition = [
      for allow in google_compute_firewall.allow_https.allow :
      { protocol = allow.protocol, ports = allow.ports }
    ] == [{ protocol = "tcp", ports = tolist(["443"]) }]
    error_message = "to the internet over HTTPS only"
  }

  assert {
    condition = (
      google_compute_firewall.allow_databases.destination_ranges == toset(["10.40.128.0/20"]) &&
      [for allow in google_compute_firewall.allow_databases.allow : { protocol = allow.protocol, ports = allow.ports }] == [{ protocol = "tcp", ports = tolist(["5432", "3307"]) }]
    )
    error_message = "to PostgreSQL at the addresses of the databases only"
  }
}

run "subnets_do_not_overlap_and_leave_room" {
  command = plan

  assert {
    condition = (
      google_compute_subnetwork.private.ip_cidr_range == "10.40.0.0/17" &&
      google_compute_subnetwork.database.ip_cidr_range == "10.40.128.0/20"
    )
    error_message = "workloads have half of the range, databases a sixteenth"
  }

  assert {
    condition     = !google_compute_network.this.auto_create_subnetworks
    error_message = "no subnet makes itself"
  }

  assert {
    condition = alltrue([
      for subnet in [google_compute_subnetwork.private, google_compute_subnetwork.database] :
      subnet.private_ip_google_access && subnet.log_config[0].flow_sampling == 1 && subnet.log_config[0].metadata == "INCLUDE_ALL_METADATA"
    ])
    error_message = "every flow is logged, and Google's APIs are reached without the internet"
  }
}

run "the_smallest_range_still_fits_cloud_run" {
  command = plan

  variables {
    cidr = "192.168.4.0/22"
  }

  assert {
    condition = (
      google_compute_subnetwork.private.ip_cidr_range == "192.168.4.0/23" &&
      google_compute_subnetwork.database.ip_cidr_range == "192.168.6.0/26"
    )
    error_message = "a /22 has a /23 for workloads and a /26 for databases"
  }
}

run "leaves_from_fixed_addresses" {
  command = plan

  assert {
    condition = (
      google_compute_router_nat.this.nat_ip_allocate_option == "MANUAL_ONLY" &&
      length(google_compute_address.nat) == 2 &&
      length(output.nat_public_ips) == 2
    )
    error_message = "two fixed addresses are the default"
  }

  # Google refuses the one together with the other; the provider does not.
  assert {
    condition = (
      google_compute_router_nat.this.enable_dynamic_port_allocation &&
      !google_compute_router_nat.this.enable_endpoint_independent_mapping
    )
    error_message = "ports are given out as needed"
  }
}

run "databases_have_no_way_out" {
  # Applied, so that the ids which tell the subnets apart are known.
  command = apply

  assert {
    condition = (
      google_compute_router_nat.this.source_subnetwork_ip_ranges_to_nat == "LIST_OF_SUBNETWORKS" &&
      [for subnet in google_compute_router_nat.this.subnetwork : subnet.name] == [google_compute_subnetwork.private.id]
    )
    error_message = "only the workloads' subnet has NAT"
  }

  assert {
    condition = (
      output.private_subnet_ids == [google_compute_subnetwork.private.id] &&
      output.database_subnet_ids == [google_compute_subnetwork.database.id]
    )
    error_message = "the outputs tell the subnets apart"
  }

  assert {
    condition     = length(google_compute_router_nat.this.nat_ips) == 2
    error_message = "both addresses are the gateway's"
  }
}

run "one_address_is_enough_for_a_preview" {
  command = plan

  variables {
    nat_addresses     = 1
    flow_log_sampling = 0.1
  }

  assert {
    condition = (
      keys(google_compute_address.nat) == ["0"] &&
      google_compute_subnetwork.private.log_config[0].flow_sampling == 0.1
    )
    error_message = "the first address keeps its key, and the flow log its share"
  }
}

run "refuses_to_leave_from_nowhere" {
  command = plan

  variables {
    nat_addresses = 0
  }

  expect_failures = [var.nat_addresses]
}

run "refuses_to_switch_the_flow_log_off" {
  command = plan

  variables {
    flow_log_sampling = 0
  }

  expect_failures = [var.flow_log_sampling]
}

run "refuses_a_public_range" {
  command = plan

  variables {
    cidr = "203.0.0.0/16"
  }

  expect_failures = [var.cidr]
}

run "refuses_a_range_without_room" {
  command = plan

  variables {
    cidr = "10.40.0.0/24"
  }

  expect_failures = [var.cidr]
}

run "refuses_a_range_that_google_uses" {
  command = plan

  variables {
    cidr = "172.17.0.0/16"
  }

  expect_failures = [var.cidr]
}

run "refuses_a_zone_for_a_region" {
  command = plan

  variables {
    target = { project = "acme-ledger", project_number = "123456789012", region = "europe-west3-a" }
  }

  expect_failures = [var.target]
}

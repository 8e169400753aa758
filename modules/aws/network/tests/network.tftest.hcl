mock_provider "aws" {
  # A mocked document is a random word, which the schema of a policy refuses.
  mock_data "aws_iam_policy_document" {
    defaults = { json = "{\"Version\":\"2012-10-17\",\"Statement\":[]}" }
  }
  mock_resource "aws_iam_role" {
    defaults = { arn = "arn:aws:iam::111122223333:role/acme-production-flow-log" }
  }
  mock_resource "aws_cloudwatch_log_group" {
    defaults = { arn = "arn:aws:logs:eu-central-1:111122223333:log-group:/landfall/acme-production/flow-log" }
  }
}

variables {
  name = "acme-production"
  target = {
    region     = "eu-central-1"
    account_id = "111122223333"
    partition  = "aws"
  }
  cidr    = "10.40.0.0/16"
  zones   = ["eu-central-1a", "eu-central-1b", "eu-central-1c"]
  key_arn = "arn:aws:kms:eu-central-1:111122223333:key/11111111-2222-3333-4444-555555555555"
  load_balancers = {
    public = { internal = false, tls = true }
  }
  databases = ["main"]
  workloads = {
    service_web        = { port = 8080, ingresses = ["public"], databases = ["main"] }
    service_worker     = { databases = ["main"] }
    job_bootstrap_main = { databases = ["main"] }
    job_report         = {}
  }
}

run "defaults" {
  command = plan

  assert {
    condition     = length(aws_nat_gateway.this) == 3 && length(output.nat_public_ips) == 3
    error_message = "every zone has its own way out"
  }

  assert {
    condition     = aws_flow_log.this.traffic_type == "ALL" && aws_cloudwatch_log_group.flow_log.retention_in_days == 365 && aws_cloudwatch_log_group.flow_log.kms_key_id == var.key_arn
    error_message = "all traffic is logged, encrypted with the customer's key, for a year"
  }

  assert {
    condition     = aws_cloudwatch_log_group.flow_log.name == "/landfall/acme-production/flow-log"
    error_message = "the flow log's group is named after the environment"
  }

  assert {
    condition = alltrue([
      for subnet in concat(values(aws_subnet.public), values(aws_subnet.private), values(aws_subnet.database)) :
      !subnet.map_public_ip_on_launch
    ])
    error_message = "no subnet hands out public addresses"
  }
}

run "tiers_do_not_overlap_and_leave_room" {
  command = plan

  assert {
    condition     = [for zone in var.zones : aws_subnet.private[zone].cidr_block] == ["10.40.0.0/19", "10.40.32.0/19", "10.40.64.0/19"]
    error_message = "workloads have an eighth of the range in each zone"
  }

  assert {
    condition     = [for zone in var.zones : aws_subnet.public[zone].cidr_block] == ["10.40.128.0/21", "10.40.136.0/21", "10.40.144.0/21"]
    error_message = "load balancers have a thirty-second of the range in each zone"
  }

  assert {
    condition     = [for zone in var.zones : aws_subnet.database[zone].cidr_block] == ["10.40.160.0/21", "10.40.168.0/21", "10.40.176.0/21"]
    error_message = "databases have a thirty-second of the range in each zone"
  }
}

run "the_smallest_range_still_fits_a_load_balancer" {
  command = plan

  variables {
    cidr = "192.168.4.0/22"
  }

  assert {
    condition     = aws_subnet.public["eu-central-1a"].cidr_block == "192.168.6.0/27" && aws_subnet.private["eu-central-1c"].cidr_block == "192.168.5.0/25"
    error_message = "a /22 has /27 for load balancers and /25 for workloads"
  }
}

run "a_third_zone_moves_no_subnet" {
  command = plan

  variables {
    zones = ["eu-central-1a", "eu-central-1b"]
  }

  assert {
    condition = [
      aws_subnet.private["eu-central-1b"].cidr_block,
      aws_subnet.public["eu-central-1b"].cidr_block,
      aws_subnet.database["eu-central-1b"].cidr_block,
    ] == ["10.40.32.0/19", "10.40.136.0/21", "10.40.168.0/21"]
    error_message = "with two zones the subnets lie where they lie with three"
  }
}

run "one_nat_gateway_for_all" {
  command = plan

  variables {
    nat = "one"
  }

  assert {
    condition     = keys(aws_nat_gateway.this) == ["eu-central-1a"] && length(aws_route.private) == 3
    error_message = "all zones leave through the first zone's gateway"
  }
}

run "databases_have_no_way_out" {
  # Applied, so that the ids which tell the groups apart are known.
  command = apply

  assert {
    condition     = alltrue([for route in aws_route.private : route.route_table_id != aws_route_table.database.id]) && aws_route.public.route_table_id != aws_route_table.database.id
    error_message = "the database tier has no default route"
  }

  assert {
    condition = alltrue([
      for rule in concat(values(aws_vpc_security_group_egress_rule.workload_https), values(aws_vpc_security_group_egress_rule.workload_to_database), values(aws_vpc_security_group_egress_rule.load_balancer_to_workload)) :
      rule.security_group_id != aws_security_group.database["main"].id
    ])
    error_message = "a database's security group has no egress"
  }

  assert {
    condition = alltrue([
      for rule in aws_vpc_security_group_ingress_rule.database_from_workload :
      rule.from_port == 5432 && rule.to_port == 5432 && rule.cidr_ipv4 == null && rule.referenced_security_group_id != null
    ])
    error_message = "a database is reached on 5432, by group and never by address"
  }
}

run "only_those_that_use_a_database_reach_it" {
  command = plan

  assert {
    condition     = keys(aws_vpc_security_group_ingress_rule.database_from_workload) == ["job_bootstrap_main:main", "service_web:main", "service_worker:main"]
    error_message = "job_report does not use the database and must not reach it"
  }
}

run "only_load_balancers_reach_a_workload" {
  # Applied, so that the ids which tell the groups apart are known.
  command = apply

  assert {
    condition     = keys(aws_vpc_security_group_ingress_rule.workload_from_load_balancer) == ["public:service_web:8080"]
    error_message = "only the routed service has an ingress rule"
  }

  assert {
    condition     = alltrue([for rule in aws_vpc_security_group_ingress_rule.workload_from_load_balancer : rule.from_port == 8080 && rule.referenced_security_group_id != null && rule.cidr_ipv4 == null])
    error_message = "a workload is reached on its port, by group and never by address"
  }

  assert {
    condition     = keys(aws_vpc_security_group_egress_rule.load_balancer_to_workload) == ["public:service_web:8080"]
    error_message = "a load balancer reaches what it serves, and nothing else"
  }
}

run "nothing_is_open_on_all_ports" {
  command = plan

  assert {
    condition = alltrue([
      for rule in concat(
        values(aws_vpc_security_group_ingress_rule.clients),
        values(aws_vpc_security_group_ingress_rule.workload_from_load_balancer),
        values(aws_vpc_security_group_ingress_rule.database_from_workload),
        values(aws_vpc_security_group_egress_rule.load_balancer_to_workload),
        values(aws_vpc_security_group_egress_rule.workload_https),
        values(aws_vpc_security_group_egress_rule.workload_to_database),
      ) : rule.ip_protocol == "tcp" && rule.from_port == rule.to_port && rule.description != null
    ])
    error_message = "every rule is one TCP port with a description"
  }
}

run "an_allow_list_replaces_everyone" {
  command = plan

  variables {
    load_balancers = {
      public = { internal = false, tls = true, allow = ["203.0.113.0/24", "198.51.100.7/32"] }
    }
  }

  assert {
    condition     = toset([for rule in aws_vpc_security_group_ingress_rule.clients : rule.cidr_ipv4]) == toset(["203.0.113.0/24", "198.51.100.7/32"])
    error_message = "only the allowed ranges reach the load balancer, on 80 as on 443"
  }
}

run "an_internal_load_balancer_is_never_open_to_the_internet" {
  command = plan

  variables {
    load_balancers = {
      public = { internal = true, tls = true }
    }
  }

  assert {
    condition     = !contains([for rule in aws_vpc_security_group_ingress_rule.clients : rule.cidr_ipv4], "0.0.0.0/0") && length(aws_vpc_security_group_ingress_rule.clients) == 8
    error_message = "everyone means every private address"
  }
}

run "without_tls_only_port_80_is_open" {
  command = plan

  variables {
    load_balancers = {
      public = { internal = false, tls = false }
    }
  }

  assert {
    condition     = keys(aws_vpc_security_group_ingress_rule.clients) == ["public:80:0.0.0.0/0"]
    error_message = "443 would be open without anything behind it"
  }
}

run "a_product_without_anything" {
  command = plan

  variables {
    load_balancers = {}
    databases      = []
    workloads      = {}
  }

  assert {
    condition     = length(output.security_group_ids.workloads) == 0 && length(output.private_subnet_ids) == 3
    error_message = "a network needs no workloads"
  }
}

run "refuses_a_range_that_is_too_small" {
  command = plan

  variables {
    cidr = "10.40.0.0/24"
  }

  expect_failures = [var.cidr]
}

run "refuses_a_public_range" {
  command = plan

  variables {
    cidr = "172.48.0.0/16"
  }

  expect_failures = [var.cidr]
}

run "refuses_host_bits" {
  command = plan

  variables {
    cidr = "10.40.1.0/16"
  }

  expect_failures = [var.cidr]
}

run "refuses_one_zone" {
  command = plan

  variables {
    zones = ["eu-central-1a"]
  }

  expect_failures = [var.zones]
}

run "refuses_a_zone_of_another_region" {
  command = plan

  variables {
    zones = ["eu-central-1a", "eu-west-1b"]
  }

  expect_failures = [var.zones]
}

run "refuses_a_workload_behind_an_unknown_load_balancer" {
  command = plan

  variables {
    workloads = {
      service_web = { port = 8080, ingresses = ["internal"] }
    }
  }

  expect_failures = [var.workloads]
}

run "refuses_a_routed_workload_without_a_port" {
  command = plan

  variables {
    workloads = {
      service_web = { ingresses = ["public"] }
    }
  }

  expect_failures = [var.workloads]
}

run "a_former_port_is_reached_beside_the_new_one" {
  command = plan

  variables {
    workloads = {
      service_web = { port = 9090, former_ports = [8080], ingresses = ["public"] }
    }
  }

  assert {
    condition = keys(aws_vpc_security_group_ingress_rule.workload_from_load_balancer) == [
      "public:service_web:8080", "public:service_web:9090",
    ]
    error_message = "both ports have a rule of their own"
  }
}

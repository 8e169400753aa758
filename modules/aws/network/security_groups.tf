# A security group for each load balancer, database and workload; each rule is a resource of its own and names its
# peer by group wherever the peer is ours. What is not written here is closed. Name lookups need no rule: the VPC's
# resolver is not subject to security groups.

locals {
  everyone = {
    internet = ["0.0.0.0/0"]
    internal = ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10"]
  }

  allowed = {
    for name, lb in var.load_balancers :
    name => length(lb.allow) > 0 ? lb.allow : local.everyone[lb.internal ? "internal" : "internet"]
  }

  # Keys are made of names and ranges only, never of ids: all of them are known when planning.
  client_rules = merge([
    for name, lb in var.load_balancers : {
      for pair in setproduct(lb.tls ? [443, 80] : [80], local.allowed[name]) :
      "${name}:${pair[0]}:${pair[1]}" => { load_balancer = name, port = pair[0], cidr = pair[1] }
    }
  ]...)

  port_rules = merge([
    for key, workload in var.workloads : {
      # The port is part of the key: when it changes, the new rule comes beside the old one.
      for pair in setproduct(workload.ingresses, setunion([workload.port], workload.former_ports)) :
      "${pair[0]}:${key}:${pair[1]}" => { load_balancer = pair[0], workload = key, port = pair[1] }
    }
  ]...)

  database_rules = merge([
    for key, workload in var.workloads : {
      for name in workload.databases :
      "${key}:${name}" => { workload = key, database = name }
    }
  ]...)

  postgres = 5432
}

# ---- load balancers: from those allowed, to the ports of what they serve

resource "aws_security_group" "load_balancer" {
  #checkov:skip=CKV2_AWS_5:attached by the module ingress
  for_each = var.load_balancers

  name_prefix = "${var.name}-ingress-${each.key}-"
  description = "Load balancer ${each.key}"
  vpc_id      = aws_vpc.this.id

  tags = { Name = "${var.name}-ingress-${each.key}" }

  timeouts {
    # Network interfaces of a load balancer that is gone linger for a while.
    delete = "30m"
  }

  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_vpc_security_group_ingress_rule" "clients" {
  #checkov:skip=CKV_AWS_260:port 80 serves only the redirect to HTTPS, or an environment that was declared without TLS
  for_each = local.client_rules

  security_group_id = aws_security_group.load_balancer[each.value.load_balancer].id
  description       = each.value.port == 443 ? "HTTPS from ${each.value.cidr}" : "HTTP from ${each.value.cidr}"
  ip_protocol       = "tcp"
  from_port         = each.value.port
  to_port           = each.value.port
  cidr_ipv4         = each.value.cidr
}

resource "aws_vpc_security_group_egress_rule" "load_balancer_to_workload" {
  for_each = local.port_rules

  security_group_id            = aws_security_group.load_balancer[each.value.load_balancer].id
  description                  = "To ${each.value.workload}"
  ip_protocol                  = "tcp"
  from_port                    = each.value.port
  to_port                      = each.value.port
  referenced_security_group_id = aws_security_group.workload[each.value.workload].id
}

# ---- workloads: from their load balancers, to HTTPS anywhere and to their databases

resource "aws_security_group" "workload" {
  #checkov:skip=CKV2_AWS_5:attached by the modules service and job
  for_each = var.workloads

  name_prefix = "${var.name}-${replace(each.key, "_", "-")}-"
  description = "Workload ${each.key}"
  vpc_id      = aws_vpc.this.id

  tags = { Name = "${var.name}-${replace(each.key, "_", "-")}" }

  timeouts {
    # Network interfaces of stopped tasks linger for a while.
    delete = "30m"
  }

  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_vpc_security_group_ingress_rule" "workload_from_load_balancer" {
  for_each = local.port_rules

  security_group_id            = aws_security_group.workload[each.value.workload].id
  description                  = "From load balancer ${each.value.load_balancer}"
  ip_protocol                  = "tcp"
  from_port                    = each.value.port
  to_port                      = each.value.port
  referenced_security_group_id = aws_security_group.load_balancer[each.value.load_balancer].id
}

# Images, secrets and logs are fetched over HTTPS by the task itself; so is what the product calls.
resource "aws_vpc_security_group_egress_rule" "workload_https" {
  for_each = var.workloads

  security_group_id = aws_security_group.workload[each.key].id
  description       = "HTTPS: registry, AWS APIs and what the product calls"
  ip_protocol       = "tcp"
  from_port         = 443
  to_port           = 443
  cidr_ipv4         = "0.0.0.0/0"
}

resource "aws_vpc_security_group_egress_rule" "workload_to_database" {
  for_each = local.database_rules

  security_group_id            = aws_security_group.workload[each.value.workload].id
  description                  = "PostgreSQL to ${each.value.database}"
  ip_protocol                  = "tcp"
  from_port                    = local.postgres
  to_port                      = local.postgres
  referenced_security_group_id = aws_security_group.database[each.value.database].id
}

# ---- databases: from the workloads that use them, to nowhere

resource "aws_security_group" "database" {
  #checkov:skip=CKV2_AWS_5:attached by the module database
  for_each = var.databases

  name_prefix = "${var.name}-database-${each.key}-"
  description = "Database ${each.key}"
  vpc_id      = aws_vpc.this.id

  tags = { Name = "${var.name}-database-${each.key}" }

  timeouts {
    delete = "30m"
  }

  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_vpc_security_group_ingress_rule" "database_from_workload" {
  for_each = local.database_rules

  security_group_id            = aws_security_group.database[each.value.database].id
  description                  = "PostgreSQL from ${each.value.workload}"
  ip_protocol                  = "tcp"
  from_port                    = local.postgres
  to_port                      = local.postgres
  referenced_security_group_id = aws_security_group.workload[each.value.workload].id
}

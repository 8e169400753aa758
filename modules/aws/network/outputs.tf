output "vpc_id" {
  description = "Id of the VPC."
  value       = aws_vpc.this.id
}

output "public_subnet_ids" {
  description = "Ids of the public subnets, in the order of zones: load balancers that the internet reaches."
  value       = [for zone in var.zones : aws_subnet.public[zone].id]

  # AWS refuses a load balancer that faces the internet while the VPC has no way there.
  depends_on = [aws_route.public, aws_route_table_association.public]
}

output "private_subnet_ids" {
  description = "Ids of the workloads' subnets, in the order of zones: services, jobs and internal load balancers."
  value       = [for zone in var.zones : aws_subnet.private[zone].id]
}

output "database_subnet_ids" {
  description = "Ids of the databases' subnets, in the order of zones. They have no route out of the VPC."
  value       = [for zone in var.zones : aws_subnet.database[zone].id]
}

output "security_group_ids" {
  description = "Ids of the security groups: by load balancer, by database and by workload."
  value = {
    load_balancers = { for name, group in aws_security_group.load_balancer : name => group.id }
    databases      = { for name, group in aws_security_group.database : name => group.id }
    workloads      = { for key, group in aws_security_group.workload : key => group.id }
  }
}

output "nat_public_ips" {
  description = "Addresses that the workloads' traffic comes from, in the order of zones: for the allow lists of others."
  value       = [for zone in local.nat_zones : aws_eip.nat[zone].public_ip]
}

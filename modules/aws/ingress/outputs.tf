output "load_balancer_arn" {
  description = "ARN of the load balancer, for a firewall that the customer associates with it."
  value       = aws_lb.this.arn
}

output "load_balancer_arn_suffix" {
  description = "The part of the ARN that CloudWatch uses as the dimension \"LoadBalancer\"."
  value       = aws_lb.this.arn_suffix
}

output "dns_name" {
  description = "Name of the load balancer in DNS. The host of the ingress points here, by CNAME or alias."
  value       = aws_lb.this.dns_name
}

output "zone_id" {
  description = "Hosted zone of the load balancer, for an alias record in Route 53."
  value       = aws_lb.this.zone_id
}

output "listener_arn" {
  description = "ARN of the listener that services add their rules to: HTTPS, or HTTP when there is no certificate."
  value       = local.serves_https ? aws_lb_listener.https[0].arn : aws_lb_listener.http.arn
}

output "vpc_id" {
  description = "Id of the network that target groups for this ingress must be made in."
  value       = var.vpc_id
}

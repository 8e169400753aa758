# What no service claims by a rule of its own gets 404, from the load balancer itself.
resource "aws_lb_listener" "https" {
  count = local.serves_https ? 1 : 0

  load_balancer_arn = aws_lb.this.arn
  port              = 443
  protocol          = "HTTPS"
  certificate_arn   = var.certificate_arn

  # TLS 1.3 and 1.2 with forward secrecy and authenticated encryption, nothing older.
  ssl_policy = "ELBSecurityPolicy-TLS13-1-2-Res-2021-06"

  default_action {
    type = "fixed-response"

    fixed_response {
      content_type = "text/plain"
      message_body = "not found"
      status_code  = "404"
    }
  }
}

# One listener for both modes, so that going from HTTP to HTTPS never has two of them claim port 80.
resource "aws_lb_listener" "http" {
  #checkov:skip=CKV_AWS_2:redirects to HTTPS; serves itself only without a certificate, which Landfall refuses for production
  #checkov:skip=CKV_AWS_103:port 80 has no TLS; the listener on 443 sets the policy
  load_balancer_arn = aws_lb.this.arn
  port              = 80
  protocol          = "HTTP"

  default_action {
    type = local.serves_https ? "redirect" : "fixed-response"

    dynamic "redirect" {
      for_each = local.serves_https ? [443] : []

      content {
        port        = redirect.value
        protocol    = "HTTPS"
        status_code = "HTTP_301"
      }
    }

    dynamic "fixed_response" {
      for_each = local.serves_https ? [] : [404]

      content {
        content_type = "text/plain"
        message_body = "not found"
        status_code  = fixed_response.value
      }
    }
  }
}

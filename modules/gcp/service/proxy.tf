# Cloud SQL Auth Proxy beside the product: the product connects to 127.0.0.1 and knows no password.
locals {
  # Enough for encrypting some thousand rows a second; what it needs beyond that would be the product's to measure.
  proxy_limits = { cpu = "500m", memory = "256Mi" }

  proxies = {
    for index, proxy in var.proxy : proxy.port => {
      name        = "proxy-${proxy.port}"
      image       = proxy.image
      health_port = 9801 + index

      args = concat([
        "--auto-iam-authn",
        "--psc",
        "--address=127.0.0.1",
        "--port=${proxy.port}",
        "--structured-logs",
        # Answers the startup probe, which does not reach 127.0.0.1. Nothing else leads to this port.
        "--health-check",
        "--http-address=0.0.0.0",
        "--http-port=${9801 + index}",
        # Product and proxy are told to end at the same moment; the product may still need its connections.
        "--max-sigterm-delay=9s",
        "--exit-zero-on-sigterm",
        ],
        # Without CPU between requests certificates cannot be renewed in the background.
        local.is_idle_without_requests ? ["--lazy-refresh"] : [],
        [proxy.connection_name],
      )
    }
  }
}

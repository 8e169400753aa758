resource "google_cloud_run_v2_service" "this" {
  count = local.is_called ? 1 : 0

  project     = var.target.project
  location    = var.target.region
  name        = var.name
  description = "Serves behind a load balancer."

  # Only the load balancer reaches it. The URL that Google would make has no host of the customer's, no Cloud Armor and
  # no log of the load balancer, so there is none.
  ingress              = "INGRESS_TRAFFIC_INTERNAL_LOAD_BALANCER"
  default_uri_disabled = true

  # Load balancers do not log in. Saying so here needs no grant to allUsers, which policies of organisations forbid.
  invoker_iam_disabled = true

  # Nothing is lost with it, and a release may have to replace it.
  deletion_protection = false

  template {
    service_account                  = var.identity.service_account_email
    encryption_key                   = var.key_id
    execution_environment            = "EXECUTION_ENVIRONMENT_GEN2"
    timeout                          = "${var.http.timeout_seconds}s"
    max_instance_request_concurrency = var.http.concurrency
    labels                           = local.labels

    scaling {
      min_instance_count = local.min_replicas
      max_instance_count = local.max_replicas
    }

    # Everything leaves through the network, so that the customer sees it, and it comes from the fixed addresses.
    vpc_access {
      egress = "ALL_TRAFFIC"

      network_interfaces {
        network    = var.network.vpc_id
        subnetwork = var.network.subnet_id
        tags       = length(var.network.tags) > 0 ? var.network.tags : null
      }
    }

    containers {
      name       = local.container_name
      image      = local.image
      command    = local.entrypoint
      args       = local.arguments
      depends_on = values(local.proxies)[*].name

      ports {
        name           = var.http.protocol == "HTTP" ? "http1" : "h2c"
        container_port = var.http.port
      }

      resources {
        limits            = local.limits
        cpu_idle          = local.is_idle_without_requests
        startup_cpu_boost = true
      }

      dynamic "env" {
        for_each = local.environment

        content {
          name  = env.key
          value = env.value
        }
      }

      dynamic "env" {
        for_each = local.secrets

        content {
          name = env.key

          value_source {
            secret_key_ref {
              secret  = env.value.secret
              version = env.value.version
            }
          }
        }
      }

      # Until it succeeds the instance gets no request; after startup_seconds without success the revision has failed.
      startup_probe {
        period_seconds    = 5
        timeout_seconds   = min(5, var.http.health.timeout_seconds)
        failure_threshold = ceil(var.http.startup_seconds / 5)

        dynamic "http_get" {
          for_each = var.http.protocol == "HTTP" ? [var.http.health.path] : []

          content {
            path = http_get.value
            port = var.http.port
          }
        }

        dynamic "grpc" {
          for_each = var.http.protocol == "GRPC" ? [var.http.port] : []

          content {
            port = grpc.value
          }
        }

        # Probes of Cloud Run speak HTTP/1 only.
        dynamic "tcp_socket" {
          for_each = var.http.protocol == "HTTP2" ? [var.http.port] : []

          content {
            port = tcp_socket.value
          }
        }
      }

      # Decides about a restart, so it asks what does not need the database.
      dynamic "liveness_probe" {
        for_each = var.http.live == null ? [] : [var.http.live]

        content {
          period_seconds    = var.http.health.interval_seconds
          timeout_seconds   = var.http.health.timeout_seconds
          failure_threshold = 3

          dynamic "http_get" {
            for_each = var.http.protocol == "HTTP" ? [liveness_probe.value] : []

            content {
              path = http_get.value
              port = var.http.port
            }
          }

          dynamic "grpc" {
            for_each = var.http.protocol == "GRPC" ? [var.http.port] : []

            content {
              port = grpc.value
            }
          }
        }
      }

      dynamic "volume_mounts" {
        for_each = local.volumes

        content {
          name       = volume_mounts.value
          mount_path = volume_mounts.key
        }
      }
    }

    dynamic "containers" {
      for_each = local.proxies

      content {
        name  = containers.value.name
        image = containers.value.image
        args  = containers.value.args

        resources {
          limits            = local.proxy_limits
          cpu_idle          = local.is_idle_without_requests
          startup_cpu_boost = false
        }

        startup_probe {
          period_seconds    = 2
          timeout_seconds   = 2
          failure_threshold = 30

          http_get {
            path = "/startup"
            port = containers.value.health_port
          }
        }
      }
    }

    dynamic "volumes" {
      for_each = local.volumes

      content {
        name = volumes.value

        empty_dir {
          medium     = "MEMORY"
          size_limit = "${local.writable_mib}Mi"
        }
      }
    }
  }

  # The newest revision that is ready. One that does not become ready gets nothing, and the apply fails.
  traffic {
    type    = "TRAFFIC_TARGET_ALLOCATION_TYPE_LATEST"
    percent = 100
  }

  timeouts {
    create = var.deployment.timeout
    update = var.deployment.timeout
    delete = var.deployment.timeout
  }
}
